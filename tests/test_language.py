"""Simplified Chinese is complete: every string, every placeholder, and served as it is read."""

import ast
import gettext
import os
import re
import shutil
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.factories import make_user

HOME = Path(settings.BASE_DIR)
FOLDER = Path("generation/locale/zh_Hans/LC_MESSAGES")
MARKS = ("_", "gettext", "gettext_lazy", "gettext_noop")
PLACE = re.compile(r"%%|%\([a-z_]+\)[sd]|%[sdfmen]|\{[a-z_]*\}")


@pytest.fixture(scope="module")
def texts() -> polib.POFile:
    return polib.pofile(str(HOME / FOLDER / "django.po"))


def test_every_string_of_the_studio_has_its_chinese(tmp_path, monkeypatch):
    if shutil.which("xgettext") is None:
        assert os.environ.get("CI") != "true", "install the package gettext"
        pytest.skip("the package gettext is not installed")
    for folder in ("generation", "templates", "vidustudio"):
        shutil.copytree(HOME / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "LOCALE_PATHS", [tmp_path / "generation" / "locale"])
    call_command("makemessages", locale=["zh_Hans"], no_location=True, verbosity=0)
    found = polib.pofile(str(tmp_path / FOLDER / "django.po"))
    assert [one.msgid for one in (*found.untranslated_entries(), *found.fuzzy_entries())] == []
    assert [one.msgid for one in found.obsolete_entries()] == []


def test_no_string_hides_within_another():
    """xgettext does not look into f-strings, so such a sentence would never be translated."""
    for path in sorted((HOME / "generation").rglob("*.py")):
        for outer in ast.walk(ast.parse(path.read_text())):
            parts = ast.walk(outer) if isinstance(outer, ast.JoinedStr) else ()
            found = [
                one.args[0].value
                for one in parts
                if isinstance(one, ast.Call) and getattr(one.func, "id", "").endswith(MARKS)
                if one.args and isinstance(one.args[0], ast.Constant)
            ]
            assert not found, path


def test_placeholders_and_line_breaks_are_those_of_the_english(texts):
    for one in texts:
        (translated,) = one.msgstr_plural.values() if one.msgid_plural else (one.msgstr,)
        source = one.msgid_plural or one.msgid
        assert sorted(PLACE.findall(translated)) == sorted(PLACE.findall(source)), source
        assert (translated[:1] == "\n", translated[-1:] == "\n") == (
            source[:1] == "\n",
            source[-1:] == "\n",
        )


def test_tags_in_a_sentence_stay_as_they_are(texts):
    for one in texts:
        (translated,) = one.msgstr_plural.values() if one.msgid_plural else (one.msgstr,)
        assert sorted(re.findall(r"</?\w+", translated)) == sorted(re.findall(r"</?\w+", one.msgid))


def test_what_is_served_was_made_from_what_is_read(texts):
    with (HOME / FOLDER / "django.mo").open("rb") as file:
        served = gettext.GNUTranslations(file)
    for one in texts:
        if one.msgid_plural:
            assert served.ngettext(one.msgid, one.msgid_plural, 2) == one.msgstr_plural[0]
        elif one.msgctxt:
            assert served.pgettext(one.msgctxt, one.msgid) == one.msgstr
        else:
            assert served.gettext(one.msgid) == one.msgstr


@pytest.mark.django_db
def test_a_chinese_browser_gets_chinese():
    make_user()
    page = Client().get("/login/", headers={"Accept-Language": "zh-CN"}).text
    assert '<html lang="zh-hans"' in page
    assert "登录" in page
