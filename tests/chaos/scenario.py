"""What happens in the studio while its cluster is killed; run inside of it."""

import json
import secrets
import time
from collections import Counter
from typing import Any

from django.utils import timezone

from generation.catalogue import rules
from generation.engine import held_tasks, start
from generation.engine.provider_clients import call_provider, connect
from generation.engine.registration import requests as registration_requests
from generation.models import ApiKey, Membership, Registration, Subject, Task, Team, User
from generation.providers.base import SubjectSnapshot
from tests.factories import make_key, make_media, make_subject

PERSON = "chaos@example.test"
SUBJECTS, SUBJECT_TASKS = 8, 6
REWORDED, REPAINTED = range(4), range(4, 6)
ENDED = ("succeeded", "kept", "failed", "cancelled")
LIBRARIES = (("vidu", "first"), ("vidu", "second"), ("vtrix", "third"))
SHARED_BY_TWO_KEYS = 3


def people() -> None:
    Team.create_personal(User.objects.create_user(PERSON, "x"))


def begin(count: int) -> None:
    for number in range(count):
        order(("demo", "image", "viduq2"), prompt=f"Ridge {number}")


def order(named: tuple[str, str, str], subjects: tuple[Subject, ...] = (), **values: Any) -> None:
    user, offer = User.objects.get(email=PERSON), rules.offer(*named)
    team = user.teams.get()
    checked = rules.check(offer, values, {"subjects": [one.facts for one in subjects]})
    start.start(
        start.Start(
            user=user, team=team, project=team.projects.get(), key=None, offer=offer,
            intent=secrets.token_hex(8), values=checked, subjects=subjects,
        )
    )  # fmt: skip


def add_subjects() -> None:
    """Subjects that tasks use, and the same asked for directly in three libraries."""
    user = User.objects.get(email=PERSON)
    for provider, label in LIBRARIES:
        make_key(user, provider, label=label)
    for number in range(SUBJECTS):
        description = "A singer with grey hair" if number % 2 else ""
        make_subject(user, f"Mira{number}", description=description)
    ask()
    for number in range(SUBJECT_TASKS):
        subject = Subject.objects.get(name=f"Mira{number}")
        named, prompt = ("demo", "reference", "viduq3"), f"@Mira{number} walks"
        order(named, (subject,), prompt=prompt, duration=3, resolution="540p")


def ask() -> None:
    for number in range(SUBJECTS):
        for provider, label in LIBRARIES:
            if label != "second" or number < SHARED_BY_TWO_KEYS:
                key = ApiKey.objects.get(label=label)
                registration_requests.register(
                    Subject.objects.get(name=f"Mira{number}"), provider, key
                )


def edit() -> None:
    """New text for some and new images for others, whatever is under way just then."""
    user = User.objects.get(email=PERSON)
    for number in (*REWORDED, *REPAINTED):
        subject = Subject.objects.get(name=f"Mira{number}")
        painted = [make_media(user)] if number in REPAINTED else subject.files
        subject.edit(subject.version, painted, description=f"Edited {number}")
    ask()


def report(patience: float) -> None:
    """What the studio itself believes once nothing goes on, or when patience is at its end.

    Waited for here: a process for each look would take the machine from what is looked at.
    """
    ends = time.monotonic() + patience
    while goes_on(state := believed()) and time.monotonic() < ends:
        time.sleep(1)
    print(json.dumps(state, default=str))


def believed() -> dict[str, list[dict[str, Any]]]:
    tasks = Task.objects.values("marker", "status", "error", "next_look_at")
    fields = ("provider", "label", "server_id", "state", "error")
    rows = Registration.objects.values(*fields)
    return {"tasks": list(tasks), "registrations": list(rows)}


def goes_on(state: dict[str, list[dict[str, Any]]]) -> Counter[str]:
    """What is not at its end; an uncertain task that waits for a person is."""
    for_a_person = {"status": "uncertain", "next_look_at": None}
    tasks = [
        task["status"]
        for task in state["tasks"]
        if task["status"] not in ENDED and not task.items() >= for_a_person.items()
    ]
    rows = [row["state"] for row in state["registrations"] if row["state"] not in ENDED]
    return Counter(tasks + rows)


def library_of(provider: str, key: ApiKey | None) -> list[SubjectSnapshot]:
    return call_provider(connect(provider, key), lambda client: client.list_subjects())


def report_libraries() -> None:
    """What the providers themselves hold, by id."""
    found = library_of("demo", None)
    for provider, label in LIBRARIES:
        found += library_of(provider, ApiKey.objects.get(label=label))
    print(json.dumps({one.server_id: one.name for one in found}))


def report_held(patience: float) -> None:
    """How many wait for a person's decision, once each of them was looked for."""
    ends = time.monotonic() + patience
    while (found := counts_of_held()) != (found[0] or 1, found[0]) and time.monotonic() < ends:
        time.sleep(0.5)
    print(json.dumps({"held": found[0], "looked_for": found[1]}))


def counts_of_held() -> tuple[int, int]:
    held = Task.objects.held()
    return held.count(), held.filter(listings__gt=0).count()


def send_held() -> None:
    """As the button does; tells for how many it counted."""
    member = Membership.objects.select_related("team").get(user__email=PERSON)
    print(held_tasks.send_held(member, timezone.now()))
