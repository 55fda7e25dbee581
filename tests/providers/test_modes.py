"""Every mode of official Vidu, field by field as its page lists them."""

from dataclasses import replace

import httpx
import pytest

from generation.providers.base import GenerationRequest, InputFile, InputSubject
from generation.providers.errors import Refused, TooLarge
from generation.providers.request_body import MEGABYTE
from tests.providers.test_request_body import Uploads
from tests.providers.wire import (
    ALONG,
    AUDIO,
    AUDIO_LINK,
    IMAGE,
    LINK,
    MADE_HERE,
    MARKS,
    VIDEO,
    VIDEO_LINK,
    params,
    sent,
    uri,
)

SEED = {"seed": 5}
MOVING = {"duration": 8, "resolution": "1080p"}
Q2_AUDIO = {"audio": True, "audio_type": "speech_only", "voice_id": "v-1"}
LOOK = {"style": "anime", "movement_amplitude": "small"}
CUES = [
    {"from": 0, "to": 2.5, "prompt": "Steps"},
    {"from": 2, "to": 10, "prompt": "Wind"},
]

# provider, mode, model, values and inputs of ours -> path and complete body of theirs
GOLDEN = [
    ("vidu", "text-video", "viduq1",
     {"prompt": "p", **MOVING, "aspect_ratio": "1:1", "bgm": True, "off_peak": True, **LOOK,
      **MARKS, **SEED, **ALONG}, {},
     "/ent/v2/text2video",
     {"model": "viduq1", "prompt": "p", **MOVING, "aspect_ratio": "1:1", "bgm": True,
      "off_peak": True, **LOOK, **MARKS, **SEED, **ALONG}),
    ("vidu", "image-video", "viduq2-pro",
     {"prompt": "p", **MOVING, **Q2_AUDIO, "bgm": True, "is_rec": True, **SEED, **ALONG},
     {"images": [IMAGE]},
     "/ent/v2/img2video",
     {"model": "viduq2-pro", "images": [uri(IMAGE)], "prompt": "p", **MOVING, **Q2_AUDIO,
      "bgm": True, "is_rec": True, **SEED, **ALONG}),
    ("vidu-cn", "start-end", "viduq3-pro",
     {**MOVING, "audio": False, **MARKS}, {"images": [LINK, IMAGE]},
     "/ent/v2/start-end2video",
     {"model": "viduq3-pro", "images": [LINK.url, uri(IMAGE)], **MOVING, "audio": False,
      **MARKS}),
    ("vidu", "reference", "viduq2-pro",
     {"prompt": "p", "duration": 0, "bgm": True, **SEED},
     {"images": [IMAGE, LINK], "videos": [VIDEO, VIDEO_LINK]},
     "/ent/v2/reference2video",
     {"model": "viduq2-pro", "images": [uri(IMAGE), LINK.url],
      "videos": [uri(VIDEO), VIDEO_LINK.url], "prompt": "p", "duration": 0, "bgm": True, **SEED}),
    ("vidu", "multiframe", "viduq2-turbo",
     {"frames": [{"prompt": "first", "duration": 2}, {"duration": 7}], "resolution": "540p",
      **MARKS, **ALONG},
     {"images": [LINK, IMAGE, LINK]},
     "/ent/v2/multiframe",
     {"model": "viduq2-turbo", "start_image": LINK.url,
      "image_settings": [
          {"key_image": uri(IMAGE), "prompt": "first", "duration": 2},
          {"key_image": LINK.url, "duration": 7},
      ],
      "resolution": "540p", **MARKS, "wm_position": "bottom_left", **ALONG}),
    ("vidu", "extend", "viduq2-pro",
     {"prompt": "p", "duration": 7, "resolution": "720p", **ALONG},
     {"videos": [VIDEO_LINK], "images": [IMAGE]},
     "/ent/v2/extend",
     {"model": "viduq2-pro", "video_url": VIDEO_LINK.url, "images": [uri(IMAGE)], "prompt": "p",
      "duration": 7, "resolution": "720p", **ALONG}),
    ("vidu", "extend", "viduq2-turbo", {"duration": 1}, {"videos": [MADE_HERE]},
     "/ent/v2/extend",
     {"model": "viduq2-turbo", "video_creation_id": "c-77", "duration": 1}),
    ("vidu", "upscale", "upscale-new", {"resolution": "8K", **ALONG}, {"videos": [VIDEO_LINK]},
     "/ent/v2/upscale-new",
     {"video_url": VIDEO_LINK.url, "upscale_resolution": "8K", **ALONG}),
    ("vidu", "upscale", "upscale-new", {"resolution": "2K"}, {"videos": [MADE_HERE]},
     "/ent/v2/upscale-new",
     {"video_creation_id": "c-77", "upscale_resolution": "2K"}),
    ("vidu", "lip-sync", "lip-sync", ALONG,
     {"videos": [VIDEO_LINK], "sounds": [AUDIO_LINK], "images": [LINK]},
     "/ent/v2/lip-sync",
     {"video_url": VIDEO_LINK.url, "audio_url": AUDIO_LINK.url, "ref_photo_url": LINK.url,
      **ALONG}),
    ("vidu", "lip-sync", "lip-sync",
     {"text": "Hello", "voice_id": "v-1", "speed": 1.5, "volume": 0, "language": "English"},
     {"videos": [MADE_HERE]},
     "/ent/v2/lip-sync",
     {"video_url": MADE_HERE.url, "text": "Hello", "character_id": "v-1", "speed": 1.5,
      "volume": 0, "language": "English"}),
    ("vidu-cn", "lip-sync", "lip-sync", {"text": "你好", "voice_id": "v-1"},
     {"videos": [VIDEO_LINK]},
     "/ent/v2/lip-sync",
     {"video_url": VIDEO_LINK.url, "text": "你好", "voice_id": "v-1"}),
    ("vidu", "template", "template",
     {"template": "exotic_princess", "prompt": "p", "area": "denmark", "beast": "auto",
      "aspect_ratio": "1:1", "bgm": True, **MARKS, **SEED, **ALONG},
     {"images": [IMAGE]},
     "/ent/v2/template",
     {"template": "exotic_princess", "images": [uri(IMAGE)], "prompt": "p", "area": "denmark",
      "beast": "auto", "aspect_ratio": "1:1", "bgm": True, **MARKS, **SEED, **ALONG}),
    ("vidu-cn", "template", "template-story", {"story": "one_shot", **ALONG},
     {"images": [IMAGE]},
     "/ent/v2/template-story",
     {"story": "one_shot", "images": [uri(IMAGE)], **ALONG}),
    ("kkiai", "sound", "audio1.0", {"prompt": "Rain", "duration": 10, **SEED}, {},
     "/ent/v2/text2audio",
     {"model": "audio1.0", "prompt": "Rain", "duration": 10, **SEED}),
    ("vidu", "timed-sound", "audio1.0", {"cues": CUES, "duration": 9.5, **SEED}, {},
     "/ent/v2/timing2audio",
     {"model": "audio1.0", "timing_prompts": CUES, "duration": 9.5, **SEED}),
    ("vidu", "speech", "audio-tts",
     {"text": "Hello", "voice_id": "v-1", "speed": 0.5, "volume": 0, "pitch": -12,
      "emotion": "calm", "pronunciation": "燕少飞/(yan4)(shao3)(fei1)\n\n omg/oh my god ",
      "payload": "vs-1"}, {},
     "/ent/v2/audio-tts",
     {"text": "Hello", "voice_setting_voice_id": "v-1", "voice_setting_speed": 0.5,
      "voice_setting_volume": 0, "voice_setting_pitch": -12, "voice_setting_emotion": "calm",
      "pronunciation_dict_tone": ["燕少飞/(yan4)(shao3)(fei1)", "omg/oh my god"],
      "payload": "vs-1"}),
    ("vidu", "voice", "audio-clone",
     {"voice_id": "Mira-voice", "text": "Hello", "prompt_text": "Yes.", "payload": "vs-1"},
     {"sounds": [AUDIO_LINK], "prompt_sound": [replace(AUDIO_LINK, url="https://f.example.org/e")]},
     "/ent/v2/audio-clone",
     {"audio_url": AUDIO_LINK.url, "voice_id": "Mira-voice", "text": "Hello",
      "prompt_audio_url": "https://f.example.org/e", "prompt_text": "Yes.", "payload": "vs-1"}),
    # Vtrix, where its names or its places differ
    ("vtrix", "reference", "vidu-cn-reference2video-vidu2.0", {"prompt": "p", "duration": 4},
     {"images": [LINK]}, "/model/v1/generation",
     {"model": "vidu2.0", "images": [LINK.url], "prompt": "p", "duration": 4}),
    ("vtrix", "speech", "vidu-cn-audio-tts", {"text": "t", "voice_id": "v-1", "speed": 2.0}, {},
     "/model/v1/generation", {"text": "t", "voice_id": "v-1", "speed": 2.0}),
    ("vtrix", "voice", "vidu-cn-audio-clone", {"text": "t", "voice_id": "v-1"},
     {"sounds": [AUDIO_LINK]}, "/model/v1/generation",
     {"audio_url": AUDIO_LINK.url, "text": "t", "voice_id": "v-1"}),
    ("vtrix", "extend", "viduq2_pro_extend", {"duration": 5, "watermark": True},
     {"videos": [MADE_HERE], "images": [LINK]}, "/model/v1/generation",
     {"video_url": MADE_HERE.url, "images": [LINK.url], "duration": 5, "watermark": True}),
    ("vtrix", "extend", "viduq2_pro_extend", {}, {"videos": [replace(MADE_HERE, url="")]},
     "/model/v1/generation", {"video_creation_id": "c-77"}),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "mode", "model", "values", "inputs", "path", "body"), GOLDEN)
