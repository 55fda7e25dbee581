"""Hostile video and audio files: refused in one sentence, quickly, with no other file opened."""

import json
import resource
import subprocess
import sys
import time

import pytest

from generation.catalogue.types import VideoLimits
from generation.media import audio, sandbox, storage, videos
from generation.media.storage import Unfit
from tests.media import sample_videos

READERS = {"video": videos.take_file, "audio": audio.take_file}


def refused(take, data):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.monotonic()
    with pytest.raises(Unfit) as caught:
        take(data)
    assert time.monotonic() - start < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000
    sentence = caught.value.sentence
    assert sentence.endswith(".")
    assert "/" not in sentence
    assert len(sentence) < 160
    return sentence


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", sample_videos.HOSTILE)
def test_what_is_no_usable_video_is_refused_and_leaves_nothing(name, media_folder):
    refused(videos.take_file, sample_videos.HOSTILE[name]())
    assert files_in(media_folder) == []


@pytest.mark.parametrize("name", sample_videos.HOSTILE_AUDIOS)
def test_what_is_no_usable_audio_is_refused_and_leaves_nothing(name, media_folder):
    refused(audio.take_file, sample_videos.HOSTILE_AUDIOS[name]())
    assert files_in(media_folder) == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("html", "This file is not a video. Use MP4, MOV or AVI."),
        ("an image", "This is a PNG, not a video."),
        ("no index", "damaged or not complete"),
        ("half with the index in front", "damaged or not complete"),
        ("ten hours", "too long to open"),
        ("sixty million frames", "too long to open"),
        ("too wide", "This video is 20000 x 128 pixels. Use one of at most 8,192"),
        ("one pixel", "This video is 1 x 1 pixels. Use one of at least 128 x 128."),
        ("unknown code", "Save it as an H.264 MP4."),
        ("only audio", "There is no video in this file"),
    ],
)
def test_the_refusal_of_a_video_names_the_cause_and_the_next_step(name, sentence):
    assert sentence in refused(videos.take_file, sample_videos.HOSTILE[name]())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a video", "This file is a video."),
        ("a silent video", "This file is a video."),
        ("half an mp3", "damaged or not complete"),
        ("an image", "This is a PNG, not an audio file."),
    ],
)
def test_the_refusal_of_audio_names_the_cause_and_the_next_step(name, sentence):
    assert sentence in refused(audio.take_file, sample_videos.HOSTILE_AUDIOS[name]())


@pytest.mark.parametrize("take", READERS)
@pytest.mark.parametrize("name", sample_videos.LISTS)
def test_a_list_of_other_files_is_no_video(name, take, media_folder, tmp_path):
    (tmp_path / "beside.mp4").write_bytes(sample_videos.MP4)
    output = refused(
        READERS[take], sample_videos.LISTS[name](str(tmp_path / "beside.mp4")).encode()
    )
    assert "This file is not a" in output
    assert files_in(media_folder) == []


def test_a_video_whose_content_lies_in_another_file_has_none(tmp_path, media_folder):
    (tmp_path / "beside.mov").write_bytes(sample_videos.video("mov"))
    refused(videos.take_file, sample_videos.elsewhere(str(tmp_path / "beside.mov")))
    assert files_in(media_folder) == []


def test_a_demuxer_that_asks_for_another_file_is_refused_it(tmp_path):
    (tmp_path / "beside.mov").write_bytes(sample_videos.video("mov"))
    (tmp_path / "source").write_bytes(sample_videos.elsewhere(str(tmp_path / "beside.mov")))
    job = {"task": "keep", "kind": "video", "source": str(tmp_path / "source")}
    output = worker(
        "from generation.media.av import demux, worker\n"
        "was = demux.refuse_other_files\n"
        "def refuse(*asked): print('asked'); return was(*asked)\n"
        "demux.refuse_other_files = refuse\n"
        "demux.OPTIONS |= {'enable_drefs': '1', 'use_absolute_path': '1'}\n"
        f"print(worker.run_job({ {**job, 'folder': str(tmp_path)}!r}))\n"
    )
    assert output.startswith("asked")
    assert "'unfit': 'damaged'" in output


def worker(code):
    """Run a piece of code in the child's place."""
    start = f"import sys; sys.path.insert(0, {str(sandbox.VIDEOS.parents[2])!r})\n"
    done = subprocess.run(
        [sys.executable, "-I", "-c", start + code], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or done.stderr


def test_the_locked_process_can_open_neither_a_file_nor_a_connection(tmp_path):
    (tmp_path / "beside").write_text("x")
    output = worker(
        "import socket\n"
        "from generation.media.av.limits import lock\n"
        "lock()\n"
        f"for opener in (lambda: open({str(tmp_path / 'beside')!r}), socket.socket):\n"
        "    try: opener(); print('opened')\n"
        "    except OSError as error: print(error.errno)\n"
    )
    assert output.split() == ["24", "24"]


def test_the_process_is_locked_before_a_demuxer_sees_a_byte(tmp_path):
    (tmp_path / "source").write_bytes(sample_videos.MP4)
    job = {"task": "keep", "kind": "video", "source": str(tmp_path / "source")}
    output = worker(
        "import resource\n"
        "from generation.media.av import demux, worker\n"
        "was = demux.open_container\n"
        "def opened(file, shell):\n"
        "    print(resource.getrlimit(resource.RLIMIT_NOFILE)); return was(file, shell)\n"
        "demux.open_container = opened\n"
        f"worker.run_job({ {**job, 'folder': str(tmp_path)}!r})\n"
    )
    assert set(output.splitlines()) == {"(0, 0)"}


def test_the_demuxer_may_open_nothing():
    output = worker(
        "import io\n"
        "from generation.media.av import demux\n"
        "print(demux.OPTIONS['enable_drefs'], demux.OPTIONS['protocol_whitelist'])\n"
        "try: demux.refuse_other_files('http://x', 1, {})\n"
        "except PermissionError: print('refused')\n"
    )
    assert output.split() == ["0", "none", "refused"]


def test_the_child_stands_without_the_studio():
    output = worker(
        "import json\n"
        "from generation.media.av import worker\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    assert "generation.media.av.worker" in output
    assert not {"django", "httpx", "generation.media.storage"} & set(json.loads(output))


def test_a_video_too_large_for_the_request_is_refused_before_it_is_copied(monkeypatch):
    monkeypatch.setattr(storage, "scratch", None)
    with pytest.raises(Unfit, match=r"has 3 MB\. Use one of up to 2 MB"):
        videos.take_file(bytes(3 << 20), VideoLimits(max_bytes=2 << 20))
