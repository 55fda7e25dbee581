"""Error pages, and the headers that every answer carries."""

import json
import logging
import re
import sys

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver, path
from django_htmx.middleware import HtmxDetails

from generation.log_lines import request_id
from generation.urls import urlpatterns as real
from generation.web import errors
from generation.web.log_format import OneLine
from tests.factories import make_user

SECRET = "sk-canary /srv/studio SELECT 1"


def boom(request):
    raise RuntimeError(SECRET)


def away(request):
    raise OperationalError(SECRET)


def refuse(request):
    raise PermissionDenied(SECRET)


def suspect(request):
    raise SuspiciousOperation(SECRET)


urlpatterns = [
    path("boom/", boom),
    path("away/", away),
    path("refuse/", refuse),
    path("suspect/", suspect),
    path("take/", lambda _: HttpResponse("taken")),
    *real,
]
handler400, handler403 = errors.bad_request, errors.forbidden
handler404, handler500 = errors.page_not_found, errors.server_error

CASES = [
    ("/suspect/", 400),
    ("/refuse/", 403),
    ("/nothing/", 404),
    ("/boom/", 500),
    ("/away/", 503),
]
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:",
    "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    "object-src 'none'",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_urls(settings):
    settings.ROOT_URLCONF = "tests.web.test_errors"
    sys.modules.setdefault("tests.web.test_errors", sys.modules[__name__])


