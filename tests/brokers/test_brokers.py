"""What both brokers of the database promise."""

import time

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ

from generation import brokers
from tests.brokers.conftest import IS_POSTGRES, LONG, end_lock


def payloads(taken) -> list[str]:
    return [payload for _number, payload in taken or []]


def heard(broker) -> bool:
    """Whether a wake-up is there."""
    if IS_POSTGRES:
        return bool(list(connection.connection.notifies(timeout=0)))
    return bool(brokers.select.select([broker.pipe], [], [], 0)[0])


def waited(broker, act) -> float:
    broker.get_ready()
    act()
    started = time.monotonic()
    broker.wait()
    return time.monotonic() - started


def test_messages_are_taken_in_the_order_in_which_they_came(broker):
    sent = [f"message {number}" for number in range(5)]
    for one in sent:
        broker.enqueue(one)
    OrmQ.objects.filter(payload="message 0").update(payload="message 0")  # moves the row
    assert [payloads(broker.dequeue()) for _ in sent] == [[one] for one in sent]


def test_several_are_taken_at_once_where_that_is_set(broker, monkeypatch):
    monkeypatch.setattr(Conf, "BULK", 3)
    for number in range(4):
        broker.enqueue(str(number))
    assert payloads(broker.dequeue()) == ["0", "1", "2"]
    assert payloads(broker.dequeue()) == ["3"]


def test_what_was_taken_is_not_taken_again_until_its_lock_ran_out(make_broker, monkeypatch):
    one, other = make_broker(), make_broker()
    number = one.enqueue("paid work")
    assert one.dequeue() == [(number, "paid work")]
    monkeypatch.setattr(Conf, "POLL", 0)
    assert other.dequeue() is None
    end_lock(number)
    assert other.dequeue() == [(number, "paid work")]


def test_what_is_done_never_comes_again(broker, monkeypatch):
    number = broker.enqueue("work")
    broker.dequeue()
    broker.acknowledge(number)
    monkeypatch.setattr(Conf, "POLL", 0)
    assert broker.dequeue() is None
    assert not OrmQ.objects.exists()


def test_messages_of_another_queue_are_left_alone(broker, monkeypatch):
    type(broker)("another queue").enqueue("not mine")
    monkeypatch.setattr(Conf, "POLL", 0)
    assert broker.dequeue() is None
    assert broker.queue_size() == 0


def test_the_size_counts_what_waits_and_not_what_was_taken(broker, monkeypatch):
    monkeypatch.setattr(brokers, "get_broker", lambda queue: type(broker)(queue))
    assert (brokers.queue_size(broker.list_key), broker.purge_queue()[0]) == (0, 0)
    for number in range(3):
        broker.enqueue(str(number))
    assert brokers.queue_size(broker.list_key) == 3
    broker.dequeue()
    assert brokers.queue_size(broker.list_key) == 2
    assert broker.lock_size() == 1


def test_a_message_sent_before_the_wait_is_not_waited_for(broker):
    assert waited(broker, lambda: broker.enqueue("sent while it gets ready")) < LONG / 2
    assert payloads(broker.dequeue()) == ["sent while it gets ready"]


def test_a_message_of_a_transaction_wakes_when_it_can_be_seen(broker):
    broker.get_ready()
    with transaction.atomic():
        broker.enqueue("not yet")
        assert not heard(broker)
    assert heard(broker)
    assert payloads(broker.dequeue()) == ["not yet"]


def test_a_rollback_wakes_nobody_and_leaves_nothing(broker, monkeypatch):
    broker.get_ready()
    with transaction.atomic():
        broker.enqueue("never")
        transaction.set_rollback(True)
    monkeypatch.setattr(Conf, "POLL", 0)
    assert not heard(broker)
    assert broker.dequeue() is None


def test_a_message_without_a_wake_up_is_found_by_asking(broker, monkeypatch):
    """As one whose lock ran out, or one that was put there by hand."""
    monkeypatch.setattr(Conf, "POLL", 0.01)
    assert broker.dequeue() is None
    OrmQ.objects.create(key=broker.list_key, payload="unheard", lock=brokers.timezone.now())
    assert payloads(broker.dequeue()) == ["unheard"]


def test_it_goes_on_when_the_database_is_back(broker, naps, monkeypatch, caplog):
    broker.enqueue("patience")
    real, answers = broker.take, [OperationalError("server closed\nmore"), None]

    def take():
        if trouble := answers.pop(0) if answers else None:
            raise trouble
        return real()

    monkeypatch.setattr(broker, "take", take)
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own, in memory
    with caplog.at_level("INFO", "generation.brokers"):
        assert broker.dequeue() is None
        assert payloads(broker.dequeue()) == ["patience"]
    assert naps == [1]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "server closed)" in caplog.records[0].message


def test_a_fault_inside_a_transaction_is_not_swallowed(broker, naps, monkeypatch):
    monkeypatch.setattr(broker, "take", lambda: OrmQ.objects.raw("SELECT no FROM nowhere")[0])
    with pytest.raises(DatabaseError), transaction.atomic():
        broker.dequeue()
    assert naps == []


def test_without_redis_the_database_decides_which_broker(settings):
    kind = brokers.SkipLockedBroker if IS_POSTGRES else brokers.SqliteBroker
    if settings.REDIS_URL:
        assert not isinstance(get_broker(), kind)
    else:
        assert isinstance(get_broker(), kind)
