"""The people of a drill and what they ask for: many kinds, at several providers."""

import random
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image

from generation.catalogue import rules
from generation.engine import start
from generation.media import images
from generation.models import ApiKey, Media, Subject, Team, User

PEOPLE, SUBJECTS = 3, 3
KEYS = ("vidu", "vidu-cn", "kkiai", "vtrix")


@dataclass(frozen=True)
class WorkKind:
    """One kind of task, and how many of all are of it."""

    provider: str
    mode: str
    model_name: str
    share: int
    values: dict[str, Any] = field(default_factory=dict)
    has_image: bool = False
    has_subject: bool = False


SHORT = {"duration": 1, "resolution": "540p"}
KINDS = (
    WorkKind("demo", "image", "viduq2", 6),
    WorkKind("vidu", "image", "viduq2", 9),
    WorkKind("vidu-cn", "image", "viduq2", 5, has_image=True),
    WorkKind("kkiai", "image", "viduq2", 3),
    WorkKind("vtrix", "image", "viduq2_reference2image", 3, has_image=True),
    WorkKind("vidu", "speech", "audio-tts", 1, {"voice_id": "female-shaonv"}),
    WorkKind("vidu", "text-video", "viduq3-turbo", 1, {**SHORT, "watermark": True}),
    WorkKind("vidu", "reference", "viduq3", 1, {**SHORT, "duration": 3}, has_subject=True),
    WorkKind("demo", "reference", "viduq3", 1, {**SHORT, "duration": 3}, has_subject=True),
)


@dataclass(frozen=True)
class Person:
    user: User
    team: Team
    keys: dict[str, ApiKey]
    image: Media
    subjects: Sequence[Subject]


class Workload:
    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.people = [self.add_person(number) for number in range(PEOPLE)]
        self.count = 0
        # Each kind once at first, so that a short drill has them all.
        self.first = list(KINDS)

    def add_person(self, number: int) -> Person:
        user = User.objects.create_user(f"drill{number}@example.test")
        team = Team.create_personal(user)
        image = add_image(user, team, number)
        subjects = [add_subject(user, team, f"Mira{one}", image) for one in range(SUBJECTS)]
        keys = {provider: add_key(user, provider) for provider in KEYS}
        return Person(user, team, keys, image, subjects)

    def begin(self, count: int) -> None:
        """Ask for so many tasks, as people do with Generate."""
        for _ in range(count):
            weights = [kind.share for kind in KINDS]
            kind = self.first.pop() if self.first else self.dice.choices(KINDS, weights)[0]
            self.ask_for(kind, self.dice.choice(self.people))
            self.count += 1

    def ask_for(self, kind: WorkKind, person: Person) -> None:
        offer = rules.offer(kind.provider, kind.mode, kind.model_name)
        subjects = [self.dice.choice(person.subjects)] if kind.has_subject else []
        inputs = {"images": [person.image]} if kind.has_image else {}
        text = f"Ridge {self.count}" + "".join(f" with @{one.name}" for one in subjects)
        wanted = {"text" if kind.mode == "speech" else "prompt": text, **kind.values}
        facts = {role: [media.facts for media in given] for role, given in inputs.items()}
        values = rules.check(offer, wanted, {**facts, "subjects": [one.facts for one in subjects]})
        start.start(
            start.Start(
                user=person.user, team=person.team, project=person.team.projects.get(),
                offer=offer, key=person.keys.get(kind.provider), intent=secrets.token_hex(8),
                values=values, inputs=inputs, subjects=subjects,
            )
        )  # fmt: skip


def add_key(user: User, provider: str) -> ApiKey:
    key = ApiKey(user=user, provider=provider)
    key.set_secret(f"vda_{secrets.token_hex(12)}")
    key.save()
    return key


def add_image(user: User, team: Team, number: int) -> Media:
    out = BytesIO()
    Image.new("RGB", (320, 240), (40 * number, 90, 140)).save(out, "PNG")
    stored = images.take_file(out.getvalue())
    return Media.objects.create(
        team=team, created_by=user, uploaded=True, name="reference.png", **asdict(stored)
    )


def add_subject(user: User, team: Team, name: str, image: Media) -> Subject:
    subject = Subject.objects.create(team=team, created_by=user, name=name)
    subject.place([image])
    return subject
