"""A worker takes, calls and settles messages, and knows when to stop."""

import json
import signal
from collections import deque

import pytest
from django.db import OperationalError
from django_q.signing import SignedPackage

from generation.cluster import worker as worker_module
from generation.cluster.worker import GRACE, Clock, EndOfWait, Worker
from generation.engine import worker_state

called: list[object] = []


def note(worker: str) -> None:
    called.append(worker)


def look_at_heartbeat() -> None:
    """What the sentinel could read while this job runs."""
    called.append(json.loads(worker_state._me.heartbeat.path.read_text())["job"])


def be_told_to_stop() -> None:
    signal.raise_signal(signal.SIGTERM)
    called.append(worker_state.stopping())


def fail() -> None:
    raise RuntimeError("the job broke")


def meet_dead_database() -> None:
    raise OperationalError("gone")


class Broker:
    """The queue, as a list; when it is empty the worker is told to stop."""

    def __init__(self) -> None:
        self.waiting: deque[str | Exception] = deque()
        self.taken_off: list[int] = []
        self.count = 0

    def put(self, name: str, *args: object) -> None:
        message = {"id": "1", "name": "x", "func": f"{__name__}.{name}", "args": args}
        more = {"kwargs": {}, "save": False, "ack_failure": True}
        self.waiting.append(SignedPackage.dumps(message | more))

    def dequeue(self):
        if not self.waiting:
            worker_state.ask_to_stop()
            return None
        found = self.waiting.popleft()
        if isinstance(found, Exception):
            raise found
        self.count += 1
        return [(self.count, found)]

    def acknowledge(self, number: int) -> None:
        self.taken_off.append(number)

    def enqueue(self, package: str) -> None:
        self.waiting.append(package)


@pytest.fixture
def broker() -> Broker:
    called.clear()
    return Broker()


@pytest.fixture
def worker(db, broker, tmp_path, monkeypatch):
    """A worker in this process, with its signals."""
    alarms = []
    monkeypatch.setattr(signal, "alarm", alarms.append)
    monkeypatch.setattr(worker_module, "PAUSE", 0.0)
    monkeypatch.setattr(worker_module, "close_old_django_connections", lambda: None)
    monkeypatch.setattr(worker_module, "save_task", lambda *_: None)
    # A process that has run many tests is larger than a worker may get.
    monkeypatch.setattr(worker_module, "rss_check", lambda: False)
    found = Worker(broker, Clock(), tmp_path)
    found.alarms = alarms
    before = signal.signal(signal.SIGTERM, found.note_end)
    yield found
    signal.signal(signal.SIGTERM, before)
    worker_module.os.close(found.turn)
    worker_state.leave()


def test_messages_are_called_in_order_and_taken_off_the_queue(worker, broker):
    broker.put("note", "first")
    broker.put("note", "second")
    worker.run()
    assert called == ["first", "second"]
    assert broker.taken_off == [1, 2]
    assert not worker.heartbeat.path.exists()


def test_a_job_that_fails_is_one_line_and_the_worker_goes_on(worker, broker, caplog):
    broker.put("fail")
    broker.put("note", "next")
    worker.run()
    assert called == ["next"]
    assert broker.taken_off == [1, 2]
    assert "job=tests.cluster.test_worker.fail failed: the job broke" in caplog.text


def test_a_job_that_meets_a_dead_database_is_one_short_line(worker, broker, caplog, monkeypatch):
    saved = []
    monkeypatch.setattr(worker_module, "save_task", lambda *_: saved.append(1))
    broker.put("meet_dead_database")
    worker.run()
    (line,) = [one.getMessage() for one in caplog.records]
    assert line == "job=tests.cluster.test_worker.meet_dead_database failed: gone"
    assert saved == []


def test_a_message_of_somebody_else_is_thrown_away(worker, broker, caplog):
    broker.waiting.append("no message at all")
    broker.put("note", "ours")
    worker.run()
    assert called == ["ours"]
    assert broker.taken_off == [1, 2]
    assert "is not ours (BadSignature)" in caplog.text


def test_the_heartbeat_names_the_job_in_hand(worker, broker):
    broker.put("look_at_heartbeat")
    worker.run()
    assert called == ["look_at_heartbeat"]


def test_a_job_in_hand_is_finished_and_nothing_else_is_taken(worker, broker):
    broker.put("be_told_to_stop")
    broker.put("note", "too late")
    worker.run()
    assert called == [True]
    assert broker.taken_off == [1]
    assert len(broker.waiting) == 1


def test_a_second_signal_gives_no_more_time(worker):
    for _ in range(3):
        signal.raise_signal(signal.SIGTERM)
    assert worker.alarms == [GRACE]


def test_a_message_that_comes_with_the_signal_goes_back(worker, broker, monkeypatch):
    broker.put("note", "not now")
    take = Broker.dequeue

    def asked_meanwhile(self):
        worker_state.ask_to_stop()
        return take(self)

    monkeypatch.setattr(Broker, "dequeue", asked_meanwhile)
    worker.run()
    assert called == []
    assert (len(broker.waiting), broker.taken_off) == (1, [1])


def test_a_worker_without_work_ends_at_once(worker, broker, monkeypatch):
    """Also while another one asks the broker, for however long."""

    def its_turn_does_not_come(*_args):
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError("it went on waiting")

    monkeypatch.setattr(worker_module.fcntl, "flock", its_turn_does_not_come)
    with pytest.raises(EndOfWait):
        worker.take()
    worker.run()


def test_a_queue_that_is_away_is_told_once_and_asked_again(worker, broker, caplog):
    caplog.set_level("INFO", logger="generation")
    broker.waiting.extend([ConnectionError(), ConnectionError(), ConnectionError()])
    broker.put("note", "after it")
    worker.run()
    assert called == ["after it"]
    assert caplog.text.count("the queue does not answer (ConnectionError)") == 1
    assert caplog.text.count("the queue answers again") == 1


def test_a_job_has_its_own_limit(monkeypatch):
    now = 100.0
    monkeypatch.setattr(worker_module.time, "monotonic", lambda: now)
    clock = Clock()
    assert not clock.is_over(10_000)
    clock.begin(60)
    assert not clock.is_over(160)
    assert clock.is_over(161)
    clock.idle()
    assert not clock.is_over(10_000)
