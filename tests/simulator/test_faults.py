"""Faults on demand, as a client on the other side of a real connection sees them."""

import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests.simulator.asking import create, created, finished, headers, poll, url
from tests.simulator.server import Running

CREATE = {"match": {"path": "reference2image"}}


def test_dropped_before_acceptance_leaves_nothing(sim: Running) -> None:
    sim.faults({"kind": "drop", "count": 1, **CREATE})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        create(sim.http)
    assert sim.ledger() == []
    assert create(sim.http).status_code == 200


def test_dropped_after_acceptance_is_in_the_ledger(sim: Running) -> None:
    sim.faults({"kind": "drop", "when": "after", "count": 1, **CREATE})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        create(sim.http, payload="marker")
    [row] = sim.ledger()
    assert row["payload"] == "marker"
    assert finished(sim.http, row["remote_id"])["payload"] == "marker"


def test_half_a_reply_is_cut(sim: Running) -> None:
    sim.faults({"kind": "half", "count": 1})
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        create(sim.http)
    assert len(sim.ledger()) == 1


@pytest.mark.parametrize(("kind", "start"), [("garbage", b"\x00\xff{"), ("html", b"<!doctype")])
def test_a_reply_that_is_no_json(sim: Running, kind: str, start: bytes) -> None:
    sim.faults({"kind": kind, "count": 1})
    reply = create(sim.http)
    assert (reply.status_code, reply.content[: len(start)]) == (200, start)
    assert len(sim.ledger()) == 1


@pytest.mark.parametrize(("when", "accepted"), [("before", 0), ("after", 1)])
def test_a_server_error_before_and_after_acceptance(sim: Running, when: str, accepted: int) -> None:
    sim.faults({"kind": "status", "status": 503, "when": when, "count": 1})
    reply = create(sim.http)
    assert (reply.status_code, reply.json()["reason"]) == (503, "InternalServiceFailure")
    assert len(sim.ledger()) == accepted


@pytest.mark.parametrize("dialect", ["vidu", "kkiai", "vtrix"])
@pytest.mark.parametrize("status", [303, 307, 304, 403, 502])
def test_a_gateway_answers_for_who_accepted(sim: Running, dialect: str, status: int) -> None:
    sim.faults({"kind": "gateway", "status": status, "count": 1})
    reply = create(sim.http, dialect)
    assert (reply.status_code, len(sim.ledger())) == (status, 1)
    assert ("location" in reply.headers) == (300 <= status < 400)
    assert reply.content == b"" or reply.content.startswith(b"<!doctype html>")
    sim.faults({"kind": "gateway", "status": 404, "body": "", "count": 1})
    assert create(sim.http, dialect).content == b""


def test_too_many_requests_with_both_forms_of_retry_after(sim: Running) -> None:
    sim.faults({"kind": "status", "status": 429, "retry_after": 7, "count": 1})
    reply = create(sim.http)
    assert (reply.json()["reason"], reply.headers["retry-after"]) == ("TooManyRequests", "7")
    sim.faults({"kind": "status", "status": 429, "retry_after": 60, "retry_form": "date"})
    moment = parsedate_to_datetime(create(sim.http).headers["retry-after"])
    assert 30 < moment.timestamp() - time.time() <= 61
    sim.faults({"kind": "status", "status": 429, "reason": "QuotaExceeded"})
    reply = create(sim.http)
    assert "retry-after" not in reply.headers
    assert reply.json()["reason"] == "QuotaExceeded"


def test_vtrix_has_its_own_form_of_faults(sim: Running) -> None:
    sim.faults({"kind": "status", "status": 429})
    assert set(create(sim.http, "vtrix").json()) == {"code", "message"}
    sim.faults({"kind": "status", "status": 500, "body": "plain words"})
    assert create(sim.http, "vtrix").text == "plain words"


@pytest.mark.parametrize(("when", "accepted"), [("before", 0), ("after", 1)])
def test_a_delay_before_and_after_acceptance(sim: Running, when: str, accepted: int) -> None:
    sim.faults({"kind": "delay", "seconds": 20, "when": when, **CREATE})
    with pytest.raises(httpx.ReadTimeout):
        sim.http.post(
            "/ent/v2/reference2image",
            json={"model": "viduq2", "prompt": "x"},
            headers=headers("vidu"),
            timeout=0.3,
        )
    until = time.monotonic() + 30
    while len(sim.ledger()) < accepted and time.monotonic() < until:
        time.sleep(0.01)  # the client gave up, and the simulator may still be at it
    assert len(sim.ledger()) == accepted


def test_a_slow_drip_arrives_to_its_end(sim: Running) -> None:
    sim.faults({"kind": "drip", "bytes": 30, "seconds": 0.02, "count": 1, **CREATE})
    started = time.monotonic()
    assert create(sim.http).json()["task_id"]
    assert time.monotonic() - started > 0.06


def test_the_authorization_is_echoed(sim: Running) -> None:
    sim.faults({"kind": "echo", "count": 1})
    assert "a-secret-key" in create(sim.http, key="a-secret-key").json()["message"]


def test_moderation_at_once_and_late(sim: Running) -> None:
    sim.faults({"kind": "moderation", "match": {"prompt": "grue"}, "count": 1})
    assert create(sim.http).status_code == 200
    assert create(sim.http, prompt="a grue").json()["reason"] == "AuditSubmitIllegal"
    sim.faults({"kind": "moderation", "when": "late", "count": 1})
    data = finished(sim.http, created(sim.http))
    assert (data["state"], data["err_code"]) == ("failed", "CreationPolicyViolation")
    assert (data["credits"], data["creations"]) == (0, [])


