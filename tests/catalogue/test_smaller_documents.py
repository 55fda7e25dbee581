"""The smaller endpoints against their documents, transcribed here and apart from the rows."""

from dataclasses import replace

import pytest

from generation.catalogue import rules
from generation.catalogue.types import AudioFacts, ImageFacts, Invalid, VideoFacts

MB = 1024 * 1024
GOOD = ImageFacts(512, 512, "png", 1_000)
VIDEO = VideoFacts(1_280, 720, "mp4", 10 * MB, 10, fps=24, codec="h264")
VOICE = AudioFacts("mp3", MB, 20)
FRAMES = [{"prompt": "He turns", "duration": 5}, {}]
STORIES = ("love_story", "workday_feels", "monkey_king", "pigsy", "monk_tang", "one_shot")
OFFICIAL = ("vidu", "vidu-cn", "demo")
ROWS = {
    ("multiframe", "viduq2-turbo"): ({"frames": FRAMES}, {"images": [GOOD] * 3}),
    ("multiframe", "viduq2-pro"): ({"frames": FRAMES}, {"images": [GOOD] * 3}),
    ("extend", "viduq2-pro"): ({}, {"videos": [VIDEO]}),
    ("extend", "viduq2-turbo"): ({}, {"videos": [VIDEO]}),
    ("upscale", "upscale-new"): ({}, {"videos": [VIDEO]}),
    ("lip-sync", "lip-sync"): ({"text": "Good evening"}, {"videos": [VIDEO]}),
    ("template", "template"): ({"template": "hugging", "prompt": "Two"}, {"images": [GOOD]}),
    ("template", "template-story"): ({"story": "pigsy"}, {"images": [GOOD]}),
    ("sound", "audio1.0"): ({"prompt": "Rain"}, {}),
    ("timed-sound", "audio1.0"): ({"cues": [{"from": 0, "to": 1, "prompt": "Rain"}]}, {}),
    ("speech", "audio-tts"): ({"text": "Hello", "voice_id": "narrator"}, {}),
    ("voice", "audio-clone"): ({"text": "Hello", "voice_id": "narrator1"}, {"sounds": [VOICE]}),
}


def refused(provider, mode, model, values=None, **inputs):
    """Which parameters are refused when these are added to a legal request; None takes away."""
    usual, given = ROWS[mode, model]
    whole = {name: one for name, one in (usual | (values or {})).items() if one is not None}
    try:
        rules.check(rules.offer(provider, mode, model), whole, given | inputs)
    except Invalid as invalid:
        return {problem.param for problem in invalid.problems}
    return set()


def sent(provider, mode, model, values=None):
    usual, given = ROWS[mode, model]
    return rules.check(rules.offer(provider, mode, model), usual | (values or {}), given)


@pytest.mark.parametrize(
    ("mode", "model", "defaults"),
    [
        ("multiframe", "viduq2-pro", {"resolution": "720p"}),
        ("extend", "viduq2-pro", {"resolution": "720p", "duration": 5}),
        ("upscale", "upscale-new", {"resolution": "1080p"}),
        ("lip-sync", "lip-sync", {"speed": 1.0, "volume": 0}),
        ("sound", "audio1.0", {"duration": 10}),
        ("timed-sound", "audio1.0", {"duration": 10}),
        ("speech", "audio-tts", {"speed": 1.0, "volume": 0, "pitch": 0}),
        ("voice", "audio-clone", {}),
        ("template", "template-story", {}),
    ],
)
def test_the_documented_defaults(mode, model, defaults):
    for provider in OFFICIAL:
        usual = {name: one for name, one in ROWS[mode, model][0].items() if name != "frames"}
        found = sent(provider, mode, model)
        found.pop("frames", None)
        assert found == usual | defaults


