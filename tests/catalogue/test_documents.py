"""The rows against the documents: every verdict is taken from the transcript, never from them."""

from typing import Any

import pytest

from generation.catalogue import rules
from generation.catalogue.types import AudioFacts, Invalid, SubjectFacts, VideoFacts
from tests.catalogue.transcript import ALL, GOOD, MOVING, OFFICIAL, every, named, videos

SMALLER = {
    "multiframe": {"viduq2-turbo", "viduq2-pro"},
    "extend": {"viduq2-turbo", "viduq2-pro"},
    "upscale": {"upscale-new"},
    "lip-sync": {"lip-sync"},
    "template": {"template", "template-story"},
    "sound": {"audio1.0"},
    "timed-sound": {"audio1.0"},
    "speech": {"audio-tts"},
    "voice": {"audio-clone"},
}
VTRIX_OTHERS = {
    "text-video": {"viduq2_pro_fast_text2video", "viduq1_text2video", "vidu_15"},
    "image-video": {"viduq2_turbo_img2video"},
    "start-end": {"viduq2_pro_start_end2video"},
    "reference": {
        "viduq2_i2v_reference", "viduq2_pro_fast_reference2video",
        "vidu-cn-reference2video-vidu2.0",
    },
    "extend": {"viduq2_pro_extend", "viduq2_turbo_extend"},
    "speech": {"vidu-cn-audio-tts"},
    "voice": {"vidu-cn-audio-clone"},
}  # fmt: skip


def test_exactly_what_the_documents_have_is_offered():
    wanted = {(one.provider, one.mode, one.model) for one in ALL}
    for mode, models in SMALLER.items():
        wanted |= {(provider, mode, model) for provider in OFFICIAL for model in models}
    for mode, models in VTRIX_OTHERS.items():
        wanted |= {("vtrix", mode, model) for model in models}
    wanted |= {("kkiai", "sound", "audio1.0")}
    assert {row.key for row in rules.offers()} == wanted


@every
def test_durations_and_the_default(one):
    if not one.durations:
        return
    for value in range(-1, 19):
        wanted = set() if value in one.durations else {"duration"}
        assert one.refused({"duration": value}) == wanted, value
    assert one.sent({})["duration"] == one.facts["dur_default"]


@every
def test_resolutions_and_the_default(one):
    for duration in one.durations or [None]:
        for value in ("360p", "540p", "720p", "1080p", "2K", "4K", "8K"):
            wanted = set() if value in one.resolutions(duration) else {"resolution"}
            assert one.refused({"resolution": value, "duration": duration}) == wanted, value
        default = one.facts.get("res_default") or one.facts["res_default_by_dur"][str(duration)]
        assert one.sent({"duration": duration})["resolution"] == default


@every
def test_ratios_and_the_default(one):
    if not one.ratios:
        assert one.refused({"aspect_ratio": "16:9"}) == {"aspect_ratio"}
        return
    for value in ("16:9", "9:16", "1:1", "3:4", "4:3", "21:9", "2:3", "3:2", "auto", "5:4"):
        wanted = set() if value in one.ratios else {"aspect_ratio"}
        assert one.refused({"aspect_ratio": value}) == wanted, value
    assert one.sent({})["aspect_ratio"] == one.facts.get("ar_default", "16:9")


@every
def test_the_number_of_images(one):
    low, high = one.images
    if not high:
        assert one.refused({}, images=[GOOD]) == {"images"}
        return
    for count in range(10):
        wanted = set() if low <= count <= high else {"images"}
        assert one.refused({}, images=[GOOD] * count) == wanted, count


@every
def test_the_length_of_the_prompt(one):
    most = one.prompt_most
    for length, legal in ((1, True), (most - 1, True), (most, True), (most + 1, False)):
        assert one.refused({"prompt": "x" * length}) == (set() if legal else {"prompt"}), length
    optional = one.mode in ("image-video", "start-end")
    assert one.refused({"prompt": ""}) == (set() if optional else {"prompt"})


