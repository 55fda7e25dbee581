"""Replies of Vtrix in all the shapes its pages print."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from generation.providers.base import Balance, Prepared, RemoteState
from generation.providers.errors import OutcomeUnknown, OutOfCredit, Refused
from tests.providers.raw import envelope, fetch, outcome, reply

MODEL = "viduq2_reference2image"
IMAGE = {"type": "image", "url": "https://files.example.org/a.png", "jobId": "j1"}


def polled(body, **changes):
    return outcome(reply(200, {"id": "42", "model": MODEL} | body | changes), fetch, "vtrix")[0]


def created(status, body):
    async def send(client):
        return await client.submit(Prepared("/model/v1/generation", b"{}"))

    return outcome(reply(status, body), send, "vtrix")[0]


def test_the_create_reply():
    seen = created(200, {"id": "t1", "created_at": 1767225600, "status": "in_progress"})
    assert (seen.remote_id, seen.state) == ("t1", RemoteState.RUNNING)
    assert seen.created_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert created(200, {"id": "t1", "output": {"status": "in_queue"}}).state == RemoteState.QUEUED
    assert created(200, {"id": "t1"}).state == RemoteState.QUEUED


def test_a_create_reply_that_holds_an_error_instead_of_an_id():
    error = created(200, {"error": {"code": "008023003", "message": "no prompt"}})
    assert (type(error), error.code, error.field) == (Refused, "008023003", "prompt")
    error = created(200, {"error": {"code": 8023002, "error_message": "count"}})
    assert (type(error), error.code, error.field) == (Refused, "008023002", "images")
    assert type(created(200, {"error": "insufficient balance"})) is OutOfCredit
    assert type(created(200, {"error": {"code": "008023099", "message": "x"}})) is OutcomeUnknown
    assert type(created(200, {"error": "what happened"})) is OutcomeUnknown


def test_the_poll_asks_below_the_create_path():
    _seen, server = outcome(reply(200, {"status": "pending"}), fetch, "vtrix")
    assert server.requests[0].path == "/model/v1/generation/task/42"


@pytest.mark.parametrize(
    "output", [{"content": [IMAGE]}, [{"content": [IMAGE]}], [{"content": IMAGE}]]
)
def test_output_is_an_object_or_a_list(output):
    seen = polled(
        {"status": "completed", "output": output, "usage": {"cost": "0.30", "discount": 0}}
    )
    assert [(one.url, one.remote_id) for one in seen.results] == [(IMAGE["url"], "j1")]
    assert (seen.state, seen.cost, seen.credits) == (RemoteState.SUCCESS, Decimal("0.30"), None)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("in_queue", RemoteState.QUEUED), ("pending", RemoteState.QUEUED),
        ("created", RemoteState.QUEUED), ("queueing", RemoteState.QUEUED),
        ("in_progress", RemoteState.RUNNING), ("processing", RemoteState.RUNNING),
        ("completed", RemoteState.SUCCESS), ("success", RemoteState.SUCCESS),
        ("done", RemoteState.SUCCESS), ("failed", RemoteState.FAILED),
        ("moderating", RemoteState.RUNNING),
    ],
)  # fmt: skip
def test_states_at_the_top_or_inside_of_the_output(word, state):
    assert polled({"status": word}).state == state
    assert polled({"output": {"status": word, "content": []}}).state == state
    assert polled({"output": [{"status": word}]}).state == state


@pytest.mark.parametrize(
    ("top", "inner", "content", "state"),
    [
        ("in_progress", "in_queue", [], RemoteState.RUNNING),
        ("in_progress", "success", [IMAGE], RemoteState.SUCCESS),
        ("completed", "failed", [], RemoteState.FAILED),
        ("completed", "processing", [IMAGE], RemoteState.SUCCESS),
        ("failed", "processing", [], RemoteState.FAILED),
        ("failed", "processing", [IMAGE], RemoteState.FAILED),
        ("completed", "success", [], RemoteState.SUCCESS),
    ],
)
def test_two_states_that_differ(top, inner, content, state):
    seen = polled({"status": top, "output": {"status": inner, "content": content}})
    assert seen.state == state
    assert bool(seen.results) == (state == RemoteState.SUCCESS and bool(content))


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        ({"code": "008023097", "message": "upstream"}, "008023097", "upstream"),
        ({"code": 8023097, "error_message": "upstream"}, "008023097", "upstream"),
        ({"code": 17, "message": ""}, "17", ""),
        ("bare words", "", "bare words"),
        (None, "", ""),
    ],
)
def test_the_three_shapes_of_an_error(error, code, message):
    seen = polled({"status": "failed", "error": error})
    assert (seen.state, seen.error_code, seen.error) == (RemoteState.FAILED, code, message)
    assert seen.cost is None


def test_an_error_without_a_state_is_a_failure():
    assert polled({"error": {"code": "008023095"}}).state == RemoteState.FAILED


@pytest.mark.parametrize(
    "body",
    [{"status": "completed", "output": {"content": [IMAGE]}}, {"status": "failed", "error": "x"}],
)
def test_a_reply_about_another_task_is_neither_a_result_nor_a_failure(body):
    for named in ({"id": "t2"}, {"id": 43}, {"task_id": "t2"}, {"id": "t2", "task_id": "t3"}):
        error = outcome(reply(200, body | named), fetch, "vtrix")[0]
        assert type(error) is OutcomeUnknown
    for named in ({}, {"id": 42}, {"id": "42"}, {"id": "", "task_id": "42"}, {"id": {"x": 1}}):
        assert outcome(reply(200, body | named), fetch, "vtrix")[0].remote_id == "42"


def test_a_result_may_bear_the_id_that_was_asked_for():
    """What answers at once is known by the maker's id alone."""
    body = {"id": "t2", "status": "completed", "output": {"content": [IMAGE | {"jobId": "42"}]}}
    assert outcome(reply(200, body), fetch, "vtrix")[0].state == RemoteState.SUCCESS


