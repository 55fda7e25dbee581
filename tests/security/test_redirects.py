"""No answer leads a browser to another site, and no foreign host name is believed (L8, L9)."""

import html
import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.core import mail
from django.test import Client

from tests.security.world import addresses

PAYLOADS = [
    "https://evil.example/", "http://evil.example/", "//evil.example/", "///evil.example/",
    "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "https:evil.example", "https:/evil.example", "http:///evil.example", "/\t/evil.example",
    "\t//evil.example", " //evil.example", "/%0d%0aLocation: https://evil.example",
    "%0d%0aLocation:%20https://evil.example", "/\r\nLocation: https://evil.example",
    "javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "https://testserver@evil.example/", "https://testserver.evil.example/",
    "//testserver:80@evil.example/", "ftp://testserver/", "/create/../..//evil.example",
]  # fmt: skip
WORST = ["//evil.example/", "http://testserver//evil.example/"]
NAMES = ("next", "back", "return", "url", "redirect")
LEADING = ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "HX-Replace-Url", "Refresh")


def leads_away(target: str) -> bool:
    """Whether a browser at the studio would go elsewhere: it drops white space, takes a backslash
    for a slash, and any number of slashes for two."""
    seen = re.sub(r"[\t\r\n]", "", target.strip()).replace("\\", "/")
    seen = re.sub(r"^(https?:)?/{2,}", r"\1//", seen)
    parts = urlsplit(urljoin("http://testserver/here/", seen))
    return parts.netloc != "testserver" or parts.scheme not in ("http", "https")


def referring_headers(page: str) -> list[dict[str, str]]:
    return [{"Referer": page}, {"HX-Request": "true", "HX-Current-URL": page}]


def assert_no_foreign_redirect(response):
    for name in LEADING:
        target = response.headers.get(name, "")
        assert not (target and leads_away(target)), f"{name}: {target}"
        assert "\n" not in target
    text = response.headers.get("HX-Trigger", "") + response.getvalue().decode(errors="replace")
    links = re.findall(r"""(?:href|action)"?[=:] ?["'](?!mailto:\?)([^"']+)""", text)
    assert not [link for link in links if leads_away(html.unescape(link))]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_logging_in_stays_here(world, payload):
    person = {"login": world.people["member"].email, "password": "pass-1234-word"}
    for query in ({}, {"next": payload}):
        response = Client().post("/login/", person | {"next": payload}, query_params=query)
        assert response.status_code == 302
        assert_no_foreign_redirect(response)


def test_logging_in_goes_to_a_page_of_ours(world):
    person = {"login": world.people["member"].email, "password": "pass-1234-word"}
    response = Client().post("/login/", person | {"next": "/library/?q=a"})
    assert response["Location"] == "/library/?q=a"


@pytest.mark.parametrize("address", addresses(), ids=lambda address: address.name)
def test_no_address_leads_elsewhere(world, address, unchanged_after):
    for payload in WORST:
        typed = dict.fromkeys(NAMES, payload)
        for actor in ("anon", "maker"):
            for headers in referring_headers(payload):
                client = world.client(actor)
                path = world.path(address)
                with unchanged_after():
                    assert_no_foreign_redirect(client.get(path, typed, headers=headers))
                with unchanged_after():
                    body = world.body(address) | typed
                    assert_no_foreign_redirect(
                        client.post(path, body, query_params=typed, headers=headers)
                    )


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "evil.example:80", "testserver.evil.example",
     "localhost:8000@evil.example", "127.0.0.1.evil.example", "[::1].evil.example", ".localhost",
     "localhost,evil.example", "local host"],
)  # fmt: skip
def test_a_forged_host_is_refused(world, host):
    response = world.client("maker").get("/settings/keys/", headers={"Host": host})
    assert response.status_code == 400
    assert "evil" not in response.content.decode()


def test_a_proxy_nobody_named_is_not_believed(world):
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https",
              "X-Forwarded-For": "10.0.0.1"}  # fmt: skip
    response = world.client("anon").get("/settings/keys/", headers=forged)
    assert_no_foreign_redirect(response)
    answer = Client().post(
        "/password/reset/", {"email": world.people["maker"].email}, headers=forged
    )
    assert answer.status_code == 302
    assert "evil" not in "".join(str(letter.message()) for letter in mail.outbox)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("target", PAYLOADS[:14])
def test_the_check_itself_knows_them(target):
    assert leads_away(target)
