"""Ids inside bodies and queries are checked like those in addresses (A3)."""

import functools
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generation.models import Batch, Task
from tests.factories import make_key, make_loan
from tests.security.foreign import FOREIGN
from tests.security.grouped import grouped
from tests.security.table import readable, writable
from tests.security.world import Address, addresses, digest, has_team, rows

REFUSED = {404, 422}
# Every name under which a body or a query may carry a reference, used or not.
REFERENCES = {
    "collection": "collection", "stack": "stack", "w": "batch",
    "request": "request", "people": "user", "guests": "link",
    "parent": "comment",
    "into": "collection", "notice": "notice", "upto": "notice",
    "project": "slug", "project_id": "project", "team": "team", "team_id": "team", "key": "key",
    "key_id": "key", "member": "member", "images": "media", "media": "media",
    "media_id": "media", "new_images": "media", "ids": "output", "output": "output",
    "output_id": "output", "ref": "output", "from": "task", "task": "task", "task_id": "task",
    "tasks": "task", "retry_of": "task",
    "of": "output", "version_of": "output", "comment": "comment", "batch": "batch",
    "batch_id": "batch", "user": "user", "user_id": "user", "person": "user",
    "subjects": "subject", "subject": "subject",
    "undo": "subject", "library": "key", "edit": "edit", "intent": "intent", "c": "change",
    "file": "paper", "scope": "scope", "feed": "slug", "created_by": "user", "trashed_by": "user",
}  # fmt: skip
# Names that pages read together with others: one could hide what another does.
SENT_ALONE = (
    "project", "key", "images", "ids", "from", "ref", "subjects", "edit", "library", "intent",
    "file", "collection", "stack", "output",
    "file", "parent",
)  # fmt: skip


def rows_of_team(team_id: int) -> list[dict[str, Any]]:
    found = rows()
    return [row for label in found for row in found[label] if row.get("team_id") == team_id]


def crossing_references() -> list[str]:
    """Rows of one team that refer to a row of another, or use another person's key."""
    wrong = [f"{task} uses a foreign key" for task in tasks_with_keys() if not usable_key(task)]
    with connection.cursor() as cursor:
        cursor.execute(crossing_query())
        return wrong + [f"{model} {pk}: {field}" for model, field, pk in cursor.fetchall()]


@functools.cache
def crossing_query() -> str:
    """One query for all tables: it runs after each of thousands of requests."""
    parts = []
    for model in apps.get_app_config("generation").get_models():
        for field in model._meta.concrete_fields:
            target = field.related_model
            if has_team(model) and target is not None and has_team(target):
                key, table = model._meta.pk.column, model._meta.db_table
                other, its_key = target._meta.db_table, target._meta.pk.column
                parts.append(
                    f"SELECT '{model.__name__}', '{field.name}', CAST(a.{key} AS varchar)"  # noqa: S608
                    f" FROM {table} a JOIN {other} b ON a.{field.column} = b.{its_key}"
                    " WHERE a.team_id <> b.team_id"
                )
    return " UNION ALL ".join(parts)


def tasks_with_keys() -> list[Task]:
    return list(Task.objects.exclude(key=None).select_related("key", "loan"))


def usable_key(task: Task) -> bool:
    """One's own, or under a loan of this very key to this very team."""
    own = task.key is not None and task.key.user_id == task.user_id
    loan = task.loan
    lent = loan and (loan.key_id, loan.team_id) == (task.key_id, task.team_id)
    return own or bool(lent)


