"""Lines that a person can read: none longer than what its language allows."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
OTHERS = {"vendor", "migrations"}  # not written by hand
PRAGMA = re.compile(r"\s*# (?:type: ignore|noqa|fmt:).*")  # for tools, and ruff does not count it


def too_long(limit: int, suffix: str, *folders: str) -> list[str]:
    """The lines beyond the limit, as file and number."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob(f"*{suffix}"))]
    paths = [path for path in paths if not OTHERS & {*path.parts}]
    assert paths
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if len(PRAGMA.sub("", line)) > limit:
                found.append(f"{path.relative_to(ROOT)}:{number}")
    return found


def test_lines_of_python_stay_within_100_characters():
    assert too_long(100, ".py", "generation", "vidustudio", "tests") == []


def test_lines_of_templates_stay_within_120_characters():
    assert too_long(120, ".html", "templates") == []


def test_lines_of_style_sheets_stay_within_120_characters():
    assert too_long(120, ".css", "static") == []


def test_lines_of_scripts_stay_within_120_characters():
    assert too_long(120, ".js", "static") == []