def test_the_body_of_each_mode(provider, mode, model, values, inputs, path, body):
    went, seen = sent(provider, GenerationRequest(mode, model, values, inputs))
    assert went == path
    if provider == "vtrix":
        assert seen.keys() == {"model", "input"}
        assert seen["model"] == model
        (seen,) = (one["params"] for one in seen["input"])
    assert seen == body


@pytest.mark.parametrize(
    ("provider", "word"),
    [
        ("vidu", "sound-effect_only"), ("demo", "sound-effect_only"),
        ("vidu-cn", "sound_effect_only"), ("kkiai", "sound_effect_only"),
    ],
)  # fmt: skip
def test_the_word_that_hosts_spell_differently(provider, word):
    values = {"audio": True, "audio_type": "sound_effect_only"}
    request = GenerationRequest("image-video", "viduq2-pro", values, {"images": [LINK]})
    assert sent(provider, request)[1]["audio_type"] == word
    kept = replace(request, values={**values, "audio_type": "all"})
    assert sent(provider, kept)[1]["audio_type"] == "all"


@pytest.mark.parametrize(
    ("mode", "name"), [("image", "duration"), ("upscale", "prompt"), ("speech", "seed")]
)
def test_a_parameter_that_the_mode_does_not_have_is_no_silent_loss(mode, name):
    with pytest.raises(ValueError, match=name):
        sent("vidu", GenerationRequest(mode, "m", {name: 5}, {"videos": [VIDEO_LINK]}))


