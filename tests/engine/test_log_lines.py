"""Every submission, refusal, uncertain outcome, adoption and storing is one line of the log."""

import pytest
from django.db import transaction

from generation.engine import reconcile, store
from generation.models import ApiKey, Status, Task
from tests.factories import make_key, make_subject, make_task

PROMPT = "A lighthouse that nobody may read about"
SECRET = "vda_" + "q7" * 20


@pytest.fixture
def lines(caplog, django_capture_on_commit_callbacks):
    """What an act logged, each line with its level, in order."""
    caplog.set_level("DEBUG", logger="generation")

    def found(act, *given) -> list[str]:
        caplog.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act(*given)
        records = [one for one in caplog.records if one.name.startswith("generation.")]
        return [f"{one.levelname} {one.getMessage()}" for one in records]

    return found


def test_a_task_that_goes_well_is_one_line_a_step(engine, lines):
    tasks = []
    queued = lines(lambda: tasks.append(engine.start(PROMPT)))
    (task,) = tasks
    known = f"INFO task={task.pk} provider=demo"
    assert queued == [f"{known} mode=image: queued"]
    sent = lines(engine.submit, task)
    remote = f"{known} remote_id={engine.fresh(task).remote_id}"
    assert sent == [f"{known}: queued -> submitting", f"{remote}: submitting -> running"]
    assert lines(engine.poll, task) == [f"{remote}: running -> storing"]
    assert lines(engine.store, task) == [f"{remote}: storing -> succeeded"]


def test_a_refusal_is_a_warning_with_its_code(engine, lines):
    task = engine.start("[fail: moderation]", provider="vidu")
    assert lines(engine.submit, task)[1:] == [
        f"WARNING task={task.pk} provider=vidu code=AuditSubmitIllegal: submitting -> failed"
    ]


def test_an_uncertain_outcome_is_a_warning_and_an_adoption_is_a_line(engine, simulator, lines):
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})
    task = engine.start(provider="vidu")
    known = f"task={task.pk} provider=vidu"
    last = lines(engine.submit, task)[-1]
    assert last == f"WARNING {known}: submitting -> uncertain"
    adopted = lines(engine.reconcile, task)
    remote_id = engine.fresh(task).remote_id
    assert adopted == [f"INFO {known} remote_id={remote_id}: uncertain -> running"]


def test_what_cannot_be_found_is_left_to_a_person_in_one_line(user, lines):
    task = make_task(user, status=Status.UNCERTAIN)
    known = f"WARNING task={task.pk} provider={task.provider}"
    assert lines(reconcile.leave_to_person, task) == [f"{known}: not found, left to a person"]


def test_a_result_that_is_not_stored_yet_is_a_warning(engine, simulator, lines):
    task = engine.poll(engine.submit(engine.start()))
    address = f"{simulator.url}/nowhere.png?signature={SECRET}"
    Task.objects.filter(pk=task.pk).update(results=[{"url": address, "remote_id": ""}])
    (line,) = lines(store.store_results, task.pk)
    assert line == f"WARNING task={task.pk} provider=demo: not stored yet (Unreachable)"


def test_a_registration_is_one_line_a_step(user, lines):
    row = make_subject(user).registrations.create(provider="demo")
    known = f"registration={row.pk} provider=demo"
    assert lines(row.step, "sending") == [f"INFO {known}: waiting -> sending"]
    assert lines(row.step, "uncertain") == [f"WARNING {known}: sending -> uncertain"]


def test_what_was_rolled_back_is_not_logged(user, lines):
    def undone() -> None:
        with transaction.atomic():
            make_task(user, status=Status.QUEUED).move(Status.SUBMITTING)
            transaction.set_rollback(True)

    assert lines(undone) == []


def test_no_line_holds_a_prompt_a_key_or_an_address(engine, user, lines):
    key: ApiKey = make_key(user, "vidu", SECRET)
    steps = [
        lambda: engine.begin(("vidu", "image", "viduq2"), key=key, prompt=PROMPT),
        lambda: engine.finish(Task.objects.get()),
    ]
    logged = "\n".join(line for step in steps for line in lines(step))
    assert "storing -> succeeded" in logged
    assert not any(part in logged for part in (PROMPT, SECRET, "http", "lighthouse"))
