"""`manage.py task`: the story of one task in a terminal, without what must not be seen."""

import re
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from generation.catalogue.message import Message
from generation.models import CallbackEvent, ProviderSilence, Status, TaskEvent
from tests.factories import make_key, make_media, make_output, make_task

pytestmark = pytest.mark.django_db
PROMPT = "A lighthouse that nobody may read about"
SECRET = "vda_" + "q7" * 20


def printed(name: object, *options: str) -> str:
    out = StringIO()
    call_command("task", str(name), *options, stdout=out)
    return out.getvalue()


def value(text: str, label: str) -> str:
    return re.search(rf"^  {re.escape(label)} {{2,}}(.*)$", text, re.M)[1]


def moved(task, *steps: tuple[str, str, str]) -> None:
    for before, after, note in steps:
        TaskEvent.objects.create(task=task, from_status=before, to_status=after, note=note)


@pytest.fixture
def now(monkeypatch) -> datetime:
    """The clock stands still: rows, and the command, see the same moment."""
    moment = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


def test_a_task_that_is_ready_is_told_from_its_beginning_to_its_files(user, now):
    task = make_task(
        user, status=Status.SUCCEEDED, sent_at=now, accepted_at=now, remote_id="r-99", sends=1,
        request_id="6c1f0a9be2d4", estimate=12, credits=10,
        finished_at=now + timedelta(seconds=90),
    )  # fmt: skip
    moved(task, ("", "queued", ""), ("running", "storing", ""), ("storing", "succeeded", ""))
    CallbackEvent.objects.create(task=task, digest="x")
    output = make_output(user, task, media=make_media(user, 1920, 1080, sha256="5e" * 32))
    retry = make_task(user, retry_of=task)
    text = printed(task.pk)
    assert text.startswith(f"Task {task.pk}: succeeded, demo image viduq2\n")
    assert value(text, "Next") == "Nothing: this is its end."
    assert value(text, "user, team") == f"{user.pk}, {task.team_id}"
    assert value(text, "web request") == "6c1f0a9be2d4"
    assert value(text, "its id") == "r-99"
    assert value(text, "estimate") == "12 credits"
    assert value(text, "charged") == "10 credits"
    assert value(text, "finished").endswith("+90.0 s")
    assert value(text, "tried again as") == str(retry.pk)
    size = f"{output.media.bytes:,} bytes"
    assert value(text, f"output {output.pk}") == f"image/png, 1920x1080, {size}, stored"
    assert value(text, "sha256") == "5e" * 32
    log = text.partition("\nLog\n")[2]
    assert re.findall(r"\w+ -> \w+", log) == [
        "new -> queued", "running -> storing", "storing -> succeeded",
    ]  # fmt: skip
    assert re.search(r"\nCallbacks\n  \d{4}-", text)


def test_a_file_that_is_gone_is_told(user):
    output = make_output(user)
    default_storage.delete(output.media.path)
    assert "FILE MISSING" in printed(output.task_id)


@pytest.mark.parametrize("name", ["remote_id", "marker", "pk"])
def test_it_is_found_by_each_of_its_names(user, name):
    task = make_task(user, remote_id="385357624863884264", status=Status.RUNNING)
    assert printed(getattr(task, name)).startswith(f"Task {task.pk}: ")


@pytest.mark.parametrize("name", ["99", "9" * 40, "nothing", "", "²"])
def test_an_unknown_one_is_one_sentence(name):
    with pytest.raises(CommandError, match=r"^There is no task with this .*\.$") as refused:
        printed(name)
    assert refused.value.returncode == 1


def test_an_id_that_two_providers_gave_names_both(user):
    first, second = (make_task(user, provider=name, remote_id="7-7") for name in ("vidu", "kkiai"))
    with pytest.raises(CommandError, match=f"{first.pk}, {second.pk}"):
        printed("7-7")


SOON, PAST = timedelta(minutes=5), timedelta(minutes=-5)


