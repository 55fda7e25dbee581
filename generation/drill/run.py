"""One drill from its start to its table; runs in the folder and database made for it."""

import logging
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import close_old_connections

from generation.drill import judge, naive
from generation.drill.door import SimulatorDoor
from generation.drill.judge import Evidence, Finding, finding
from generation.drill.node import DrilledStudio, running_simulator
from generation.drill.plan import DrillPlan
from generation.drill.restarts import unasked_restarts
from generation.drill.trouble import Trouble
from generation.drill.workload import Workload

log = logging.getLogger(__name__)
QUEUE_SECONDS = 60.0  # after which no message may wait
LOOK_SECONDS = 1.0


def drill(plan: DrillPlan) -> int:
    """Returns the exit code: 1 when anything was missed."""
    logging.getLogger("generation.engine").setLevel(logging.WARNING)  # not a line for each task
    folder = Path(settings.DATA_DIR)
    dice = random.Random(plan.seed)  # noqa: S311  what is killed when, nothing secret
    with running_simulator(settings.SIMULATOR_URL, folder):
        door = SimulatorDoor(settings.SIMULATOR_URL)
        studio = DrilledStudio(urlsplit(settings.PUBLIC_URL).port or 0, folder)
        try:
            studio.wait_until_up()
            findings = go_through(plan, door, studio, dice)
        finally:
            left = studio.stop()
        findings.append(finding("Processes left after the stop", [str(pid) for pid in left]))
    print_table(findings)
    return int(any(one.is_miss for one in findings))


def go_through(
    plan: DrillPlan, door: SimulatorDoor, studio: DrilledStudio, dice: random.Random
) -> list[Finding]:
    log.info("the studio is up at %s", studio.address)
    if plan.naive:
        naive.start_naively()
    trouble = Trouble(plan, door, studio, Workload(dice), dice)
    trouble.run()

    def is_calm() -> bool:
        trouble.look_after()
        return judge.work_left() == 0 or (plan.naive and was_paid_twice(door))

    began = time.monotonic()
    wait_until(is_calm, plan.patience)
    log.info("calm after %.0f s, %s left", time.monotonic() - began, judge.work_left())
    if not plan.naive:
        wait_until(lambda: judge.messages_waiting() == 0, QUEUE_SECONDS)
    messages = judge.messages_waiting()
    door.watch_file_hosts()
    evidence = Evidence(door.ledger(), door.tasks(), door.subjects())
    text = studio.log.read_text(errors="replace")
    restarts = unasked_restarts(text, trouble.kills, trouble.killed)
    return [
        Finding("Processes killed", trouble.kills.total(), None),
        finding("Kills that met no process", trouble.met_nobody, None),
        *evidence.findings(),
        Finding("Messages waiting", messages),
        Finding("Restarts that nobody asked for", len(restarts), 0, restarts[:3]),
        finding("Keys sent to a file host", door.keys_at_file_hosts),
    ]


def was_paid_twice(door: SimulatorDoor) -> bool:
    markers = [row["payload"] for row in door.ledger() if row["payload"]]
    return len(markers) > len(set(markers))


def wait_until(is_true: Callable[[], bool], seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > ends:
            return False
        time.sleep(LOOK_SECONDS)
        close_old_connections()
    return True


def print_table(findings: Sequence[Finding]) -> None:
    width = max(len(one.name) for one in findings)
    lines = [f"{'':{width}}  found  may be"]
    for one in findings:
        may_be = "" if one.may_be is None else str(one.may_be)
        verdict = "" if one.may_be is None else ("MISS" if one.is_miss else "ok")
        lines.append(f"{one.name:{width}}  {one.found:5}  {may_be:>6}  {verdict}".rstrip())
    for one in findings:
        lines += [f"  {one.name}: {example}" for example in one.examples if one.is_miss]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