# mode, model, parameter, legal values, illegal values
VALUES = [
    ("multiframe", "viduq2-pro", "resolution", ("540p", "720p", "1080p"), ("360p", "2K")),
    ("extend", "viduq2-turbo", "duration", (1, 7), (0, 8)),
    ("extend", "viduq2-turbo", "resolution", ("540p", "720p", "1080p"), ("360p", "4K")),
    ("extend", "viduq2-turbo", "prompt", ("", "x" * 2_000), ("x" * 2_001,)),
    ("upscale", "upscale-new", "resolution", ("1080p", "2K", "4K", "8K"), ("720p", "16K")),
    ("lip-sync", "lip-sync", "text", ("xxxx", "x" * 2_000, "你好", "好" * 1_000),
     ("xxx", "x" * 2_001, "好", "好" * 1_001, "")),
    ("lip-sync", "lip-sync", "speed", (0.5, 1.5), (0.4, 1.6)),
    ("lip-sync", "lip-sync", "volume", (0, 10), (-1, 11, 1.5)),
    ("template", "template", "prompt", ("x" * 2_000,), ("x" * 2_001, "")),
    ("template", "template", "aspect_ratio", ("16:9", "9:16"), ("4:3", "auto")),
    ("template", "template", "template", ("x",), ("",)),
    ("template", "template-story", "story", STORIES, ("", "hugging")),
    ("sound", "audio1.0", "prompt", ("x" * 1_500,), ("x" * 1_501, "")),
    ("sound", "audio1.0", "duration", (2, 10), (1, 11)),
    ("timed-sound", "audio1.0", "duration", (3.5, 10), (1.9, 10.1)),
    ("speech", "audio-tts", "text", ("x", "x" * 9_999), ("x" * 10_000, "")),
    ("speech", "audio-tts", "voice_id", ("x",), ("",)),
    ("speech", "audio-tts", "speed", (0.5, 2), (0.4, 2.1)),
    ("speech", "audio-tts", "volume", (0, 10), (-1, 11)),
    ("speech", "audio-tts", "pitch", (-12, 12), (-13, 13)),
    ("speech", "audio-tts", "emotion",
     ("happy", "sad", "angry", "fearful", "disgusted", "surprised", "calm"), ("bored",)),
    ("voice", "audio-clone", "text", ("x" * 1_000,), ("x" * 1_001, "")),
    ("voice", "audio-clone", "voice_id", ("abcdefgh", "a" * 256, "a-b_c-d9"),
     ("abcdefg", "a" * 257, "1bcdefgh", "abcdefg-", "abcdefg_", "abc.efgh", "")),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "model", "name", "legal", "illegal"), VALUES)
def test_documented_values(mode, model, name, legal, illegal):
    for provider in OFFICIAL:
        for value in legal:
            assert refused(provider, mode, model, {name: value}) == set(), value
        for value in illegal:
            assert refused(provider, mode, model, {name: value}) == {name}, value


def videos(**facts):
    return [replace(VIDEO, **facts)]


# mode, model, parameter, legal inputs, illegal inputs
INPUTS = [
    ("multiframe", "viduq2-pro", "images", ([replace(GOOD, bytes=10 * MB)] * 3,),
     ([replace(GOOD, bytes=10 * MB + 1)] * 3, [GOOD] * 2, [])),
    ("extend", "viduq2-pro", "videos", (videos(seconds=4), videos(seconds=60)),
     (videos(seconds=3.9), videos(seconds=60.2), [VIDEO] * 2, [])),
    ("extend", "viduq2-pro", "images", ([], [GOOD]), ([GOOD] * 2,)),
    ("upscale", "upscale-new", "videos",
     (videos(seconds=300), videos(fps=59.9), *(videos(format=one) for one in
      ("mp4", "flv", "mov", "ts", "webm", "mkv", "mxf", "hls"))),
     (videos(seconds=300.2), videos(fps=60), videos(format="avi"), [VIDEO] * 2, [])),
    ("lip-sync", "lip-sync", "videos",
     (videos(seconds=1), videos(seconds=600), videos(width=360, height=360), videos(format="avi"),
      videos(width=4_096, height=4_096), videos(bytes=5 * 1024 * MB)),
     (videos(seconds=0.9), videos(seconds=600.2), videos(width=359), videos(width=4_097),
      videos(codec="hevc"), videos(format="webm"), videos(bytes=5 * 1024 * MB + 1), [])),
    ("lip-sync", "lip-sync", "images", ([], [GOOD]), ([GOOD] * 2,)),
    ("template", "template-story", "images", ([GOOD],), ([],)),
    ("voice", "audio-clone", "sounds",
     ([replace(VOICE, seconds=10)], [replace(VOICE, seconds=300)], [replace(VOICE, format="m4a")],
      [replace(VOICE, format="wav")], [replace(VOICE, bytes=20 * MB)]),
     ([replace(VOICE, seconds=9.9)], [replace(VOICE, seconds=300.2)],
      [replace(VOICE, format="ogg")], [replace(VOICE, bytes=20 * MB + 1)], [VOICE] * 2, [])),
    ("voice", "audio-clone", "prompt_sound", ([], [replace(VOICE, seconds=7.9)]),
     ([replace(VOICE, seconds=8)], [replace(VOICE, seconds=5)] * 2)),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "model", "name", "legal", "illegal"), INPUTS)
