"""Reads a create request's fields: from the wire's names and types to the catalogue's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generation.catalogue.params import PARAMS
from generation.simulator.forms import Form
from generation.simulator.wire import Refusal

CREATION = "creation:"  # before the id of a video that this simulator made itself
CORNERS = {"top_left": 1, "top_right": 2, "bottom_right": 3, "bottom_left": 4}
HYPHEN, UNDERSCORE = "sound-effect_only", "sound_effect_only"
# The two official hosts spell the third kind of audio differently.
SPELLINGS = {"vidu": (HYPHEN,), "demo": (HYPHEN, UNDERSCORE)}
ROWS: Mapping[str, Mapping[str, Any]] = {
    "frames": {"key_image": str, "prompt": str, "duration": int},
    "cues": {"from": (int, float), "to": (int, float), "prompt": str},
}
INTEGER = (int,)
NUMBER = (int, float)
TYPES = {
    "text": (str,), "choice": (str,), "url": (str,),
    "integer": INTEGER, "number": NUMBER, "decimal": NUMBER, "switch": (bool,),
}  # fmt: skip


@dataclass
class Given:
    """What a request gives: values under the catalogue's names, media as the wire has them.

    `ignored` are values that have no effect here.
    """

    values: dict[str, Any] = field(default_factory=dict)
    media: dict[str, list[str]] = field(default_factory=dict)
    subjects: list[dict[str, Any]] = field(default_factory=list)
    ignored: dict[str, Any] = field(default_factory=dict)


def parse_fields(form: Form, fields: Mapping[str, Any], dialect: str) -> Given:
    """Every field with its type checked; null counts as absent. Raises Refusal."""
    given, known = Given(), form.fields
    for wire, value in fields.items():
        if wire not in known:
            raise Refusal(400, "FieldUnwanted", f"{wire[:80]} is not accepted here", wire[:80])
        if value is None:
            continue
        place_field(given, wire, known[wire], value, dialect)
    return given


def place_field(given: Given, wire: str, name: str, value: Any, dialect: str) -> None:
    """Put one field where it belongs."""
    kind = PARAMS[name].kind
    if kind == "subjects":
        given.subjects = parse_list(wire, value, dict)
    elif kind in ("images", "videos", "sounds"):
        take_media(given, wire, name, value)
    elif kind in ROWS:
        take_rows(given, wire, name, value)
    elif name == "pronunciation" and isinstance(value, list):
        given.values[name] = "\n".join(parse_list(wire, value, str))
    else:
        given.values[name] = parse_field(wire, name, kind, value, dialect)


def take_media(given: Given, wire: str, name: str, value: Any) -> None:
    if wire == name:
        given.media[name] = parse_list(wire, value, str)
        return
    if not isinstance(value, str):
        raise Refusal(400, "FieldInvalid", f"{wire} is no string", wire)
    if not value:
        return
    if wire.endswith("_url") and not value.startswith(("http://", "https://")):
        raise Refusal(400, "FieldInvalid", f"{wire} is no http address", wire)
    if wire == "video_creation_id":  # it wins over an address beside it
        given.media[name] = [CREATION + value]
    elif wire == "start_image":
        given.media[name] = [value, *given.media.get(name, [])]
    elif name not in given.media:
        given.media[name] = [value]


def take_rows(given: Given, wire: str, name: str, value: Any) -> None:
    """Rows of values; the images of key frames follow the first image."""
    kept = []
    for row in parse_list(wire, value, dict):
        check_row(wire, ROWS[name], row)
        kept.append({part: row[part] for part in row if part != "key_image"})
    given.values[name] = kept
    if name == "frames":
        if not all(row.get("key_image") for row in value):
            raise Refusal(400, "FieldLacking", f"{wire}: key_image is missing", wire)
        keys = [row["key_image"] for row in value]
        given.media["images"] = [*given.media.get("images", []), *keys]


def check_row(wire: str, parts: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    for part, value in row.items():
        if part not in parts:
            raise Refusal(400, "FieldUnwanted", f"{wire}: {part[:80]} is not accepted here", wire)
        if not isinstance(value, parts[part]) or isinstance(value, bool):
            raise Refusal(400, "FieldInvalid", f"{wire}: {part} is of the wrong type", wire)


def parse_list(wire: str, value: Any, of: type) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(item, of) for item in value):
        name = "strings" if of is str else "objects"
        raise Refusal(400, "FieldInvalid", f"{wire} is no list of {name}", wire)
    return list(value)


def parse_field(wire: str, name: str, kind: str, value: Any, dialect: str) -> Any:
    """One value in the catalogue's own form."""
    if name == "wm_position" and isinstance(value, str):
        value = CORNERS.get(value, value)
    if name == "audio_type" and value in (HYPHEN, UNDERSCORE):
        if value not in SPELLINGS.get(dialect, (UNDERSCORE,)):
            raise Refusal(400, "FieldInvalid", f"{wire} is none of its words", wire)
        return UNDERSCORE
    if dialect == "kkiai" and isinstance(value, str):
        value = loose(kind, value)  # its documents type seeds and switches as strings
    types = TYPES[kind]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        expected = {str: "string", bool: "boolean"}.get(types[0], "number")
        raise Refusal(400, "FieldInvalid", f"{wire} is no {expected}", wire)
    return value


def loose(kind: str, text: str) -> Any:
    if kind == "switch":
        return {"true": True, "false": False, "": False}.get(text.lower(), text)
    bare = text.strip()
    if kind == "integer" and (not bare or bare.lstrip("-").isdigit()):
        return int(bare or 0)
    return text
