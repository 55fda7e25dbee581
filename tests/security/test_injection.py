"""What people and providers write is shown as text and never works (X1, X2, X3)."""

import logging
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone

from generation.models import Status, Task
from generation.web.log_redaction import RedactedLine
from tests.factories import make_key, make_output, make_task
from tests.security.grouped import grouped
from tests.security.payloads import INJECTED, MARK, MARKUP, WORST
from tests.security.table import readable, writable
from tests.security.world import Address, World

NAMES = (
    "q", "after", "project", "person", "model", "type", "kind", "sort", "c", "scope", "from",
    "ref", "example", "mode", "size", "page", "provider", "pictures", "next", "tasks", "ids",
    "ctx", "batch", "count", "seed", "draft", "key", "show", "to", "feed", "month",
)  # fmt: skip
# Words of the program that people and providers cannot write, and addresses of files.
OURS = {
    "status", "mode", "model_name", "provider", "kind", "format", "mime", "path", "thumb_path",
    "preview_path", "role", "language", "theme", "state", "slug", "sha256", "claim", "marker",
    "callback_token", "password", "base_url", "fingerprint", "from_status", "to_status", "intent",
    "digest", "email",
}  # fmt: skip
PARTS = 7  # drawing every page takes two seconds
ACTIVE = ("hx-", "on", "data-hx-")
LINKS = {"href", "src", "action", "content", "formaction", "xlink:href", "srcdoc", "poster", "data"}