def test_documented_inputs(mode, model, name, legal, illegal):
    for provider in OFFICIAL:
        for given in legal:
            assert refused(provider, mode, model, **{name: given}) == set(), given
        for given in illegal:
            assert refused(provider, mode, model, **{name: given}) == {name}, given


def test_key_frames_from_two_to_nine_each_of_two_to_seven_seconds():
    for count, legal in ((2, True), (9, True), (10, False)):
        rows = {"frames": [{"duration": 2}] * min(count, 9)}
        found = refused("vidu", "multiframe", "viduq2-pro", rows, images=[GOOD] * (count + 1))
        assert found == (set() if legal else {"images"}), count
    for seconds, legal in ((2, True), (7, True), (1, False), (8, False)):
        rows = {"frames": [{"duration": seconds}, {}]}
        found = refused("vidu", "multiframe", "viduq2-pro", rows)
        assert found == (set() if legal else {"frames"}), seconds
    for length, legal in ((2_000, True), (2_001, False)):
        rows = {"frames": [{"prompt": "x" * length}, {}]}
        found = refused("vidu", "multiframe", "viduq2-pro", rows)
        assert found == (set() if legal else {"frames"}), length
    frames = sent("vidu", "multiframe", "viduq2-pro")["frames"]
    assert [row["duration"] for row in frames] == [5, 5]


def test_key_frames_are_marked_bottom_left_unless_asked():
    assert sent("vidu", "multiframe", "viduq2-pro", {"watermark": True})["wm_position"] == 4


def test_lip_sync_speaks_either_a_text_or_a_recording():
    lips = ("vidu", "lip-sync", "lip-sync")
    for form in ("wav", "mp3", "wma", "m4a", "aac", "ogg"):
        assert refused(*lips, {"text": None}, sounds=[AudioFacts(form, 100 * MB, 599.9)]) == set()
    # Longer than one second and shorter than 600, says the page.
    ends = [AudioFacts("mp3", MB, seconds) for seconds in (1, 600)]
    for bad in (AudioFacts("flac", MB, 20), AudioFacts("mp3", 100 * MB + 1, 20), *ends):
        assert refused(*lips, {"text": None}, sounds=[bad]) == {"sounds"}
    assert refused(*lips, sounds=[VOICE]) == {"text"}
    assert refused(*lips, {"text": None}) == {"text"}
    assert refused(*lips, {"text": None, "voice_id": "narrator"}, sounds=[VOICE]) == {"voice_id"}


COUNTRIES = (
    "auto denmark uk africa china mexico switzerland russia italy korea thailand india japan"
)
BEASTS = "auto bear tiger elk snake lion wolf"


@pytest.mark.parametrize(
    ("template", "name", "values"),
    [("exotic_princess", "area", COUNTRIES), ("beast_companion", "beast", BEASTS)],
)
def test_a_costume_and_an_animal_belong_to_their_template(template, name, values):
    effect = ("vidu", "template", "template")
    for value in values.split():
        assert refused(*effect, {"template": template, name: value}) == set(), value
    assert refused(*effect, {"template": template, name: "mars"}) == {name}
    assert refused(*effect, {name: values.split()[1]}) == {name}
    assert sent(*effect, {"template": template})[name] == "auto"


def test_two_templates_need_no_prompt_and_squares_are_not_for_china():
    for name in ("subject_3", "pubg_winner_hit"):
        assert refused("vidu", "template", "template", {"template": name, "prompt": ""}) == set()
    square = {"aspect_ratio": "1:1"}
    assert refused("vidu", "template", "template", square) == set()
    assert refused("vidu-cn", "template", "template", square) == {"aspect_ratio"}


