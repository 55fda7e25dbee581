"""Every submission, refusal, uncertain outcome, adoption and storing is one line of the log."""

import re

import pytest
from django.db import transaction
from django.utils import timezone

from generation.engine import reconcile, store
from generation.log_lines import log_line, request_id
from generation.models import ApiKey, Status, Task
from generation.models.tasks import GIVEN_UP
from tests.factories import make_key, make_subject, make_task, project_of

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


@pytest.fixture
def request_42():
    """What is done within it is done for the web request 42."""
    mark = request_id.set("42")
    yield
    request_id.reset(mark)


def test_a_task_that_goes_well_is_one_line_a_step(engine, lines, request_42):
    tasks = []
    queued = lines(lambda: tasks.append(engine.start(PROMPT)))
    (task,) = tasks
    known = f"task={task.pk} request=42 provider=demo"
    assert queued == [f"INFO event=queue {known} mode=image"]
    sent = lines(engine.submit, task)
    remote = f"{known} remote_id={engine.fresh(task).remote_id}"
    assert sent == [
        f"INFO event=claim {known} from=queued to=submitting",
        f"INFO event=send {known} sends=1",
        f"INFO event=outcome {remote} from=submitting to=running",
    ]
    assert lines(engine.poll, task) == [f"INFO event=outcome {remote} from=running to=storing"]
    assert lines(engine.store, task) == [f"INFO event=store {remote} from=storing to=succeeded"]


def test_a_task_that_no_web_request_made_names_none(engine, lines):
    (line,) = lines(lambda: engine.start(PROMPT))
    assert line == f"INFO event=queue task={Task.objects.get().pk} provider=demo mode=image"


def test_the_web_request_of_a_press_is_the_one_that_its_answer_names(client, user, settings):
    form = client.get("/create/image/?model=demo/viduq2")
    intent = re.search(r'name="intent" value="([^"]+)"', form.content.decode())[1]
    values = {
        "project": project_of(user).slug, "model": "demo/viduq2", "count": "1", "key": "",
        "intent": intent, "prompt": PROMPT, "resolution": "1080p", "aspect_ratio": "16:9",
    }  # fmt: skip
    answer = client.post("/create/image/", values)
    assert Task.objects.get().request_id == answer["X-Request-Id"] != ""


def test_a_refusal_is_a_warning_with_its_code_and_what_the_provider_calls_it(engine, lines):
    task = engine.start("[fail: moderation]", provider="vidu")
    *_, reply, outcome = lines(engine.submit, task)
    known = f"task={task.pk} provider=vidu"
    assert re.fullmatch(rf"WARNING event=reply {known} status=400 remote_request=[\w-]+", reply)
    assert outcome == (
        f"WARNING event=outcome {known} code=AuditSubmitIllegal from=submitting to=failed"
    )


def test_an_uncertain_outcome_is_a_warning_and_an_adoption_is_a_line(engine, simulator, lines):
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})
    task = engine.start(provider="vidu")
    known = f"task={task.pk} provider=vidu"
    last = lines(engine.submit, task)[-1]
    assert last == f"WARNING event=outcome {known} from=submitting to=uncertain"
    adopted = lines(engine.reconcile, task)
    remote = f"{known} remote_id={engine.fresh(task).remote_id}"
    assert adopted == [f"INFO event=adoption {remote} from=uncertain to=running"]


def test_what_comes_after_it_was_given_up_is_an_adoption(user, lines):
    task = make_task(user, status=Status.FAILED, error_code=GIVEN_UP)
    (line,) = lines(lambda: task.move(Status.RUNNING, error_code=""))
    assert line == f"INFO event=adoption task={task.pk} provider=demo from=failed to=running"


def test_what_cannot_be_found_is_left_to_a_person_in_one_line(user, lines):
    task = make_task(user, status=Status.UNCERTAIN)
    known = f"WARNING event=outcome task={task.pk} provider={task.provider}"
    assert lines(reconcile.leave_to_person, task) == [f"{known} outcome=left_to_person"]


def test_a_result_that_is_not_stored_yet_is_a_warning(engine, simulator, lines):
    task = engine.poll(engine.submit(engine.start()))
    address = f"{simulator.url}/nowhere.png?signature={SECRET}"
    Task.objects.filter(pk=task.pk).update(results=[{"url": address, "remote_id": ""}])
    (line,) = lines(store.store_results, task.pk)
    known = f"WARNING event=store task={task.pk} provider=demo"
    assert line == f"{known} outcome=not_stored reason=Unreachable tries=1"


def test_a_registration_is_one_line_a_step(user, lines):
    row = make_subject(user).registrations.create(provider="demo")
    known = f"event=registration registration={row.pk} provider=demo"
    assert lines(row.step, "sending") == [f"INFO {known} from=waiting to=sending"]
    assert lines(row.step, "uncertain") == [f"WARNING {known} from=sending to=uncertain"]


def test_a_foreign_word_does_not_pass_for_other_facts():
    line = log_line("outcome", task=7, code='no task=8 "x"\n', remote_id="")
    assert line == 'event=outcome task=7 code="no task=8 \\"x\\"\\n"'


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
    assert "from=storing to=succeeded" in logged
    assert not any(part in logged for part in (PROMPT, SECRET, "http", "lighthouse"))


def test_a_held_task_that_is_found_is_an_adoption(user, lines):
    task = make_task(user, status=Status.QUEUED, held_since=timezone.now())
    (line,) = lines(lambda: task.move(Status.RUNNING, held_since=None))
    assert line == f"INFO event=adoption task={task.pk} provider=demo from=queued to=running"
