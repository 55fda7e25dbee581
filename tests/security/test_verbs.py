"""Every act leaves its line in the audit log: a declared table against every address."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from generation.engine.close_account import plans_of, signature_of
from generation.models import (
    ActorKind,
    ApiKey,
    AuditEvent,
    KeyLoan,
    Output,
    ReviewRequest,
    Task,
    Team,
    Verb,
)
from tests.factories import make_key, png
from tests.security.conftest import NOBODY_LISTENS
from tests.security.table import GUESTS, OPERATOR, TABLE
from tests.security.test_access import outcome
from tests.security.verbs import VERBS
from tests.security.world import World, addresses

NOW, OTHER = timezone.now(), "third@example.test"
ADDRESSES = {address.name: address for address in addresses()}
WRITTEN = sorted(name for name, rule in TABLE.items() if rule.write is not None)
BY_LINK = {  # these take a link or a device first: see tests/web/test_account_acts.py
    "first-account", "account_email_verification_sent", "account_set_password",
    "account_reset_password_from_key", "mfa_authenticate", "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn", "mfa_generate_recovery_codes", "mfa_remove_webauthn",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn",
}  # fmt: skip
RECENT = {  # these ask for a password typed just now, as pages of the account do
    "member-remove", "team-transfer", "team-transfer-answer", "team-delete", "account-close",
    "account-export",
}  # fmt: skip
# Done for real in tests/admin/test_gate.py
OPERATORS = {name for name in WRITTEN if name.startswith(OPERATOR)}
OUTSIDE = {"account_login", "account_signup", "account_reset_password", "callback"}


def test_every_address_that_is_written_to_has_a_verb_or_a_reason():
    assert set(VERBS) == set(WRITTEN)
    reasons = [value for value in VERBS.values() if not verbs_of(value)]
    assert not [one for one in reasons if not str(one).startswith("none: ")]


def verbs_of(value: Any) -> tuple[str, ...]:
    if isinstance(value, Verb):
        return (value,)
    return () if isinstance(value, str) else tuple(value)


def is_several(name: str) -> bool:
    return isinstance(VERBS[name], set)


# --- Each of them, really done --------------------------------------------------------------------


def set_task(**fields: Any) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        Task.objects.filter(pk=world.things["task_id"]).update(**fields)

    return prepare


def hold(world: World) -> None:
    set_task(status="queued", held_since=NOW)(world)
    Team.objects.filter(pk=world.team.pk).update(held_since=NOW)


def put_in_trash(_world: World) -> None:
    Output.objects.update(trashed_at=NOW)


def open_library(_world: World) -> None:
    ApiKey.objects.update(base_url=NOBODY_LISTENS)


def second_key(world: World) -> None:
    make_key(world.people["maker"], is_default=False)
    ApiKey.objects.filter(pk=world.things["key_id"]).update(is_default=False)


def other_session(world: World) -> None:
    UserSession.objects.create(
        user=world.people["maker"], ip="192.0.2.7", user_agent="x", session_key="another"
    )


def offer(world: World) -> None:
    people = {"offered_to": world.people["maker"], "offered_by": world.people["owner"]}
    Team.objects.filter(pk=world.team.pk).update(**people, offered_at=NOW)


def lend_nothing(_world: World) -> None:
    """The end of each loan is an act of its own: tests/engine/loans. So is a review that waits for
    somebody no longer: tests/engine/test_reviewers.py."""
    KeyLoan.objects.all().delete()
    ReviewRequest.objects.all().delete()


def begin_deletion(world: World) -> None:
    Team.objects.filter(pk=world.team.pk).update(leaving_since=NOW)


def other_address(world: World) -> None:
    EmailAddress.objects.create(user=world.people["maker"], email=OTHER, verified=True)


PREPARE: dict[str, Callable[[World], None]] = {
    "task-cancel": set_task(status="queued"),
    "task-retry": set_task(status="failed"),
    "task-give-up": set_task(status="uncertain"),
    "task-send-again": set_task(status="uncertain"),
    "task-stop-waiting": set_task(status="running", sent_at=NOW - timedelta(days=3)),
    "tasks-held-send": hold,
    "tasks-held-cancel": hold,
    "output-restore": put_in_trash,
    "trash-delete": put_in_trash,
    "subject-import": open_library,
    "key-default": second_key,
    "team-transfer-answer": offer,
    "team-keep": begin_deletion,
    "member-remove": lend_nothing,
    "team-delete": lend_nothing,
    "sessions-end": other_session,
    "account_email": other_address,
}
BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "task-retry": lambda _: {"intent": "intent-of-a-form-2"},
    "task-send-again": lambda _: {"intent": "intent-of-a-form-3", "confirmed": "1"},
    "tasks-held-send": lambda _: {"until": NOW.isoformat()},
    "tasks-held-cancel": lambda _: {"until": NOW.isoformat()},
    "subject-edit": lambda _: {"description": "A navigator"},
    "account_login": lambda world: {"login": world.people["member"].email},
    "account_email": lambda _: {"action_remove": "", "email": OTHER},
    "uploads": lambda _: {"file": SimpleUploadedFile("a.png", png(), "image/png")},
    "account_change_password": lambda _: {"password2": "other-5678-word"},
    "member-remove": lambda world: {
        "heir": world.team.memberships.get(user=world.people["owner"]).pk
    },
    "team-transfer": lambda world: {"to": world.things["membership_id"]},
    "team-transfer-answer": lambda _: {"answer": "yes"},
    "team-delete": lambda world: {"name": world.team.name},
    "account-close": lambda world: {
        "confirm": world.people["maker"].email,
        "seen": signature_of(plans_of(world.people["maker"])),
        f"team-{world.team.pk}": world.team.memberships.get(user=world.people["owner"]).pk,
    },
    "team-avatar": lambda _: {"avatar": SimpleUploadedFile("a.png", png(), "image/png")},
}


def browser_of(world: World, name: str) -> Client:
    """Somebody who is let in: the one who made it all, where that is enough."""
    who = TABLE[name].write or frozenset()
    if name in OUTSIDE:
        return world.client("anon")
    if who == GUESTS:
        return world.client("visitor")
    actor = "owner" if "maker" not in who and "owner" in who else "maker"
    if name == "invite":  # who is in the team already needs none
        return world.client("stranger")
    client = world.client(actor)
    if name.startswith(("account_", "mfa_")) or name in RECENT:
        session, now = client.session, timezone.now().timestamp()
        typed = {"method": "password", "at": now, "reauthenticated": True}
        session["account_authentication_methods"] = [typed]
        session.save()
    return client


@pytest.mark.parametrize("name", [name for name in WRITTEN if name not in BY_LINK | OPERATORS])
def test_an_act_writes_exactly_its_verb(world, name):
    PREPARE.get(name, lambda _: None)(world)
    client, body = browser_of(world, name), world.body(ADDRESSES[name])
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    if name == "account_email":  # what is added waits for its code
        del body["action_add"]
    body |= BODIES[name](world) if name in BODIES else {}
    response = client.post(world.path(ADDRESSES[name]), body)
    assert outcome(response) in TABLE[name].outcomes
    assert response.status_code not in (409, 422), response.content.decode()[:2_000]
    events = AuditEvent.objects.exclude(pk__in=before)
    wanted = verbs_of(VERBS[name])
    if not wanted:
        assert not events
        return
    wanted = wanted if is_several(name) else wanted[:1]
    assert sorted(event.verb for event in events) == sorted(wanted)
    for event in events:
        assert_complete(event, name)


def assert_complete(event: AuditEvent, name: str) -> None:
    """Who, from where, in which request; and in which team, unless it is about the account."""
    if TABLE[name].write == GUESTS:
        assert (event.actor, event.actor_kind) == (None, ActorKind.GUEST)
    else:
        assert event.actor is not None
    if event.actor is not None and name != "account-close":  # of whom only the log keeps the name
        assert event.actor_name == event.actor.shown_name
    assert event.request_id
    assert event.ip == "127.0.0.0/24"
    of_loan = event.verb in (Verb.KEY_LENT, Verb.KEY_LOAN_CHANGED, Verb.KEY_LOAN_ENDED)
    of_account = event.verb.startswith(("account.", "key.")) and not of_loan
    assert (event.team is None) == of_account, name


@pytest.mark.parametrize("name", ["library-trash", "subject-archive", "project-archive"])
def test_the_other_act_of_an_address_has_the_other_verb(world, name):
    world.team.projects.create(name="Another", created_by=world.people["maker"])
    client, path = world.client("maker"), world.path(ADDRESSES[name])
    body = world.body(ADDRESSES[name])
    client.post(path, body)
    back = {"to": "restore" if name == "library-trash" else "open"}
    if name == "library-trash":
        path, back = f"{path}?to=restore", {}
    client.post(path, body | back)
    client.post(path, body | back)  # once more: nothing is restored twice
    assert tuple(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == VERBS[name]


@pytest.mark.parametrize("name", ["task-cancel", "task-give-up", "output-trash", "key-default"])
def test_what_changes_nothing_writes_nothing(world, name):
    PREPARE.get(name, lambda _: None)(world)
    client, path = world.client("maker"), world.path(ADDRESSES[name])
    for _ in range(2):
        client.post(path)
    assert AuditEvent.objects.count() == 1


def test_a_refused_form_writes_nothing(world):
    client = world.client("maker")
    for name in ("project-new", "subject-new", "create", "key-add"):
        assert client.post(world.path(ADDRESSES[name]), {"name": ""}).status_code == 422
    assert not AuditEvent.objects.exists()


def test_neither_a_prompt_nor_a_key_gets_into_the_log(world):
    client = world.client("maker")
    for name in ("create", "key-add", "key-replace", "account_login"):
        client.post(world.path(ADDRESSES[name]), world.body(ADDRESSES[name]))
    assert AuditEvent.objects.count() == 3
    text = str(list(AuditEvent.objects.values()))
    for secret in ("lighthouse", "vda_", "89ab", "89cd", "pass-1234-word"):
        assert secret not in text