def test_a_video_is_only_made_larger():
    up = ("vidu", "upscale", "upscale-new")
    assert refused(*up, videos=videos(width=1_920, height=1_080)) == {"resolution"}
    assert refused(*up, {"resolution": "4K"}, videos=videos(width=1_920, height=1_080)) == set()


def check(model, mode, values, **inputs):
    try:
        rules.check(rules.offer("vtrix", mode, model), values, inputs)
    except Invalid as invalid:
        return {problem.param for problem in invalid.problems}
    return set()


A = {"prompt": "A cat"}
PAIR = {"images": [GOOD, GOOD]}
ONE = {"images": [GOOD]}
# model, mode, legal request, parameter, legal values, illegal values
VTRIX = [
    ("viduq2_pro_fast_text2video", "text-video", A, {}, "duration", (1, 8), (0, 9)),
    ("viduq2_pro_fast_text2video", "text-video", A, {}, "resolution", ("720p", "1080p"), ("540p",)),
    ("viduq2_pro_fast_text2video", "text-video", A, {}, "prompt", ("x" * 2_000,), ("x" * 2_001,)),
    ("viduq2_pro_fast_text2video", "text-video", A, {}, "aspect_ratio", ("3:4",), ("auto",)),
    ("viduq1_text2video", "text-video", A, {}, "style", ("general", "anime"), ("comic",)),
    ("viduq1_text2video", "text-video", A, {}, "aspect_ratio", ("16:9", "9:16", "1:1"), ("3:4",)),
    ("viduq1_text2video", "text-video", A, {}, "duration", (5,), (4, 6)),
    ("vidu_15", "text-video", A, {}, "duration", (4, 8), (5,)),
    ("vidu_15", "text-video", A, {}, "resolution", ("360p", "720p", "1080p"), ("540p",)),
    ("vidu_15", "text-video", A | {"duration": 8}, {}, "resolution", ("360p", "720p"), ("1080p",)),
    ("viduq2_turbo_img2video", "image-video", A, ONE, "audio", (True, False), ("on",)),
    ("viduq2_turbo_img2video", "image-video", A | {"audio": True}, ONE, "voice_id", ("n",), ()),
    ("viduq2_turbo_img2video", "image-video", A, ONE, "voice_id", (), ("n",)),
    ("viduq2_turbo_img2video", "image-video", A, ONE, "prompt", ("", "x" * 2_000), ("x" * 2_001,)),
    ("viduq2_pro_start_end2video", "start-end", A, PAIR, "duration", (1, 8), (9,)),
    ("viduq2_pro_start_end2video", "start-end", A, PAIR, "bgm", (), (True,)),
    ("viduq2_pro_start_end2video", "start-end", A, PAIR, "movement_amplitude", ("small",), ("x",)),
    ("viduq2_i2v_reference", "reference", A, ONE, "duration", (1, 10), (0, 11)),
    ("viduq2_i2v_reference", "reference", A, ONE, "prompt", ("x" * 2_000,), ("x" * 2_001,)),
    ("vidu-cn-reference2video-vidu2.0", "reference", A, ONE, "resolution", ("360p",), ("1080p",)),
    ("viduq2_pro_extend", "extend", {}, {"videos": [VIDEO]}, "duration", (1, 7), (8,)),
    ("viduq2_turbo_extend", "extend", {}, {"videos": [VIDEO]}, "watermark", (True,), ("yes",)),
    ("vidu-cn-audio-tts", "speech", {"text": "Hi", "voice_id": "n"}, {}, "speed", (2,), (2.1,)),
    ("vidu-cn-audio-tts", "speech", {"text": "Hi", "voice_id": "n"}, {}, "emotion", (), ("calm",)),
]  # fmt: skip


@pytest.mark.parametrize(("model", "mode", "usual", "inputs", "name", "legal", "illegal"), VTRIX)
def test_the_other_pages_of_vtrix(model, mode, usual, inputs, name, legal, illegal):
    for value in legal:
        assert check(model, mode, usual | {name: value}, **inputs) == set(), value
    for value in illegal:
        assert check(model, mode, usual | {name: value}, **inputs) == {name}, value
