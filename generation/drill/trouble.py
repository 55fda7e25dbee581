"""The hours of trouble: tasks are asked for, processes killed, and the provider goes away."""

import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from generation.drill.door import SimulatorDoor
from generation.drill.faults import OUTAGE, SLOW_ANSWER
from generation.drill.node import ROLES, DrilledStudio, kill
from generation.drill.plan import DrillPlan
from generation.drill.workload import Workload

Event = tuple[float, Callable[[], None]]
log = logging.getLogger(__name__)
# Of 20 kills, when each process was killed once.
SHARES = {"worker": 9, "main": 3, "sentinel": 3, "web": 2, "supervisor": 3}
PORTIONS, ASKED_BY = 10, 0.85  # tasks come in so many portions, within this share of the time
FIND_SECONDS = 10.0  # for a process to kill, while the studio is starting
LOOK_SECONDS, WATCH_SECONDS = 1.0, 4.0


@dataclass
class Trouble:
    plan: DrillPlan
    door: SimulatorDoor
    studio: DrilledStudio
    workload: Workload
    dice: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    killed: list[int] = field(default_factory=list)
    met_nobody: list[str] = field(default_factory=list)  # the roles of kills that found no process
    watched_at: float = 0.0

    def run(self) -> None:
        if self.plan.naive:  # whoever is killed then has certainly something out
            self.plan.faults.append(SLOW_ANSWER)
        self.door.set_faults(self.plan.faults, self.plan.seed)
        began = time.monotonic()
        for at, act in self.events():
            while time.monotonic() - began < at:
                self.look_after()
                time.sleep(max(0.0, min(LOOK_SECONDS, at - (time.monotonic() - began))))
            act()
        self.door.set_faults([], self.plan.seed)
        log.info("healed after %.0f s: %s", time.monotonic() - began, dict(self.kills))

    def look_after(self) -> None:
        self.studio.keep_running()
        if time.monotonic() - self.watched_at > WATCH_SECONDS:
            self.watched_at = time.monotonic()
            self.door.watch_file_hosts()

    def events(self) -> list[Event]:
        """What happens after how many seconds."""
        return sorted(
            [
                *self.askings(),
                *self.killings(),
                *self.outages(),
                (self.plan.seconds, self.look_after),
            ],
            key=lambda event: event[0],
        )

    def askings(self) -> list[Event]:
        sizes = [
            self.plan.tasks * (number + 1) // PORTIONS - self.plan.tasks * number // PORTIONS
            for number in range(PORTIONS)
        ]
        gap = self.plan.seconds * ASKED_BY / PORTIONS
        return [
            (number * gap, partial(self.workload.begin, size)) for number, size in enumerate(sizes)
        ]

    def killings(self) -> list[Event]:
        roles = ["worker"] * self.plan.kills if self.plan.naive else []
        roles = roles or self.dice.sample(ROLES, len(ROLES))
        while len(roles) < self.plan.kills:
            roles += self.dice.choices(list(SHARES), list(SHARES.values()))
        gap = self.plan.seconds / max(self.plan.kills, 1)
        return [
            (gap * (number + self.dice.uniform(0.2, 0.9)), partial(self.kill_one, role))
            for number, role in enumerate(roles[: self.plan.kills])
        ]

    def outages(self) -> list[Event]:
        found: list[Event] = []
        gap = self.plan.seconds / max(len(self.plan.outages), 1)
        for number, seconds in enumerate(self.plan.outages):
            at = gap * (number + self.dice.uniform(0.3, 0.6))
            found += [(at, self.begin_outage), (at + seconds, self.end_outage)]
        return found

    def begin_outage(self) -> None:
        log.info("the provider is away")
        self.door.set_faults(OUTAGE, self.plan.seed)

    def end_outage(self) -> None:
        log.info("the provider is back")
        self.door.set_faults(self.plan.faults, self.plan.seed)

    def kill_one(self, role: str) -> None:
        """Where there is none yet, because the studio is starting, wait for it a while."""
        ends = time.monotonic() + FIND_SECONDS
        while not (pids := self.studio.pids(role)) and time.monotonic() < ends:
            self.look_after()
            time.sleep(0.1)
        if not pids:
            log.info("there is no %s to kill", role)
            self.met_nobody.append(role)
            return
        for pid in pids if self.plan.naive else pids[:1]:
            log.info("kill the %s, pid=%s", role, pid)
            self.kills[role] += 1
            self.killed.append(pid)
            kill(pid)
