"""Whatever the catalogue lets through arrives, under names that the pages print and no others."""

import itertools
from collections.abc import Iterable, Mapping

import pytest

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.types import (
    AudioFacts,
    ImageFacts,
    Limit,
    Offer,
    SubjectFacts,
    VideoFacts,
)
from generation.providers.base import GenerationRequest, InputSubject
from tests.providers.wire import AUDIO_LINK, LINK, VIDEO_LINK, params, sent

MARKS = "watermark wm_position wm_url meta_data"
ALONG = "payload callback_url"
VIDEO = f"prompt duration seed resolution off_peak {MARKS} {ALONG}"
SUBJECTS = f"subjects auto_subjects aspect_ratio audio audio_type {VIDEO}"
# Every field of the request table of each page.
PAGES = {
    "/ent/v2/reference2image": f"images prompt seed aspect_ratio resolution {ALONG}",
    "/ent/v2/text2video": f"style aspect_ratio movement_amplitude bgm audio audio_type {VIDEO}",
    "/ent/v2/img2video": f"images audio audio_type voice_id is_rec bgm movement_amplitude {VIDEO}",
    "/ent/v2/start-end2video": (
        f"images audio audio_type voice_id is_rec bgm movement_amplitude {VIDEO}"
    ),
    "/ent/v2/reference2video": (
        f"images videos aspect_ratio audio audio_type bgm movement_amplitude {VIDEO}"
    ),
    "/ent/v2/reference2video with subjects": f"{SUBJECTS} movement_amplitude",
    "/ent/v2/multiframe": f"start_image image_settings resolution {MARKS} {ALONG}",
    "/ent/v2/extend": f"video_url images prompt duration resolution {ALONG}",
    "/ent/v2/upscale-new": f"video_url upscale_resolution {ALONG}",
    "/ent/v2/lip-sync": (
        "video_url audio_url text speed character_id voice_id volume language ref_photo_url "
        + ALONG
    ),
    "/ent/v2/template": (
        f"template images prompt seed aspect_ratio area beast bgm {MARKS} {ALONG}"
    ),
    "/ent/v2/template-story": f"story images {ALONG}",
    "/ent/v2/text2audio": "prompt duration seed callback_url",
    "/ent/v2/timing2audio": "timing_prompts duration seed callback_url",
    "/ent/v2/audio-tts": (
        "text voice_setting_voice_id voice_setting_speed voice_setting_volume voice_setting_pitch"
        " voice_setting_emotion pronunciation_dict_tone payload"
    ),
    "/ent/v2/audio-clone": "audio_url voice_id prompt_audio_url prompt_text text payload",
    "viduq2_reference2image": f"images prompt resolution aspect_ratio seed {ALONG}",
    "viduq2_pro_reference": f"images videos bgm aspect_ratio {VIDEO}",
    "viduq3_i2v_reference": f"images sounds subjects audio aspect_ratio {VIDEO}",
    "vidu-cn-audio-tts": "text voice_id speed",
    "vidu-cn-audio-clone": "audio_url text voice_id",
}
TO_SPEECH = {
    "voice_id": "voice_setting_voice_id", "speed": "voice_setting_speed",
    "volume": "voice_setting_volume", "pitch": "voice_setting_pitch",
    "emotion": "voice_setting_emotion", "pronunciation": "pronunciation_dict_tone",
}  # fmt: skip
# Our names that are called otherwise, by mode.
CALLED = {
    "extend": {"videos": "video_url"},
    "upscale": {"videos": "video_url", "resolution": "upscale_resolution"},
    "multiframe": {"images": "start_image", "frames": "image_settings"},
    "lip-sync": {"videos": "video_url", "sounds": "audio_url", "images": "ref_photo_url"},
    "voice": {"sounds": "audio_url", "prompt_sound": "prompt_audio_url"},
    "timed-sound": {"cues": "timing_prompts"},
}
TEXTS = {
    "payload": "vs-1", "callback_url": "https://studio.example.org/cb", "meta_data": "{}",
    "wm_url": "https://files.example.org/m.png",
    "text": "Hello there",
    "voice_id": "Mira-voice-1", "voice_name": "Mira",
    "pronunciation": "omg/oh my god", "prompt_text": "Yes.",
    "language": "English",
}  # fmt: skip
FILES = {"images": LINK, "videos": VIDEO_LINK, "sounds": AUDIO_LINK, "prompt_sound": AUDIO_LINK}


def wire_name(row: Offer, name: str) -> str:
    if row.mode == "speech" and row.provider != "vtrix":
        return TO_SPEECH.get(name, name)
    if row.mode == "lip-sync" and name == "voice_id" and row.provider != "vidu-cn":
        return "character_id"
    return CALLED.get(row.mode, {}).get(name, name)


PROMPTS = ("@Mira and @image1", "A walk")
TEMPLATES = ("subject_3", "exotic_princess", "beast_companion")


