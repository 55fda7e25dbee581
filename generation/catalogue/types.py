"""The shapes of the catalogue's rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Group = Literal["usual", "advanced", "developer"]  # where a form shows it
Kind = Literal[
    "text", "integer", "decimal", "choice", "number", "switch", "url",  # set by a person
    "frames", "cues",  # rows of values: [{"prompt", "duration"}], [{"from", "to", "prompt"}]
    "images", "videos", "sounds", "subjects",  # inputs: media and subjects, kept by reference
]  # fmt: skip
INPUT_KINDS = ("images", "videos", "sounds", "subjects")
MEGABYTE = 1024 * 1024
Values = Mapping[str, Any]


def gettext_noop(text: str) -> str:
    """Mark a sentence for translation; who shows it translates it."""
    return text


@dataclass(frozen=True)
class Param:
    """One thing a person can set. `name` is canonical; a provider knows its wire name.

    A "choice" is one of some texts, a "number" one of some whole numbers (lengths in seconds,
    positions), an "integer" any whole number between bounds, a "decimal" any number between them.
    What is not `sent` is for the studio alone.
    """

    name: str
    kind: Kind
    label: str
    help: str = ""
    group: Group = "usual"
    unit: str = ""
    sent: bool = True

    @property
    def is_input(self) -> bool:
        return self.kind in INPUT_KINDS


@dataclass(frozen=True)
class ImageLimits:
    """What a provider accepts as one image. Sides in pixels, sizes in bytes, ratio = w / h."""

    formats: tuple[str, ...] = ("png", "jpeg", "webp")
    min_side: int = 128
    min_ratio: float = 0.25
    max_ratio: float = 4.0
    max_bytes: int = 50 * MEGABYTE


@dataclass(frozen=True)
class VideoLimits:
    """What a provider accepts as one video. Seconds are of the decoded stream.

    `sent_bytes` bounds the file when it travels inside the request.
    """

    formats: tuple[str, ...] = ("mp4", "avi", "mov")
    codecs: tuple[str, ...] = ()  # empty: any that can be decoded
    min_side: int = 128
    max_side: int = 8_192
    min_ratio: float = 0.25
    max_ratio: float = 4.0
    max_bytes: int = 100 * MEGABYTE
    min_seconds: float = 0.0
    max_seconds: float = 8.0
    max_fps: float = 0.0  # frames a second it must stay below; 0 is no bound
    sent_bytes: int = 20 * MEGABYTE


@dataclass(frozen=True)
class AudioLimits:
    """What a provider accepts as one audio file. Seconds are of the decoded stream.

    `between` says that a page excludes the bounds themselves: longer than, shorter than.
    """

    formats: tuple[str, ...] = ("mp3",)
    max_bytes: int = 50 * MEGABYTE
    min_seconds: float = 0.0
    max_seconds: float = 20.0
    between: bool = False
    sent_bytes: int = 20 * MEGABYTE


@dataclass(frozen=True)
class PairLimits:
    """How alike two images must be: bounds of the quotient of their ratios, and of pixels."""

    least: float = 0.8
    most: float = 1.25


@dataclass(frozen=True)
class SubjectLimits:
    """How a model takes subjects.

    `images_each` of one, `images` of all and loose ones together, `videos` subjects made from a
    video. A loose image or video becomes a subject too: `together` counts them all.
    """

    images_each: int = 3
    images: int | None = None
    videos: int = 0
    together: int | None = None


@dataclass(frozen=True)
class Limit:
    """What one offer allows for one parameter.

    `minimum` and `maximum` bound a number, the characters of a text, or how many inputs or rows
    there are. `off` means: exists here, but may not be set now (or ever); the reason stands in
    `Offer.reasons` or in the variant. For frames and cues `row` bounds each row's values.
    """

    allowed: tuple[Any, ...] = ()
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    off: bool = False
    image: ImageLimits | None = None
    video: VideoLimits | None = None
    audio: AudioLimits | None = None
    pair: PairLimits | None = None
    subject: SubjectLimits | None = None
    han: tuple[int, int] | None = None  # fewest and most characters where the text has Han signs
    pattern: str = ""  # a regular expression that the whole text must match
    row: Mapping[str, "Limit"] = field(default_factory=dict)
    enlarges: bool = False  # a resolution that has to exceed the one of the video


@dataclass(frozen=True)
class Variant:
    """Narrower limits while other parameters have certain values (`when`), and unless others have.

    Inputs count by number. What is not set counts with its default, a switch without one as
    False. "subject_form" is True while the request names its subjects (see `rules.subject_form`).
    """

    when: Mapping[str, tuple[Any, ...]]
    limits: Mapping[str, Limit]
    reason: str
    unless: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Mode:
    """One kind of work: its inputs and result, and the parameters it has anywhere."""

    name: str
    label: str
    makes: Literal["image", "video", "audio"]
    params: tuple[str, ...]
    hint: str = ""  # one line that says what it does


@dataclass(frozen=True)
class Offer:
    """One model of one provider in one mode, with all its limits.

    A parameter of the mode that is not in `limits` does not exist for this model; `reasons` says
    why, where more can be said than that. `mention` is how a prompt names a subject here, with
    "{name}" in it. `subjects_inline` says that a subject's images may be sent along, else it
    has to be in the provider's own library.
    """

    provider: str
    mode: str
    model_name: str
    label: str
    strength: str
    limits: Mapping[str, Limit]
    variants: tuple[Variant, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    mention: str = ""
    subjects_inline: bool = False
    source: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.provider, self.mode, self.model_name


@dataclass(frozen=True)
class ImageFacts:
    """The facts of one reference image that limits speak of."""

    width: int
    height: int
    format: str
    bytes: int


@dataclass(frozen=True)
class VideoFacts:
    """The facts of one video; `codec` as ffmpeg calls it, `fps` 0 when it varies."""

    width: int
    height: int
    format: str
    bytes: int
    seconds: float
    fps: float = 0.0
    codec: str = ""
    has_sound: bool = False


@dataclass(frozen=True)
class AudioFacts:
    """The facts of one audio file."""

    format: str
    bytes: int
    seconds: float


@dataclass(frozen=True)
class SubjectFacts:
    """The facts of one subject that limits speak of."""

    name: str
    images: tuple[ImageFacts, ...] = ()
    videos: tuple[VideoFacts, ...] = ()


Input = ImageFacts | VideoFacts | AudioFacts | SubjectFacts
Inputs = Mapping[str, Sequence[Input]]  # by parameter name, in order
Counts = Mapping[str, int]  # how many inputs, by parameter name


@dataclass(frozen=True)
class Price:
    """What one task is expected to cost. `credits` None means unknown; `free` is the demo."""

    credits: int | None
    source: str = ""
    free: bool = False


@dataclass(frozen=True)
class Problem:
    """One refused value: the parameter, a sentence with %(name)s places, and what fills them.

    `position` is the index of the input or row it speaks of, if any.
    """

    param: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    position: int | None = None

    def __str__(self) -> str:
        return self.message % {
            name: ", ".join(map(str, value)) if isinstance(value, tuple) else value
            for name, value in self.values.items()
        }


class Invalid(Exception):
    """The request breaks limits; `problems` says which, in form order."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems
