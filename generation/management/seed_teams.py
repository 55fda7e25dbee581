"""A made-up team of five with everything that teams have, to look at and to test."""

import os
import random
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from generation.engine.share_terms import usual_end
from generation.engine.stacks import add_version
from generation.media import papers
from generation.models import (
    AuditEvent,
    Collection,
    ConsentFile,
    ConsentKind,
    Downloads,
    Invitation,
    InvitationState,
    Media,
    Membership,
    Output,
    Presence,
    Role,
    ShareLink,
    Stack,
    StackVersion,
    Subject,
    SubjectKind,
    Team,
    User,
    Verb,
    audit,
)
from generation.models.consents import set_consent, studio_today

TEAM, CLIENT = "Studio Herz", "Maison Odile"
PEOPLE = (
    ("Mira Kessler", Role.ADMIN, timedelta(seconds=20)),
    ("Kenji Watanabe", Role.MEMBER, timedelta(minutes=12)),
    ("Tomás Okafor-Lindqvist", Role.MEMBER, timedelta(hours=20)),
    ("林晓雯", Role.VIEWER, timedelta(days=10)),
)
ADDRESSES = ("mira", "kenji", "tomas.okafor-lindqvist", "xiaowen.lin")
GONE = "Sam Adeyemi"
INVITED = (
    ("jonas.brandt@studioherz.example", Role.MEMBER, InvitationState.WAITING, 6),
    ("", Role.VIEWER, InvitationState.WAITING, 3),
    ("annelise.vandenbroucke-steinmetz@atelier-vandenbroucke.example", Role.MEMBER,
     InvitationState.WAITING, 1),
    ("pierre@maison-odile.example", Role.VIEWER, InvitationState.EXPIRED, -12),
    ("sam@adeyemi.example", Role.MEMBER, InvitationState.REVOKED, -5),
    ("ines@prado.example", Role.ADMIN, InvitationState.VOID, 4),
)  # fmt: skip
SUBJECTS = (
    ("Flacon", SubjectKind.THING), ("Odile", SubjectKind.PERSON), ("Mila", SubjectKind.ANIMAL),
    ("Atelier", SubjectKind.PLACE),
)  # fmt: skip
CONSENTS = (
    ("Flacon", ConsentKind.LICENCE, 200, "Worldwide, all media. Contact: licences at Maison Odile"),
    ("Odile", ConsentKind.RELEASE, 12, "EU and UK, online only, no print"),
    ("Mila", ConsentKind.RELEASE, -3, "Spring campaign only"),
)
DAYS = 40
COLLECTED = 14
VERSIONS = ("First idea", "Slower push-in", "Label straight, warmer light")
MOST_LOOKED_AT = 300


def make_team(owner: User) -> tuple[Team, list[User]]:
    """The team with its people, the owner first. They log in with STUDIO_PASSWORD, where it is
    set."""
    team = Team.found(TEAM, owner)
    people = [owner]
    for (name, role, ago), address in zip(PEOPLE, ADDRESSES, strict=True):
        email = f"{address}.{team.pk}@studioherz.example"
        person = User.objects.create_user(email, os.environ.get("STUDIO_PASSWORD"), name=name)
        member = Membership.objects.create(team=team, user=person, role=role)
        Presence.objects.create(membership=member, seen_at=timezone.now() - ago)
        people.append(person)
    own = Membership.objects.get(team=team, user=owner)
    Presence.objects.update_or_create(membership=own, defaults={"seen_at": timezone.now()})
    client = Team.found(CLIENT, people[1])
    Membership.objects.create(team=client, user=owner, role=Role.VIEWER)
    invite(team, people)
    return team, people


def invite(team: Team, people: list[User]) -> None:
    for number, (email, role, state, days) in enumerate(INVITED):
        one = Invitation(
            team=team, email=email, role=role, state=state, created_by=people[number % 2],
            max_uses=1 if email else 5, uses=0 if email else 2,
        )  # fmt: skip
        one.set_token()
        one.set_days(days)
        if state != InvitationState.WAITING:
            one.ended_at = timezone.now() - timedelta(days=abs(days))
        one.save()


def add_subjects(team: Team, people: list[User], files: list[Media]) -> None:
    """One each, of uploads that are there; the last one was left by somebody who is gone."""
    for number, ((name, kind), media) in enumerate(zip(SUBJECTS, files, strict=False)):
        maker = people[number % 3]
        subject = Subject.objects.create(team=team, created_by=maker, name=name, kind=kind)
        subject.place([media])
    Subject.objects.filter(team=team, name=SUBJECTS[-1][0]).update(made_by_name=GONE)
    add_consents(team, people)


