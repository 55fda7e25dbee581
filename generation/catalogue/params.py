"""Every parameter, once."""

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
        advanced=True,
    ),
    Param("subjects", "subjects", gettext_noop("Subjects")),
)
WORDS = (
    Param("prompt", "text", gettext_noop("Prompt")),
    Param("text", "text", gettext_noop("Text to speak")),
    Param("template", "text", gettext_noop("Template"), gettext_noop("Its name at Vidu.")),
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
        gettext_noop("Speech and effects are made together with the video."),
    ),
    Param("audio_type", "choice", gettext_noop("Kind of audio"), advanced=True),
    Param("voice_id", "text", gettext_noop("Voice")),
    Param(
        "bgm",
        "switch",
        gettext_noop("Background music"),
        gettext_noop("Vidu adds music of its own that fits the length."),
        advanced=True,
    ),
    Param("speed", "decimal", gettext_noop("Speed"), advanced=True),
    Param("volume", "integer", gettext_noop("Volume"), advanced=True),
    Param("pitch", "integer", gettext_noop("Pitch"), advanced=True),
    Param("emotion", "choice", gettext_noop("Emotion"), advanced=True),
    Param("language", "text", gettext_noop("Language"), advanced=True),
    Param(
        "pronunciation",
        "text",
        gettext_noop("Pronunciation"),
        gettext_noop("One rule a line: the word, a slash, and how it is spoken."),
        advanced=True,
    ),
    Param(
        "prompt_text",
        "text",
        gettext_noop("Text of the example"),
        advanced=True,
    ),
)
LOOK = (
    Param("style", "choice", gettext_noop("Style"), advanced=True),
    Param("movement_amplitude", "choice", gettext_noop("Movement"), advanced=True),
    Param(
        "is_rec",
        "switch",
        gettext_noop("Recommended prompt"),
        gettext_noop("Vidu writes the prompt from the image itself. Costs 10 credits more."),
        advanced=True,
    ),
    Param(
        "auto_subjects",
        "switch",
        gettext_noop("Find subjects"),
        gettext_noop("Vidu also looks for subjects of its own in the prompt."),
        advanced=True,
    ),
)
TERMS = (
    Param(
        "off_peak",
        "switch",
        gettext_noop("Off-peak"),
        gettext_noop(
            "Costs about half and is ready within 48 hours, or is cancelled and paid back."
        ),
    ),
    Param(
        "watermark",
        "switch",
        gettext_noop("Watermark"),
        gettext_noop("A second file with the mark is made beside the clean one."),
        advanced=True,
    ),
    Param("wm_position", "number", gettext_noop("Place of the watermark"), advanced=True),
    Param(
        "wm_url",
        "url",
        gettext_noop("Image of the watermark"),
        gettext_noop("The link of an image. Empty means the usual mark."),
        advanced=True,
    ),
    Param(
        "meta_data",
        "text",
        gettext_noop("Meta data"),
        gettext_noop("JSON text that is written into the file."),
        advanced=True,
    ),
    Param(
        "seed",
        "integer",
        gettext_noop("Seed"),
        gettext_noop("The same seed and settings give a similar result. Empty means random."),
        advanced=True,
    ),
    Param(
        "payload",
        "text",
        gettext_noop("Payload"),
        gettext_noop("Sent along unchanged and returned with the result."),
        advanced=True,
    ),
    Param(
        "callback_url",
        "url",
        gettext_noop("Callback URL"),
        gettext_noop("The provider reports each change of state to this address."),
        advanced=True,
    ),
)
ALL = (*INPUTS, *WORDS, *SHAPE, *AUDIO, *LOOK, *TERMS)
PARAMS = {param.name: param for param in ALL}
