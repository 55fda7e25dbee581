"""A start collects the pages' files only where they are not there as they would be made."""

import json

import pytest
from django.core.management import call_command

from generation.management import collected
from generation.management.commands import studio


@pytest.fixture
def root(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    return settings.STATIC_ROOT


@pytest.fixture
def collect(root, settings, monkeypatch):
    """`collect_static`, and how often it collected."""
    times = []

    def run(*_command, **_options):
        manifest = {"BACKEND": "vidustudio.static_storage.MinifiedStaticFilesStorage"}
        settings.STORAGES = settings.STORAGES | {"staticfiles": manifest}
        call_command("collectstatic", interactive=False, verbosity=0)
        times.append(1)
        return studio.subprocess.CompletedProcess([], broken.pop() if broken else 0, stderr="full")

    broken: list[int] = []
    monkeypatch.setattr(studio.subprocess, "run", run)

    def collect(fails: bool = False) -> int:
        broken[:] = [1] if fails else []
        studio.collect_static({})
        return len(times)

    return collect


def hashed(root):
    return json.loads((root / "staticfiles.json").read_text())["paths"]


def test_the_second_start_collects_nothing(collect):
    assert [collect(), collect(), collect()] == [1, 1, 1]


def test_a_changed_file_is_collected(collect, root, settings, tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, more]
    (more / "own.css").write_text("a{}")
    collect()
    (more / "own.css").write_text("b{}")
    assert [collect(), collect()] == [2, 2]
    assert (root / hashed(root)["own.css"]).read_text() == "b{}"


def test_a_file_that_is_missing_is_made_again(collect, root):
    collect()
    (root / hashed(root)["css/grid.css"]).unlink()
    assert collect() == 2
    assert (root / hashed(root)["css/grid.css"]).exists()


def test_another_version_of_what_makes_them_makes_them_again(collect, monkeypatch):
    collect()
    monkeypatch.setattr(collected, "version", lambda _maker: "another")
    assert collect() == 2


def test_what_was_not_collected_to_its_end_is_collected_again(collect):
    collect()
    collected.forget_collected()
    with pytest.raises(studio.CommandError, match="full"):
        collect(fails=True)
    assert collect() == 3
