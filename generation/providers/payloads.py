"""Requests as the two dialects want them: names on the wire, and the form of each mode."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generation.catalogue.modes import mode_settings
from generation.catalogue.params import PARAMS
from generation.providers.base import GenerationRequest
from generation.providers.request_body import Fields, Placed, no_address, placed
from generation.providers.subjects import named_subject

KINDS = {"images": "image", "videos": "video", "sounds": "audio", "prompt_sound": "audio"}
CORNERS = {1: "top_left", 2: "top_right", 3: "bottom_right", 4: "bottom_left"}
# Models that know no voices: a subject's own one is nothing to them.
VOICELESS = ("viduq3", "viduq2-pro")
# What is made before the reply to the create request comes.
AT_ONCE = ("speech", "voice")
# Rows that belong to files and are written with them.
WITH_FILES = (("multiframe", "frames"),)


@dataclass(frozen=True)
class Dialect:
    """How one provider differs from canonical names.

    `names` changes names, by mode, and `value_names` values, by parameter. `subject_keys` is what a
    subject's name stands under where that is not "name", by model; models of `library_only` take
    no files of subjects. With `own_ids_first` the provider's own id of a file counts more than
    an address of it.
    """

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    value_names: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    subject_keys: Mapping[str, str] = field(default_factory=dict)
    library_only: tuple[str, ...] = ()
    own_ids_first: bool = True

    def name(self, mode: str, name: str) -> str:
        return self.names.get(mode, {}).get(name, name)


def fields_of(request: GenerationRequest, dialect: Dialect) -> Fields:
    """All of a request under its wire names; what is not set is absent."""
    return {**inputs_of(request, dialect), **settings(request, dialect)}


def settings(request: GenerationRequest, dialect: Dialect) -> Fields:
    """The parameters in the order of the mode."""
    known = [param.name for param in mode_settings(request.mode) if param.sent]
    unknown = {name for name in request.values if name not in known and is_sent(name)}
    if unknown:
        raise ValueError(f"no wire name for {', '.join(sorted(unknown))}")
    return {
        dialect.name(request.mode, name): wire_value(request, dialect, name)
        for name in known
        if request.values.get(name) not in (None, "", []) and (request.mode, name) not in WITH_FILES
    }


def is_sent(name: str) -> bool:
    """Whether a provider is to hear of it; what nobody knows is not dropped in silence."""
    return name not in PARAMS or PARAMS[name].sent


def wire_value(request: GenerationRequest, dialect: Dialect, name: str) -> Any:
    value = request.values[name]
    if name == "pronunciation":
        return [line.strip() for line in value.splitlines() if line.strip()]
    if request.mode == "multiframe" and name == "wm_position":
        return CORNERS[value]
    names = dialect.value_names.get(name, {})
    return names.get(value, value) if names else value


def inputs_of(request: GenerationRequest, dialect: Dialect) -> Fields:
    if request.subjects:
        return subject_form(request, dialect)
    build = FORMS.get(request.mode, lists)
    return build(request, dialect)


def files(request: GenerationRequest, name: str) -> list[Placed]:
    return placed(request.inputs.get(name, ()), name, KINDS[name])


def lists(request: GenerationRequest, _dialect: Dialect) -> Fields:
    """Each kind of input as an array of its own name: most modes."""
    return {name: found for name in request.inputs if (found := files(request, name))}


def key_frames(request: GenerationRequest, _dialect: Dialect) -> Fields:
    start, *others = files(request, "images")
    rows = request.values.get("frames") or [{} for _ in others]
    steps = [{"key_image": one, **row} for one, row in zip(others, rows, strict=True)]
    return {"start_image": start, "image_settings": steps}


def own_or_address(request: GenerationRequest, dialect: Dialect) -> Fields:
    """One video: by the id that the provider gave it, else by its address."""
    (video,) = files(request, "videos")
    made_here, url = video.file.creation_id, video.file.url
    if made_here and (dialect.own_ids_first or not url):
        return {"video_creation_id": made_here}
    return {"video_url": address(video)}


def extension(request: GenerationRequest, dialect: Dialect) -> Fields:
    ends = files(request, "images")
    return {**own_or_address(request, dialect), **({"images": ends} if ends else {})}


def lips(request: GenerationRequest, _dialect: Dialect) -> Fields:
    names = {"videos": "video_url", "sounds": "audio_url", "images": "ref_photo_url"}
    return addresses(request, names)


def voice(request: GenerationRequest, _dialect: Dialect) -> Fields:
    return addresses(request, {"sounds": "audio_url", "prompt_sound": "prompt_audio_url"})


def addresses(request: GenerationRequest, names: Mapping[str, str]) -> Fields:
    """The only file of each kind, in places that take no data."""
    return {
        wire: address(found[0]) for name, wire in names.items() if (found := files(request, name))
    }


def address(one: Placed) -> Placed:
    if not one.file.url:
        raise no_address(one)
    return one


FORMS: dict[str, Callable[[GenerationRequest, Dialect], Fields]] = {
    "multiframe": key_frames,
    "extend": extension,
    "upscale": own_or_address,
    "lip-sync": lips,
    "voice": voice,
}


def subject_form(request: GenerationRequest, dialect: Dialect) -> Fields:
    if any(request.inputs.values()):
        raise ValueError("the subject form takes no files beside its subjects")
    model = request.model_name
    key = dialect.subject_keys.get(model, "name")
    found = [
        named_subject(
            one,
            key,
            shown=model not in dialect.library_only,
            voices=not model.startswith(VOICELESS),
        )
        for one in request.subjects
    ]
    return {"subjects": found}
