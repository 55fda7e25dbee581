"""The create endpoints: what each makes, and how its fields are called on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS


@dataclass(frozen=True)
class Form:
    """One request body. `names` leads from the wire to the catalogue where the two differ.

    `model` is the catalogue's name of an endpoint whose body has no such field; `kind` is the
    official server's name for these tasks. `only` bounds the fields, where the mode has more.
    """

    mode: str
    kind: str = ""
    model: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    instant: bool = False  # the result is in the answer to the create request

    @property
    def fields(self) -> dict[str, str]:
        """Wire name -> catalogue name of every field there is."""
        renamed = set(self.names.values())
        own = [name for name in MODES[self.mode].params if PARAMS[name].sent]
        same = {name: name for name in own if name not in renamed}
        found = {**same, **self.names}
        return {wire: found[wire] for wire in self.only} if self.only else found

    @property
    def makes(self) -> str:
        return MODES[self.mode].makes


VIDEO = {"video_url": "videos", "video_creation_id": "videos"}
SPEECH = {
    "voice_setting_voice_id": "voice_id",
    "voice_setting_speed": "speed",
    "voice_setting_volume": "volume",
    "voice_setting_pitch": "pitch",
    "voice_setting_emotion": "emotion",
    "pronunciation_dict_tone": "pronunciation",
}
VOICE = {"audio_url": "sounds", "prompt_audio_url": "prompt_sound"}
STORY = ("story", "images", "payload", "callback_url")
TEMPLATE = tuple(name for name in MODES["template"].params if name != "story")

MULTIFRAME = Form(
    "multiframe", "multiframe", names={"start_image": "images", "image_settings": "frames"}
)
EFFECT = Form("template", "template", "template", only=TEMPLATE)
TIMED = Form("timed-sound", "timing2audio", names={"timing_prompts": "cues"})
LIPS = Form(
    "lip-sync",
    "lip-sync",
    "lip-sync",
    names={
        "video_url": "videos",
        "audio_url": "sounds",
        "character_id": "voice_id",
        "voice_id": "voice_id",
        "ref_photo_url": "images",
    },
)
# By the last part of the address.
FORMS: Mapping[str, Form] = {
    "reference2image": Form("image", "reference2image"),
    "text2video": Form("text-video", "text2video"),
    "img2video": Form("image-video", "img2video"),
    "start-end2video": Form("start-end", "headtailimg2video"),
    "reference2video": Form("reference", "reference2video"),
    "multiframe": MULTIFRAME,
    "template": EFFECT,
    "template2video": EFFECT,
    "template-story": Form("template", "template-story", "template-story", only=STORY),
    "extend": Form("extend", "extend", names=VIDEO),
    "upscale-new": Form(
        "upscale", "upscale-new", "upscale-new", {**VIDEO, "upscale_resolution": "resolution"}
    ),
    "lip-sync": LIPS,
    "text2audio": Form("sound", "text2audio"),
    "timing2audio": TIMED,
    "audio-tts": Form("speech", "audio-tts", "audio-tts", SPEECH, instant=True),
    "audio-clone": Form("voice", "audio-clone", "audio-clone", VOICE, instant=True),
}
AT_KKIAI = (
    "reference2image", "text2video", "img2video", "start-end2video", "reference2video",
    "text2audio",
)  # fmt: skip
# Vtrix has one address: the model's mode decides. Its speech has the short names.
VTRIX: Mapping[str, Form] = {
    **{form.mode: form for form in FORMS.values() if not form.model},
    "speech": Form("speech", instant=True),
    "voice": Form("voice", names=VOICE, instant=True),
}
# Which model calls a subject's name what, and which wants the upstream name inside params.
SUBJECT_ID = ("viduq2_pro_fast_reference2video",)
UPSTREAM = {"vidu-cn-reference2video-vidu2.0": "vidu2.0"}
DOMESTIC = ("vidu-cn-reference2video-vidu2.0", "vidu-cn-audio-tts", "vidu-cn-audio-clone")
