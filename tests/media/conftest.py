"""Each test has a media folder of its own."""

import copy
import json
import warnings

import pytest
from PIL import Image

from generation.media import image_worker, sandbox
from generation.media.av import worker as av_worker


@pytest.fixture(autouse=True)
def media_folder(settings, tmp_path):
    storages = copy.deepcopy(settings.STORAGES)
    storages["default"]["OPTIONS"]["location"] = tmp_path / "media"
    settings.STORAGES = storages
    return tmp_path / "media"


@pytest.fixture
def in_process(monkeypatch):
    """Let the workers answer in this process, without their limits.

    What the process border itself holds is tested in test_sandbox, test_av and test_faults.
    """
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)  # as the image worker does
    monkeypatch.setattr(av_worker, "lock", lambda: None)

    def ask(worker=None, **job):
        answer = av_worker.run_job if worker == sandbox.VIDEOS else image_worker.run_image_job
        with warnings.catch_warnings():  # the child runs with -W ignore
            warnings.simplefilter("ignore")
            facts = json.loads(json.dumps(answer(json.loads(json.dumps(job)))))
        facts.pop("trace", "")
        return facts

    monkeypatch.setattr(sandbox, "run_worker", ask)
