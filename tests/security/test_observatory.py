"""The pages that anybody can open, scored as the HTTP Observatory does by its published rules.

Starting at 100, penalties are taken first; from 90 on bonuses are added, and 100 is an A+. Left out
is what only a host decides: redirections, and a place in the browsers' list of HTTPS hosts.
"""

import re

import pytest
from django.test import Client

from tests.factories import make_collection, make_link, make_output

BROAD = {"*", "http:", "https:", "ftp:", "data:", "'unsafe-inline'", "'unsafe-eval'"}
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
HALF_A_YEAR = 15_768_000
BAR = 125


def rules_of(answer) -> dict[str, set[str]]:
    parts = [part.split() for part in answer.get("Content-Security-Policy", "").split(";")]
    return {name: set(values) for name, *values in filter(None, parts)}


def score_policy(answer) -> int:
    rules = rules_of(answer)
    if not rules:
        return -25
    usual = rules.get("default-src", {"*"})
    active = rules.get("script-src", usual) | rules.get("object-src", usual)
    if active & BROAD:
        return -20
    if rules.get("style-src", usual) & BROAD:
        return 0
    return 10 if usual == {"'none'"} else 5


def score_framing(answer) -> int:
    if not rules_of(answer).get("frame-ancestors", {"*"}) & BROAD:
        return 5
    return 0 if answer.get("X-Frame-Options") in ("DENY", "SAMEORIGIN") else -20


def score_cookies(answer) -> int:
    cookies = answer.cookies.values()
    if not cookies:
        return 0
    if not all(one["secure"] for one in cookies):
        return -40
    if not all(one["httponly"] for one in cookies):
        return -30
    return 5 if all(one["samesite"] in ("Lax", "Strict") for one in cookies) else 0


def score_transport(answer) -> int:
    found = re.search(r"max-age=(\d+)", answer.get("Strict-Transport-Security", ""))
    if not found:
        return -20
    return 0 if int(found[1]) >= HALF_A_YEAR else -10


def score_scripts(answer) -> int:
    """Scripts of this host need no hash; each one that is there with one would be a bonus."""
    sources = re.findall(r'<script[^>]*\bsrc="([^"]+)"', answer.content.decode())
    return 0 if all(one.startswith("/") and one[:2] != "//" for one in sources) else -50


def score_resources(answer) -> int:
    policy = answer.get("Cross-Origin-Resource-Policy", "cross-origin")
    return 10 if policy in ("same-origin", "same-site") else 0


def score_sharing(answer) -> int:
    return -50 if answer.get("Access-Control-Allow-Origin") else 0


def score_referrer(answer) -> int:
    return 5 if answer.get("Referrer-Policy") in PRIVATE else -5


def score_sniffing(answer) -> int:
    return 0 if answer.get("X-Content-Type-Options") == "nosniff" else -5


TESTS = (
    score_policy, score_framing, score_cookies, score_transport, score_scripts, score_resources,
    score_sharing, score_referrer, score_sniffing,
)  # fmt: skip


def score(answer) -> int:
    found = [test(answer) for test in TESTS]
    base = 100 + sum(one for one in found if one < 0)
    return base + sum(one for one in found if one > 0) if base >= 90 else max(base, 0)


@pytest.fixture
def https(settings):
    """As a studio whose address begins with https://."""
    settings.HTTPS = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True


@pytest.fixture
def opened(user):
    """The addresses of a link, of one with a password, and of none."""
    picks = make_collection(user, [make_output(user)])
    link = make_link(user, collection=picks, may_approve=True)
    locked = make_link(user, collection=picks, password_hash="!")
    base = f"/s/{link.token()}/"
    return [base, f"{base}1/", f"{base}name/", f"/s/{locked.token()}/", "/s/nothing/"]


def test_each_public_page_of_a_link_gets_an_a_plus(https, opened):
    guest = Client(headers={"user-agent": "Mozilla/5.0 Firefox/128.0"})
    scores = {path: score(guest.get(path, secure=True)) for path in opened}
    assert min(scores.values()) >= BAR, scores


@pytest.mark.parametrize("path", ["/login/", "/signup/", "/password/reset/", "/no/such/page"])
def test_each_page_before_the_log_in_gets_an_a_plus(https, db, path):
    answer = Client().get(path, secure=True)
    assert score(answer) >= BAR, {test.__name__: test(answer) for test in TESTS}


def test_without_its_headers_a_page_fails(https, opened):
    answer = Client(headers={"user-agent": "Mozilla/5.0 Firefox/128.0"}).get(opened[0], secure=True)
    for name in ("Content-Security-Policy", "Strict-Transport-Security"):
        del answer.headers[name]
    assert score(answer) < 70
