"""What CONTRIBUTING.md says of adding a model, followed word by word in a copy of the catalogue."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECTION = re.search(
    r"^## Add a model$(.*?)^## ", (ROOT / "CONTRIBUTING.md").read_text(), re.M | re.S
)[1]
BLOCK = re.compile(r"^ {3}```(python|json)\n(.*?)^ {3}```$", re.M | re.S)
PLACE = re.compile(r"# (\S+), at the top of (\w+)\n")
JSON_PLACE = re.search(r"below `(\w+)`, `(\w+)`", SECTION)
CHECK = "from generation.catalogue import self_check; print(*self_check.incoherent(), sep='\\n')"
TRY = """
from tests.catalogue import test_documents
names = [name for name in vars(test_documents) if name.startswith("test_")]
for name in names:
    getattr(test_documents, name)()
print(len(names) > 10, *sorted(one.provider for one in test_documents.ALL if one.model == "viduq4"))
"""


def blocks(language):
    found = [text for kind, text in BLOCK.findall(SECTION) if kind == language]
    return [re.sub(r"^ {3}", "", text, flags=re.M) for text in found]


@pytest.fixture
def house(tmp_path) -> Path:
    """A copy of the catalogue and its documents, outside the repository."""
    for folder in ("generation/catalogue", "tests/catalogue"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for package in ("generation", "tests"):
        shutil.copy(ROOT / package / "__init__.py", tmp_path / package)
    return tmp_path


def follow(house, text):
    """Put an example where its first line says."""
    path, name = PLACE.match(text).groups()
    file = house / path
    old = file.read_text()
    assert old.count(f"\n{name} = (\n") == 1
    file.write_text(old.replace(f"\n{name} = (\n", f"\n{name} = (\n{PLACE.sub('', text)}"))


def run(house, code) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=house, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_catalogue_agrees_after_the_row_and_its_price(house):
    row, price = blocks("python")
    follow(house, row)
    assert set(run(house, CHECK)) == {
        f"('{provider}', 'text-video', 'viduq4') has no row in prices.py"
        for provider in ("vidu", "vidu-cn")
    }
    follow(house, price)
    assert run(house, CHECK) == [""]


def test_the_row_is_held_against_its_document(house):
    follow(house, blocks("python")[0])
    file = house / "tests/catalogue/documents.json"
    documents = json.loads(file.read_text())
    (facts,) = blocks("json")
    documents[JSON_PLACE[1]][JSON_PLACE[2]].update(json.loads(f"{{{facts}}}"))
    file.write_text(json.dumps(documents))
    assert run(house, TRY) == ["True demo kkiai vidu vidu-cn"]
    file.write_text(json.dumps(documents).replace('"dur": [1, 12]', '"dur": [1, 13]'))
    with pytest.raises(AssertionError, match="test_durations_and_the_default"):
        run(house, TRY)


def test_every_file_and_name_that_the_section_gives_is_there():
    paths = set(re.findall(r"`((?:generation|tests)/[\w/.]+)`", SECTION))
    assert len(paths) > 3
    for path in paths:
        assert (ROOT / path).exists(), path
