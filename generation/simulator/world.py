"""The simulator's truth: tasks, their queue, credits and the ledger of what was accepted."""

import copy
import hashlib
import hmac
import json
import secrets
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

from generation.simulator.config import Config
from generation.simulator.schedule import AccountQueue, times
from generation.simulator.store import Store
from generation.simulator.tasks import CheckedRequest, Task
from generation.simulator.wire import Refusal, Request

EPOCH_MS = 1_704_067_200_000  # 2024: ids have 18 digits for years
MOST_INPUTS = 16
WEEK = 7 * 24 * 3600
PURGE_EVERY = 3600
SUBJECTS = "subjects"  # the folder that is not purged


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


class World:
    def __init__(self, config: Config) -> None:
        self.config, self.options = config, copy.deepcopy(config.options)
        self.store = Store(config.database)
        self.options.change(self.store.recall("options", {}))
        self.lines: dict[tuple[str, str], AccountQueue] = {}
        self.last_id = 0
        self.began = 0.0  # a request from before is of a world that was forgotten
        self.purge()

    # --- Creating -------------------------------------------------------------------------

    def accept(self, request: Request, checked: CheckedRequest) -> Task:
        """Take a checked request: one task, one line in the ledger, one charge, all or nothing."""
        self.refuse_forgotten(request)
        now_ns = time.time_ns()
        if now_ns / 1e9 > self.purged + PURGE_EVERY:
            self.purge()
        remote_id = self.new_id(request.dialect)
        now = now_ns / 1e9
        slow = float(checked.traits.get("slow", 1))
        waits, lasts = times(self.options, checked.resolution, checked.details, slow)
        arrives = now + waits
        with self.store.transaction():
            self.spend(request.dialect, request.account, checked)
            starts = now
            if lasts:
                starts = self.line(request.dialect, request.account).take(arrives, lasts)
            self.store.insert(
                "tasks",
                id=remote_id,
                dialect=request.dialect,
                account=request.account,
                key_hash=hashed(request.key),
                site=request.site,
                created_ns=now_ns,
                arrives=arrives,
                starts=starts,
                lasts=lasts,
                **checked.columns(),
            )
            self.enter(request, remote_id, checked.model, checked.payload)
        return self.task(remote_id)

    def register(self, request: Request, model: str, credits: int) -> str:
        """Charge for what is no task and write it into the ledger; returns a new id."""
        self.refuse_forgotten(request)
        new_id = self.new_id(request.dialect)
        with self.store.transaction():
            self.pay(request.dialect, request.account, credits)
            self.enter(request, new_id, model, "")
        return new_id

    def refuse_forgotten(self, request: Request) -> None:
        if request.received_at < self.began:
            raise Refusal(503, "ServiceUnavailable", "everything was reset meanwhile")

    def enter(self, request: Request, remote_id: str, model: str, payload: str) -> None:
        """One line in the ledger."""
        self.store.insert(
            "ledger",
            at=time.time(),
            dialect=request.dialect,
            key_hash=hashed(request.key),
            remote_id=remote_id,
            model=model,
            payload=payload,
            body_sha256=hashlib.sha256(request.body).hexdigest(),
        )

    def new_id(self, dialect: str) -> str:
        self.last_id = max(self.last_id + 1, (time.time_ns() // 1_000_000 - EPOCH_MS) << 22)
        if dialect != "vtrix":
            return str(self.last_id)
        if self.options.vtrix_ids == "uuid":
            return str(uuid.uuid4())
        return f"{self.last_id:x}"[-13:].rjust(13, "0") + secrets.token_hex(4)

    def spend(self, dialect: str, account: str, checked: CheckedRequest) -> None:
        self.pay(dialect, account, checked.credits, later=bool(checked.traits.get("late")))

    def pay(self, dialect: str, account: str, credits: int, later: bool = False) -> None:
        """Charge an account that has enough, unless the task will fail `later`."""
        if not credits:
            return
        if "empty" in account or self.credits_left(dialect, account) < credits:
            raise Refusal(400, "CreditInsufficient", "the account has not enough credits")
        if not later:
            self.charge(dialect, account, credits)

    def charge(self, dialect: str, account: str, credits: int) -> None:
        self.store.run(
            "INSERT INTO accounts VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET spent = spent + excluded.spent",
            dialect,
            account,
            credits,
        )

    # --- Asking ---------------------------------------------------------------------------

    def task(self, remote_id: str) -> Task:
        """KeyError when there is none."""
        row = self.store.one("SELECT * FROM tasks WHERE id = ?", remote_id)
        if row is None:
            raise KeyError(remote_id)
        return Task.of(row)

    def task_of(self, request: Request, remote_id: str) -> Task:
        try:
            task = self.task(remote_id)
        except KeyError:
            task = None
        if task is None or (task.dialect, task.account) != (request.dialect, request.account):
            raise Refusal(404, "TaskNotFound", "there is no such task")
        return task

    def drop_trait(self, task: Task, name: str) -> None:
        """What was to happen once has happened."""
        traits = {key: value for key, value in task.traits.items() if key != name}
        self.store.run("UPDATE tasks SET traits = ? WHERE id = ?", json.dumps(traits), task.id)

    def input_of(self, task_id: str, place: int = 0) -> Path:
        """Where a smaller copy of one of the task's images lies, if it had one."""
        name = f"{task_id}-{place}" if place else task_id
        return self.config.folder / "inputs" / f"{name}.jpg"

    def inputs_of(self, task_id: str) -> list[Path]:
        """All that are there, in order."""
        paths = (self.input_of(task_id, place) for place in range(MOST_INPUTS))
        return [path for path in paths if path.exists()]

    def tasks_of(self, request: Request, since: float, until: float) -> list[Task]:
        """All tasks of the account created in the window, newest first."""
        rows = self.store.all(
            "SELECT * FROM tasks WHERE dialect = ? AND account = ? "
            "AND created_ns BETWEEN ? AND ? ORDER BY number DESC",
            request.dialect,
            request.account,
            int(since * 1e9),
            int(until * 1e9),
        )
        return [Task.of(row) for row in rows]

    def credits_left(self, dialect: str, account: str) -> int:
        row = self.store.one(
            "SELECT spent FROM accounts WHERE dialect = ? AND account = ?", dialect, account
        )
        return self.options.credits - (row["spent"] if row else 0)

    def at_work(self, request: Request) -> tuple[int, int]:
        """How many tasks of the account run and how many wait."""
        states = [
            task.state(time.time()) for task in self.unfinished(request.dialect, request.account)
        ]
        return states.count("processing"), states.count("queueing") + states.count("created")

    def keys_to_notify(self) -> set[str]:
        """Hashes of the keys whose tasks have news that was not sent yet."""
        rows = self.store.all(
            "SELECT DISTINCT key_hash FROM tasks WHERE callback_url != '' AND notified < 2"
        )
        return {row["key_hash"] for row in rows}

    def to_notify(self, key_hash: str) -> list[Task]:
        rows = self.store.all(
            "SELECT * FROM tasks WHERE key_hash = ? AND callback_url != '' AND notified < 2",
            key_hash,
        )
        return [Task.of(row) for row in rows]

    def notified(self, task: Task, stage: int) -> None:
        self.store.run("UPDATE tasks SET notified = ? WHERE id = ?", stage, task.id)

    def prolong(self, task_id: str, ahead: float) -> None:
        """Let a task that still runs go on for so long from now; one that ended has ended."""
        now = time.time()
        self.store.run(
            "UPDATE tasks SET lasts = max(lasts, ? - starts) WHERE id = ? AND starts + lasts > ?",
            now + ahead,
            task_id,
            now,
        )

    # --- The queue ------------------------------------------------------------------------

    def unfinished(self, dialect: str, account: str) -> list[Task]:
        rows = self.store.all(
            "SELECT * FROM tasks WHERE dialect = ? AND account = ? AND NOT cancelled "
            "AND starts + lasts > ? ORDER BY starts, number",
            dialect,
            account,
            time.time(),
        )
        return [Task.of(row) for row in rows]

    def line(self, dialect: str, account: str) -> AccountQueue:
        found = self.lines.get((dialect, account))
        if found is None or found.places != max(self.options.concurrency, 1):
            found = AccountQueue(self.options.concurrency, self.unfinished(dialect, account))
            self.lines[dialect, account] = found
        return found

    def cancel(self, task: Task) -> None:
        """Only what has not been scheduled can be cancelled; those behind it move up."""
        now = time.time()
        state = task.state(now)
        if task.cancelled or now >= task.starts:
            name = "scheduled" if state == "processing" else state
            raise Refusal(400, "BadRequest", f"task state is {name}, can not cancel")
        with self.store.transaction():
            self.store.run("UPDATE tasks SET cancelled = 1 WHERE id = ?", task.id)
            if not task.traits.get("late"):
                self.charge(task.dialect, task.account, -task.credits)
            self.move_up(task.dialect, task.account, now)

    def move_up(self, dialect: str, account: str, now: float) -> None:
        unfinished = self.unfinished(dialect, account)
        line = AccountQueue(self.options.concurrency, (t for t in unfinished if t.starts <= now))
        for task in unfinished:
            if task.starts > now:
                starts = line.take(task.arrives, task.lasts)
                self.store.run("UPDATE tasks SET starts = ? WHERE id = ?", starts, task.id)
        self.lines[dialect, account] = line

    # --- Housekeeping ---------------------------------------------------------------------

    def sign(self, text: str) -> str:
        """A short signature with this simulator's own secret, for result addresses."""
        secret = self.store.recall("secret")
        if secret is None:
            secret = secrets.token_hex(32)
            self.store.remember("secret", secret)
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:24]

    def change_options(self, wanted: dict[str, Any]) -> dict[str, Any]:
        self.options.change(wanted)
        self.store.remember("options", {**self.store.recall("options", {}), **wanted})
        return self.options.as_dict()

    def purge(self) -> None:
        """Forget what is older than a week."""
        self.purged = time.time()
        limit = self.purged - WEEK
        self.store.run("DELETE FROM tasks WHERE created_ns < ?", int(limit * 1e9))
        self.store.run("DELETE FROM ledger WHERE at < ?", limit)
        self.store.run("DELETE FROM uploads WHERE created < ?", limit)
        for path in self.config.folder.glob("*/*"):  # inputs, uploads, results
            if path.parent.name != SUBJECTS and path.stat().st_mtime < limit:
                path.unlink(missing_ok=True)

    def reset(self) -> None:
        """As on the first day: no task, no ledger, no option changed."""
        self.began = time.monotonic()
        self.store.clear()
        vars(self.options).update(vars(copy.deepcopy(self.config.options)))
        self.lines.clear()
        shutil.rmtree(self.config.folder, ignore_errors=True)
