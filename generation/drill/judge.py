"""What the studio believes beside what the simulator noted: each difference is a miss."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Q

from generation.engine import queue
from generation.models import Output, Registration, RegistrationState, Status, Task
from generation.models.tasks import UNFINISHED
from generation.providers.registry import PROVIDERS

SUBJECT_CREATES = ("subjects", "vidu_create_subjects")
R = RegistrationState
EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """One thing that is judged; without `may_be` it is only counted."""

    name: str
    found: int
    may_be: int | None = 0
    examples: Sequence[str] = ()

    @property
    def is_miss(self) -> bool:
        return self.may_be is not None and self.found > self.may_be


def finding(name: str, cases: Collection[str], may_be: int | None = 0) -> Finding:
    return Finding(name, len(cases), may_be, sorted(cases)[:EXAMPLES])


def unfinished_tasks() -> list[Task]:
    """Those that go on; an uncertain one that waits for a person does not."""
    for_a_person = Q(status=Status.UNCERTAIN, next_look_at=None)
    return list(Task.objects.filter(status__in=UNFINISHED).exclude(for_a_person))


def unfinished_registrations() -> list[Registration]:
    return list(Registration.objects.exclude(state__in=(R.KEPT, R.FAILED)))


def work_left() -> int:
    return len(unfinished_tasks()) + len(unfinished_registrations())


@dataclass
class Evidence:
    """What the simulator noted of tasks (by marker) and of subjects (by name)."""

    ledger: Sequence[Mapping[str, Any]]
    remote: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, str]
    tasks: dict[str, Task] = field(init=False)
    paid: dict[str, list[str]] = field(init=False)
    paid_subjects: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.tasks = {task.marker: task for task in Task.objects.all()}
        self.paid, self.paid_subjects = {}, {}
        for row in self.ledger:
            if row["payload"]:
                self.paid.setdefault(row["payload"], []).append(row["remote_id"])
            elif row["model"] in SUBJECT_CREATES:
                name = self.names.get(row["remote_id"], "a subject without a name")
                self.paid_subjects.setdefault(name, []).append(row["remote_id"])

    def findings(self) -> list[Finding]:
        return [
            *self.counts(),
            finding("Paid twice", self.paid_twice()),
            finding("Paid, and not known to the studio", self.lost()),
            finding("Paid, and called failed", self.called_failed()),
            finding("Not at its end, although nothing is in its way", self.stuck()),
            finding(
                "Uncertain, although the provider's list shows it", self.uncertain(listed=True)
            ),
            finding("Stored bytes that differ from those served", self.differing()),
        ]

    def counts(self) -> list[Finding]:
        states = Counter(task.status for task in self.tasks.values())
        never = [
            str(task)
            for marker, task in self.tasks.items()
            if task.status == Status.UNCERTAIN and marker not in self.paid
        ]
        return [
            Finding("Tasks asked for", len(self.tasks), None),
            Finding("Tasks that the provider accepted", len(self.paid), None),
            Finding("Tasks that succeeded", states[Status.SUCCEEDED], None),
            Finding("Subjects that the provider accepted", len(self.paid_subjects), None),
            finding("Never accepted, left to a person", never, None),
            finding("Accepted without a list to see it, left to a person",
                    self.uncertain(listed=False), None),
        ]  # fmt: skip

    def paid_twice(self) -> list[str]:
        both = [*self.paid.items(), *self.paid_subjects.items()]
        return [f"{name}: {', '.join(ids)}" for name, ids in both if len(ids) > 1]

    def lost(self) -> list[str]:
        known = {task.remote_id for task in self.tasks.values()}
        open_ones = (Status.UNCERTAIN, Status.SUBMITTING, Status.FAILED, Status.CANCELLED)
        lost = [
            f"{marker} {remote_id}"
            for marker, ids in self.paid.items()
            for remote_id in ids
            if remote_id not in known
            and (marker not in self.tasks or self.tasks[marker].status not in open_ones)
        ]
        rows = {row.label: row for row in Registration.objects.all()}
        return lost + [
            f"subject {name}"
            for name, ids in self.paid_subjects.items()
            if name not in rows or (rows[name].state == R.KEPT and rows[name].server_id not in ids)
        ]

    def called_failed(self) -> list[str]:
        """Unless the provider itself says that it failed."""
        failed = [
            f"{task}: {task.error}"
            for marker, task in self.tasks.items()
            if marker in self.paid
            and task.status in (Status.FAILED, Status.CANCELLED)
            and not all(self.state_of(one) == "failed" for one in self.paid[marker])
        ]
        rows = Registration.objects.filter(state=R.FAILED, label__in=self.paid_subjects)
        return failed + [f"{row}: {row.error}" for row in rows]

    def state_of(self, remote_id: str) -> str:
        return str(self.remote.get(remote_id, {}).get("state", ""))

    def stuck(self) -> list[str]:
        tasks = [f"{one} {one.provider} {one.error}" for one in unfinished_tasks()]
        return tasks + [f"{row} {row.state} {row.error}" for row in unfinished_registrations()]

    def uncertain(self, *, listed: bool) -> list[str]:
        return [
            f"{task} {task.provider}"
            for marker, task in self.tasks.items()
            if task.status == Status.UNCERTAIN
            and task.next_look_at is None
            and marker in self.paid
            and PROVIDERS[task.provider].can_find == listed
        ]

    def differing(self) -> list[str]:
        """Each output as it lies in the storage, by the hash of what the simulator made."""
        done = [task for task in self.tasks.values() if task.status == Status.SUCCEEDED]
        stored: dict[int, list[Output]] = {}
        for output in Output.objects.select_related("media"):
            stored.setdefault(output.task_id, []).append(output)
        return [str(task) for task in done if not self.is_served(task, stored.get(task.pk, []))]

    def is_served(self, task: Task, outputs: Sequence[Output]) -> bool:
        served = self.remote.get(task.remote_id, {}).get("sha256", "nothing")
        copies = 2 if task.values.get("watermark") else 1  # the other has the mark
        return len(outputs) == copies and all(
            served == output.media.sha256 == hash_of(output.media.path) for output in outputs
        )


def hash_of(name: str) -> str:
    try:
        with default_storage.open(name) as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return "not there"


def messages_waiting() -> int:
    return queue.messages_waiting()
