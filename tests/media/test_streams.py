"""FLV, transport streams and MXF: taken where a mode's page has them, kept in another container."""

import io
import json
import subprocess
import sys
import time

import av
import pytest
from django.core.files.storage import default_storage

from generation.catalogue import rules
from generation.media import audio, sandbox, storage, videos
from generation.media.storage import Unfit
from tests.media import sample_streams, sample_videos

pytestmark = pytest.mark.usefixtures("in_process")
PAGE = rules.offer("vidu", "upscale", "upscale-new").limits["videos"].video
HALVES = {"flv": "half an flv", "ts": "half a ts", "mxf": "half an mxf"}
KEPT = {"flv": "mp4", "ts": "mp4", "mxf": "mov"}


def content(name):
    with default_storage.open(name) as file:
        return file.read()


def images(data):
    with av.open(io.BytesIO(data)) as container:
        return [bytes(frame.planes[0]) for frame in container.decode(video=0)]


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", sample_streams.GOOD)
def test_it_is_kept_with_the_same_images_in_a_container_that_is_known(name):
    given = sample_streams.GOOD[name]()
    stored = videos.take_file(given, PAGE)
    data = content(stored.path)
    assert stored.format == KEPT[name.split()[0]]
    assert stored.path.endswith(f".{stored.format}")
    assert stored.mime in ("video/mp4", "video/quicktime")
    assert (stored.width, stored.height) == (320, 240)
    assert stored.seconds == pytest.approx(1, abs=0.05)
    # An FLV counts in thousandths of a second.
    assert stored.fps == pytest.approx(25 if name.startswith("mxf") else 24, abs=0.05)
    assert stored.has_sound == (name in ("flv", "ts"))
    assert images(data) == images(given)
    assert sample_videos.NEEDLE not in data
    assert content(stored.preview_path)[8:12] == b"WEBP"


@pytest.mark.parametrize("name", ["ts", "mxf"])
def test_the_copy_begins_at_once(name):
    """A transport stream begins at some second of its sender's clock."""
    data = content(videos.take_file(sample_streams.GOOD[name](), PAGE).path)
    with av.open(io.BytesIO(data)) as container:
        assert container.start_time < 100_000
        assert container.duration == pytest.approx(1_000_000, abs=60_000)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_what_a_camera_notes_in_a_transport_stream_is_removed(codec):
    head = b"\6" if codec == "libx264" else bytes([39 << 1, 1])
    plain = sample_videos.video(codec=codec, options={"x265-params": "log-level=0"})
    out = io.BytesIO()
    given = io.BytesIO(sample_videos.noted(plain, head))
    with av.open(given) as source, av.open(out, "w", format="mpegts") as made:
        stream = made.add_stream_from_template(source.streams.video[0])
        for packet in filter(lambda one: one.size, source.demux(video=0)):
            packet.stream = stream
            made.mux(packet)
    assert sample_videos.NEEDLE in out.getvalue()
    data = content(videos.take_file(out.getvalue(), PAGE).path)
    assert sample_videos.NEEDLE not in data
    assert images(data) == images(plain)


@pytest.mark.parametrize("name", ["flv", "ts", "mxf"])
def test_other_modes_do_not_have_it_opened(name, media_folder):
    for mode, model in (("reference", "viduq2-pro"), ("extend", "viduq2-pro")):
        limits = rules.offer("vidu", mode, model).limits["videos"].video
        with pytest.raises(Unfit, match=rf"This is a {name.upper()} file\. Use one of MP4"):
            videos.take_file(sample_streams.GOOD[name](), limits)
        with pytest.raises(Unfit, match=rf"This is a {name.upper()} file"):  # not even judged
            videos.take_file(sample_streams.HOSTILE[HALVES[name]](), limits)
    with pytest.raises(Unfit, match=rf"This is a {name.upper()}, not an audio file"):
        audio.take_file(sample_streams.GOOD[name]())
    assert files_in(media_folder) == []


@pytest.mark.parametrize("name", ["flv", "ts", "mxf"])
def test_no_provider_s_result_is_one(name, media_folder):
    path = storage.scratch_root() / "copy"
    path.write_bytes(sample_streams.GOOD[name]())
    with pytest.raises(Unfit):
        videos.keep_output(path)
    assert files_in(media_folder) == [path]


@pytest.mark.parametrize("name", sample_streams.HOSTILE)
def test_what_is_no_usable_video_is_refused_and_leaves_nothing(name, media_folder):
    start = time.monotonic()
    with pytest.raises(Unfit) as caught:
        videos.take_file(sample_streams.HOSTILE[name](), PAGE)
    assert time.monotonic() - start < 20
    assert caught.value.sentence.endswith(".")
    assert "/" not in caught.value.sentence
    assert files_in(media_folder) == []


def test_the_refusal_names_what_this_mode_takes():
    sentence = r"This is a PNG, not a video\. Use one of MP4, MOV, WEBM, MKV, FLV, TS, MXF"
    with pytest.raises(Unfit, match=sentence):
        videos.take_file(sample_streams.HOSTILE["an image"](), PAGE)


@pytest.mark.parametrize("name", sample_streams.ODD)
def test_streams_other_than_images_and_audio_are_left_out(name):
    data = content(videos.take_file(sample_streams.ODD[name](), PAGE).path)
    assert len(images(data)) == 24
    for note in (sample_videos.NEEDLE, b"#EXTM3U", b"/etc/passwd"):
        assert note not in data


@pytest.mark.parametrize("kind", sorted(sample_videos.LISTS))
def test_a_list_of_other_files_is_no_video_here_either(kind, tmp_path, media_folder):
    (tmp_path / "beside.ts").write_bytes(sample_streams.GOOD["ts"]())
    with pytest.raises(Unfit, match="This file is not a video"):
        videos.take_file(sample_videos.LISTS[kind](str(tmp_path / "beside.ts")).encode(), PAGE)
    assert files_in(media_folder) == []


@pytest.mark.parametrize("name", ["flv", "ts", "mxf"])
def test_the_process_is_locked_before_a_demuxer_sees_a_byte(name, tmp_path):
    (tmp_path / "source").write_bytes(sample_streams.GOOD[name]())
    job = {"task": "take", "kind": "video", "source": str(tmp_path / "source"),
           "folder": str(tmp_path), "formats": PAGE.formats}  # fmt: skip
    code = (
        f"import sys; sys.path.insert(0, {str(sandbox.VIDEOS.parents[2])!r})\n"
        "import json, resource\n"
        "from generation.media.av import demux, worker\n"
        "was, seen = demux.open_container, set()\n"
        "def opened(file, shell):\n"
        "    seen.add((shell.demuxer, *resource.getrlimit(resource.RLIMIT_NOFILE)))\n"
        "    return was(file, shell)\n"
        "demux.open_container = opened\n"
        f"facts = worker.run_job(json.loads({json.dumps(json.dumps(job))}))\n"
        "print(json.dumps([facts['format'], sorted(seen)]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    demuxer = {"ts": "mpegts"}.get(name, name)
    assert json.loads(done.stdout) == [KEPT[name], sorted([[demuxer, 0, 0], ["mov", 0, 0]])]
