"""A drill has a place of its own, and touches nothing else."""

import random

import pytest
from django.core.management import CommandError, call_command

from generation.drill import naive
from generation.drill.node import is_own, own_processes
from generation.drill.plan import DrillPlan
from generation.drill.setting import at_database, environment_for
from generation.drill.workload import KINDS, Workload
from generation.models import Task

REAL = {
    "STUDIO_DATA_DIR": "/srv/real", "STUDIO_S3_BUCKET": "real", "DATABASE_URL": "postgres://real",
    "REDIS_URL": "redis://real", "SECRET_KEY": "real", "VIDU_BASE_URL": "https://real",
    "SIMULATOR_OPTIONS": "real", "EMAIL_HOST": "real", "AWS_ACCESS_KEY_ID": "real",
}  # fmt: skip


def test_nothing_that_was_set_for_the_real_studio_reaches_the_drill(monkeypatch, tmp_path):
    for name, value in REAL.items():
        monkeypatch.setenv(name, value)
    found = environment_for(tmp_path, "", "")
    assert not {name for name in REAL if "real" in found.get(name, "")}
    assert found["STUDIO_DATA_DIR"] == str(tmp_path)
    assert found["PATH"]
    addresses = [value for name, value in found.items() if name.endswith("_BASE_URL")]
    assert len(addresses) == 4
    assert all(value.startswith("http://127.0.0.1:") for value in addresses)


def test_two_drills_share_neither_queue_nor_port(tmp_path):
    one, other = environment_for(tmp_path, "", ""), environment_for(tmp_path, "", "")
    for name in ("STUDIO_QUEUE", "STUDIO_PUBLIC_URL", "SIMULATOR_URL"):
        assert one[name] != other[name]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://ann:x@host:5433/real?a=1", "postgres://ann:x@host:5433/own?a=1"),
        ("postgresql://ann@host", "postgresql://ann@host/own"),
        ("postgres://host/", "postgres://host/own"),
    ],
)
def test_the_database_is_a_new_one_of_the_same_server(url, expected):
    assert at_database(url, "own") == expected


def test_only_processes_of_the_same_drill_are_its_own(monkeypatch):
    monkeypatch.setenv("STUDIO_QUEUE", "drill-that-nobody-runs")
    assert own_processes() == []
    assert not is_own(1)


def test_a_plan_comes_through_as_it_was():
    plan = DrillPlan(tasks=3, kills=1, faults=[{"kind": "drop"}], outages=[2.0])
    assert DrillPlan.from_text(plan.as_text()) == plan


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"faults": "/not/there"}, "faults cannot be read"),
        ({"database_url": "mysql://host/real"}, "must begin with postgres"),
    ],
)
def test_what_cannot_be_drilled_is_refused(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("drill", **options)


def test_a_file_with_a_fault_that_does_not_exist_is_refused(tmp_path):
    file = tmp_path / "faults.json"
    file.write_text('[{"kind": "earthquake"}]')
    with pytest.raises(CommandError, match="kind is one of"):
        call_command("drill", faults=str(file))


@pytest.mark.django_db
def test_the_naive_sender_works_in_a_naive_drill_alone(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with pytest.raises(naive.NotADrill):
        naive.submit_oldest()
    naive.permit_file().touch()
    naive.submit_oldest()


@pytest.mark.django_db
def test_a_short_workload_has_every_kind():
    Workload(random.Random(1)).begin(len(KINDS))
    made = {(task.provider, task.mode, task.model_name) for task in Task.objects.all()}
    assert made == {(kind.provider, kind.mode, kind.model_name) for kind in KINDS}
    assert Task.objects.filter(values__watermark=True).count() == 1
    assert Task.objects.filter(mentioned_subjects__isnull=False).count() == 2
