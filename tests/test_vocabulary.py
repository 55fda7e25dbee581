"""One word for one thing: no public name has several meanings, no retired name returns."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROLES = {
    "cancel": "an act of the engine, its job and its view",
    "delete": "what a module is about: comments, a team, stored files",
}
RETIRED = {
    "Wish", "wish_of", "first_form", "Desk", "desk_of", "Arrived", "arrived", "Beside", "Making",
    "Shelf", "Use", "patiently", "Faulty", "doubt", "put_back", "settle", "look_again", "Beat",
    "strike", "Pulse", "is_felt", "Picture", "Clip", "Sound", "PictureLimits", "ClipLimits",
    "SoundLimits",
}  # fmt: skip

# Words that say nothing, or something else, wherever they stand in a name.
RETIRED_WORDS = {
    "told", "said", "words", "cast", "uncast", "arrived", "wish", "desk", "beside", "shelf",
    "makings", "film", "films", "clip", "clips", "picture", "pictures", "sound", "sounds",
    "patiently", "faulty", "doubt", "whole",
}  # fmt: skip
KEPT = {
    "has_sound": "a column, and plain English",
    "sounds": "the parameter, as it is stored with tasks",
    "prompt_sound": "a parameter of Vidu",
}


def definitions() -> dict[str, list[Path]]:
    """Every public function and class of a module, with the files that define it."""
    found = defaultdict(list)
    for top in ("generation", "vidustudio"):
        for path in sorted((ROOT / top).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    found[node.name].append(path.relative_to(ROOT))
    return {name: paths for name, paths in found.items() if not name.startswith("_")}


def test_no_name_stands_for_several_things():
    several = {
        name: [str(path) for path in paths]
        for name, paths in definitions().items()
        if len(paths) > 2 and len({path.parent for path in paths}) > 1
    }
    assert not {name: paths for name, paths in several.items() if name not in ROLES}
    assert not ROLES.keys() - several.keys(), "an exception that is no longer needed"


def test_retired_names_stay_away():
    assert not RETIRED & definitions().keys()


def names_of(path: Path) -> Iterator[str]:
    """The identifiers of a Python file or script; the variables and classes of a page."""
    text = path.read_text()
    match path.suffix:
        case ".py":
            for node in ast.walk(ast.parse(text)):
                found = [getattr(node, name, None) for name in ("id", "attr", "arg", "name")]
                yield from (name for name in found if isinstance(name, str))
        case ".html":
            tags = " ".join(re.findall(r"{[{%](?! *(?:trans|blocktrans))(.*?)[%}]}", text))
            yield from re.findall(r"[A-Za-z_]\w*", re.sub(r"\"[^\"]*\"", "", tags))
            for value in re.findall(r'(?:class|id)="([^"{]*)"', text):
                yield from value.split()
        case ".css":
            yield from re.findall(r"[.#]([a-z][\w-]*)", text)
        case ".js":
            code = re.sub(r"//.*|\"[^\"]*\"|'[^']*'|`[^`]*`", "", text)
            yield from re.findall(r"[A-Za-z_$][\w$]*", code)


def test_retired_words_stand_in_no_name():
    found = defaultdict(set)
    for folder in ("generation", "vidustudio", "templates", "static"):
        for path in (ROOT / folder).rglob("*.*"):
            if {"migrations", "vendor", "__pycache__"} & set(path.parts):
                continue
            if path.suffix not in (".py", ".html", ".css", ".js"):
                continue
            for name in {path.stem, *names_of(path)} - KEPT.keys():
                parts = re.findall(r"[a-z]+", re.sub(r"([A-Z])", r"_\1", name).lower())
                if RETIRED_WORDS & set(parts):
                    found[name].add(str(path.relative_to(ROOT)))
    assert not dict(found)
