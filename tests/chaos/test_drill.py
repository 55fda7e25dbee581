"""`manage.py drill` as an operator runs it: short, and once where it has to fail."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.studio import ROOT

pytestmark = pytest.mark.chaos
Done = subprocess.CompletedProcess[str]


@pytest.fixture
def drill(tmp_path: Path) -> Callable[..., Done]:
    """On the database and the queue that the suite runs on."""

    def run(*options: str) -> Done:
        places = ("--database-url", "DATABASE_URL"), ("--redis-url", "REDIS_URL")
        given = [text for option, name in places for text in (option, os.environ.get(name, ""))]
        own = {"DJANGO_SETTINGS_MODULE": "vidustudio.settings", "STUDIO_DATA_DIR": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "manage.py", "drill", "--quick", *options, *given],
            cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True, timeout=400,
        )  # fmt: skip

    return run


def misses(done: Done) -> list[str]:
    return [line.split("  ")[0] for line in done.stdout.splitlines() if line.endswith("MISS")]


def found(done: Done, name: str) -> int:
    return next(
        int(line.removeprefix(name).split()[0])
        for line in done.stdout.splitlines()
        if line.startswith(f"{name}  ")
    )


def test_a_short_drill_misses_nothing(drill):
    done = drill("--tasks", "60", "--kills", "6", "--seconds", "45", "--patience", "240")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert misses(done) == []
    assert found(done, "Tasks asked for") == 60
    assert found(done, "Tasks that succeeded") > 30
    assert found(done, "Processes killed") > 3


def test_a_drill_without_a_claim_fails(drill):
    options = ("--faults", "none", "--seconds", "10", "--patience", "60")
    done = drill("--naive", "--tasks", "30", "--kills", "2", *options)
    assert done.returncode == 1, done.stdout[-4000:] + done.stderr[-4000:]
    assert "Paid twice" in misses(done)