@every
def test_the_length_of_the_payload(one):
    most = one.facts.get("payload_max", 1_048_576)
    assert one.refused({"payload": "x" * most}) == set()
    assert one.refused({"payload": "x" * (most + 1)}) == {"payload"}


@videos
def test_audio_and_its_default(one):
    default = one.facts.get("audio_default")
    if default:
        assert one.sent({})["audio"] is True
        assert one.sent({"audio": False})["audio"] is False
    else:
        assert "audio" not in one.sent({})
    # Without subjects the older models make silent references only; seed 001 has no sound at all.
    has_sound = default is not None and (default or one.mode != "reference")
    assert one.refused({"audio": True}) == (set() if has_sound else {"audio"})


@videos
def test_music(one):
    has_music = one.facts.get("bgm", False)
    for duration in one.durations:
        now = has_music and duration not in one.facts.get("bgm_off_at", ())
        wanted = set() if now else {"bgm"}
        assert one.refused({"bgm": True, "duration": duration}) == wanted, duration


@videos
def test_off_peak(one):
    rule = one.facts.get("off_peak", "any")
    if one.mode == "image-video" and not one.model.startswith("viduq3"):
        rule = "silent"
    has_sound = one.facts.get("audio_default") is not None
    for audio in (True, False):
        if audio and (not has_sound or "audio" in one.refused({"audio": True})):
            continue
        now = {"any": True, "audio": audio, "silent": not audio}.get(str(rule), False)
        values = {"audio": audio, "off_peak": True}
        assert one.refused(values) == (set() if now else {"off_peak"}), audio


@videos
def test_style_and_movement(one):
    styled = one.facts.get("style", ())
    for value in ("general", "anime"):
        assert one.refused({"style": value}) == (set() if value in styled else {"style"})
    moving = one.model in MOVING and one.provider != "vtrix"
    for value in ("auto", "small", "medium", "large"):
        wanted = set() if moving else {"movement_amplitude"}
        assert one.refused({"movement_amplitude": value}) == wanted
    assert one.refused({"movement_amplitude": "huge"}) == {"movement_amplitude"}


@videos
def test_the_recommended_prompt(one):
    has = one.mode in ("image-video", "start-end")
    wanted = set() if has else {"is_rec"}
    assert one.refused({"is_rec": True, "prompt": "" if has else "A cat"}) == wanted
    if has:
        assert one.refused({"is_rec": True}) == {"prompt"}


@videos
def test_the_watermark(one):
    on = {"watermark": True}
    for place in range(6):
        wanted = set() if 1 <= place <= 4 else {"wm_position"}
        assert one.refused({**on, "wm_position": place}) == wanted
    assert one.sent(on)["wm_position"] == 3
    assert one.refused({**on, "wm_url": "https://a.example/mark.png"}) == set()
    assert one.refused({"wm_position": 1}) == {"wm_position"}
    assert one.refused({"wm_url": "https://a.example/mark.png"}) == {"wm_url"}
    assert "wm_position" not in one.sent({"wm_position": 3})


def video(seconds: float, **facts: Any) -> VideoFacts:
    return VideoFacts(
        **({"width": 640, "height": 360, "format": "mp4", "bytes": 1, "seconds": seconds} | facts)
    )


@videos
def test_videos(one):
    limits = one.facts.get("videos")
    if one.mode != "reference" or not limits:
        if one.mode == "reference":
            assert one.refused({}, videos=[video(5)]) == {"videos"}
        return
    single, double = limits["1"], limits["2"]
    for seconds, legal in ((1, True), (single, True), (single + 0.5, False)):
        assert one.refused({}, videos=[video(seconds)]) == (set() if legal else {"videos"})
        legal = seconds <= double
        wanted = set() if legal else {"videos"}
        assert one.refused({}, videos=[video(1), video(seconds)]) == wanted
    assert one.refused({}, videos=[video(double), video(double)]) == set()
    assert one.refused({}, videos=[video(double), video(double + 0.5)]) == {"videos"}
    assert one.refused({}, videos=[video(1)] * 3) == {"videos"}
    low, high = one.facts["images_with_video"]
    for count in range(9):
        wanted = set() if low <= count <= high else {"images"}
        assert one.refused({}, videos=[video(1)], images=[GOOD] * count) == wanted, count
    for bad in (
        video(1, format="webm"), video(1, width=640, height=127), video(1, width=1_300, height=320),
        video(1, bytes=100 * 1024 * 1024 + 1),
    ):  # fmt: skip
        assert one.refused({}, videos=[bad]) == {"videos"}


