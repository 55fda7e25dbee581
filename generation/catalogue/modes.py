"""Every mode, once."""

from generation.catalogue.params import PARAMS
from generation.catalogue.types import Mode, Param, gettext_noop

MARKS = ("watermark", "wm_position", "wm_url", "meta_data")
SENT_ALONG = ("payload", "callback_url")
SPOKEN = ("audio", "audio_type", "voice_id", "bgm")
SOUNDING = ("audio", "bgm")
LENGTH = ("duration", "resolution")

ALL = (
    # Text to image, image editing and reference to image are one endpoint: images decide.
    Mode(
        "image",
        gettext_noop("Image"),
        "image",
        ("images", "prompt", "resolution", "aspect_ratio", "seed", *SENT_ALONG),
        gettext_noop("From text alone, or with images to edit and refer to"),
    ),
    Mode(
        "text-video",
        gettext_noop("Text"),
        "video",
        ("prompt", *LENGTH, "aspect_ratio", *SOUNDING, "off_peak", "style", "movement_amplitude",
         *MARKS, "seed", *SENT_ALONG),
        gettext_noop("A video from words alone"),
    ),
    Mode(
        "image-video",
        gettext_noop("Image"),
        "video",
        ("images", "prompt", *LENGTH, *SPOKEN, "off_peak", "movement_amplitude", "is_rec", *MARKS,
         "seed", *SENT_ALONG),
        gettext_noop("The image is the first frame"),
    ),
    Mode(
        "start-end",
        gettext_noop("Start and end"),
        "video",
        ("images", "prompt", *LENGTH, *SOUNDING, "off_peak", "movement_amplitude", "is_rec", *MARKS,
         "seed", *SENT_ALONG),
        gettext_noop("From the first image to the second"),
    ),
    Mode(
        "reference",
        gettext_noop("References"),
        "video",
        ("subjects", "images", "videos", "sounds", "prompt", *LENGTH, "aspect_ratio", *SPOKEN,
         "off_peak", "movement_amplitude", "auto_subjects", *MARKS, "seed", *SENT_ALONG),
        gettext_noop("Subjects, images and videos that the result keeps to"),
    ),
    Mode(
        "multiframe",
        gettext_noop("Key frames"),
        "video",
        ("images", "frames", "resolution", *MARKS, *SENT_ALONG),
        gettext_noop("From image to image, each with its own words and length"),
    ),
    Mode(
        "extend",
        gettext_noop("Extend"),
        "video",
        ("videos", "images", "prompt", *LENGTH, "watermark", "wm_url", *SENT_ALONG),
        gettext_noop("Goes on where a video ends"),
    ),
    Mode(
        "upscale",
        gettext_noop("Upscale"),
        "video",
        ("videos", "resolution", *SENT_ALONG),
        gettext_noop("The same video with more pixels"),
    ),
    Mode(
        "lip-sync",
        gettext_noop("Lip sync"),
        "video",
        ("videos", "sounds", "text", "voice_id", "images", "speed", "volume", "language",
         *SENT_ALONG),
        gettext_noop("Lets the person in a video speak"),
    ),
    Mode(
        "template",
        gettext_noop("Template"),
        "video",
        ("template", "story", "images", "prompt", "area", "beast", "aspect_ratio", "bgm", *MARKS,
         "seed", *SENT_ALONG),
        gettext_noop("A ready-made effect or story with your image"),
    ),
    Mode(
        "sound",
        gettext_noop("Audio"),
        "audio",
        ("prompt", "duration", "seed", "callback_url"),
        gettext_noop("Audio from text"),
    ),
    Mode(
        "timed-sound",
        gettext_noop("Timed audio"),
        "audio",
        ("cues", "duration", "seed", "callback_url"),
        gettext_noop("Several sound effects, each at its time"),
    ),
    Mode(
        "speech",
        gettext_noop("Speech"),
        "audio",
        ("text", "voice_id", "emotion", "speed", "volume", "pitch", "pronunciation", "payload"),
        gettext_noop("Speaks your text"),
    ),
    Mode(
        "voice",
        gettext_noop("Voice"),
        "audio",
        ("sounds", "voice_name", "text", "voice_id", "prompt_sound", "prompt_text", "payload"),
        gettext_noop("Learns a voice from a recording and speaks a preview"),
    ),
)  # fmt: skip
MODES = {mode.name: mode for mode in ALL}


def mode_inputs(mode: str) -> list[Param]:
    """The inputs of a mode, in order."""
    return [PARAMS[name] for name in MODES[mode].params if PARAMS[name].is_input]


def mode_settings(mode: str) -> list[Param]:
    """What a person sets in a mode besides inputs, in order."""
    return [PARAMS[name] for name in MODES[mode].params if not PARAMS[name].is_input]
