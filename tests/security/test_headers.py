"""Every answer carries the policy: pages, fragments, errors, static files, media (L10)."""

import pytest
from django.conf import settings
from django.test import Client

from tests.security.world import addresses

STRICT_NAMES = {"media", "output-download", "subject-consent-file", "share-media"}


def policy(text: str) -> dict[str, set[str]]:
    parts = [part.split() for part in text.split(";") if part.strip()]
    return {name: set(values) for name, *values in parts}


def declared() -> dict[str, set[str]]:
    return {
        name: {str(value) for value in values}
        for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
    }


def assert_covered(response, strict: bool = False):
    found = policy(response["Content-Security-Policy"])
    if strict:
        assert found["default-src"] == {"'none'"}
        assert "sandbox" in found
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    else:
        assert found == declared()
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_policy_allows_nothing_inline_or_foreign():
    rules = declared()
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == {"'none'"}
    allowed = {value for values in rules.values() for value in values}
    assert allowed == {"'none'", "'self'", "blob:"}
    assert {name for name, values in rules.items() if "blob:" in values} == {"img-src", "media-src"}


@pytest.mark.parametrize("address", addresses(), ids=lambda address: address.name)
def test_every_address_is_covered(world, address, unchanged_after):
    for actor in ("anon", "stranger", "maker"):
        for method in ("GET", "POST"):
            for headers in ({}, {"HX-Request": "true"}):
                client = world.client(actor)
                with unchanged_after():
                    response = client.generic(method, world.path(address), headers=headers)
                served = response.status_code in (200, 206) and method == "GET"
                response.getvalue()  # a stream is closed by reading it
                assert_covered(response, strict=served and address.name in STRICT_NAMES)


@pytest.mark.urls("tests.security.breaking_urls")
@pytest.mark.parametrize("how", ["400", "403", "404", "500"])
def test_errors_are_covered(client, how):
    client.raise_request_exception = False
    response = client.get(f"/broken/{how}/")
    assert response.status_code == int(how)
    assert_covered(response)


def test_refusals_before_any_view_are_covered(db):
    strict = Client(enforce_csrf_checks=True)
    assert_covered(strict.post("/login/"))
    assert_covered(strict.get("/", headers={"Host": "evil.example"}))
    assert_covered(strict.get("/no/such/page"))


@pytest.mark.parametrize(
    "path", ["css/studio.css", "vendor/lucide/1.62.0/sprite.svg", "no/such.css"]
)
def test_static_files_are_covered(db, path):
    response = Client().get(f"/static/{path}")
    response.getvalue()  # a stream is closed by reading it
    assert response.status_code == (404 if "no/" in path else 200)
    assert_covered(response)


def test_cookies_are_for_this_site_and_not_for_scripts(client, user):
    client.logout()
    client.post("/login/", {"login": user.email, "password": "pass-1234-word"})
    assert set(client.cookies) >= {"session"}
    for name in ("session", "csrf"):
        if name in client.cookies:
            assert client.cookies[name]["httponly"]
            assert client.cookies[name]["samesite"] == "Lax"
