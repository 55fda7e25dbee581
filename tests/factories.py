"""Rows for tests, each as small as it can be."""

import itertools
import secrets
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from generation.catalogue.message import Message
from generation.models import (
    ApiKey,
    Batch,
    Collection,
    Consent,
    ConsentFile,
    Invitation,
    KeyLoan,
    Media,
    Membership,
    Notice,
    Output,
    Project,
    ReviewRequest,
    ReviewState,
    Role,
    SavedFilter,
    ShareLink,
    Stack,
    StackVersion,
    Subject,
    Task,
    Team,
    User,
    Visitor,
)
from generation.models.addresses import prove_address
from generation.models.search import batch_text

counter = itertools.count(1)


def make_user(email: str = "", **fields: Any) -> User:
    """A person with a proven address, and the team and first project of a new account."""
    user = User.objects.create_user(
        email or f"person{next(counter)}@example.test", "pass-1234-word", **fields
    )
    prove_address(user, user.email)
    return user


def make_member(team: Team, role: str = Role.MEMBER, **fields: Any) -> User:
    """A person whose only team is `team`."""
    user = User.objects.create_user(
        f"member{next(counter)}@example.test", "pass-1234-word", **fields
    )
    Membership.objects.create(team=team, user=user, role=role)
    prove_address(user, user.email)
    return user


def team_of(user: User) -> Team:
    return user.teams.get()


def make_invitation(
    team: Team, inviter: User, email: str = "", days: int = 7, **fields: Any
) -> tuple[Invitation, str]:
    """One that waits, and its token; for whoever has the link unless an address is given."""
    row = Invitation(team=team, created_by=inviter, email=email)
    row.set_days(days)
    token = row.set_token()
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row, token


def project_of(user: User) -> Project:
    return team_of(user).projects.first()


def make_saved_filter(team: Team, maker: User, **fields: Any) -> SavedFilter:
    """For everybody in the team, unless `user` says whose it is."""
    facts = {"team": team, "created_by": maker, "name": "Videos", "query": "type=video"}
    return SavedFilter.objects.create(**facts | fields)


def make_collection(user: User, outputs: Sequence[Output] = (), **fields: Any) -> Collection:
    team = fields.pop("team", None) or team_of(user)
    row = Collection.objects.create(
        **({"team": team, "name": "Picks", "created_by": user} | fields)
    )
    row.add(outputs, user)
    return row


def make_key(user: User, provider: str = "vidu", secret: str = "", **fields: Any) -> ApiKey:
    key = ApiKey(user=user, provider=provider, **fields)
    key.set_secret(secret or f"vda_{secrets.token_hex(12)}")
    key.save()
    return key


def png(width: int = 192, height: int = 144, colour: str = "teal", format: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), colour).save(out, format)
    return out.getvalue()


def make_media(user: User, width: int = 192, height: int = 144, **fields: Any) -> Media:
    data = png(width or 16, height or 9)
    paths = [
        default_storage.save(f"test/{secrets.token_hex(12)}.png", ContentFile(data))
        for _ in range(3)
    ]
    facts = {
        "team": team_of(user), "created_by": user, "uploaded": True, "path": paths[0],
        "thumb_path": paths[1], "preview_path": paths[2], "mime": "image/png", "format": "png",
        "bytes": len(data), "width": width, "height": height, "sha256": "0" * 64,
    }  # fmt: skip
    return Media.objects.create(**facts | fields)


def make_subject(
    user: User, name: str = "", files: list[Media] | None = None, **fields: Any
) -> Subject:
    """A subject of the user's team, with one picture unless files are given."""
    team = fields.pop("team", None) or team_of(user)
    name = name or f"Subject{next(counter)}"
    subject = Subject.objects.create(team=team, created_by=user, name=name, **fields)
    subject.place([make_media(user, team=team)] if files is None else files)
    return subject


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def make_consent_file(subject: Subject, data: bytes = PDF, **fields: Any) -> ConsentFile:
    """A paper that no consent has yet."""
    path = default_storage.save(f"test/{secrets.token_hex(12)}.pdf", ContentFile(data))
    facts = {
        "team": subject.team, "subject": subject, "created_by": subject.created_by, "path": path,
        "mime": "application/pdf", "format": "pdf", "bytes": len(data), "sha256": "0" * 64,
        "name": "release.pdf",
    }  # fmt: skip
    return ConsentFile.objects.create(**facts | fields)


def make_consent(subject: Subject, **fields: Any) -> Consent:
    """A release without end or paper, unless other fields are given."""
    by = subject.created_by
    facts = {"set_by": by, "set_by_name": by.shown_name if by else ""}
    facts |= {"version": subject.tell_team(by)}
    consent = Consent.objects.create(subject=subject, **facts | fields)
    if consent.file:
        ConsentFile.objects.filter(pk=consent.file.pk).update(unused_since=None)
    return consent


