"""Replies of the /ent/v2 family: official Vidu and kkiai."""

from datetime import UTC, datetime

import pytest

from generation.providers.base import Balance, RemoteState, Result
from generation.providers.errors import (
    KeyRejected,
    NotReached,
    OutcomeUnknown,
    OutOfCredit,
    Throttled,
)
from tests.providers.raw import TASK, drop, envelope, fetch, outcome, reply, submit

VIDU_SAMPLE = {
    "task_id": "your_task_id_here",
    "state": "created",
    "model": "viduq2",
    "images": ["your_image_url1", "your_image_url2"],
    "prompt": "your_prompt",
    "seed": 0,
    "aspect_ratio": "16:9",
    "resolution": "2K",
    "payload": "",
    "credits": 2,
    "created_at": "2025-09-08T09:53:22.083033428Z",
}
KKIAI_SAMPLE = {
    "task_id": "911092490931552256",
    "state": "created",
    "model": "viduq2",
    "prompt": "一只可爱的小猫",
    "images": [],
    "seed": 616519648,
    "aspect_ratio": "auto",
    "callback_url": "",
    "payload": "",
    "cus_priority": 0,
    "credits": 6,
    "created_at": "2026-01-20T07:08:12.262592985Z",
    "watermark": False,
}
DONE = {
    "id": "42",
    "state": "success",
    "err_code": "",
    "credits": 8,
    "payload": "vs-1",
    "creations": [
        {
            "id": "c1",
            "url": "https://files.example.org/a.png?sig=1",
            "cover_url": "https://files.example.org/c.png",
            "watermarked_url": "",
            "video": {"fps": 16},
        }
    ],
}


def polled(body, **changes):
    return outcome(reply(200, body | changes), fetch)[0]


def test_the_printed_create_reply_of_vidu():
    seen, _server = outcome(reply(200, VIDU_SAMPLE), submit)
    assert (seen.remote_id, seen.state) == ("your_task_id_here", RemoteState.CREATED)
    assert (seen.credits, seen.seed, seen.model_name) == (2, 0, "viduq2")
    assert seen.created_at == datetime(2025, 9, 8, 9, 53, 22, 83033, UTC)


def test_the_printed_create_reply_of_kkiai():
    seen, _server = outcome(reply(200, KKIAI_SAMPLE), submit, "kkiai")
    assert (seen.remote_id, seen.credits, seen.seed) == ("911092490931552256", 6, 616519648)


def test_an_accepted_task_is_kept_even_when_only_its_id_can_be_read():
    for body in ({"task_id": 7}, {"id": "7", "state": 3, "credits": "x", "created_at": []}):
        seen, _server = outcome(reply(201, body), submit)
        assert (seen.remote_id, seen.state, seen.credits) == ("7", RemoteState.CREATED, None)


def test_a_finished_task_has_its_results_and_charge():
    seen = polled(DONE)
    assert seen.results == (
        Result("https://files.example.org/a.png?sig=1", "c1", "https://files.example.org/c.png"),
    )
    assert (seen.state, seen.credits, seen.payload) == (RemoteState.SUCCESS, 8, "vs-1")
    assert (seen.error_code, seen.error) == ("", "")


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("created", RemoteState.CREATED), ("queueing", RemoteState.QUEUED),
        ("processing", RemoteState.RUNNING), ("success", RemoteState.SUCCESS),
        ("failed", RemoteState.FAILED), ("canceled", RemoteState.FAILED),
        ("SUCCESS", RemoteState.SUCCESS), ("preparation", RemoteState.RUNNING),
        ("scheduling", RemoteState.RUNNING), ("quantum", RemoteState.RUNNING),
    ],
)  # fmt: skip
def test_state_names(word, state):
    assert polled(DONE, state=word).state == state
    assert polled({"status": word}).state == state


def test_a_failed_task_carries_the_providers_message():
    seen = polled({"state": "failed", "err_code": "CreationPolicyViolation", "credits": 0})
    assert (seen.state, seen.error_code) == (RemoteState.FAILED, "CreationPolicyViolation")
    assert seen.credits == 0
    assert polled({"state": "failed", "err_code": "", "message": "oh"}).error == "oh"
    assert polled({"state": "cancelled"}).error_code == "UserCancelled"


@pytest.mark.parametrize(
    ("code", "field"),
    [("ImageDownloadFailure", "images"), ("TaskPromptPolicyViolation", "prompt"), ("New", "")],
)
def test_a_failed_task_names_the_setting_that_its_code_speaks_of(code, field):
    assert polled({"state": "failed", "err_code": code}).error_field == field


@pytest.mark.parametrize("state", ["success", "failed", "processing"])
@pytest.mark.parametrize("provider", ["vidu", "vidu-cn", "demo", "kkiai"])
def test_a_reply_about_another_task_is_neither_a_result_nor_a_failure(provider, state):
    body = {name: value for name, value in DONE.items() if name != "id"} | {"state": state}
    for named in ({"id": "43"}, {"id": 43}, {"task_id": "43"}, {"id": "43", "task_id": "44"}):
        error, _server = outcome(reply(200, body | named), fetch, provider)
        assert type(error) is OutcomeUnknown
        assert not error.nothing_happened
    for named in ({}, {"id": 42}, {"id": ""}, {"task_id": "42"}, {"id": "43", "task_id": "42"}):
        assert outcome(reply(200, body | named), fetch, provider)[0].remote_id == "42"