# --- Subjects in a request -----------------------------------------------------------------------

MIRA = InputSubject("Mira", images=(IMAGE, LINK), voice_id="v-1", style="film", description="d")
KEPT = InputSubject("Flacon", server_id="314", images=(IMAGE,), voice_id="v-2")
FILMED = InputSubject("video1", videos=(VIDEO,))


def sent_with(provider, model, *subjects, **values):
    request = GenerationRequest("reference", model, {"prompt": "@Mira", **values}, {}, subjects)
    return sent(provider, request)[1]


def test_subjects_by_their_files_and_by_their_id():
    body = sent_with("vidu", "viduq2", MIRA, KEPT, auto_subjects=True, audio=True)
    assert body == {
        "model": "viduq2",
        "subjects": [
            {"name": "Mira", "images": [uri(IMAGE), LINK.url], "voice_id": "v-1"},
            {"name": "Flacon", "server_id": "314"},
        ],
        "prompt": "@Mira",
        "audio": True,
        "auto_subjects": True,
    }


def test_a_subject_that_is_a_video():
    assert sent_with("vidu", "viduq2-pro", FILMED)["subjects"] == [
        {"name": "video1", "videos": [uri(VIDEO)]}
    ]


@pytest.mark.parametrize("model", ["viduq3", "viduq3-turbo", "viduq2-pro"])
def test_models_without_voices_are_sent_none(model):
    assert "voice_id" not in sent_with("kkiai", model, MIRA)["subjects"][0]


def test_the_one_model_that_calls_the_name_an_id():
    body = sent_with("vtrix", "viduq2_pro_fast_reference2video", MIRA)
    assert params(body)["subjects"] == [
        {"id": "Mira", "images": [uri(IMAGE), LINK.url], "voice_id": "v-1"}
    ]


@pytest.mark.parametrize(
    ("provider", "model", "subject"),
    [
        ("vtrix", "viduq3_i2v_reference", MIRA),
        ("vidu", "viduq3", InputSubject("Mira")),
        ("vtrix", "viduq2_pro_fast_reference2video", InputSubject("Mira", description="x")),
    ],
)
def test_a_subject_that_nobody_knows_and_nothing_shows_is_refused(provider, model, subject):
    with pytest.raises(Refused, match="Mira") as caught:
        sent_with(provider, model, subject)
    assert (caught.value.field, caught.value.code) == ("subjects", "SubjectNotKept")
    assert caught.value.nothing_happened


def test_images_and_subjects_never_go_together():
    with pytest.raises(ValueError, match="subject form"):
        sent("vidu", GenerationRequest("reference", "viduq3", {}, {"images": [LINK]}, (KEPT,)))


