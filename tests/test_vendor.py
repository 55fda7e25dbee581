"""Third-party files are exactly those that VENDOR.toml lists."""

import base64
import hashlib
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

VENDOR = Path(settings.BASE_DIR) / "static" / "vendor"
LISTED = tomllib.loads((VENDOR / "VENDOR.toml").read_text())
FILES = {
    f"{name}/{facts['version']}/{file}": digest
    for name, facts in LISTED.items()
    for file, digest in facts["sha384"].items()
}


def test_every_vendored_file_is_listed_and_every_listed_file_is_there():
    present = {str(path.relative_to(VENDOR)) for path in VENDOR.glob("*/*/*") if path.is_file()}
    assert present == set(FILES)


@pytest.mark.parametrize("file", sorted(FILES))
def test_a_vendored_file_is_unchanged(file):
    digest = hashlib.sha384((VENDOR / file).read_bytes()).digest()
    assert base64.b64encode(digest).decode() == FILES[file]


@pytest.mark.parametrize("name", sorted(LISTED))
def test_a_vendored_package_says_where_it_comes_from_and_under_which_licence(name):
    facts = LISTED[name]
    assert {"version", "licence", "source", "integrity"} <= set(facts)
    assert (VENDOR / name / facts["version"] / "LICENSE").stat().st_size > 200