def add_consents(team: Team, people: list[User]) -> None:
    """One that holds, with its paper, one that ends soon, and one that is over."""
    subjects = {one.name: one for one in Subject.objects.filter(team=team)}
    for number, (name, kind, days, note) in enumerate(CONSENTS):
        file = add_paper(subjects[name], note) if number == 0 else None
        until = studio_today() + timedelta(days=days)
        facts: dict[str, Any] = {"kind": kind, "until": until, "note": note, "file": file}
        set_consent(subjects[name], 0, people[number], **facts)


def add_paper(subject: Subject, line: str) -> ConsentFile:
    stored = papers.take_paper(one_page_pdf(f"Licence for {subject.name}", line))
    return ConsentFile.objects.create(
        team=subject.team, subject=subject, created_by=subject.created_by,
        name=f"{subject.name} licence.pdf", **asdict(stored),
    )  # fmt: skip


def one_page_pdf(*lines: str) -> bytes:
    """The least that every reader opens, with a table of contents that is right."""
    shown = "".join(f"({line}) Tj 0 -28 Td " for line in lines)
    stream = f"BT /F1 18 Tf 72 720 Td {shown}ET"
    bodies = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        "/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    text, places = "%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(bodies) + 1
    end = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<</Size {count}/Root 1 0 R>>\n"
    return f"{text}{end}startxref\n{len(text)}\n%%EOF\n".encode("ascii")


def add_links(team: Team, people: list[User]) -> None:
    """One that a client looks at, to a collection of the newest results, and one that is over, to
    all of a project."""
    owner, admin = people[:2]
    newest = list(team.outputs.kept().order_by("-created_at", "-pk")[:COLLECTED])
    if not newest:
        return
    picks = Collection.objects.create(team=team, name="Flacon selects", created_by=admin)
    picks.add(newest, admin)
    now = timezone.now()
    open_link = ShareLink(
        team=team, collection=picks, created_by=admin, title="Flacon launch film, first selects",
        note="Please look at rhythm and the label first; sound is a placeholder.",
        downloads=Downloads.PREVIEW, may_approve=True, expires_at=usual_end(team),
        views=38, last_view_at=now - timedelta(minutes=4), created_at=now - timedelta(days=3),
    )  # fmt: skip
    over = ShareLink(
        team=team, project=newest[0].project, created_by=owner, title="Moods for the kick-off",
        expires_at=now - timedelta(days=12), views=9, last_view_at=now - timedelta(days=19),
        created_at=now - timedelta(days=42),
    )  # fmt: skip
    for link in (open_link, over):
        link.set_token()


def add_stack(team: Team, people: list[User]) -> None:
    """Three versions of one shot: results of the same kind that show the same."""
    rows = Output.objects.filter(team=team, marked=False).kept().select_related("task")
    alike: dict[tuple[str, ...], list[Output]] = {}
    for output in rows.newest_first()[:MOST_LOOKED_AT]:
        key = (output.kind, *output.task.prompt.split()[:3])
        alike.setdefault(key, []).append(output)
    found = max(
        alike.items(),
        key=lambda one: (len(one[1]) >= len(VERSIONS), one[0][0] == "video", len(one[1])),
        default=None,
    )
    if found is None or len(found[1]) < len(VERSIONS):
        return
    first, *later = reversed(found[1][: len(VERSIONS)])
    for output, note in zip(later, VERSIONS[1:], strict=True):
        version = add_version(first, output, people[1], note)
    StackVersion.objects.filter(output=first).update(note=VERSIONS[0])
    Stack.objects.filter(pk=version.stack_id).update(name="Flacon hero")


def add_audit(team: Team, people: list[User], dice: random.Random) -> None:
    """What five people do in some weeks."""
    owner, admin, member = people[:3]
    acts: tuple[Callable[[], AuditEvent], ...] = (
        lambda: audit(Verb.OUTPUT_TRASHED, team=team, actor=member, changes={"count": 12}),
        lambda: audit(Verb.PROJECT_CREATED, team=team, actor=admin, name="Flacon launch film"),
        lambda: audit(
            Verb.MEMBER_ROLE, team=team, actor=admin, target=people[3],
            changes={"role": [Role.VIEWER, Role.MEMBER]},
        ),
        lambda: audit(
            Verb.INVITED, team=team, actor=owner, name=INVITED[0][0],
            changes={"role": Role.MEMBER},
        ),
        lambda: audit(
            Verb.MEMBER_REMOVED, team=team, actor=owner, name=GONE,
            changes={"heir": admin.shown_name, "outputs": 16, "subjects": 1, "cancelled": 1},
        ),
        lambda: audit(Verb.INVITATION_EXPIRED, team=team, actor=None, name=INVITED[3][0]),
    )  # fmt: skip
    with transaction.atomic():  # as drafts: the log lets nobody change when an act was
        events = [dice.choice(acts)() for _ in range(DAYS)]
        transaction.set_rollback(True)
    for number, event in enumerate(events):
        event.pk, event.at = None, timezone.now() - timedelta(days=number, hours=dice.random() * 9)
    AuditEvent.objects.bulk_create(events)
