"""Nobody writes a field that no form has (A4)."""

from typing import Any

import pytest
from django.apps import apps

from tests.security.table import writable
from tests.security.world import Address, World, addresses, has_team, rows

DRAWN = {  # by lot or by the clock, or with an id in it, here alone
    "generation.Registration": {"label"},
    "generation.AuditEvent": {"target_id"},
    "generation.Consent": {"set_at"},
    "generation.ConsentFile": {"unused_since"},
    "generation.LimitCount": {"ends_at"},
    "generation.Rating": {"rated_at"},
    "generation.StackVersion": {"stack_id"},
    "generation.Comment": {"parent_id", "resolved_at", "edited_at"},
    "generation.CollectionItem": {"added_at", "collection_id"},
    "generation.ShareLink": {"token_hash", "token_sealed", "hint", "revoked_at"},
    "generation.Notice": {"since", "read_at", "mail_at", "target", "url", "grouped_key"},
    "generation.KeyLoan": {"lent_at", "ended_at"},
    "generation.ReviewRequest": {"closed_at"},
    "generation.ZipTicket": {"secret_hash", "ends_at"},
    "mfa.Authenticator": {"data"},
}
CHANGING = {
    "id", "pk", "marker", "callback_token", "created_at", "at", "slug", "sealed", "password",
    "batch_id", "task_id", "media_id", "project_id", "key_id", "user_id", "team_id", "tested_at",
    "date_joined", "joined_at", "created_by_id", "trashed_at", "archived_at", "finished_at",
    "path", "thumb_path", "preview_path", "change", "change_seq", "expire_date", "session_key",
    "session_data", "not_before", "intent", "changed_at", "next_look_at", "subject_id",
    "ordered_at", "request_id", "chosen_at",
}  # fmt: skip


def forbidden_fields(world: World, foreign: dict[str, Any]) -> dict[str, Any]:
    """Fields that no form has, with what an attacker would like them to be."""
    others = {f"{name}_id": foreign[name] for name in ("user", "batch")}
    return others | {
        "is_staff": "on", "is_superuser": "on", "is_active": "on", "role": "owner",
        "owner": foreign["user"], "user": foreign["user"], "created_by": foreign["user"],
        "memberships": world.team.pk, "groups": "1", "user_permissions": "1", "credits": "0",
        "cost": "0", "estimate": "0", "status": "succeeded", "remote_id": "1", "sends": "9",
        "sealed": "x", "fingerprint": "x", "base_url": "http://evil.example", "state": "works",
        "is_default": "on", "last4": "0000", "is_admin": "1", "date_joined": "2020-01-01",
        "trashed_by": foreign["user"], "path": "/etc/passwd", "mime": "text/html",
        "uploaded": "", "callback_token": "x", "marker": "x", "results": "[]", "error": "x",
        "claim": "x", "retry_of": foreign["task"], "change_seq": "0", "verified": "on",
        "primary": "on", "deadline": "2020-01-01", "tasks": foreign["task"],
    }  # fmt: skip


def state_after(world: World, address: Address, extra: dict[str, Any]) -> Any:
    """The database after a post, without values that are random or count up."""
    world.client("maker").post(world.path(address), world.body(address) | extra)
    who = {
        label: sorted(str(without(row, CHANGING | DRAWN.get(label, set()))) for row in found)
        for label, found in rows().items()
    }
    return who | {"owners": owners()}


def without(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def owners() -> list[Any]:
    """Who owns each row, by what never changes."""
    found = []
    for model in apps.get_app_config("generation").get_models():
        names = [f.name for f in model._meta.concrete_fields if f.name in ("user", "created_by")]
        team = ["team__name"] if has_team(model) else []
        if names or team:
            columns = [f"{name}__email" for name in names] + team
            found.append(
                (model.__name__, sorted(map(str, model._default_manager.values_list(*columns))))
            )
    return found


@pytest.mark.parametrize("address", writable(), ids=lambda address: address.name)
def test_fields_that_no_form_has_change_nothing(world, foreign, address, unchanged_after):
    with unchanged_after():
        plain = state_after(world, address, {})
    with unchanged_after():
        grabbed = state_after(world, address, forbidden_fields(world, foreign))
    for label, found in plain.items():
        assert grabbed[label] == found, label


def test_the_comparison_sees_a_difference(world, foreign, unchanged_after):
    address = next(one for one in addresses() if one.name == "settings-profile")
    with unchanged_after():
        plain = state_after(world, address, {})
    with unchanged_after():
        other = state_after(world, address, {"name": "Another"})
    assert plain != other