MARKED = "https://files.example.org/marked.png"


@pytest.mark.parametrize(
    ("row", "urls"),
    [
        (IMAGE | {"watermarked_url": MARKED}, (IMAGE["url"], MARKED)),
        (IMAGE | {"watermarked_url": ""}, (IMAGE["url"], "")),
        (IMAGE | {"watermarked_url": "file:///etc/passwd"}, (IMAGE["url"], "")),
        ({"type": "image", "url": "", "watermarked_url": MARKED}, (MARKED, MARKED)),
    ],
)
@pytest.mark.parametrize("as_list", [True, False])
def test_the_file_with_the_watermark_is_read_beside_the_clean_one(row, urls, as_list):
    output = {"content": [row]}
    seen = polled({"status": "completed", "output": [output] if as_list else output})
    assert [(one.url, one.watermarked_url) for one in seen.results] == [urls]


@pytest.mark.parametrize(
    ("error", "field"),
    [
        ({"code": "008023001"}, "images"),
        ({"code": "008023002", "message": "count"}, "images"),
        ({"code": 8023002, "error_message": "count"}, "images"),
        ({"code": "008023003"}, "prompt"),
        ({"code": "008023095", "message": "the image could not be made"}, ""),
        ("images", ""),
    ],
)
def test_a_poll_names_the_setting_as_a_create_does(error, field):
    assert polled({"status": "failed", "error": error}).error_field == field


def test_a_poll_that_says_nothing_is_asked_again():
    assert type(polled({})) is OutcomeUnknown
    assert type(outcome(reply(200, envelope(400, "BadRequest")), fetch, "vtrix")[0]) is Refused


@pytest.mark.parametrize(
    ("content", "urls"),
    [
        ([IMAGE | {"type": "video"}], ["a.png"]),
        ([IMAGE | {"type": "image_url", "url": "https://files.example.org/x?f=1"}], ["x?f=1"]),
        ([IMAGE, {"type": "image", "url": "https://files.example.org/b.mp4"}], ["a.png"]),
        ([{"type": "video", "url": "https://files.example.org/b.mp4"}], ["b.mp4"]),
        ([{"type": "text", "text": "{}"}, IMAGE], ["a.png"]),
        ([IMAGE, IMAGE | {"url": "https://files.example.org/c.webp"}], ["a.png", "c.webp"]),
        ([IMAGE | {"url": "file:///etc/passwd"}, IMAGE], ["a.png"]),
    ],
)
def test_results_are_chosen_by_what_they_are_and_not_by_their_label_alone(content, urls):
    seen = polled({"status": "completed", "output": [{"content": content}]})
    assert [one.url.removeprefix("https://files.example.org/") for one in seen.results] == urls


@pytest.mark.parametrize(
    ("cost", "amount"),
    [("0.30", Decimal("0.30")), (0.3, Decimal("0.3")), (0, Decimal(0)), ("", None), ("NaN", None),
     ("-1", None), ("free", None), (None, None), (True, None), ("1e99", None)],
)  # fmt: skip
def test_the_cost_is_exact(cost, amount):
    assert polled({"status": "completed", "usage": {"cost": cost}}).cost == amount


def test_a_key_of_vtrix_is_never_called_tested():
    async def ask(client):
        return await client.balance()

    for answer in (reply(404, {"message": "no task"}), reply(200, {}), reply(500, b"")):
        assert outcome(answer, ask, "vtrix")[0] == Balance(tested=False)


def test_what_vtrix_has_not_cannot_be_called():
    async def find(client):
        assert [client.can_find, client.can_cancel, client.can_upload] == [False] * 3
        return client.list_tasks(datetime.now(UTC), datetime.now(UTC))

    with pytest.raises(NotImplementedError):
        outcome(b"", find, "vtrix")
