"""Made-up work as rows: presses of Generate, their tasks, logs and outputs of every kind."""

import random
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from generation.catalogue import estimate, rules
from generation.catalogue.modes import MODES
from generation.catalogue.types import Offer
from generation.management import seed_media
from generation.models import (
    Batch,
    Media,
    Output,
    Project,
    Status,
    Task,
    TaskEvent,
    TaskInput,
    Team,
    User,
)
from generation.models.search import batch_text
from generation.providers.error_texts import explain

OFFERS = {
    "image": rules.offers(mode="image"),
    # Those whose videos are by default as the made-up ones are.
    "video": [
        row
        for row in rules.offers(mode="text-video")
        if (row.limits["duration"].default, row.limits["resolution"].default)
        == (seed_media.VIDEO_SECONDS, seed_media.VIDEO_RESOLUTION)
        and "audio" in row.limits
    ],
    "audio": rules.offers(mode="speech"),
}
SHARES = {"image": 65, "video": 30, "audio": 5}
PREFERRED = {"vidu": 8, "demo": 3}
VOICE = "female-shaonv"
FAILING, TRASHED = 0.03, 0.01
STEPS = (Status.QUEUED, Status.SUBMITTING, Status.RUNNING, Status.STORING, Status.SUCCEEDED)
REVIEW = "TaskPromptPolicyViolation"
SENTENCE, ADVICE = explain(REVIEW, "")
REFUSED = {
    "status": Status.FAILED, "error": SENTENCE, "error_code": REVIEW, "advice": ADVICE,
    "error_field": "prompt", "credits": 0,
}  # fmt: skip


Place = Callable[[seed_media.Painting], dict[str, str]]


@dataclass(frozen=True)
class SeedSource:
    """Who and what the made-up work is drawn from."""

    team: Team
    people: list[User]
    projects: list[Project]
    paintings: list[seed_media.Painting]
    references: list[Media]

    def of(self, kind: str) -> list[seed_media.Painting]:
        return [one for one in self.paintings if one.facts["kind"] == kind]


def presses(outputs: int, dice: random.Random) -> list[tuple[datetime, int]]:
    """Presses of Generate in order of time, each with how many outputs came of it."""
    counts, left = [], outputs
    while left:
        counts.append(min(left, dice.choice((1, 2, 4, 4))))
        left -= counts[-1]
    now, days = timezone.now(), max(3.0, outputs**0.5 * 1.7)
    ages = sorted((days * dice.random() ** 1.3 for _ in counts), reverse=True)
    return [(now - timedelta(days=age), count) for age, count in zip(ages, counts, strict=True)]


@transaction.atomic
def write_rows(
    plan: list[tuple[datetime, int]],
    source: SeedSource,
    dice: random.Random,
    place: Place,
    *,
    logged: bool,
) -> None:
    """One chunk of rows, children after parents."""
    pressed = [draw_press(source, dice, when, count) for when, count in plan]
    Batch.objects.bulk_create([press.batch for press in pressed])
    tasks = [task for press in pressed for task in press.tasks]
    Task.objects.bulk_create(tasks)
    TaskInput.objects.bulk_create(
        TaskInput(task=task, position=position, media=media)
        for press in pressed
        for task in press.tasks
        for position, media in enumerate(press.references)
    )
    if logged:
        TaskEvent.objects.bulk_create(event for task in tasks for event in events(task))
    ready = [task for task in tasks if task.status == Status.SUCCEEDED]
    media = Media.objects.bulk_create(image_of(task, source, dice, place) for task in ready)
    Output.objects.bulk_create(
        output_of(task, one, dice) for task, one in zip(ready, media, strict=True)
    )
    date_back(pressed[0].batch.pk, tasks[0].pk, media[0].pk)


@dataclass(frozen=True)
class Press:
    """One press of Generate: its batch, its tasks and the images they refer to."""

    batch: Batch
    tasks: list[Task]
    references: list[Media]


