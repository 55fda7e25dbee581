"""The input zones of a form: what each takes, what lies in it, and why not more."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.types import AudioLimits, ImageLimits, Limit, VideoLimits
from generation.media.images import ANY_IMAGE
from generation.media.storage import MIME
from generation.models import Media, Subject
from generation.web.upload_limits import most_bytes

# What browsers call a file besides its proper type.
TYPE_ALIASES = {
    "avi": ("video/avi", "video/msvideo"), "wav": ("audio/x-wav", "audio/wave"),
    "m4a": ("audio/x-m4a",), "mp3": ("audio/mp3",), "aac": ("audio/x-aac",),
    "mkv": ("video/matroska",), "flv": ("video/flv", ".flv"), "mxf": ("video/mxf", ".mxf"),
    "ts": ("video/vnd.dlna.mpeg-tts", "text/vnd.trolltech.linguist", ".ts", ".m2ts", ".mts"),
}  # fmt: skip
EXTRA_MIME = {"flv": "video/x-flv", "ts": "video/mp2t", "mxf": "application/mxf"}
LABELS = {
    ("image-video", "images"): gettext_lazy("First frame"),
    ("start-end", "images"): gettext_lazy("Start and end frame"),
    ("multiframe", "images"): gettext_lazy("Key frames"),
    ("extend", "videos"): gettext_lazy("Video to extend"),
    ("extend", "images"): gettext_lazy("Last frame"),
    ("upscale", "videos"): gettext_lazy("Video to enlarge"),
    ("lip-sync", "videos"): gettext_lazy("Video of the speaker"),
    ("lip-sync", "sounds"): gettext_lazy("Recording"),
    ("lip-sync", "images"): gettext_lazy("Face of the speaker"),
    ("voice", "sounds"): gettext_lazy("Recording of the voice"),
    ("template", "images"): gettext_lazy("Images"),
}
COUNTERS = {
    "images": gettext_lazy("%n of %m images"),
    "videos": gettext_lazy("%n of %m videos"),
    "sounds": gettext_lazy("%n of %m audio files"),
    "subjects": gettext_lazy("%n of %m subjects"),
}
ADD_LABELS = {
    "images": gettext_lazy("Image"),
    "videos": gettext_lazy("Video"),
    "sounds": gettext_lazy("Audio"),
}
# What a drop will do: for the first file of an input, the second and so on.
DROPS = {
    ("image-video", "images"): (gettext_lazy("Drop to upload as the first frame"),),
    ("start-end", "images"): (
        gettext_lazy("Drop to upload as the start frame"),
        gettext_lazy("Drop to upload as the end frame"),
    ),
    ("multiframe", "images"): (gettext_lazy("Drop to add as a key frame"),),
    ("extend", "videos"): (gettext_lazy("Drop to upload as the video to extend"),),
    ("extend", "images"): (gettext_lazy("Drop to upload as the last frame"),),
    ("upscale", "videos"): (gettext_lazy("Drop to upload as the video to enlarge"),),
    ("lip-sync", "videos"): (gettext_lazy("Drop to upload as the video of the speaker"),),
    ("lip-sync", "sounds"): (gettext_lazy("Drop to upload as the recording"),),
    ("lip-sync", "images"): (gettext_lazy("Drop to upload as the face of the speaker"),),
    ("voice", "sounds"): (gettext_lazy("Drop to upload as the recording of the voice"),),
}
DROPS_OF_KIND = {
    "images": (gettext_lazy("Drop to add as reference image"),),
    "videos": (gettext_lazy("Drop to add as reference video"),),
    "sounds": (gettext_lazy("Drop to add as audio"),),
    "subjects": (gettext_lazy("Drop to add this subject"),),
}
TAKES_NO = {
    "image": gettext_lazy("This mode takes no images."),
    "video": gettext_lazy("This mode takes no videos."),
    "audio": gettext_lazy("This mode takes no audio files."),
}
SHARED_ZONE_MODES = ("reference",)  # modes whose inputs lie in one zone


@dataclass(frozen=True)
class InputTile:
    """One input in its zone. `row` holds prompt and length of the way to a key frame, if any."""

    name: str
    one: Any
    row: "FrameRow | None" = None
    place: int = 0  # among its kind, from 1; 0 where the script counts
    mode: str = ""  # of the form that it is in

    @property
    def is_subject(self) -> bool:
        return isinstance(self.one, Subject)

    @property
    def may_crop(self) -> bool:
        return self.mode in MODES and PARAMS[self.name].kind == "images"

    @property
    def handles(self) -> str:
        """The handle of inputs like this one in a prompt, without its number."""
        return {"images": "image", "videos": "video"}.get(self.name, "")

    @property
    def handle(self) -> str:
        return f"{self.handles}{self.place}" if self.handles and self.place else ""


@dataclass(frozen=True)
class FrameRow:
    """The prompt and length between two key frames, as they stand in the tile of the second."""

    prompt: str
    duration: Any
    allowed: Sequence[Any]
    error: str = ""


@dataclass(frozen=True)
class SmallerCopy:
    """An image too large to be sent, and the size of a smaller copy of it."""

    media: Media
    pixels: str


@dataclass(frozen=True)
class CropOffer:
    """An image that a crop would make fit, and what its button says."""

    name: str
    media: Media
    label: str


@dataclass(frozen=True)
class InputSlot:
    """One input parameter within a zone."""

    name: str
    rule: Limit
    count: int
    off: str = ""
    mode: str = ""

    @property
    def kind(self) -> str:
        return PARAMS[self.name].kind

    @property
    def most(self) -> int:
        return 0 if self.off else int(self.rule.maximum or 0)

    @property
    def optional(self) -> bool:
        return not self.rule.minimum

    @property
    def limits(self) -> ImageLimits | VideoLimits | AudioLimits | None:
        match self.kind:
            case "images":
                return self.rule.image or ImageLimits()
            case "videos":
                return self.rule.video or VideoLimits()
            case "sounds":
                return self.rule.audio or AudioLimits()
        return None

    @property
    def types(self) -> list[str]:
        formats = [one for one in (self.limits.formats if self.limits else ()) if one != "hls"]
        found = [MIME.get(one) or EXTRA_MIME.get(one, "") for one in formats]
        return [
            *filter(None, found),
            *(more for one in formats for more in TYPE_ALIASES.get(one, ())),
        ]

    @property
    def add_label(self) -> str:
        return str(ADD_LABELS.get(self.kind, ""))

    def data(self, alone: bool) -> dict[str, Any]:
        """For upload.js, which checks before it sends."""
        limits, longest = self.limits, 0.0
        if isinstance(limits, VideoLimits | AudioLimits):
            longest = limits.max_seconds
        facts = {
            "max": self.most,
            "types": self.types,
            "formats": ", ".join(one.upper() for one in limits.formats) if limits else "",
            "bytes": min(limits.max_bytes, most_bytes(self.name)) if limits else 0,
            "seconds": longest,
            "counter": _("%n of %m") if alone else str(COUNTERS[self.kind]),
        }
        drops = DROPS.get((self.mode, self.name), DROPS_OF_KIND[self.kind])
        return facts | {"off": self.off, "drop": [str(one) for one in drops]}


@dataclass(frozen=True)
class InputZone:
    """One zone for inputs. `warnings` say what is wrong with the inputs in it."""

    mode: str
    slots: Sequence[InputSlot]
    tiles: Sequence[InputTile]
    warnings: Sequence[str] = ()
    errors: Sequence[str] = ()
    refused: Sequence[str] = ()
    smaller: Sequence[SmallerCopy] = field(default_factory=tuple)
    crops: Sequence[CropOffer] = ()

    @property
    def name(self) -> str:
        return self.files[0].name if self.files else self.slots[0].name

    @property
    def field_id(self) -> str:
        return f"id_{self.name}"

    @cached_property
    def files(self) -> list[InputSlot]:
        return [one for one in self.slots if one.kind != "subjects"]

    @cached_property
    def open(self) -> list[InputSlot]:
        """The kinds that files may be added to at all."""
        return [one for one in self.files if one.most]

    @property
    def label(self) -> str:
        own = LABELS.get((self.mode, self.name))
        return str(own or _(PARAMS[self.name].label))

    @property
    def optional(self) -> bool:
        return all(one.optional for one in self.slots)

    @property
    def layout(self) -> str:
        if self.mode == "multiframe":
            return "steps"
        if any(one.rule.pair for one in self.slots):
            return "pair"
        return "slot" if len(self.slots) == 1 and self.slots[0].rule.maximum == 1 else "grid"

    @property
    def named(self) -> bool:
        """Whether a prompt can name its inputs by handles."""
        return self.mode in SHARED_ZONE_MODES

    @property
    def counter(self) -> str:
        counted = [one for one in self.slots if one.most and (one.count or one.kind != "subjects")]
        return " · ".join(
            str(one.data(len(counted) == 1)["counter"])
            .replace("%n", str(one.count))
            .replace("%m", str(one.most))
            for one in counted
        )

    @property
    def full(self) -> bool:
        return all(one.count >= one.most for one in self.files)

    @property
    def accept(self) -> str:
        return ",".join(dict.fromkeys(kind for one in self.open for kind in one.types))

    @property
    def heaviest(self) -> int:
        """The most bytes of an image that may be sent though the model takes fewer: a smaller copy
        is offered then. 0 where none is offered."""
        limits = [one.limits for one in self.files]
        least = [one.max_bytes for one in limits if isinstance(one, ImageLimits)]
        return ANY_IMAGE.max_bytes if least and min(least) < ANY_IMAGE.max_bytes else 0

    @property
    def data(self) -> str:
        alone = len([one for one in self.slots if one.most]) == 1
        return json.dumps({one.name: one.data(alone) for one in self.slots})
