"""Puts a case of the catalogue's matrix on the wire, with facts in place of files."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

import pytest

from generation.catalogue import rules
from generation.catalogue.params import PARAMS
from generation.catalogue.types import AudioFacts, ImageFacts, Offer, SubjectFacts, VideoFacts
from generation.simulator import inputs, mentioned, references
from generation.simulator.fields import CORNERS, HYPHEN, UNDERSCORE
from generation.simulator.forms import DOMESTIC, FORMS, UPSTREAM, VTRIX, Form
from generation.simulator.inputs import Medium
from generation.simulator.references import Reference
from tests.catalogue.matrix import Case

FACTS = "https://facts.example/"
NAMES = {place: name for name, place in CORNERS.items()}


class Files:
    """Addresses that stand for files of any facts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.facts: dict[str, Any] = {}
        monkeypatch.setattr(references, "read_reference", self.image)
        monkeypatch.setattr(inputs, "medium", self.medium)
        monkeypatch.setattr("generation.simulator.subjects.read_video", self.video)
        monkeypatch.setattr(mentioned, "from_library", self.from_library)

    def address(self, facts: Any) -> str:
        url = f"{FACTS}{len(self.facts)}"
        self.facts[url] = facts
        return url

    def image(self, text: str, _: Any) -> Reference:
        found = self.facts[text]
        assert isinstance(found, ImageFacts)
        return Reference(text, found)

    async def medium(self, _world: Any, _request: Any, _offer: Any, text: str, _: Any) -> Medium:
        found = self.facts[text]
        assert isinstance(found, VideoFacts | AudioFacts)
        return Medium(text, found)

    async def video(self, text: str) -> Medium:
        return Medium(text, self.facts[text])

    def from_library(self, _world: Any, _request: Any, server_id: str, _: str) -> Any:
        return self.facts[server_id], []


def endpoint(row: Offer) -> tuple[str, Form]:
    """The last part of the address, and the form."""
    if row.provider == "vtrix":
        return "", VTRIX[row.mode]
    return next(
        (name, form)
        for name, form in FORMS.items()
        if form.mode == row.mode and form.model in ("", row.model_name)
    )


def wired(case: Case, files: Files) -> tuple[str, dict[str, Any]] | None:
    """Address and body of a request; nothing when the wire has no form for the case."""
    row = rules.offer(case.provider, case.mode, case.model_name)
    name, form = endpoint(row)
    if not all(PARAMS[param].sent for param in case.values):
        return None
    fields: dict[str, Any] = {}
    for param, value in case.values.items():
        if param != "frames":
            fields[wire_name(form, param)] = wire_value(case, form, param, value)
    given = put_inputs(case, row, form, files)
    if given is None:
        return None
    fields |= given
    if case.provider == "vtrix":
        if case.model_name in DOMESTIC and case.model_name in UPSTREAM:
            fields["model"] = UPSTREAM[case.model_name]
        return "/vtrix/model/v1/generation", {
            "model": case.model_name,
            "input": [{"params": fields}],
        }
    body = fields if form.model else {"model": case.model_name, **fields}
    return f"/{case.provider}/ent/v2/{name}", body


def wire_name(form: Form, param: str) -> str:
    return next((wire for wire, name in form.fields.items() if name == param), param)


def wire_value(case: Case, form: Form, param: str, value: Any) -> Any:
    if param == "audio_type" and value == UNDERSCORE and case.provider in ("vidu", "demo"):
        return HYPHEN
    if param == "wm_position" and case.mode == "multiframe":
        return NAMES.get(value, value)
    return value


def put_inputs(case: Case, row: Offer, form: Form, files: Files) -> dict[str, Any] | None:
    """The inputs under their wire names."""
    counts = {name: len(given) for name, given in case.inputs.items()}
    if case.mode == "multiframe":
        return key_frames(case, files)
    if rules.names_subjects(row, str(case.values.get("prompt") or ""), counts):
        return named(case, row, files)
    fields: dict[str, Any] = {}
    for param, given in case.inputs.items():
        if param == "subjects" and param not in row.limits and given:
            fields[param] = [
                {"name": "Mira", "images": [files.address(ImageFacts(512, 512, "png", 1))]}
            ]
            continue
        texts = [files.address(one) for one in given]
        wire = wire_name(form, param)
        if wire == param:
            fields |= {wire: texts} if texts else {}
        elif len(texts) > 1:
            return None
        elif texts:
            fields[wire] = texts[0]
    return fields


def key_frames(case: Case, files: Files) -> dict[str, Any] | None:
    rows = case.values.get("frames")
    first, *keys = [files.address(one) for one in case.inputs.get("images", [])] or [None]
    if not isinstance(rows, list):
        return None
    if len(rows) < len(keys):
        return None  # an image without its row has no place on the wire
    settings = [
        {**({"key_image": key} if key else {}), **row} for key, row in zip_longest(keys, rows)
    ]
    return {**({"start_image": first} if first else {}), "image_settings": settings}


def named(case: Case, row: Offer, files: Files) -> dict[str, Any]:
    """The subject form: images and videos next to the subjects become subjects too."""
    subjects = [subject(one, row, files) for one in case.inputs.get("subjects", [])]
    for param, kind in (("images", "image"), ("videos", "video")):
        for place, one in enumerate(case.inputs.get(param, [])):
            shown = {param: [files.address(one)]}
            subjects.append({called(row): f"{kind}{place + 1}", **shown})
    fields: dict[str, Any] = {"subjects": subjects}
    for param in ("sounds",):
        if case.inputs.get(param):
            fields[param] = [files.address(one) for one in case.inputs[param]]
    return fields


def called(row: Offer) -> str:
    return "id" if row.model_name == "viduq2_pro_fast_reference2video" else "name"


def subject(one: Any, row: Offer, files: Files) -> Mapping[str, Any]:
    assert isinstance(one, SubjectFacts)
    if not row.subjects_inline:
        return {called(row): one.name, "server_id": files.address(one)}
    images = [files.address(image) for image in one.images]
    videos = [files.address(video) for video in one.videos]
    return {
        called(row): one.name,
        **({"images": images} if images else {}),
        **({"videos": videos} if videos else {}),
    }