def mira(number: int, images: int = 1) -> SubjectFacts:
    return SubjectFacts(f"Mira{number}", (GOOD,) * images)


@named
def test_the_number_of_subjects(one):
    low, high = one.facts["subjects"]
    for count in range(1, 10):
        given = [mira(number) for number in range(count)]
        wanted = set() if low <= count <= high else {"subjects"}
        assert one.refused({}, subjects=given, images=[]) == wanted, count
    for images, legal in ((1, True), (3, True), (4, False)):
        wanted = set() if legal else {"subjects"}
        assert one.refused({}, subjects=[mira(0, images)], images=[]) == wanted


@named
def test_subjects_from_videos(one):
    from_video = [SubjectFacts(f"Clip{number}", (), (video(5),)) for number in range(3)]
    able = one.model == "viduq2-pro"
    for count in (1, 2, 3):
        wanted = set() if able and count <= 2 else {"subjects"}
        assert one.refused({}, subjects=from_video[:count], images=[]) == wanted


@named
def test_what_changes_when_subjects_are_named(one):
    given = {"subjects": [mira(0)], "images": []}
    long = 2_000 if one.provider == "kkiai" else 5_000
    mention = "[@Mira0]" if one.provider in ("kkiai", "vtrix") else "@Mira0"
    prompt = "@Mira0 " + "x" * (long - len(mention) - 1)
    assert one.refused({"prompt": prompt}, **given) == set()
    assert one.refused({"prompt": prompt + "x"}, **given) == {"prompt"}
    assert one.refused({"bgm": True}, **given) == {"bgm"}
    quiet = one.facts["audio_default"] is False
    assert one.refused({"audio": True}, **given) == set()
    kinds = {"audio": True, "audio_type": "speech_only"}
    assert one.refused(kinds, **given) == (set() if quiet else {"audio_type"})
    searched = set() if one.provider != "vtrix" else {"auto_subjects"}
    assert one.refused({"auto_subjects": True}, **given) == searched
    assert one.refused({"auto_subjects": True}) == {"auto_subjects"}


@named
def test_images_beside_subjects(one):
    if one.provider == "vtrix":
        assert one.refused({}, subjects=[mira(0)], images=[GOOD]) == {"images"}
        return
    most = one.facts["subjects"][1]
    for images in range(1, most + 1):
        wanted = set() if images + 1 <= most else {"images"}
        assert one.refused({}, subjects=[mira(0)], images=[GOOD] * images) == wanted, images
    # An image that the prompt calls by its handle is a subject of its own.
    assert one.refused({"prompt": "@image1 sings", "auto_subjects": True}) == set()


def test_reserved_audio_is_refused_with_the_reason():
    row = rules.offer("vtrix", "reference", "viduq3_i2v_reference")
    with pytest.raises(Invalid) as caught:
        rules.check(
            row, {"prompt": "x"}, {"images": [GOOD], "sounds": [AudioFacts("mp3", 1_000, 5)]}
        )
    assert [problem.param for problem in caught.value.problems] == ["sounds"]
    assert "not yet supported" in str(caught.value)


def test_unavailable_off_peak_is_refused_with_the_reason():
    for mode, name, given in (
        ("reference", "viduq2_pro_reference", {"images": [GOOD]}),
        ("text-video", "viduq2_pro_fast_text2video", {}),
        ("text-video", "viduq1_text2video", {}),
    ):
        row = rules.offer("vtrix", mode, name)
        with pytest.raises(Invalid, match="temporarily unavailable"):
            rules.check(row, {"prompt": "x", "off_peak": True}, given)