@pytest.mark.parametrize(
    ("fields", "times", "sentence"),
    [
        ({"status": "queued"}, {}, r"due for sending since .* It waits for its turn"),
        (
            {"status": "queued", "waiting_for": Message("The studio's disk is full.")},
            {"not_before": SOON},
            r"due for sending at .*, in 300 s. It waits because: The studio's disk is full\.",
        ),
        ({"status": "queued"}, {"held_since": PAST}, "A person decides in the banner"),
        ({"status": "queued"}, {"held_since": PAST, "send_asked_at": PAST}, "It is looked for"),
        ({"status": "submitting"}, {"deadline": SOON}, "it goes back to the queue"),
        ({"status": "submitting"}, {"deadline": SOON, "sent_at": PAST}, "it becomes uncertain"),
        ({"status": "submitting"}, {"deadline": PAST, "sent_at": PAST}, "That is over"),
        ({"status": "running"}, {"next_poll_at": PAST}, r"due for a poll since .*, 300 s ago"),
        ({"status": "running", "code_failures": 5}, {}, "Parked"),
        ({"status": "storing"}, {"next_store_at": SOON}, "due for a download at"),
        ({"status": "storing"}, {"deadline": SOON}, "A worker downloads it"),
        ({"status": "uncertain"}, {"next_look_at": SOON}, "due for a look at the provider at"),
        ({"status": "uncertain"}, {}, "A person decides"),
        ({"status": "failed", "error_code": "StoppedWaiting"}, {"next_look_at": SOON}, "a look"),
        ({"status": "failed", "remote_state": "success"}, {}, "Download again"),
        ({"status": "failed", "error_code": "NoResults"}, {}, "Look for it again"),
        ({"status": "failed"}, {}, "as a new task"),
        ({"status": "cancelled"}, {}, "this is its end"),
    ],
)
def test_what_happens_next_is_said(user, now, fields, times, sentence):
    moments = {name: now + gap for name, gap in times.items()}
    text = printed(make_task(user, **fields, **moments).pk)
    following = " ".join(text.partition("\n")[2].partition("\n\n")[0].split())
    assert re.search(sentence, following), following


def test_a_task_waits_for_a_provider_that_is_silent(user):
    task = make_task(user, status=Status.QUEUED)
    ProviderSilence.objects.create(provider="demo", unanswered=3, ask_at=timezone.now())
    assert "the provider does not answer" in printed(task.pk)


def test_the_prompt_is_shown_only_when_it_is_asked_for(user):
    task = make_task(user, prompt=PROMPT, values={"prompt": PROMPT})
    assert "lighthouse" not in printed(task.pk)
    assert value(printed(task.pk), "prompt") == f"{len(PROMPT)} characters, shown with --prompt"
    assert value(printed(task.pk, "--prompt"), "prompt") == PROMPT


def test_no_key_no_address_and_no_control_character_is_printed(user):
    key = make_key(user, "vidu", SECRET)
    link = "https://files.example/x.mp4?signature=s1gned"
    task = make_task(
        user, provider="vidu", key=key, status=Status.FAILED, results=[{"url": link}],
        error=f"\x1b[31mRefused: {SECRET} at {link}", values={"callback_url": link},
    )  # fmt: skip
    moved(task, ("running", "failed", f"See {link}"))
    output = make_output(user, task)
    text = printed(task.pk, "--prompt")
    hidden = (SECRET, "s1gned", "files.example", "\x1b", str(key.pk), output.media.path, user.email)
    assert not [part for part in hidden if part in text]
    assert "See [address]" in text


def test_every_line_fits_a_terminal(user):
    long = "A provider that says very much and never comes to an end. " * 12
    task = make_task(user, status=Status.FAILED, error=long, remote_id="r" * 120, prompt=long * 3)
    moved(task, ("running", "failed", long))
    lines = printed(task.pk, "--prompt").splitlines()
    assert max(map(len, lines)) <= 100
    assert not [line for line in lines if line != line.rstrip()]
