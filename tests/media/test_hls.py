"""HLS: a list of files elsewhere, of which only the text is read."""

import pytest
from django.core.files.storage import default_storage

from generation.catalogue import rules
from generation.media import hls, storage, videos
from generation.media.storage import Unfit

PAGE = rules.offer("vidu", "upscale", "upscale-new").limits["videos"].video
PIECES = (
    "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9.5,\na.ts\n#EXTINF:3.25,\nb.ts\n#EXT-X-ENDLIST\n"
)
SIZES = (
    "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360,FRAME-RATE=25.000\nlow.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=1280x720,FRAME-RATE=25.000\nhigh.m3u8\n"
)


def scratch_copy(text):
    path = storage.scratch_root() / "copy"
    path.write_text(text)
    return path


def taken(text, limits=PAGE):
    return hls.take_file(scratch_copy(text), limits)


def test_a_list_of_pieces_gives_the_length():
    stored = taken(PIECES)
    assert (stored.kind, stored.format, stored.seconds) == ("video", "hls", 12.75)
    assert (stored.width, stored.height, stored.fps) == (0, 0, 0)
    assert stored.path.endswith(".m3u8")
    with default_storage.open(stored.thumb_path) as file:
        assert file.read(12)[8:] == b"WEBP"


def test_a_list_of_lists_gives_the_size():
    stored = taken(SIZES)
    assert (stored.width, stored.height, stored.fps, stored.seconds) == (1_280, 720, 25, None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (PIECES.replace("9.5", "299"), "Cut it to at most 300 s"),
        (SIZES.replace("25.000", "60.000"), "has 60 frames a second"),
        (SIZES.replace("1280x720", "9000x5000"), "at most 8192 a side"),
        (PIECES.replace("#EXT-X-ENDLIST\n", ""), "has not ended"),
        ("#EXTM3U\n/etc/passwd\n", "names no video"),
        ("#EXTM3U\n" + "#EXTINF:1,\na.ts\n" * 70_000, "too long"),
    ],
)
def test_what_a_list_says_is_judged(text, sentence, media_folder):
    path = scratch_copy(text)
    with pytest.raises(Unfit, match=sentence):
        hls.take_file(path, PAGE)
    assert [file for file in media_folder.rglob("*") if file.is_file()] == [path]


def test_a_list_that_is_uploaded_is_no_video():
    with pytest.raises(Unfit, match="not a video"):
        videos.take_file(PIECES.encode(), PAGE)


def test_what_is_known_of_a_list_passes_the_rules_and_enlarging_counts():
    row = rules.offer("vidu", "upscale", "upscale-new")
    unseen, seen = (
        videos.VideoFacts(0, 0, "hls", 1, 9),
        videos.VideoFacts(1_920, 1_080, "hls", 1, 0),
    )
    assert rules.check(row, {}, {"videos": [unseen]}) == {"resolution": "1080p"}
    assert rules.check(row, {"resolution": "4K"}, {"videos": [seen]}) == {"resolution": "4K"}
    with pytest.raises(rules.Invalid, match="already has 1920 x 1080"):
        rules.check(row, {}, {"videos": [seen]})
    other = rules.offer("vidu", "extend", "viduq2-pro")
    with pytest.raises(rules.Invalid, match="This is a HLS file"):
        rules.check(other, {}, {"videos": [unseen]})
