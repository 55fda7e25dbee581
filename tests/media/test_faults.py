"""A fault of our own in the worker is never called a fault of the file."""

import pytest

from generation.media import audio, images, sandbox, videos
from generation.media.storage import Unfit
from tests.media import sample_videos
from tests.media.corpus import JPEG, PNG
from tests.media.faults import BAD_AV_CALL, BAD_PILLOW_CALL, plant_image, plant_video

OURS = "The studio itself failed on this file"
RAISING = "def fails(*given, **named): raise {0}('planted')\n"
# Pillow's own verify() calls this one, which fails as if it stood in Pillow's file.
INSIDE_PILLOW = """
from PIL import PngImagePlugin
code = "def fails(stream, *given): raise TypeError('planted')"
exec(compile(code, PngImagePlugin.__file__, "exec"))
PngImagePlugin.PngStream.verify = fails
"""
# The first function of Pillow that we call says that it was called wrongly.
WRONG_VALUE = (
    "open_ = worker.Image.open\nworker.Image.open = lambda p, formats: open_(p, formats=1)"
)


def refused(take, data, caplog):
    with pytest.raises(Unfit) as found:
        take(data)
    return found.value.sentence, caplog.text


@pytest.mark.parametrize(
    "code",
    [
        BAD_PILLOW_CALL,
        WRONG_VALUE,
        RAISING.format("AttributeError") + "worker.check_end = fails",
        RAISING.format("KeyError") + "worker.check_image_size = fails",
        RAISING.format("NameError") + "worker.to_srgb = fails",
        RAISING.format("ImportError") + "worker.write_previews = fails",
    ],
)
def test_a_fault_in_opening_an_image_is_ours(tmp_path, monkeypatch, caplog, code):
    plant_image(monkeypatch, tmp_path, code)
    sentence, logged = refused(images.take_file, PNG, caplog)
    assert OURS in sentence
    assert "Traceback" in logged
    assert "Error" in logged


@pytest.mark.parametrize(
    "code",
    [
        BAD_AV_CALL,
        RAISING.format("TypeError") + "probe.survey = fails",
        RAISING.format("AttributeError") + "remux.added = fails",
        RAISING.format("IndexError") + "worker.containers.recognise = fails",
        RAISING.format("AssertionError") + "demux.check_stream = fails",
    ],
)
@pytest.mark.parametrize("kind", ["video", "audio"])
def test_a_fault_in_opening_a_video_or_audio_is_ours(tmp_path, monkeypatch, caplog, code, kind):
    plant_video(monkeypatch, tmp_path, code)
    take, data = {
        "video": (videos.take_file, sample_videos.MP4),
        "audio": (audio.take_file, sample_videos.audio("wav", "pcm_s16le")),
    }[kind]
    sentence, logged = refused(take, data, caplog)
    assert OURS in sentence
    assert "Traceback" in logged


def test_a_file_that_makes_pillow_fail_within_itself_is_damaged_and_logged(
    tmp_path, monkeypatch, caplog
):
    plant_image(monkeypatch, tmp_path, INSIDE_PILLOW)
    sentence, logged = refused(images.take_file, PNG, caplog)
    assert "damaged" in sentence
    assert "TypeError: planted" in logged
    assert images.take_file(JPEG).format == "jpeg"


def test_an_answer_that_is_none_is_ours(tmp_path, monkeypatch):
    script = tmp_path / "worker.py"
    script.write_text("print('a library says something')")
    monkeypatch.setattr(sandbox, "WORKER", script)
    with pytest.raises(sandbox.ChildFailed):
        images.take_file(PNG)
