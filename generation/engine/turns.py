"""Whose task is sent next: keys take turns, and behind a key its users."""

import random
import time
from collections import deque
from datetime import datetime

from generation.engine import limits
from generation.models import ApiKey, Task

READ_SECONDS = 1.0


class Turns:
    """What one sender knows of the queue. A neighbour with thousands of tasks takes one turn like
    everybody else. Senders begin anywhere, so that together they serve all alike."""

    def __init__(self) -> None:
        self.keys: deque[tuple[str, ApiKey | None, deque[int | None]]] = deque()
        self.read_at = 0.0

    def next_task(self, now: datetime) -> int | None:
        """The oldest due task of the next that has one and may send; None when nobody may."""
        if not self.keys or time.monotonic() - self.read_at > READ_SECONDS:
            self.read(now)
        for _ in range(len(self.keys)):
            provider, key, users = self.keys[0]
            self.keys.rotate(-1)
            if not limits.may_send(provider, key, now):
                continue
            for _ in range(len(users)):
                user_id = users[0]
                users.rotate(-1)
                due = Task.objects.due_to_send(now).filter(provider=provider, key=key, user=user_id)
                task_id: int | None = due.order_by("pk").values_list("pk", flat=True).first()
                if task_id is not None:
                    return task_id
        return None

    def read(self, now: datetime) -> None:
        """Who has something queued that is due, beginning anywhere."""
        waiting = Task.objects.due_to_send(now).order_by()
        found: dict[tuple[str, object], list[int | None]] = {}
        for provider, key_id, user_id in waiting.values_list("provider", "key", "user").distinct():
            found.setdefault((provider, key_id), []).append(user_id)
        keys = ApiKey.objects.in_bulk([key_id for _, key_id in found if key_id])
        groups = [
            (provider, keys.get(key_id), deque(random.sample(users, len(users))))
            for (provider, key_id), users in found.items()
        ]
        random.shuffle(groups)
        self.keys, self.read_at = deque(groups), time.monotonic()
