"""What CONTRIBUTING.md says of adding a provider, followed word by word in a copy of the studio."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulator.server import running_simulator

ROOT = Path(__file__).resolve().parents[2]
SECTION = re.search(
    r"^## Add a provider$(.*?)^## ", (ROOT / "CONTRIBUTING.md").read_text(), re.M | re.S
)[1]
BLOCKS = [
    re.sub(r"^ {3}", "", text, flags=re.M)
    for text in re.findall(r"^ {3}```python\n(.*?)^ {3}```$", SECTION, re.M | re.S)
]
# Its database is a file of its own: the migration must not reach one that others use.
ENVIRONMENT = {
    **{name: os.environ[name] for name in os.environ.keys() - {"DATABASE_URL", "REDIS_URL"}},
    "DJANGO_SETTINGS_MODULE": "tests.settings",
}
PLACE = re.compile(r"# (\S+?)(?:, at the end of (\w+))?\n")
GENERATE = """
import sys, time
import django
django.setup()
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.utils import timezone
from generation import jobs
from generation.catalogue import rules
from generation.engine import lanes, poll
from generation.engine.start import Start, start
from generation.models import NEEDS_KEY, Task
from tests.factories import make_key, make_user, project_of, team_of

print("errors:", *(message.msg for message in run_checks() if message.id == "generation.E003"))
call_command("makemigrations", "generation", verbosity=0)
call_command("migrate", verbosity=0, skip_checks=True)
settings.PROVIDER_URLS["acme"] = sys.argv[1]
poll.ROUND_SECONDS = lanes.SECONDS = 0.1
user = make_user()
key = make_key(user, "acme")
offer = rules.offer("acme", "image", "viduq2")
values = rules.check(offer, {"prompt": "A lighthouse"}, {"images": [], "subjects": []})
task = start(
    Start(user, team_of(user), project_of(user), "once", offer, key, values, {}, [])
).tasks.get()
jobs.send()
while Task.objects.get(pk=task.pk).status == "running":
    Task.objects.update(next_poll_at=timezone.now())
    jobs.poll()
    time.sleep(0.05)
jobs.store()
task.refresh_from_db()
print("keys of:", *NEEDS_KEY)
print("task:", task.status, task.outputs.count(), task.get_provider_display())
"""


@pytest.fixture
def house(tmp_path) -> Path:
    """A copy of the studio outside the repository, so that its files can be changed."""
    for folder in ("generation", "vidustudio"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    for name in ("static", "templates", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def follow(house: Path, text: str) -> str:
    """Put an example where its first line says; returns the file."""
    path, name = PLACE.match(text).groups()
    text = PLACE.sub("", text, count=1)
    file = house / path
    if name is None:
        assert not file.exists()
        file.write_text(text)
        return path
    old = file.read_text()
    (block,) = re.findall(rf"^(?:class {name}\(|{name} = ).*?(?=^[)}}]|^\n)", old, re.M | re.S)
    file.write_text(old.replace(block, f"{block}{text}"))
    return path


def test_a_provider_of_four_files_generates(house):
    assert len({follow(house, text) for text in BLOCKS}) == 4
    with running_simulator(SIMULATOR_PACE="0.01") as simulator:
        done = subprocess.run(
            [sys.executable, "-c", GENERATE, f"{simulator.url}/kkiai"],
            cwd=house, capture_output=True, text=True, check=False, timeout=120,
            env=ENVIRONMENT,
        )  # fmt: skip
        created = simulator.requests("reference2image", "POST")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "errors:",
        "keys of: vidu vidu-cn kkiai vtrix acme",
        "task: succeeded 1 Acme",
    ]
    assert [one["scheme"] for one in created] == ["Bearer"]


@pytest.mark.parametrize("missing", range(1, 4))
def test_the_check_finds_a_provider_that_lacks_a_file(house, missing):
    for position, text in enumerate(BLOCKS):
        if position != missing:
            follow(house, text)
    code = (
        "import django; django.setup()\n"
        "from django.core.checks import run_checks\n"
        "print(*(one.msg for one in run_checks() if one.id == 'generation.E003'), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=house, capture_output=True, text=True, check=False,
        timeout=120, env=ENVIRONMENT,
    )  # fmt: skip
    places = ("", "the offers of the catalogue", "PROVIDER_URLS", "ProviderName")
    assert done.stdout.splitlines() == [f"The provider acme is not in {places[missing]}."]


def test_every_file_that_the_section_names_is_there():
    named = set(re.findall(r"`((?:generation|tests)/[\w/.]+)`", SECTION))
    assert len(named) > 5
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
