"""Whose task is sent next: keys take turns, and behind a key its users."""

import random
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from generation.engine import limits
from generation.models import ApiKey, Status, Task

READ_SECONDS, READ_SHARE = 1.0, 20  # a read of a long queue takes a twentieth of the time
NEW_MOST = 100
# By age, as all else is the same. PostgreSQL sees no order in an index behind a key that is null.
IN_INDEX = ("provider", "key_id", "user_id", "pk")


@dataclass(eq=False)
class KeyUsers:
    """Who waits to send with one key, the next one first."""

    provider: str
    key: ApiKey | None
    users: deque[int | None] = field(default_factory=deque)


class Turns:
    """What one sender knows of the queue. A neighbour with thousands of tasks takes one turn like
    everybody else. Senders begin anywhere, so that together they serve all alike."""

    def __init__(self) -> None:
        self.keys: deque[KeyUsers] = deque()
        self.read_again = 0.0
        self.newest = 0  # the last task that was there when it read

    def next_task(self, now: datetime) -> int | None:
        """The oldest due task of the next that has one and may send; None when nobody may."""
        if not self.keys or time.monotonic() > self.read_again:
            self.read(now)
        else:
            self.add_new()
        for _ in range(len(self.keys)):
            group = self.keys[0]
            self.keys.rotate(-1)
            if not limits.may_send(group.provider, group.key, now):
                continue
            for _ in range(len(group.users)):
                user_id = group.users[0]
                group.users.rotate(-1)
                due = Task.objects.due_to_send(now).filter(
                    provider=group.provider, key=group.key, user=user_id
                )
                task_id: int | None = due.order_by(*IN_INDEX).values_list("pk", flat=True).first()
                if task_id is not None:
                    return task_id
        return None

    def read(self, now: datetime) -> None:
        """Who has something queued that is due, beginning anywhere."""
        began = time.monotonic()
        self.newest = Task.objects.aggregate(last=Max("pk"))["last"] or 0
        waiting = Task.objects.due_to_send(now).order_by()
        self.keys.clear()
        found = list(waiting.values_list("provider", "key", "user").distinct())
        random.shuffle(found)
        self.add(found)
        seconds = time.monotonic() - began
        self.read_again = time.monotonic() + max(READ_SECONDS, READ_SHARE * seconds)

    def add_new(self) -> None:
        """Who has come since the last read is next: nobody waits until all is read again."""
        rows = Task.objects.filter(pk__gt=self.newest).order_by("pk")
        new = list(rows.values_list("pk", "status", "provider", "key", "user")[:NEW_MOST])
        if new:
            self.newest = new[-1][0]
            self.add(row[2:] for row in new if row[1] == Status.QUEUED)

    def add(self, found: Iterable[tuple[str, UUID | None, int | None]]) -> None:
        """Give each that is not known yet the next turn."""
        known = {
            (group.provider, group.key.pk if group.key else None): group for group in self.keys
        }
        fresh = [row for row in found if row[2] not in users_of(known.get(row[:2]))]
        keys = ApiKey.objects.in_bulk([key_id for _, key_id, _ in fresh if key_id])
        for provider, key_id, user_id in fresh:
            group = known.setdefault(
                (provider, key_id), KeyUsers(provider, keys.get(key_id) if key_id else None)
            )
            if user_id in group.users:
                continue
            group.users.appendleft(user_id)
            if group in self.keys:
                self.keys.remove(group)
            self.keys.appendleft(group)


def users_of(group: KeyUsers | None) -> Iterable[int | None]:
    return group.users if group is not None else ()