def test_an_unknown_word_and_stuck_for_ever(sim: Running) -> None:
    sim.settings(pace=0)
    sim.faults({"kind": "stuck", "count": 1})
    task_id = created(sim.http)
    assert poll(sim.http, task_id)["state"] == "processing"
    sim.faults({"kind": "state", "word": "dreaming", "count": 1})
    assert poll(sim.http, task_id)["state"] == "dreaming"
    assert poll(sim.http, task_id)["state"] == "processing"


@pytest.mark.parametrize("status", [403, 410])
def test_an_expired_link_and_a_fresh_one(sim: Running, status: int) -> None:
    sim.settings(pace=0)
    task_id = created(sim.http)
    sim.faults({"kind": "expired", "status": status, "count": 1})
    stale, fresh = url(poll(sim.http, task_id)), url(poll(sim.http, task_id))
    assert sim.http.get(stale).status_code == status
    assert sim.http.get(fresh).status_code == 200


def test_a_link_dies_with_time(sim: Running) -> None:
    sim.settings(pace=0, expiry=-1)
    assert sim.http.get(url(poll(sim.http, created(sim.http)))).status_code == 403
    sim.settings(expiry=60)
    address = url(poll(sim.http, created(sim.http)))
    assert sim.http.get(address).status_code == 200
    assert sim.http.get(address.replace("-403-", "-403-0")).status_code == 403


def test_an_evil_address(sim: Running) -> None:
    sim.settings(pace=0)
    evil = "http://169.254.169.254/latest/"
    sim.faults({"kind": "evil", "url": evil, "count": 2})
    assert url(poll(sim.http, created(sim.http))) == evil
    assert url(poll(sim.http, created(sim.http, "vtrix"), "vtrix")) == evil


def result(sim: Running, kind: str, **fault: object) -> httpx.Response:
    sim.settings(pace=0)
    address = url(poll(sim.http, created(sim.http)))
    sim.faults({"kind": kind, "count": 1, **fault})
    return sim.http.get(address)


def test_a_truncated_result_announces_more_than_it_sends(sim: Running) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        result(sim, "truncated")


def test_an_empty_result_a_page_and_another_format(sim: Running) -> None:
    assert result(sim, "empty").content == b""
    for kind, start in (("page", b"<!doctype html"), ("format", b"GIF89a")):
        reply = result(sim, kind)
        assert reply.headers["content-type"] == "image/png"
        assert reply.content.startswith(start)


def test_an_endless_result_stops_when_nobody_listens(sim: Running) -> None:
    sim.settings(pace=0)
    address = url(poll(sim.http, created(sim.http)))
    sim.faults({"kind": "endless"})
    received = 0
    with sim.http.stream("GET", address) as reply:
        assert int(reply.headers["content-length"]) == 2 * 1024**3
        for piece in reply.iter_bytes():
            received += len(piece)
            if received > 5_000_000:
                break
    assert create(sim.http).status_code == 200


def test_faults_match_count_and_chance(sim: Running) -> None:
    fault = {"kind": "status", "match": {"dialect": "vtrix", "method": "POST"}, "count": 2}
    sim.faults(fault)
    assert create(sim.http, "vidu").status_code == 200
    assert [create(sim.http, "vtrix").status_code for _ in range(3)] == [500, 500, 200]
    sim.faults({"kind": "status", "probability": 0.5}, seed=7)
    codes = [create(sim.http).status_code for _ in range(60)]
    assert 15 < codes.count(500) < 45


@pytest.mark.parametrize(
    "fault", [{"kind": "gremlin"}, {"kind": "drop", "match": {"moon": "full"}}, {"when": "later"}]
)
def test_a_fault_that_cannot_be_is_refused(sim: Running, fault: dict[str, object]) -> None:
    reply = sim.http.post("/_sim/faults", json=[fault])
    assert reply.status_code == 400
    assert "fault" in reply.json()["error"]


@pytest.mark.parametrize(
    ("trigger", "status", "reason"),
    [
        ("moderation", 400, "AuditSubmitIllegal"),
        ("credits", 400, "CreditInsufficient"),
        ("server", 500, "InternalServiceFailure"),
    ],
)
def test_triggers_that_refuse(sim: Running, trigger: str, status: int, reason: str) -> None:
    reply = create(sim.http, prompt=f"a cat [fail: {trigger}]")
    assert (reply.status_code, reply.json()["reason"]) == (status, reason)
    assert sim.ledger() == []


def test_triggers_that_fail_later(sim: Running) -> None:
    sim.settings(pace=0)
    with pytest.raises(httpx.RemoteProtocolError):
        create(sim.http, prompt="[fail: lost]")
    assert len(sim.ledger()) == 1
    data = finished(sim.http, created(sim.http, prompt="a cat [FAIL:result]"))
    assert data["err_code"] == "CreationPolicyViolation"
    assert poll(sim.http, created(sim.http, prompt="[fail: stuck]"))["state"] == "processing"
    expired = created(sim.http, prompt="[fail: expired]")
    assert sim.http.get(url(poll(sim.http, expired))).status_code == 403
    assert sim.http.get(url(poll(sim.http, expired))).status_code == 200
    page = url(poll(sim.http, created(sim.http, prompt="[fail: page]")))
    assert sim.http.get(page).content.startswith(b"<!doctype")
    assert poll(sim.http, created(sim.http, prompt="[fail: nonsense]"))["state"] == "success"


def test_the_trigger_slow_slows_a_task(sim: Running) -> None:
    quick, slow = created(sim.http), created(sim.http, prompt="a cat [slow]")
    finished(sim.http, quick)
    assert poll(sim.http, slow)["state"] != "success"