def draw_press(source: SeedSource, dice: random.Random, when: datetime, count: int) -> Press:
    user, project = dice.choice(source.people), dice.choice(source.projects)
    batch = Batch(
        team=source.team, project=project, user=user, intent=f"seed-{secrets.token_hex(8)}"
    )
    kind = dice.choices(list(SHARES), list(SHARES.values()))[0]
    weights = [PREFERRED.get(row.provider, 1) for row in OFFERS[kind]]
    offer = dice.choices(OFFERS[kind], weights)[0]
    references = chosen(offer, source, dice) if kind == "image" else []
    inputs = {"images": [media.image for media in references]} if references else {}
    values = rules.check(offer, wanted_values(offer, source.of(kind), dice), inputs)
    files = [media.name for media in references]
    text = str(values.get("prompt") or values["text"])
    batch.search_text = batch_text(source.team.pk, project.pk, [text, *files])
    make = partial(task_of, batch, offer, values, len(references), dice, when)
    tasks = [make(Status.SUCCEEDED) for _ in range(count)]
    if dice.random() < FAILING:
        tasks.append(make(Status.FAILED))
    return Press(batch, tasks, references)


def chosen(offer: Offer, source: SeedSource, dice: random.Random) -> list[Media]:
    least = int(offer.limits["images"].minimum or 0)
    return dice.sample(source.references, max(least, dice.choice((0, 0, 0, 1, 2))))


def wanted_values(
    offer: Offer, paintings: list[seed_media.Painting], dice: random.Random
) -> dict[str, Any]:
    """What somebody may have asked for to get one of these."""
    if offer.mode == "speech":
        return {"text": dice.choice(paintings).subject, "voice_id": VOICE}
    allowed = offer.limits["aspect_ratio"].allowed
    painting = dice.choice([one for one in paintings if one.ratio in allowed])
    return {
        "prompt": seed_media.make_prompt(painting.subject, dice),
        "aspect_ratio": painting.ratio,
    }


def task_of(
    batch: Batch,
    offer: Offer,
    values: dict[str, Any],
    references: int,
    dice: random.Random,
    when: datetime,
    status: Status,
) -> Task:
    price = estimate.estimate(offer, values, {"images": references})
    end = when + timedelta(seconds=dice.uniform(9, 60))
    facts = dict(REFUSED) if status == Status.FAILED else {
        "status": status, "credits": price.credits, "seed_used": dice.randrange(2**31),
        "remote_id": str(dice.randrange(10**17, 10**18)), "remote_state": "success",
        "accepted_at": when,
    }  # fmt: skip
    return Task(
        batch=batch, team=batch.team, project=batch.project, user=batch.user,
        provider=offer.provider, mode=offer.mode, model_name=offer.model_name,
        prompt=values.get("prompt") or values["text"], values=values, estimate=price.credits,
        sent_at=when, finished_at=end, **facts,
    )  # fmt: skip


def events(task: Task) -> Iterator[TaskEvent]:
    """The log of a finished task, spread over the time it took."""
    steps = STEPS if task.status == Status.SUCCEEDED else (*STEPS[:2], Status.FAILED)
    start, before = task.sent_at or task.created_at, ""
    span = ((task.finished_at or start) - start) / (len(steps) - 1)
    for number, step in enumerate(steps):
        note = task.error if step == Status.FAILED else ""
        at = start + span * number
        yield TaskEvent(task=task, at=at, from_status=before, to_status=step, note=note)
        before = step


def image_of(task: Task, source: SeedSource, dice: random.Random, place: Place) -> Media:
    ratio, prompt = task.values.get("aspect_ratio", ""), task.prompt
    painted = source.of(MODES[task.mode].makes)
    painting = dice.choice(
        [p for p in painted if p.ratio == ratio and prompt.startswith(p.subject)]
    )
    return Media(team=source.team, created_by=task.user, **painting.facts | place(painting))


def output_of(task: Task, media: Media, dice: random.Random) -> Output:
    output = Output(
        task=task, team=task.team, project=task.project, user=task.user, media=media,
        kind=media.kind, search_text=task.batch.search_text,
        created_at=task.finished_at or task.created_at,
    )  # fmt: skip
    if dice.random() < TRASHED:
        output.trashed_at, output.trashed_by = timezone.now(), task.user
    return output


def date_back(first_batch: int, first_task: int, first_media: int) -> None:
    """Rows get the present as their time of creation; give them the planned one."""
    tasks = Task.objects.filter(pk__gte=first_task)
    tasks.update(created_at=F("sent_at"))
    Batch.objects.filter(pk__gte=first_batch).update(
        created_at=Subquery(tasks.filter(batch=OuterRef("pk")).values("sent_at")[:1])
    )
    Media.objects.filter(pk__gte=first_media).update(
        created_at=Subquery(Output.objects.filter(media=OuterRef("pk")).values("created_at")[:1])
    )