def fields_to_send(address: Address, foreign: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Names that are sent alone, and all references; account pages read none of them."""
    singly = [] if address.name.startswith("account_") else [*SENT_ALONE]
    return singly, {name: foreign[kind] for name, kind in REFERENCES.items()}


@pytest.mark.parametrize("address", writable(), ids=lambda address: address.name)
def test_a_foreign_reference_in_a_body_reaches_nothing(world, foreign, address, unchanged_after):
    before = rows_of_team(foreign["team"])

    def status(changed: dict[str, Any]) -> int:
        with unchanged_after():
            body = world.body(address) | changed
            response = world.client("maker").post(world.path(address), body)
            assert response.status_code < 500, changed
            assert FOREIGN.encode() not in response.getvalue(), changed
            if response.status_code not in REFUSED:
                assert rows_of_team(foreign["team"]) == before, changed
                assert not crossing_references(), changed
        return response.status_code

    grouped(status, *fields_to_send(address, foreign))


@pytest.mark.parametrize("address", readable(), ids=lambda address: address.name)
def test_a_foreign_reference_in_a_query_shows_nothing(world, foreign, address):
    before = digest()

    def statuses(query: dict[str, Any]) -> list[int]:
        responses = list(world.answers("maker", address, query))
        for response in responses:
            assert response.status_code < 500, query
            assert FOREIGN.encode() not in response.getvalue(), query
        return [response.status_code for response in responses]

    grouped(statuses, *fields_to_send(address, foreign))
    assert digest() == before


REFUSING = [
    ("create", {"project": "slug"}), ("create", {"images": "media"}),
    ("create", {"key": "key", "model": "vidu/viduq2"}), ("create", {"project": "project"}),
    ("library-trash", {"ids": "output"}), ("trash-delete", {"ids": "output"}),
    ("team-switch", {"team": "team"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changed"), REFUSING, ids=str)
def test_a_foreign_reference_is_refused(world, foreign, name, changed):
    address = next(one for one in addresses() if one.name == name)
    body = world.body(address)
    assert world.client("maker").post(world.path(address), body).status_code not in REFUSED
    Task.objects.filter(batch__intent=body.get("intent")).delete()
    Batch.objects.filter(intent=body.get("intent")).delete()
    body |= {field: foreign.get(kind, kind) for field, kind in changed.items()}
    before = digest()
    response = world.client("maker").post(world.path(address), body)
    assert response.status_code in REFUSED
    assert digest() == before


@pytest.mark.parametrize("query", [{"from": "task"}, {"ref": "output"}, {"project": "slug"}])
def test_a_foreign_start_of_a_form_is_not_found(world, foreign, query):
    named = {name: foreign[kind] for name, kind in query.items()}
    assert world.client("maker").get("/create/image/", named).status_code == 404


KINDS = st.sampled_from(["own", "foreign", "unknown", "garbage", "empty"])
KEYS = st.sampled_from(["own", "foreign", "unknown", "garbage", "empty", "lent", "taken back"])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(project=KINDS, key=KEYS, images=st.lists(KINDS, max_size=4), number=st.integers(0))
def test_any_mixture_of_references_starts_only_ones_own(
    world, foreign, unchanged_after, project, key, images, number
):
    own = {"slug": world.things["slug"], "key": world.things["key_id"],
           "media": world.things["media_id"]}  # fmt: skip

    def pick(kind: str, name: str) -> Any:
        unknown = {"slug": "no-such-1", "key": "0" * 32, "media": 10**9 + number}
        return {"own": own, "foreign": foreign, "unknown": unknown}.get(
            kind, {name: {"garbage": "'\"\u202e<", "empty": ""}.get(kind)}
        )[name]

    def lent(**ended: Any) -> Any:
        return make_loan(make_key(world.people["owner"]), world.team, **ended).key.pk

    body = {
        "model": "vidu/viduq2", "count": "1", "prompt": "A lighthouse", "resolution": "1080p",
        "aspect_ratio": "16:9", "intent": f"intent-of-test-{number % 10**9:010}",
        "project": pick(project, "slug"), "key": pick(key, "key"),
        "images": [pick(kind, "media") for kind in images],
    }  # fmt: skip
    with unchanged_after():
        if key in ("lent", "taken back"):
            body["key"] = lent(**({} if key == "lent" else {"ended_at": timezone.now()}))
        response = world.client("maker").post("/create/image/", body)
        started = Task.objects.filter(batch__intent=body["intent"]).count()
        good = (
            project == "own" and key in ("own", "empty", "lent") and set(images) <= {"own", "empty"}
        )
        assert response.status_code in ({302, 422} if good else {422}), response.status_code
        assert started == (1 if response.status_code == 302 else 0)
        assert not crossing_references()


def test_the_search_for_crossings_finds_them(world, foreign):
    assert not crossing_references()
    task = Task.objects.get(pk=world.things["task_id"])
    for name, value in (("key_id", foreign["key"]), ("project_id", foreign["project"])):
        Task.objects.filter(pk=task.pk).update(**{name: value})
        assert crossing_references(), name
        Task.objects.filter(pk=task.pk).update(**{name: getattr(task, name)})