@pytest.mark.parametrize("state", [None, "", 5, {"a": 1}])
def test_a_poll_without_a_state_is_asked_again(state):
    assert type(polled(DONE, state=state)) is OutcomeUnknown


@pytest.mark.parametrize(
    "url",
    [
        "",
        None,
        7,
        "file:///etc/passwd",
        "javascript:1",
        "//x.org/a",
        "https://",
        "http://a b/",
        "http://a.org/\x1b",
        f"http://a.org/{'x' * 8_000}",
    ],
)
def test_what_is_no_web_address_is_no_result(url):
    good = {"url": "https://files.example.org/b.png", "cover_url": url}
    seen = polled(DONE, creations=[{"url": url}, good, "text", None])
    assert seen.results == (Result("https://files.example.org/b.png"),)


@pytest.mark.parametrize(
    ("value", "credits"),
    [(0, 0), (6, 6), ("6", 6), (6.0, 6), (-1, None), (2**40, None), (True, None), ("", None),
     ([], None), (1e400, None), ("9" * 30, None), ("½", None)],
)  # fmt: skip
def test_credits_as_they_come(value, credits):
    assert polled(DONE, credits=value).credits == credits


@pytest.mark.parametrize(
    ("value", "progress"),
    [
        (0, 0),
        (0.4, 0.4),
        (1, 1),
        (40, 0.4),
        (100, 1),
        (-1, None),
        (200, None),
        ("1", None),
        (True, None),
    ],
)
def test_progress_is_a_share(value, progress):
    assert polled(DONE, progress=value).progress == progress


def test_one_creation_alone_is_a_list_of_one():
    assert len(polled(DONE, creations=DONE["creations"][0]).results) == 1


def ask_balance(answer, provider="vidu"):
    async def ask(client):
        return await client.balance()

    return outcome(answer, ask, provider)


REMAINS = [
    {"type": "test", "credit_remain": 5, "concurrency_limit": 0},
    {"type": "metered", "credit_remain": "100", "concurrency_limit": 2, "current_concurrency": 1},
    {"type": "concurrent", "credit_remain": 0, "concurrency_limit": 5, "current_concurrency": 3},
]


@pytest.mark.parametrize("name", ["remains", "remaining_credits"])
def test_credits_of_all_kinds_are_added_up_and_places_read(name):
    seen, server = ask_balance(reply(200, {name: REMAINS, "packages": []}))
    assert seen == Balance(105, 5, 3)
    assert server.requests[0].path == "/ent/v2/credits"
    assert ask_balance(reply(200, {name: REMAINS[:2]}))[0] == Balance(105, 2, 1)


def by_path(**answers):
    """Answers by the last word of the path."""

    async def answer(request, writer):
        writer.write(answers[request.path.split("/")[-1]])

    return answer


NO_SUCH_TASK = reply(404, envelope(404, "TaskNotFound"))
CODEC = reply(400, {"code": 400, "reason": "CODEC", "message": "parse id"})


@pytest.mark.parametrize(
    "credits", [reply(404, envelope(404, "NotFound")), reply(200, {"remains": []})]
)
def test_without_a_credits_page_a_task_that_cannot_exist_tests_the_key(credits):
    seen, server = ask_balance(by_path(credits=credits, creations=NO_SUCH_TASK))
    assert seen == Balance()
    assert server.requests[1].path == "/ent/v2/tasks/0/creations"


@pytest.mark.parametrize(
    ("answer", "balance"),
    [
        (NO_SUCH_TASK, Balance()),
        (CODEC, Balance()),
        (reply(404, b"nothing"), Balance(tested=False)),
        (reply(404, "<html></html>"), Balance(tested=False)),
        (reply(404, {"error": {"message": "no route"}}), Balance(tested=False)),
        (reply(200, TASK), Balance(tested=False)),
        (reply(302, b""), Balance(tested=False)),
        (reply(500, b""), Balance(tested=False)),
    ],
)
def test_a_key_of_kkiai_is_good_only_when_the_provider_itself_says_so(answer, balance):
    assert ask_balance(answer, "kkiai")[0] == balance


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(401, b""), KeyRejected),
        (reply(403, envelope(403, "Forbidden")), KeyRejected),
        (reply(403, {"message": "insufficient balance"}), OutOfCredit),
        (reply(429, b""), Throttled),
        (drop, OutcomeUnknown),
    ],
)
@pytest.mark.parametrize("provider", ["vidu", "kkiai", "vtrix"])
def test_a_bad_key_is_rejected_by_every_provider(answer, kind, provider):
    assert type(ask_balance(answer, provider)[0]) is kind


def test_a_provider_that_is_away_is_no_verdict_about_the_key():
    async def ask(client):
        return await client.balance()

    for provider in ("vidu", "kkiai", "vtrix"):
        assert type(outcome(b"", ask, provider, url="http://127.0.0.1:1")[0]) is NotReached
