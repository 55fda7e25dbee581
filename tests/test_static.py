"""Collected files are packed, found by their hashes and cached for ever."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings

SOURCE = Path(settings.BASE_DIR) / "static"
OURS = [
    str(path.relative_to(SOURCE))
    for folder in ("css", "js")
    for path in sorted((SOURCE / folder).iterdir())
]
DESCENDANT = re.compile(r"\w :(?:is|not)\(")
MANIFEST = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "vidustudio.static_storage.MinifiedStaticFilesStorage"},
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `manage.py studio` would serve from."""
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=folder, STORAGES=MANIFEST):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture(scope="module")
def hashed(root: Path) -> dict[str, str]:
    """Plain names and the names that pages ask for."""
    return json.loads((root / "staticfiles.json").read_text())["paths"]


def test_each_file_is_collected_under_its_hash_and_packed(root, hashed):
    assert len(OURS) > 20
    for name in OURS:
        assert hashed[name] != name
        assert (root / f"{hashed[name]}.gz").exists(), name


def test_style_sheets_are_served_minified(root, hashed):
    for name in OURS:
        if name.endswith(".css"):
            content = re.sub(r"\.[0-9a-f]{12}\.", ".", (root / hashed[name]).read_text())
            source = (SOURCE / name).read_text()
            assert len(content) < 0.9 * len(source), name
            assert content.count("{") == content.count("}"), name
            # Without its blank, ".rail :is(a)" would speak of the rail itself.
            assert bool(DESCENDANT.search(source)) == bool(DESCENDANT.search(content)), name


def test_scripts_lose_their_comments_and_blanks(root, hashed):
    for name in OURS:
        if name.endswith(".js"):
            content = (root / hashed[name]).read_text()
            assert 0 < len(content) < len((SOURCE / name).read_text()), name
            assert not re.search(r"^\s*//", content, re.MULTILINE), name


def test_a_script_names_another_by_its_hashed_name(root, hashed):
    """A plain name never changes, so browsers would keep an old script for ever."""
    imported = []
    for name in OURS:
        if name.endswith(".js"):
            text = (root / hashed[name]).read_text()
            found = re.findall(r"""\b(?:from|import)\s*\(?\s*["'`]([^"'`]*)""", text)
            imported += [str(Path(name).parent / one) for one in found]
    assert imported
    assert set(imported) <= set(hashed.values())


def test_every_file_that_a_template_names_is_collected(hashed):
    templates = Path(settings.BASE_DIR) / "templates"
    named = {
        name
        for page in templates.rglob("*.html")
        for name in re.findall(r"{% static '([^']+)' %}", page.read_text())
    }
    assert len(named) > 20
    assert named <= set(hashed)


@pytest.mark.django_db
def test_names_with_a_hash_are_cached_for_ever_and_plain_names_are_not(root, hashed):
    served = {
        "STATIC_ROOT": root,
        "STORAGES": MANIFEST,
        "WHITENOISE_USE_FINDERS": False,
        "WHITENOISE_AUTOREFRESH": False,
    }
    with override_settings(**served):
        client = Client()
        for name in OURS:
            cached = client.get(f"/static/{hashed[name]}")
            assert "immutable" in cached.headers["Cache-Control"], name
            cached.close()
            plain = client.get(f"/static/{name}")
            assert "immutable" not in plain.headers["Cache-Control"], name
            plain.close()
