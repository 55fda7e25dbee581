"""Nothing is written without a token, and nothing by reading (L7)."""

import pytest
from django.urls import URLResolver, get_resolver

from tests.security.world import addresses, digest

EXEMPT = {"callback"}  # authenticated by the token in its path
KINDS = [{}, {"HX-Request": "true"}]
BY_NAME = [pytest.param(address, id=address.name) for address in addresses()]


def exempt(resolver):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from exempt(entry)
        elif getattr(entry.callback, "csrf_exempt", False):
            yield entry.name


def test_callbacks_alone_need_no_token():
    assert set(exempt(get_resolver())) == EXEMPT


@pytest.mark.parametrize("address", [one for one in BY_NAME if one.id not in EXEMPT])
def test_every_write_without_a_token_is_refused(world, address):
    before = digest()
    for headers in KINDS:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            client = world.client("maker", enforce_csrf_checks=True)
            response = client.generic(method, world.path(address), headers=headers)
            assert response.status_code == 403, method
    assert digest() == before


def test_a_token_of_another_site_is_refused(world):
    client = world.client("maker", enforce_csrf_checks=True)
    client.get("/settings/keys/")
    token = client.cookies["csrf"].value
    path = "/settings/keys/add/"
    mine = client.post(path, {"csrfmiddlewaretoken": token})
    theirs = client.post(
        path, {"csrfmiddlewaretoken": token}, headers={"Origin": "https://evil.example"}
    )
    assert (mine.status_code, theirs.status_code) == (422, 403)


@pytest.mark.parametrize("address", BY_NAME)
def test_reading_changes_nothing(world, address):
    before = digest()
    for actor in ("anon", "maker", "viewer"):
        for response in world.answers(actor, address):
            response.getvalue()
    world.client("maker").head(world.path(address)).getvalue()
    assert digest() == before
