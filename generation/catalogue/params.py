"""Every parameter, once, and in which group a form shows it."""

from generation.catalogue.types import Param, gettext_noop

INPUTS = (
    Param("images", "images", gettext_noop("References")),
    Param("videos", "videos", gettext_noop("Videos")),
    Param("sounds", "sounds", gettext_noop("Audio")),
    Param(
        "prompt_sound",
        "sounds",
        gettext_noop("Example of the voice"),
        gettext_noop("A short piece of the same voice, which the preview follows."),
    ),
    Param("subjects", "subjects", gettext_noop("Subjects")),
)
WORDS = (
    Param("prompt", "text", gettext_noop("Prompt")),
    Param("text", "text", gettext_noop("Text to speak")),
    Param("template", "text", gettext_noop("Template")),
    Param("story", "choice", gettext_noop("Story")),
    Param("area", "choice", gettext_noop("Country of the costume")),
    Param("beast", "choice", gettext_noop("Animal")),
    Param("frames", "frames", gettext_noop("Between the frames")),
    Param("cues", "cues", gettext_noop("Sound effects in time")),
)
SHAPE = (
    Param("duration", "number", gettext_noop("Duration"), unit="s"),
    Param("resolution", "choice", gettext_noop("Resolution")),
    Param("aspect_ratio", "choice", gettext_noop("Aspect ratio")),
)
AUDIO = (
    Param(
        "audio",
        "switch",
        gettext_noop("Audio"),
        gettext_noop("Speech and effects"),
    ),
    Param("audio_type", "choice", gettext_noop("Kind of audio"), group="advanced"),
    Param("voice_id", "text", gettext_noop("Voice")),
    Param(
        "voice_name",
        "text",
        gettext_noop("Name of the voice"),
        gettext_noop("Vidu keeps a new voice if it speaks within 7 days."),
        sent=False,
    ),
    Param(
        "bgm",
        "switch",
        gettext_noop("Background music"),
        gettext_noop("Vidu adds music of its own that fits the length."),
        group="advanced",
    ),
    Param("speed", "decimal", gettext_noop("Speed")),
    Param("volume", "integer", gettext_noop("Volume")),
    Param("pitch", "integer", gettext_noop("Pitch")),
    Param("emotion", "choice", gettext_noop("Emotion")),
    Param("language", "text", gettext_noop("Language"), group="advanced"),
    Param(
        "pronunciation",
        "text",
        gettext_noop("Pronunciation"),
        gettext_noop("One rule a line: the word, a slash, and how it is spoken."),
        group="advanced",
    ),
    Param("prompt_text", "text", gettext_noop("Text of the example")),
)
LOOK = (
    Param("style", "choice", gettext_noop("Style"), group="advanced"),
    Param("movement_amplitude", "choice", gettext_noop("Movement"), group="advanced"),
    Param(
        "is_rec",
        "switch",
        gettext_noop("Recommended prompt"),
        gettext_noop("Vidu writes the prompt from the image itself. Costs 10 credits more."),
        group="advanced",
    ),
    Param(
        "auto_subjects",
        "switch",
        gettext_noop("Find subjects"),
        gettext_noop("Vidu also looks for subjects of its own in the prompt."),
        group="advanced",
    ),
)
TERMS = (
    Param(
        "off_peak",
        "switch",
        gettext_noop("Off-peak"),
        gettext_noop("Costs less, within 48 h"),
    ),
    Param(
        "watermark",
        "switch",
        gettext_noop("Watermark"),
        gettext_noop("A second file with the mark is made beside the clean one."),
        group="advanced",
    ),
    Param("wm_position", "number", gettext_noop("Place of the watermark"), group="advanced"),
    Param(
        "wm_url",
        "url",
        gettext_noop("Image of the watermark"),
        gettext_noop("The link of an image. Empty means the usual mark."),
        group="advanced",
    ),
    Param(
        "meta_data",
        "text",
        gettext_noop("Meta data"),
        gettext_noop("JSON text that is written into the file."),
        group="developer",
    ),
    Param(
        "seed",
        "integer",
        gettext_noop("Seed"),
        gettext_noop("The same seed and settings give a similar result. Empty means random."),
        group="advanced",
    ),
    Param(
        "payload",
        "text",
        gettext_noop("Payload"),
        gettext_noop("Sent along unchanged and returned with the result."),
        group="developer",
    ),
    Param(
        "callback_url",
        "url",
        gettext_noop("Callback URL"),
        gettext_noop("The provider reports each change of state to this address."),
        group="developer",
    ),
)
ALL = (*INPUTS, *WORDS, *SHAPE, *AUDIO, *LOOK, *TERMS)
PARAMS = {param.name: param for param in ALL}