def candidates(name: str, rule: Limit, turn: int) -> Iterable[object]:
    """Values that are far out and set, so that they have to be sent."""
    kind = PARAMS[name].kind
    if name == "template":
        return TEMPLATES[turn:]
    if name == "prompt":
        return PROMPTS[turn % 2 :]
    if kind == "switch":
        return (not rule.default, True)
    if kind == "frames":
        return ([{"prompt": "p", "duration": 7}] * 2,)
    if kind == "cues":
        return ([{"from": 0, "to": 1.5, "prompt": "p"}],)
    if rule.allowed:
        return rule.allowed[::-1]
    if kind in ("text", "url"):
        return (TEXTS[name],)
    return (int(rule.maximum or 0) if kind == "integer" else rule.maximum,)


def facts(name: str, rule: Limit) -> list[object]:
    """As many inputs as are needed, or one."""
    count = max(int(rule.minimum or 0), 1)
    if name == "subjects":
        return [SubjectFacts("Mira", (ImageFacts(512, 512, "png", 9_000),))]
    if name == "images":
        return [ImageFacts(512, 512, "png", 9_000)] * count
    if name == "videos":
        limits = rule.video
        return [VideoFacts(1280, 720, "mp4", 9_000, max(limits.min_seconds, 4.5), 24, "h264", True)]
    return [AudioFacts(rule.audio.formats[0], 9_000, max(rule.audio.min_seconds, 5))]


def legal(row: Offer, values: Mapping, inputs: Mapping) -> bool:
    """Whether nothing but what is still missing is wrong."""
    try:
        rules.check(row, values, inputs)
    except rules.Invalid as invalid:
        return all(one.param not in values and one.param not in inputs for one in invalid.problems)
    return True


def most(row: Offer, names: Iterable[str], turn: int) -> tuple[dict, dict]:
    """As much as can be set at once, when taken in this order."""
    values, inputs = {}, {}
    for name in names:
        rule = row.limits[name]
        if PARAMS[name].is_input:
            more = {**inputs, name: facts(name, rule)}
            inputs = more if legal(row, values, more) else inputs
            continue
        for value in candidates(name, rule, turn):
            if legal(row, {**values, name: value}, inputs):
                values[name] = value
                break
    return values, inputs


def orders(row: Offer) -> list[list[str]]:
    """Orders to take them in: what comes first excludes what does not go with it."""
    names = [name for name in MODES[row.mode].params if name in row.limits]
    without = [name for name in names if name != "subjects"]
    needed = [name for name in names if row.limits[name].required or row.limits[name].minimum]
    turned = [names[place:] + names[:place] for place in range(len(names))]
    return [names, names[::-1], [*needed, *names], without, without[::-1], *turned]


def check(row: Offer, values: Mapping, inputs: Mapping) -> set[str]:
    """Send it and compare. Returns our names of what was sent."""
    clean = rules.check(row, values, inputs)
    form = rules.names_subjects(row, str(values.get("prompt", "")), rules.count_inputs(inputs))
    files = {name: [FILES[name]] * len(some) for name, some in inputs.items() if name in FILES}
    subjects = ()
    if form:
        subjects = [InputSubject("Mira", server_id="7")] * len(inputs.get("subjects", ()))
        subjects += [InputSubject("image1", images=(LINK,))] * len(files.pop("images", ()))
        subjects += [InputSubject("video1", videos=(VIDEO_LINK,))] * len(files.pop("videos", ()))
    request = GenerationRequest(row.mode, row.model_name, clean, files, tuple(subjects))
    path, body = sent(row.provider, request)
    kept_here = {name for name in clean if not PARAMS[name].sent}
    clean = {name: value for name, value in clean.items() if PARAMS[name].sent}
    given = {*clean, *files, *(["subjects"] if form else [])}
    assert set(params(body)) == {wire_name(row, name) for name in given}
    page = row.model_name if row.provider == "vtrix" else path + " with subjects" * form
    if row.provider != "vtrix" or page in PAGES:
        assert set(params(body)) <= set(PAGES[page].split())
    for name, value in clean.items():
        if name not in ("frames", "cues", "pronunciation", "wm_position", "audio_type"):
            assert params(body)[wire_name(row, name)] == value
    return given | kept_here | set(inputs)


@pytest.mark.parametrize("row", rules.offers(), ids=lambda row: "-".join(row.key))
def test_what_the_catalogue_returns_is_what_is_sent(row):
    reached = set()
    turns = range(3 if "template" in row.limits else 2 if "subjects" in row.limits else 1)
    for names, turn in itertools.product(orders(row), turns):
        values, inputs = most(row, names, turn)
        try:
            rules.check(row, values, inputs)
        except rules.Invalid:
            continue  # this order left no room for what is needed
        reached |= check(row, values, inputs)
    sendable = {name for name, rule in row.limits.items() if not rule.off}
    assert reached == sendable
