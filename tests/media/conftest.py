"""Each test has a media folder of its own."""

import copy

import pytest


@pytest.fixture(autouse=True)
def media_folder(settings, tmp_path):
    storages = copy.deepcopy(settings.STORAGES)
    storages["default"]["OPTIONS"]["location"] = tmp_path / "media"
    settings.STORAGES = storages
    return tmp_path / "media"
