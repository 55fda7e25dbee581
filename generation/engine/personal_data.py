"""What a person may take along: the account, and the rows that they made themselves, in teams that
they are in. No key, password or token, and no address of anybody else."""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any, TypeVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection
from django.db.models import Model, Q, QuerySet

from generation.models import (
    ApiKey,
    AuditEvent,
    Batch,
    Collection,
    Media,
    Membership,
    Notice,
    NoticeChoice,
    Output,
    Project,
    Rating,
    SavedFilter,
    ShareLink,
    Subject,
    Task,
    Team,
    User,
)
from generation.models.users import NOWHERE

AT_ONCE = 200
ADDRESS = re.compile(r"[^\s@,;<>\"']+@[^\s@,;<>\"']+")
LINK_KINDS = ("output", "collection", "project", "stack")
Row = TypeVar("Row", bound=Model)
Facts = dict[str, Any]


def paged(rows: QuerySet[Row]) -> Iterator[Row]:
    """All of them, a few at a time. No cursor stays open, and no connection: the next ones may be
    asked for by another thread, much later."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        leave_database()
        yield from chunk
        last = chunk[-1].pk


def leave_database() -> None:
    if not connection.in_atomic_block:
        connection.close()


# --- The account ----------------------------------------------------------------------------------


def account_of(person: User) -> Facts:
    return {
        "name": person.name,
        "email": "" if person.email.endswith(NOWHERE) else person.email,
        "language": person.language,
        "theme": person.theme,
        "time_zone": person.zone,
        "time_zone_of_browser": person.browser_zone,
        "joined": person.date_joined,
        "last_login": person.last_login,
        "addresses": list(
            EmailAddress.objects.filter(user=person)
            .order_by("pk")
            .values("email", "verified", "primary")
        ),
        "teams": list(map(team_facts, Membership.objects.filter(user=person).select_related())),
        "sessions": list(
            UserSession.objects.filter(user=person)
            .order_by("pk")
            .values("ip", "user_agent", "created_at", "last_seen_at")
        ),
        "second_steps": list(
            Authenticator.objects.filter(user=person)
            .order_by("pk")
            .values("type", "created_at", "last_used_at")
        ),
        "keys": list(
            ApiKey.objects.filter(user=person).values(
                "provider", "label", "last4", "is_default", "created_at", "tested_at"
            )
        ),
        "notices": list(
            NoticeChoice.objects.filter(user=person)
            .order_by("kind")
            .values("kind", "in_studio", "mail")
        ),
    }


def team_facts(member: Membership) -> Facts:
    return {
        "id": member.team_id,
        "name": member.team.name,
        "role": member.role,
        "joined": member.joined_at,
    }


# --- What they made -------------------------------------------------------------------------------


def made(person: User) -> Facts:
    """Rows of teams that they see. What they inherited has the name of its maker on it."""
    return {"team__in": Team.objects.visible_to(person), "made_by_name": ""}


def outputs_of(person: User) -> QuerySet[Output]:
    return Output.objects.filter(user=person, **made(person)).select_related("media", "task")


def uploads_of(person: User) -> QuerySet[Media]:
    return Media.objects.filter(created_by=person, uploaded=True, **made(person))


def files_of(person: User) -> QuerySet[Media]:
    """The files of both."""
    own = Q(pk__in=uploads_of(person).values("pk"))
    return Media.objects.filter(own | Q(pk__in=outputs_of(person).values("media")))


def file_name(media: Media) -> str:
    """Within the archive; of our own making, so that it can lead nowhere else."""
    return f"media/{media.pk}{PurePath(media.path).suffix}"


def batch_facts(row: Batch) -> Facts:
    return {"id": row.pk, "team": row.team_id, "project": row.project_id, "made": row.created_at}


def task_record(row: Task) -> Facts:
    return {
        "id": row.pk,
        "batch": row.batch_id,
        "team": row.team_id,
        "project": row.project_id,
        "retry_of": row.retry_of_id,
        "provider": row.provider,
        "mode": row.mode,
        "model": row.model_name,
        "prompt": row.prompt,
        "values": row.values,
        "inputs": [{"role": one.role, "media": one.media_id} for one in row.inputs.all()],
        "subjects": [one.name for one in row.mentioned_subjects.all()],
        "status": row.status,
        "made": row.created_at,
        "sent": row.sent_at,
        "finished": row.finished_at,
        "credits": row.credits,
        "cost": row.cost,
        "seed": row.seed_used,
        "error": str(row.error),
    }


def media_facts(row: Media) -> Facts:
    return {
        "media": row.pk,
        "file": file_name(row),
        "name": row.name,
        "kind": row.kind,
        "format": row.format,
        "bytes": row.bytes,
        "width": row.width,
        "height": row.height,
        "seconds": row.seconds,
        "sha256": row.sha256,
        "given_sha256": row.given_sha256,
        "carried": row.carried,
    }


def output_facts(row: Output) -> Facts:
    return {
        "id": row.pk,
        "task": row.task_id,
        "team": row.team_id,
        "project": row.project_id,
        "taken_from": row.taken_from_id,
        "taken_at": row.taken_at,
        "made": row.created_at,
        "in_trash_since": row.trashed_at,
        "prompt": row.task.prompt,
        **media_facts(row.media),
    }


def upload_facts(row: Media) -> Facts:
    return {"team": row.team_id, "uploaded": row.created_at, **media_facts(row)}


def subject_facts(row: Subject) -> Facts:
    return {
        "id": row.pk,
        "team": row.team_id,
        "name": row.name,
        "kind": row.kind,
        "description": row.description,
        "style": row.style,
        "voice": row.voice_id,
        "tags": row.tags,
        "media": [one.media_id for one in row.places.all()],
        "made": row.created_at,
        "changed": row.changed_at,
        "archived": row.archived_at,
    }


def project_facts(row: Project) -> Facts:
    return {
        "id": row.pk,
        "team": row.team_id,
        "name": row.name,
        "description": row.description,
        "made": row.created_at,
        "archived": row.archived_at,
    }


def collection_facts(row: Collection) -> Facts:
    return {
        "id": row.pk,
        "team": row.team_id,
        "name": row.name,
        "note": row.note,
        "outputs": list(row.items.order_by("position", "pk").values_list("output", flat=True)),
        "made": row.created_at,
        "changed": row.changed_at,
    }


def filter_facts(row: SavedFilter) -> Facts:
    return {
        "id": row.pk,
        "team": row.team_id,
        "name": row.name,
        "address": row.get_absolute_url(),
        "for_team": row.is_shared,
        "made": row.created_at,
    }


def link_facts(row: ShareLink) -> Facts:
    """Neither the address nor the password."""
    kind = next(name for name in LINK_KINDS if getattr(row, f"{name}_id"))
    return {
        "id": row.pk,
        "team": row.team_id,
        "title": row.title,
        "note": row.note,
        "shows": {kind: getattr(row, f"{kind}_id")},
        "made": row.created_at,
        "starts": row.starts_at,
        "ends": row.expires_at,
        "switched_off": row.revoked_at,
        "has_password": bool(row.password_hash),
        "content": row.mode,
        "downloads": row.downloads,
        "comments": row.comments,
        "answers": row.may_approve,
        "prompts": row.show_prompts,
        "names": row.show_names,
        "versions": row.show_versions,
        "watermark": row.watermark_text,
        "visits": row.views,
        "last_visit": row.last_view_at,
    }


def rating_facts(row: Rating) -> Facts:
    return {
        "output": row.output_id,
        "stars": row.stars,
        "favourite": row.favourite,
        "rejected": row.rejected,
        "given": row.rated_at,
    }


def notice_facts(row: Notice) -> Facts:
    return {
        "team": row.team_id,
        "kind": row.kind,
        "text": str(row.sentence),
        "leads_to": row.path,
        "first": row.since,
        "last": row.at,
        "read": row.read_at,
        "mailed": row.mailed_at,
    }


# --- What they did --------------------------------------------------------------------------------


def acts_of(person: User) -> QuerySet[AuditEvent]:
    there = Q(team=None) | Q(team__in=Team.objects.visible_to(person))
    return AuditEvent.objects.filter(there, actor=person)


def act_facts(own: frozenset[str]) -> Callable[[AuditEvent], Facts]:
    def facts(row: AuditEvent) -> Facts:
        return {
            "at": row.at,
            "team": row.team_id,
            "verb": row.verb,
            "what": row.target_kind,
            "name": without_others(row.target_name, own),
            "changes": without_others(row.changes, own),
            "ip": row.ip,
            "user_agent": row.user_agent,
        }

    return facts


def without_others(value: Any, own: frozenset[str]) -> Any:
    """The same with the addresses of others made unreadable."""
    if isinstance(value, str):
        return ADDRESS.sub(lambda hit: hit[0] if hit[0].lower() in own else "…@…", value)
    if isinstance(value, list):
        return [without_others(one, own) for one in value]
    if isinstance(value, dict):
        return {name: without_others(one, own) for name, one in value.items()}
    return value


# --- All of it ------------------------------------------------------------------------------------


def own_rows(person: User) -> Iterator[tuple[str, Iterator[Facts]]]:
    """Each file of rows by its name."""
    addresses = EmailAddress.objects.filter(user=person).values_list("email", flat=True)
    own = frozenset({person.email, *addresses})
    seen = {"team__in": Team.objects.visible_to(person)}
    mine = made(person) | {"created_by": person}
    tasks = Task.objects.filter(user=person, **seen).prefetch_related(
        "inputs", "mentioned_subjects"
    )
    subjects = Subject.objects.filter(**mine).prefetch_related("places")
    yield "batches", map(batch_facts, paged(Batch.objects.filter(user=person, **seen)))
    yield "tasks", map(task_record, paged(tasks))
    yield "outputs", map(output_facts, paged(outputs_of(person)))
    yield "subjects", map(subject_facts, paged(subjects))
    yield "projects", map(project_facts, paged(Project.objects.filter(**mine)))
    yield "collections", map(collection_facts, paged(Collection.objects.filter(**mine)))
    yield "filters", map(filter_facts, paged(SavedFilter.objects.filter(**mine)))
    yield "share_links", map(link_facts, paged(ShareLink.objects.filter(**mine)))
    ratings = Rating.objects.filter(user=person, output__team__in=seen["team__in"])
    yield "ratings", map(rating_facts, paged(ratings))
    notices = Notice.objects.filter(user=person, **seen)
    yield "notices", map(notice_facts, paged(notices))
    yield "uploads", map(upload_facts, paged(uploads_of(person)))
    yield "audit", map(act_facts(own), paged(acts_of(person)))
