"""One small world with everybody in it, and every address of the studio to knock at."""

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from generation.engine.comments import post
from generation.engine.share_terms import usual_end
from generation.models import Membership, NoticeKind, Output, Role, TaskInput, Team, User
from generation.models.invitations import token_hash
from generation.views.share.gate import COOKIE
from tests.authenticator import add_passkey
from tests.factories import (
    make_collection,
    make_consent,
    make_consent_file,
    make_invitation,
    make_key,
    make_link,
    make_loan,
    make_media,
    make_member,
    make_notice,
    make_output,
    make_request,
    make_saved_filter,
    make_stack,
    make_subject,
    make_task,
    make_user,
    make_visitor,
    team_of,
)

# Rows that a read may touch: who is logged in, and hints of the queue that may be lost or repeated.
FLEETING = {"sessions.Session", "django_q.OrmQ", "generation.Lease", "generation.Beat",
            "generation.Presence"}  # fmt: skip


NEEDED = {  # without it there is nothing to show
    "create-cost": "?mode=image&model=demo/viduq2",
    "create-pick": "?for=images",
    "create-take": "?for=images",
    "link-new": "?output={output_id}",
    "upload-crop": "?for=images&mode=image",
}


@dataclass(frozen=True)
class Address:
    name: str
    params: tuple[str, ...]


def addresses() -> list[Address]:
    """Every named pattern below the root, by walking the resolver."""
    found = [Address(name, params) for name, _entry, params in walk(get_resolver())]
    return sorted(found, key=lambda one: one.name)


def patterns() -> dict[str, URLPattern]:
    """Each by its name."""
    return {name: entry for name, entry, _params in walk(get_resolver())}


def walk(
    resolver: URLResolver, outer: tuple[str, ...] = (), within: str = ""
) -> Iterator[tuple[str, URLPattern, tuple[str, ...]]]:
    for entry in resolver.url_patterns:
        params = (*outer, *entry.pattern.regex.groupindex)
        if isinstance(entry, URLResolver):
            yield from walk(entry, params, f"{entry.namespace}:" if entry.namespace else within)
        else:
            assert isinstance(entry, URLPattern)
            assert entry.name, f"{entry.pattern} has no name"
            yield f"{within}{entry.name}", entry, params


