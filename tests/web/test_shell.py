"""The frame around every page: weight, icons, keys, and nothing inline."""

import gzip
import json
import re
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django_htmx.jinja import htmx_script

from generation.models import Heartbeat
from generation.templatetags.studio import SPRITE
from generation.web import keyboard
from tests.markup import compact
from vidustudio.static_storage import minified

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "static"
PAGES = sorted(TEMPLATES.rglob("*.html"))
OWN_SCRIPTS = ("here", "toast", "errors", "dialog", "menu", "shortcuts")


def packed(*paths: Path) -> int:
    """As they are served."""
    return sum(len(gzip.compress(served(path).encode())) for path in paths)


def served(path: Path) -> str:
    name, text = str(path.relative_to(STATIC)), path.read_text()
    return text if name.startswith("vendor/") else minified(name, text)


def test_every_icon_a_template_names_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / SPRITE).read_text()))
    named = {name for page in PAGES for name in re.findall(r'{% icon "([^"]+)"', page.read_text())}
    assert named
    assert named <= drawn


BLOCKED = (
    r"\sstyle=|<style|\son(?!e=)\w+=|hx-on|hx-vals=.js:|hx-vars|javascript:",
    r"<script(?![^>]*\bsrc=)",
    r'hx-trigger="(?:[^"]*,)?\s*[\w:]+\[',
    r"\|\s*safe\b|mark_safe|autoescape off",
    r"""(?:src|href)=["'](?:https?:)?//""",
    r"morph:\{",
)


def test_a_template_holds_nothing_that_the_policy_blocks():
    assert len(PAGES) > 100
    texts = {page.relative_to(TEMPLATES): page.read_text() for page in PAGES}
    found = [
        f"{page}: {match[0]!r}"
        for page, text in texts.items()
        for pattern in BLOCKED
        for match in re.finditer(pattern, text)
    ]
    assert not found, "\n".join(found)


def test_each_style_sheet_is_on_a_page():
    linked = {name for page in PAGES for name in re.findall(r"'css/(\w+\.css)'", page.read_text())}
    assert {path.name for path in (STATIC / "css").glob("*.css")} <= linked


def test_the_style_sheets_of_a_page_together_stay_within_14_kb():
    weights = {path: packed(path) for path in (STATIC / "css").glob("*.css")}
    heavy = []
    for page in PAGES:
        text = page.read_text()
        linked = {*re.findall(r"'(css/\w+\.css)'", text), "css/studio.css"}
        linked |= set() if "block page_css" in text else {"css/page.css"}
        # Create has sheets for one mode each, and of those never more than one.
        of_modes = set(re.findall(r"{% if mode == \S+ %}[^\n]*'(css/\w+\.css)'", text))
        weight = sum(weights[STATIC / name] for name in linked - of_modes)
        weight += max((weights[STATIC / name] for name in of_modes), default=0)
        if weight > 14 * 1024:
            heavy.append(f"{page.relative_to(TEMPLATES)}: {weight} bytes")
    assert not heavy, "\n".join(heavy)


def test_the_scripts_of_the_frame_stay_within_24_kb(client):
    found = re.findall(r'<script src="/static/(js/[^"]+|vendor/[^"]+)"', page_of(client))
    assert [Path(path).stem for path in found[1:]] == list(OWN_SCRIPTS)
    assert packed(*(STATIC / path for path in found)) <= 24 * 1024 - 16_600


def test_the_latin_font_stays_within_30_kb():
    assert (STATIC / "vendor/geist/5.3.0/geist-latin-wght-normal.woff2").stat().st_size <= 30 * 1024


def page_of(client) -> str:
    return client.get("/settings/profile/").content.decode()


def test_the_frame_configures_htmx_without_eval_and_names_the_token_once(client):
    page = compact(page_of(client))
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']+)'", page)[1])
    assert (config["allowEval"], config["includeIndicatorStyles"]) == (False, False)
    assert (config["historyCacheSize"], config["selfRequestsOnly"]) == (0, True)
    assert "htmx-2." in htmx_script()
    assert re.search(r"hx-ext=\"morph\" hx-headers='{\"X-CSRFToken\":\"\w+\"}'", page)


def test_the_frame_costs_few_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        page_of(client)


def test_a_queue_that_does_not_answer_is_told_on_every_page(client):
    sentence = "Nothing is being sent or saved right now"
    assert sentence not in page_of(client)
    Heartbeat.objects.create(name="cluster:a", at=timezone.now() - timedelta(hours=1))
    cache.clear()
    assert sentence in page_of(client)


def test_no_two_shortcuts_share_their_keys_where_both_act():
    rows = [(row.scope, row.keys) for row in keyboard.SHORTCUTS]
    assert len(rows) == len(set(rows))
    everywhere = {keys for scope, keys in rows if scope == "global"}
    assert not everywhere & {keys for scope, keys in rows if scope != "global"}


def test_the_help_shows_every_shortcut_and_the_script_those_that_lead_somewhere(client):
    page = client.get("/settings/shortcuts/").content.decode()
    table = json.loads(re.search(r'<script id="shortcuts"[^>]*>(.*?)</script>', page, re.S)[1])
    for row in keyboard.SHORTCUTS:
        assert str(row.label) in page
        assert (row.keys in {entry["keys"] for entry in table}) == bool(row.href or row.focus)


def test_home_leads_to_create_or_to_log_in(client, visitor):
    assert client.get("/").url == "/create/"
    assert visitor.get("/").url == "/login/"