@pytest.fixture
def calm() -> Client:
    """A visitor's browser that shows a 500 instead of raising it in the test."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("path", "status"), CASES)
def test_an_error_page_has_one_sentence_one_action_and_the_request(calm, db, path, status):
    answer = calm.get(path)
    page = answer.content.decode()
    assert answer.status_code == status
    assert page.count("<h1>") == page.count('class="btn cta"') == 1
    assert answer.headers["X-Request-Id"] in page
    assert "canary" not in page
    assert "SELECT" not in page


@pytest.mark.parametrize(("path", "status"), CASES)
def test_an_error_page_asks_nothing_of_the_database(calm, path, status):
    assert calm.get(path).status_code == status  # without the db mark a query fails the test


@pytest.mark.parametrize(("path", "status"), CASES)
def test_htmx_gets_a_toast_instead_of_a_page(calm, path, status):
    answer = calm.get(path, headers={"HX-Request": "true"})
    told = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert answer.status_code == status
    assert answer.content == b""
    assert told["level"] == "err"
    assert told["text"]


def test_the_poller_fails_in_silence(calm):
    answer = calm.get("/boom/", headers={"HX-Request": "true", "HX-Trigger": "live"})
    assert answer.status_code == 500
    assert "HX-Trigger" not in answer.headers


def test_the_error_page_keeps_the_theme_of_the_browser(calm):
    calm.cookies["theme"] = "light"
    assert 'data-theme="light"' in calm.get("/boom/").content.decode()


@pytest.mark.parametrize("to_https", [False, True])
def test_a_foreign_host_is_refused_with_the_page_of_a_bad_request(calm, settings, to_https):
    settings.SECURE_SSL_REDIRECT = to_https
    answer = calm.get("/login/", headers={"Host": "evil.test"})
    assert answer.status_code == 400
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "evil.test" not in answer.content.decode()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_post_without_its_token_is_refused_with_the_way_on(db, headers):
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/take/", headers=headers)
    assert answer.status_code == 403
    told = answer.content.decode() + answer.headers.get("HX-Trigger", "")
    assert "Your session changed" in told
    assert "Reload" in told


@pytest.mark.parametrize(
    "before",
    ["http://evil.test/x", "//evil.test", "javascript:alert(1)", "", "http://testserver//evil.test",
     "http://testserver/\\evil.test"],
)  # fmt: skip
def test_reload_never_leads_to_a_foreign_page(before):
    request = RequestFactory().post("/take/", headers={"Referer": before, "Host": "testserver"})
    request.htmx = HtmxDetails(request)
    assert errors.came_from(request) == "/"


def test_reload_leads_back_to_the_page_with_its_query():
    request = RequestFactory().post(
        "/take/", headers={"Referer": "http://testserver/library/?q=a", "Host": "testserver"}
    )
    request.htmx = HtmxDetails(request)
    assert errors.came_from(request) == "/library/?q=a"


def test_the_address_of_a_button_opens_a_page_that_says_so(calm, client):
    answer = client.get("/tasks/1/cancel/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "belongs to a button" in answer.content.decode()
    assert answer.headers["X-Request-Id"] in answer.content.decode()
    assert calm.put("/take/").content == b"taken"
    assert client.head("/tasks/1/cancel/").content == b""


def came_from(page: str) -> dict[str, str]:
    return {"Host": "testserver", "Referer": f"http://testserver{page}"}


def test_what_is_too_large_is_called_so(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    page = client.post("/settings/profile/", {"name": "x" * 200}, headers=came_from("/trash/"))
    assert page.status_code == 400
    assert "This is too large to send." in page.content.decode()
    assert 'href="/trash/"' in page.content.decode()


def test_a_click_without_a_log_in_leads_back_to_its_page(visitor, db):
    for address in ("/library/trash/", "/uploads/", "/tasks/1/cancel/"):
        answer = visitor.post(address, headers=came_from("/library/?q=a"))
        assert answer.url == "/login/?next=/library/%3Fq%3Da"
        elsewhere = visitor.post(address, headers={"Referer": "http://evil.test/"})
        assert elsewhere.url == "/login/?next=/"


@pytest.mark.parametrize(("path", "status"), CASES)
def test_the_log_names_the_number_that_the_page_shows(calm, db, caplog, path, status):
    answer = calm.get(path)
    lines = [OneLine().format(record) for record in caplog.records]
    assert any(f" {answer.headers['X-Request-Id']} " in line for line in lines), lines


def test_too_many_tries_are_told_to_wait():
    request = RequestFactory().get("/login/")
    request.htmx = HtmxDetails(request)
    answer = errors.too_many(request)
    assert answer.status_code == 429
    assert "Wait a few minutes" in answer.content.decode()


def plain_paths() -> list[str]:
    """Every address without an id in it."""
    found: list[str] = []

    def walk(patterns, prefix):
        for item in patterns:
            route = prefix + re.sub(r"^\^|\$$|\\Z$", "", str(item.pattern))
            if hasattr(item, "url_patterns"):
                walk(item.url_patterns, route)
            elif not re.search(r"[<(]", route):
                found.append("/" + route)

    walk(get_resolver("generation.urls").url_patterns, "")
    return found


@pytest.mark.django_db
def test_every_answer_carries_the_policy(calm):
    user = make_user()
    inside = Client(raise_request_exception=False)
    inside.force_login(user)
    paths = [*plain_paths(), "/static/css/studio.css", "/static/none.css", "/nothing/", "/boom/",
             "/refuse/", "/suspect/", "/welcome/x/", "/tasks/1/", "/media/1/thumb/"]  # fmt: skip
    assert len(paths) > 30
    for browser in (calm, inside):
        for where in paths:
            for answer in (browser.get(where), browser.post(where)):
                policy = set(answer.headers.get("Content-Security-Policy", "").split("; "))
                assert policy >= POLICY, (where, answer.status_code)
                assert answer.headers["X-Content-Type-Options"] == "nosniff", where
                answer.close()


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_nothing_is_changed_without_the_token(headers):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_user())
    for where in plain_paths():
        assert browser.post(where, headers=headers).status_code == 403, where
        assert browser.delete(where, headers=headers).status_code == 403, where


def test_a_log_line_names_the_request_and_stays_one_line():
    mark = request_id.set("abc123")
    record = logging.LogRecord("x", 20, "", 0, "a\r\nb\x1b[31m %s", ("\u202e",), None)
    line = OneLine().format(record)
    request_id.reset(mark)
    assert " abc123 " in line
    assert line.isprintable()