# --- Places that take an address only ------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "inputs", "field", "word"),
    [
        ("extend", {"videos": [VIDEO]}, "videos", "video"),
        ("upscale", {"videos": [VIDEO]}, "videos", "video"),
        ("lip-sync", {"videos": [VIDEO]}, "videos", "video"),
        ("lip-sync", {"videos": [InputFile(creation_id="c-1")]}, "videos", "video"),
        ("lip-sync", {"videos": [VIDEO_LINK], "sounds": [AUDIO]}, "sounds", "audio file"),
        ("voice", {"sounds": [AUDIO]}, "sounds", "audio file"),
        ("voice", {"sounds": [AUDIO_LINK], "prompt_sound": [AUDIO]}, "prompt_sound", "audio file"),
        ("lip-sync", {"videos": [VIDEO_LINK], "images": [IMAGE]}, "images", "image"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("provider", ["vidu", "vtrix"])
def test_bytes_cannot_go_where_only_an_address_is_taken(provider, mode, inputs, field, word):
    with pytest.raises(Refused, match=f"this {word} only from an address") as caught:
        sent(provider, GenerationRequest(mode, "m", {}, inputs))
    assert (caught.value.field, caught.value.code) == (field, "AddressNeeded")
    assert caught.value.advice
    assert caught.value.nothing_happened
    assert not caught.value.may_retry


# --- Sizes ---------------------------------------------------------------------------------------


def heavy(kind, megabytes, name=""):
    return InputFile(data=bytes(megabytes * MEGABYTE), mime=kind, name=name)


@pytest.mark.parametrize("provider", ["vidu", "vtrix"])
def test_a_video_that_no_request_holds_is_named(provider):
    videos = [VIDEO, heavy("video/mp4", 20, "long take.mp4")]
    with pytest.raises(TooLarge, match=r"Too large to send: video long take\.mp4\.") as caught:
        sent(
            provider,
            GenerationRequest("reference", "viduq2-pro", {}, {"images": [LINK], "videos": videos}),
        )
    assert caught.value.field == "videos"
    assert "address" in caught.value.advice


def test_files_that_are_too_large_only_together():
    inputs = {"images": [heavy("image/png", 3)], "videos": [heavy("video/mp4", 12)]}
    request = GenerationRequest("reference", "viduq2-pro", {}, inputs)
    with pytest.raises(TooLarge, match="Together the files") as caught:
        sent("vtrix", request)
    assert caught.value.field == "videos"
    route = Uploads()
    _path, body = sent("vidu", request, transport=httpx.MockTransport(route))
    assert body["images"] == ["ssupload:?id=1"]
    assert body["videos"][0].startswith("data:video/mp4;base64,AAAA")


def test_images_of_subjects_are_uploaded_too_and_videos_never():
    subjects = (
        InputSubject("A", images=(heavy("image/png", 9), heavy("image/png", 2))),
        InputSubject("B", videos=(heavy("video/mp4", 5),)),
    )
    route = Uploads()
    request = GenerationRequest("reference", "viduq2-pro", {"prompt": "p"}, {}, subjects)
    _path, body = sent("vidu", request, transport=httpx.MockTransport(route))
    first, second = body["subjects"]
    assert [image.split(":")[0] for image in first["images"]] == ["ssupload", "data"]
    assert second["videos"][0].startswith("data:video/")
    assert len(route.stored) == 1


def test_a_subject_that_is_too_large_is_an_error_of_the_subjects_field():
    subject = InputSubject("B", videos=(heavy("video/mp4", 20, "b.mp4"),))
    with pytest.raises(TooLarge, match=r"b\.mp4") as caught:
        sent("vidu", GenerationRequest("reference", "viduq2-pro", {}, {}, (subject,)))
    assert caught.value.field == "subjects"


@pytest.mark.parametrize(
    ("number", "word"),
    [(1, "top_left"), (2, "top_right"), (3, "bottom_right"), (4, "bottom_left")],
)
def test_the_one_mode_that_names_corners(number, word):
    values = {"frames": [{"duration": 5}], "watermark": True, "wm_position": number}
    request = GenerationRequest("multiframe", "viduq2-pro", values, {"images": [LINK, LINK]})
    assert sent("vidu", request)[1]["wm_position"] == word
    plain = GenerationRequest("image-video", "viduq1", {"wm_position": number}, {"images": [LINK]})
    assert sent("vidu", plain)[1]["wm_position"] == number


def test_a_video_is_never_uploaded_even_where_it_is_the_largest():
    inputs = {"images": [heavy("image/png", 8)], "videos": [heavy("video/mp4", 9)]}
    request = GenerationRequest("reference", "viduq2-pro", {}, inputs)
    _path, body = sent("vidu", request, transport=httpx.MockTransport(Uploads()))
    assert body["images"] == ["ssupload:?id=1"]
    assert body["videos"][0].startswith("data:video/mp4;base64,")
