"""One word for one thing: no public name has several meanings, no retired name returns."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROLES = {
    "cancel": "an act of the engine, its job and its view",
    "register": "an act of the engine, its job and the request for it",
}
RETIRED = {
    "Wish", "wish_of", "first_form", "Desk", "desk_of", "Arrived", "arrived", "Beside", "Making",
    "Shelf", "Use", "patiently", "Faulty", "doubt", "put_back", "settle", "look_again", "Beat",
    "strike", "Pulse", "is_felt", "Picture", "Clip", "Sound", "PictureLimits", "ClipLimits",
    "SoundLimits",
}  # fmt: skip


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
