"""Who may do what at which address: a declared table against every pattern of the resolver."""

import functools
from typing import Any

import pytest
from django.http import HttpResponse

from generation.models import Act
from generation.models.permissions import Reach, reach_of
from tests.security.table import ACTORS, PEOPLE, TABLE, Rule
from tests.security.world import Address, World, addresses, patterns

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "HX-GET", "HX-POST")
RAN = {200, 204, 206, 302, 303, 409, 422}


def outcome(response: HttpResponse) -> str:
    """What happened, in one word."""
    target = response.headers.get("HX-Redirect") or response.headers.get("Location") or ""
    if response.status_code in (302, 401) and target.partition("?")[0] == "/login/":
        return "login"
    if target == "/team/ended/":
        return "ended"
    return "ok" if response.status_code in RAN else str(response.status_code)


def expected(rule: Rule, name: str, actor: str, method: str) -> set[str]:
    verb = method.removeprefix("HX-")
    who = rule.write if verb == "POST" else rule.read
    if verb in ("PUT", "DELETE") and not name.startswith("account_"):
        who = None
    outside = {"404"} if actor in PEOPLE or rule.hidden else {"login"}
    if actor == "removed" and is_of_team(name):
        outside = {"ended"}
    if who is None:
        return {"405"} | outside
    allowed = set(rule.outcomes) if actor in who else outside
    if verb in ("PUT", "DELETE"):  # foreign views take PUT for POST, and lead on who is logged in
        return allowed | {"405"}
    return allowed | ({"405"} if verb == "HEAD" else set())


@functools.cache
def views() -> dict[str, Any]:
    """The view behind each address."""
    return {name: pattern.callback for name, pattern in patterns().items()}


def is_of_team(name: str) -> bool:
    """Whether the view is one of the team that a person works in."""
    return getattr(views()[name], "acts", (Act.OWN_ACCOUNT,))[0] is not Act.OWN_ACCOUNT


def send_request(world: World, address: Address, actor: str, method: str) -> HttpResponse:
    headers = {"HX-Request": "true"} if method.startswith("HX-") else {}
    client, path, verb = world.client(actor), world.path(address), method.removeprefix("HX-")
    if verb == "POST":
        response = client.post(path, world.body(address), headers=headers)
    else:
        response = client.generic(verb, path, headers=headers)
    response.getvalue()  # a stream is closed by reading it
    return response


def test_every_address_is_declared():
    assert {address.name for address in addresses()} == set(TABLE)


def test_every_view_of_ours_declares_its_act():
    bare = {
        name
        for name, view in views().items()
        if view.__module__.startswith("generation.")
        and not hasattr(view, "acts")
        and not getattr(view, "open_because", "")
        and not getattr(view, "operator_only", False)
    }
    assert not bare


ROLES = {"owner": "owner", "admin": "admin", "member": "member", "maker": "member",
         "viewer": "viewer"}  # fmt: skip


@pytest.mark.parametrize("name", sorted(name for name in TABLE if is_of_team(name)))
def test_the_declared_people_are_those_of_the_permission_table(name):
    rule, (read, write) = TABLE[name], views()[name].acts
    wrong = []
    for who, act in ((rule.read, read), (rule.write, write)):
        for actor, role in ROLES.items() if who else ():
            reach = reach_of(role, act)
            if actor in who and reach is Reach.NONE:
                wrong.append(f"{actor} may not {act.value}")
            if actor not in who and (reach is Reach.ALL or (reach and actor == "maker")):
                wrong.append(f"{actor} may {act.value}")
    assert not wrong


@pytest.mark.parametrize("address", addresses(), ids=lambda address: address.name)
def test_only_the_declared_people_get_in(world, address, unchanged_after):
    wrong = []
    for actor in ACTORS:
        for method in METHODS:
            with unchanged_after():
                got = outcome(send_request(world, address, actor, method))
            wanted = expected(TABLE[address.name], address.name, actor, method)
            if got not in wanted:
                wrong.append(f"{actor} {method}: {got}, not {' or '.join(sorted(wanted))}")
    assert not wrong, "; ".join(wrong)