class Finder(HTMLParser):
    """Elements and attributes that a payload made; text may hold whatever it likes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.planted: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in [(tag, ""), *attrs]:
            works = name.startswith(ACTIVE) or name in LINKS
            if MARK in name or (MARK in (value or "") and works and not quoted(name, value or "")):
                self.planted.append(f"<{tag} {name}={value!r}>")

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        if MARK in data and self.get_starttag_text() in ("<script>", "<style>"):
            self.planted.append(f"script: {data!r}")
        self.texts.append(data)


def quoted(name: str, value: str) -> bool:
    """An address of ours, or a letter, with the text in its query alone, where it is only data."""
    path = value.partition("?")[0]
    own = path in ("", "mailto:") or (path.startswith("/") and not path.startswith("//"))
    return name in (*LINKS, "hx-get", "hx-post") and own and MARK not in path


def planted_in(text: str) -> list[str]:
    finder = Finder()
    finder.feed(text)
    finder.close()
    return finder.planted


def plant(payload: str) -> None:
    """Into every text column of every row, around the form checks."""
    for model in apps.get_app_config("generation").get_models():
        texts = {field.name: field for field in model._meta.concrete_fields if is_text(field)}
        for name, field in texts.items():
            for row in model._default_manager.all():
                own = str(row.pk) if field.unique else ""
                room = field.max_length and field.max_length - len(own)
                model._default_manager.filter(pk=row.pk).update(**{name: payload[:room] + own})
    for task in Task.objects.all():
        wild = dict.fromkeys((*task.values, payload, "style"), payload)
        results = [{"url": f"https://x/{payload}", "remote_id": payload, "cover_url": payload}]
        Task.objects.filter(pk=task.pk).update(values=wild, results=results)


def is_text(field: models.Field) -> bool:
    kinds = (models.CharField, models.TextField)
    return isinstance(field, kinds) and field.name not in OURS and not field.choices


def pages() -> list[Address]:
    """Pages of ours and parts of them; those of the account library hold no text of others."""
    files = (
        "media", "output-download", "subject-consent-file", "healthz", "share-media",
        "share-zip-file",
    )  # fmt: skip
    return [
        one for one in readable()
        if not (one.name in files or one.name.endswith("comments-export") or is_foreign(one))
    ]  # fmt: skip


def is_foreign(address: Address) -> bool:
    return address.name.startswith("account_")


@pytest.fixture
def wide_world(world) -> World:
    """With a task in every state, so that every branch of every template is drawn."""
    maker = world.people["maker"]
    for status in Status:
        task = make_task(maker, status=status, error="x", advice="x")
        if status == Status.SUCCEEDED:
            make_output(maker, task)
            make_output(maker, task, position=1, trashed_at=timezone.now(), trashed_by=maker)
    for state in ("works", "rejected", "empty", "unreached"):
        make_key(maker, state=state, note="x", label="x")
    return world


@pytest.mark.parametrize("payload", MARKUP[:3])
def test_planted_text_stays_text_on_account_pages(wide_world, payload):
    plant(payload)
    for address in filter(is_foreign, readable()):
        text = wide_world.client("maker").get(wide_world.path(address)).content.decode()
        assert not planted_in(text), address.name


@pytest.mark.parametrize("first", range(PARTS), ids=lambda first: MARKUP[first])
def test_planted_text_stays_text(wide_world, first):
    """A short column holds the first alone: among those is one of each way out of its place."""
    plant(" ".join(MARKUP[first::PARTS]))
    seen = 0
    for address in pages():
        for response in wide_world.answers("maker", address):
            text = response.getvalue().decode()
            assert response.status_code < 500, address.name
            assert not planted_in(text), address.name
            assert MARK not in str(response.headers), address.name
            seen += MARK in text
    assert seen > 10


def test_the_search_finds_what_works():
    for payload in MARKUP[:8] + MARKUP[10:20]:
        page = f"<title>{payload}</title><p title=\"{payload}\" class='{payload}'>{payload}</p>"
        assert planted_in(page), payload
    assert not planted_in("<p title='&lt;planted&gt;'>&lt;planted onload=planted()&gt;</p>")


@pytest.mark.parametrize("word", INJECTED, ids=lambda word: repr(word)[:20])
def test_no_parameter_causes_a_server_error(world, word):
    query = dict.fromkeys(NAMES, word)
    for address in pages():
        for response in world.answers("maker", address, query):
            assert response.status_code < 500, f"{address.name} {response.status_code}"
            assert "planted" not in response.cookies


@pytest.mark.parametrize("address", writable(), ids=lambda address: address.name)
def test_no_field_causes_a_server_error(world, address, unchanged_after):
    names = dict.fromkeys(("intent", "to", "edit", "url", "next"), "") | world.body(address)

    def status(changed: dict[str, str]) -> int:
        with unchanged_after():
            body = world.body(address) | changed
            response = world.client("maker").post(world.path(address), body)
        assert response.status_code < 500, {name: word[:30] for name, word in changed.items()}
        return response.status_code

    for word in INJECTED[:1] if is_foreign(address) else WORST:
        grouped(status, world.body(address), dict.fromkeys(names, word))


@pytest.mark.parametrize("word", INJECTED[:12], ids=repr)
def test_no_part_of_a_path_causes_a_server_error(world, word, settings):
    for pattern in ("/create/{}/", "/projects/{}/", "/media/1/{}/", "/tasks/{}/", "/a/{}/",
                    "/settings/keys/{}/test/", "/callbacks/1/{}/", "/welcome/{}/"):  # fmt: skip
        response = world.client("maker").get(pattern.format(word.replace("\0", "%00")))
        assert response.status_code in (400, 404, 405), pattern


LINES = [
    "a\nERROR root: forged", "a\r\nforged", "a\x1b[2Jforged", "a\x85b", "a\u2028b", "a\x00b",
    "a\x07b",
]  # fmt: skip


@pytest.mark.parametrize("text", LINES, ids=repr)
def test_a_log_line_cannot_be_forged(text):
    record = logging.LogRecord("studio", 20, "", 0, "prompt %s", (text,), None)
    line = RedactedLine().format(record)
    assert line.splitlines() == [line]
    assert line.isprintable()


def test_a_traceback_is_one_line_without_a_key():
    try:
        raise RuntimeError("Authorization: Token vda_0123456789abcdef\nforged")
    except RuntimeError as error:
        facts = (type(error), error, error.__traceback__)
    line = RedactedLine().format(logging.LogRecord("a", 40, "", 0, "no", (), facts))
    assert line.splitlines() == [line]
    assert "vda_0123456789abcdef" not in line
    assert "[hidden]" in line


@pytest.mark.parametrize(
    "text",
    ["Authorization: Bearer sdfg87sdfg6sd8f7g", "token 8f7g6s8d7fg68sd7g", "sk-0123456789abcdef",
     "{'Authorization': 'Token abcdefghijklmnop'}"],
)  # fmt: skip
def test_a_key_in_a_log_line_is_hidden(text):
    line = RedactedLine().format(logging.LogRecord("a", 20, "", 0, text, (), None))
    assert "[hidden]" in line


def test_ordinary_words_are_left_alone():
    text = "Invalid token in the form, task 5 of bearer Jonas"
    line = RedactedLine().format(logging.LogRecord("a", 20, "", 0, text, (), None))
    assert line.endswith(text)


def test_no_template_switches_escaping_off():
    root = Path(__file__).resolve().parents[2]
    templates = [*root.glob("templates/**/*.html")]
    assert len(templates) > 20
    for path in templates:
        source = path.read_text()
        for word in ("|safe", "autoescape off", "safeseq", "hx-on", "js:", " style=", "<style"):
            assert word not in source, f"{word} in {path}"


def test_every_log_line_goes_through_the_redaction():
    named = "generation.web.log_redaction.RedactedLine"
    assert {one["()"] for one in settings.LOGGING["formatters"].values()} == {named}
    handlers = settings.LOGGING["handlers"].values()
    assert all(one.get("formatter") in settings.LOGGING["formatters"] for one in handlers)