@dataclass
class World:
    """Team Alpha with one person per role; `maker` made all its things. Strangers are outside."""

    team: Team
    people: dict[str, User]
    things: dict[str, Any]
    clients: dict[str, dict[str, str]] = field(default_factory=dict)

    def path(self, address: Address) -> str:
        path = reverse(address.name, kwargs={name: self.things[name] for name in address.params})
        return path + NEEDED.get(address.name, "").format(**self.things)

    def body(self, address: Address) -> dict[str, Any]:
        """What a person would post there."""
        mine = {"project": self.things["slug"], "model": "demo/viduq2", "count": "1", "key": ""}
        return {
            "create": mine | {"intent": "intent-of-a-form-1", "prompt": "A lighthouse",
                              "resolution": "1080p", "aspect_ratio": "16:9",
                              "images": [self.things["media_id"]]},
            "library-trash": {"ids": [self.things["output_id"]]},
            "trash-delete": {"ids": [self.things["output_id"]], "sure": "1"},
            "compare": {"ids": [self.things["output_id"]]},
            "compare-winner": {"ids": [self.things["output_id"], self.things["other_output_id"]],
                               "winner": self.things["output_id"]},
            "library-versions": {"ids": [self.things["output_id"],
                                         self.things["other_output_id"]]},
            "output-version": {"of": self.things["other_output_id"]},
            "stack": {"name": "Flacon hero", "ask_again": "on"},
            "version-note": {"note": "Slower"},
            "version-still-open": {"comment": self.things["open_comment"]},
            "library-rate": {"ids": [self.things["output_id"]], "stars": "4"},
            "output-rate": {"stars": "4"},
            "saved-filter-new": {"name": "Videos", "query": "type=video"},
            "saved-filter-edit": {"name": "All videos", "audience": "team"},
            "review-answer": {"request": self.things["request_id"], "answer": "approved"},
            "review-ask": {"ids": [self.things["other_output_id"]], "send": "1", "needed": "all",
                           "people": [self.people["maker"].pk]},
            "output-comments": {"body": "Hold it longer", "parent": self.things["comment_id"]},
            "comment-edit": {"body": "Hold it for a second"},
            "collection-new": {"name": "Final picks"},
            "collection-collect": {"ids": [self.things["output_id"]], "name": "Final picks"},
            "collection-edit": {"name": "Client round 2"},
            "collection-arrange": {"output": self.things["output_id"], "to": "last"},
            "collection-out": {"ids": [self.things["output_id"]]},
            "collection-cover": {"ids": [self.things["output_id"]]},
            "share-name": {"name": "Claire Dubois"},
            "share-answer": {"state": "approved"},
            "share-comments": {"body": "The label is too dark."},
            "share-comment": {"body": "The label is a little too dark."},
            "link-new": {"output": self.things["output_id"], "title": "First selects"},
            "link-edit": {"title": "Second selects", "ends": "30"},
            "links-revoke": {"ids": [self.things["link_id"]], "sure": "1"},
            "team-sharing": {"share_days": "60", "share_originals": "on"},
            "library-download": {"ids": [self.things["output_id"]]},
            "team-switch": {"team": self.team.pk},
            "subject-new": {"name": "Nova", "kind": "person", "images": [self.things["media_id"]]},
            "subject-edit": {"name": "Mira", "kind": "person", "seen": "1",
                             "images": [self.things["media_id"]]},
            "subject-consent": {"seen": self.things["consent_version"], "kind": "licence"},
            "subject-import": {"library": self.things["key_id"]},
            "subject-register": {"library": "demo"},
            "team-new": {"name": "Maison Odile"},
            "team-settings": {"name": "Studio Herz"},
            "team-delivery": {"source_mark": "on"},
            "upload-crop": {"crop-shape": "free", "crop-left": "0", "crop-top": "0",
                            "crop-width": "140", "crop-height": "130"},
            "check-file": {"sha256": "0" * 64},
            "member-role": {"role": "viewer"},
            "team-invitations": {"email": "jonas@example.test", "role": "member", "days": "7"},
            "project-new": {"name": "Spring", "description": "Stills"},
            "project-settings": {"name": "Winter", "description": "Stills"},
            "settings-profile": {"name": "Mika", "language": "en"},
            "settings-appearance": {"theme": "dark"},
            "settings-shortcuts": {"on": "on"},
            "settings-notices": notice_choices(),
            "notices-read": {"upto": self.things["notice_id"]},
            "key-add": {"provider": "kkiai", "label": "Mine", "secret": "vda_0123456789ab"},
            "key-lend": {"member": self.things["membership_id"], "weekly_credits": "200"},
            "key-loan": {"weekly_credits": "300"},
            "key-replace": {"secret": "vda_0123456789cd"},
            "account_signup": {"email": "new@example.test", "password1": "pass-1234-word"},
            "account_login": {"login": self.people["member"].email, "password": "pass-1234-word"},
            "account_email": {"action_add": "", "email": "other@example.test"},
            "account_change_password": {"oldpassword": "pass-1234-word",
                                        "password1": "other-5678-word"},
            "account_reset_password": {"email": self.people["maker"].email},
            "account_reauthenticate": {"password": "pass-1234-word"},
            "mfa_edit_webauthn": {"name": "Key ring"},
            "announcement-dismiss": {"announcement": "1"},
        }.get(address.name, {})  # fmt: skip

    def client(self, actor: str, **options: Any) -> Client:
        """A fresh browser that `actor` is logged in with, working in team Alpha."""
        client = Client(raise_request_exception=False, **options)
        client.handler = loaded(client.handler.enforce_csrf_checks)
        client.cookies.load(self.clients.get(actor, {}))
        return client

    def answers(
        self, actor: str, address: Address, query: dict[str, Any] | None = None
    ) -> Iterator[HttpResponse]:
        """The page, and what htmx gets instead where that differs."""
        page = self.client(actor).get(self.path(address), query)
        yield page
        if "HX-Request" in page.headers.get("Vary", ""):
            headers = {"HX-Request": "true"}
            yield self.client(actor).get(self.path(address), query, headers=headers)


@functools.cache
def loaded(strict: bool) -> ClientHandler:
    """One handler for thousands of browsers: loading the middleware takes longer than a page."""
    return ClientHandler(strict)


def build() -> World:
    owner = make_user(name="Olga Owner")
    team = team_of(owner)
    people = {
        "owner": owner,
        "admin": make_member(team, Role.ADMIN),
        "maker": make_member(team, Role.MEMBER, name="Mika Maker"),
        "member": make_member(team, Role.MEMBER),
        "viewer": make_member(team, Role.VIEWER),
        "stranger": make_user(name="Stan Stranger"),
        "removed": make_user(),
        "inactive": make_member(team, Role.MEMBER),
    }
    Membership.objects.create(team=team, user=people["removed"], role=Role.ADMIN)
    world = World(team, people, things_of(people["maker"], team) | invitation_of(owner, team))
    asked = [people[name] for name in ("owner", "admin", "maker", "member", "viewer")]
    output = Output.objects.get(pk=world.things["output_id"])
    world.things["request_id"] = make_request(output, people["maker"], asked).pk
    log_everybody_in(world)
    let_visitor_in(world)
    Membership.objects.filter(team=team, user=people["removed"]).delete()
    User.objects.filter(pk=people["inactive"].pk).update(is_active=False)
    return world