def make_video(user: User, data: bytes = b"film", **fields: Any) -> Media:
    """A generated video of 5 s; give `data` where it is really opened."""
    path = default_storage.save(f"test/{secrets.token_hex(12)}.mp4", ContentFile(data))
    facts = {
        "kind": "video", "uploaded": False, "path": path, "mime": "video/mp4", "format": "mp4",
        "seconds": 5.0, "fps": 24.0, "codec": "h264", "has_sound": True, "bytes": len(data),
        "width": 1280, "height": 720,
    }  # fmt: skip
    return make_media(user, **facts | fields)


def make_audio(user: User, **fields: Any) -> Media:
    """A generated sound of 6.25 s."""
    path = default_storage.save(f"test/{secrets.token_hex(12)}.mp3", ContentFile(b"sound"))
    facts = {
        "kind": "audio", "uploaded": False, "path": path, "mime": "audio/mpeg", "format": "mp3",
        "seconds": 6.25, "codec": "mp3", "width": 0, "height": 0,
    }  # fmt: skip
    return make_media(user, **facts | fields)


def make_task(user: User, **fields: Any) -> Task:
    team, project = fields.pop("team", None) or team_of(user), fields.pop("project", None)
    project = project or team.projects.first()
    prompt = fields.get("prompt", "A lighthouse at dusk")
    batch = Batch.objects.create(
        team=team, project=project, user=user, intent=secrets.token_hex(8),
        search_text=batch_text(team.pk, project.pk, [prompt]),
    )  # fmt: skip
    facts = {
        "batch": batch, "team": team, "project": project, "user": user, "provider": "demo",
        "mode": "image", "model_name": "viduq2", "prompt": prompt,
        "values": {"prompt": "A lighthouse at dusk", "resolution": "1080p", "aspect_ratio": "16:9"},
    }  # fmt: skip
    return Task.objects.create(**facts | fields)


def make_output(user: User, task: Task | None = None, **fields: Any) -> Output:
    task = task or make_task(user, status="succeeded")
    media = fields.pop("media", None) or make_media(user, uploaded=False, team=task.team)
    facts = {
        "task": task, "team": task.team, "project": task.project, "user": user, "media": media,
        "kind": media.kind,
    }  # fmt: skip
    return Output.objects.create(**facts | fields)


def make_notice(user: User, **fields: Any) -> Notice:
    """An unread one of the user's team, about a key."""
    now = fields.pop("at", None) or timezone.now()
    facts = {
        "user": user, "team": fields.pop("team", None) or team_of(user), "kind": "key.paused",
        "url": "/settings/keys/", "since": now, "at": now,
        "text": Message("Your key %(name)s is refused by %(provider)s.", name="Studio",
                        provider=Message("Vidu")),
    }  # fmt: skip
    return Notice.objects.create(**facts | fields)


def make_loan(key: ApiKey, team: Team, weekly_credits: int | None = None, **fields: Any) -> KeyLoan:
    return KeyLoan.objects.create(key=key, team=team, weekly_credits=weekly_credits, **fields)


def make_stack(user: User, outputs: Sequence[Output], **fields: Any) -> Stack:
    """Versions of one shot, the first given is number 1."""
    one = outputs[0]
    facts = {"team": one.team, "project": one.project, "created_by": user}
    facts["last_number"] = len(outputs)
    stack = Stack.objects.create(**facts | fields)
    for number, output in enumerate(outputs, 1):
        StackVersion.objects.create(stack=stack, number=number, output=output, made_by=user)
        Output.objects.filter(pk=output.pk).update(
            version_number=number, superseded=number < len(outputs)
        )
    return stack


def make_request(output: Output, asker: User, reviewers: Sequence[User]) -> ReviewRequest:
    """A question about its file, open, with nothing written into the log."""
    row = ReviewRequest.objects.create(
        team=output.team, output=output, sha256=output.media.sha256, created_by=asker
    )
    for one in reviewers:
        row.decisions.create(reviewer=one, name_then=one.shown_name)
    Output.objects.filter(pk=output.pk).update(review=ReviewState.IN_REVIEW)
    return row


def make_link(user: User, **fields: Any) -> ShareLink:
    """A link to the output, collection, project or stack that is named; nothing else is needed."""
    target = next(fields[name] for name in ("output", "collection", "project", "stack")
                  if name in fields)  # fmt: skip
    row = ShareLink(**{"team": target.team, "created_by": user, "title": "For the client"} | fields)
    row.set_token()
    return row


def make_visitor(link: ShareLink, name: str = "Claire Dubois", **fields: Any) -> Visitor:
    facts = {"link": link, "name": name, "secret_hash": secrets.token_hex(32), "generation": 1}
    return Visitor.objects.create(**facts | fields)