def things_of(maker: User, team: Team) -> dict[str, Any]:
    """One object per parameter of an address, all made by `maker`."""
    project = team.projects.create(
        name="Aurelle launch film", description="Film and stills", created_by=maker
    )
    task = make_task(maker, project=project, status="succeeded")
    image = make_media(maker, name="lighthouse.png")
    lent = make_key(maker, label="Lent")
    TaskInput.objects.create(task=task, position=0, media=image)
    subject = make_subject(maker, "Mira", [image])
    consent = make_consent(subject, file=make_consent_file(subject))
    output = make_output(maker, task)
    versions = [make_output(maker, task, position=place) for place in (2, 3)]
    stack = make_stack(maker, versions)
    comment = post(versions[0], author=maker, body="Too bright")
    return {
        "task_id": task.pk,
        "person_id": maker.pk,
        "team_id": team.pk,
        "decision": "give-up",
        "token": task.callback_token,
        "media_id": image.pk,
        "output_id": output.pk,
        "other_output_id": make_output(maker, task, position=1).pk,
        "stack_id": stack.pk,
        "version_id": stack.versions.get(number=2).pk,
        "open_comment": str(comment.pk),
        "collection_id": make_collection(maker, [output], team=team).pk,
        "filter_id": make_saved_filter(team, maker).pk,
        "link_id": make_link(maker, output=output, expires_at=usual_end(team)).pk,
        "comment_id": post(output, author=maker, body="Hold it").pk,
        "subject_id": subject.pk,
        "consent_version": consent.version,
        "notice_id": make_notice(maker, team=team).pk,
        "slug": project.slug,
        "membership_id": team.memberships.get(user=maker).pk,
        "passkey_id": add_passkey(maker, "Blue key").pk,
        "key_id": make_key(maker, is_default=True, label="Studio").pk,
        "loan_id": make_loan(lent, team, 500).pk,
        "mode": "image",
        "variant": "thumb",
        "name": "clip.mp4",
        "form": "csv",
        "uidb36": "1",
        "key": "none",
    }


def notice_choices() -> dict[str, str]:
    """All in the studio, and at once by mail."""
    found = {f"studio:{kind}": "on" for kind in NoticeKind}
    return found | {f"mail:{kind}": "once" for kind in NoticeKind}


def invitation_of(owner: User, team: Team) -> dict[str, Any]:
    """An open link to the team."""
    row, token = make_invitation(team, owner, max_uses=20)
    return {"invitation_id": row.pk, "invitation_token": token}


def let_visitor_in(world: World) -> None:
    """A guest whom a link of `maker` let in just now, and who wrote a comment."""
    output = Output.objects.get(pk=world.things["output_id"])
    link = make_link(world.people["maker"], output=output, may_approve=True, downloads="preview",
                     expires_at=timezone.now() + timedelta(days=30))  # fmt: skip
    link.items.create(output=output, number=1)
    secret = "secret-of-the-visitor"
    visitor = make_visitor(link, secret_hash=token_hash(secret), viewed_at=timezone.now())
    comment = post(output, visitor=visitor, link=link, body="The label is dark.")
    world.clients["visitor"] = {COOKIE: f"{link.generation}.{secret}"}
    world.things |= {"share_token": link.token(), "number": 1, "guest_comment_id": comment.pk,
                     "ticket": "none"}  # fmt: skip


def log_everybody_in(world: World) -> None:
    for actor, user in world.people.items():
        client = Client()
        client.force_login(user)
        session = client.session
        if actor != "stranger":
            member = Membership.objects.get(team=world.team, user=user)
            session["membership"], session["team_name"] = member.pk, world.team.name
            session.save()
        assert session[SESSION_KEY] == str(user.pk)
        world.clients[actor] = {name: morsel.value for name, morsel in client.cookies.items()}


def rows(*, without: frozenset[str] = frozenset()) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as the database's driver gives it."""
    found = {}
    with connection.cursor() as cursor:
        for label, (names, query) in selections().items():
            if label not in without:
                cursor.execute(query)
                found[label] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for user in found.get("generation.User", ()):
        del user["last_login"]
    return found


@functools.cache
def selections() -> dict[str, tuple[list[str], str]]:
    """Each table's columns and query. Made once: making it takes ten times what asking takes."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label not in FLEETING:
            names = [field.attname for field in model._meta.concrete_fields]
            query = str(model._base_manager.order_by("pk").values(*names).query)
            found[model._meta.label] = (names, query)
    return found


def digest() -> str:
    """Two equal digests: nothing was written in between."""
    return hashlib.sha256(repr(rows()).encode()).hexdigest()


def has_team(model: Any) -> bool:
    return any(field.name == "team" for field in model._meta.concrete_fields)
