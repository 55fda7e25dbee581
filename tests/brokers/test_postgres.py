"""The broker of PostgreSQL: several clusters on one queue, and wake-ups through the database."""

import threading
import time
from collections import Counter

import psycopg
from django.db import connection, transaction
from django_q.conf import Conf
from django_q.models import OrmQ

from generation import brokers
from tests.brokers.conftest import LONG, meanwhile


def test_takers_at_once_never_get_the_same_message(make_broker, monkeypatch):
    monkeypatch.setattr(Conf, "POLL", 0)
    many, takers = 200, 4
    for number in range(many):
        make_broker().enqueue(str(number))
    taken: list[int] = []
    together = threading.Barrier(takers)

    def take_all(broker):
        together.wait(LONG)
        while found := broker.dequeue():
            taken.extend(number for number, _payload in found)
        connection.close()

    threads = [threading.Thread(target=take_all, args=[make_broker()]) for _ in range(takers)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(LONG)
    assert len(taken) == many
    assert set(Counter(taken).values()) == {1}


def test_a_message_that_another_looks_at_is_passed_by(make_broker):
    first, second = make_broker().enqueue("first"), make_broker().enqueue("second")
    found: list[list[tuple[int, str]] | None] = []
    with transaction.atomic():
        OrmQ.objects.select_for_update().get(pk=first)
        with meanwhile(lambda: found.append(make_broker().dequeue())):
            pass
    assert found == [[(second, "second")]]


def test_a_wake_up_from_another_connection_ends_the_wait(broker, make_broker):
    broker.get_ready()
    started = time.monotonic()
    with meanwhile(lambda: make_broker().enqueue("from afar")):
        broker.wait()
    assert time.monotonic() - started < LONG / 2
    assert [payload for _number, payload in broker.dequeue()] == ["from afar"]


def test_another_queue_is_not_woken(broker):
    broker.get_ready()
    type(broker)("another queue").enqueue("not mine")
    assert not list(connection.connection.notifies(timeout=0))


def test_a_lost_connection_is_replaced_and_listens_again(broker, make_broker, naps):
    broker.get_ready()
    lost = connection.connection
    number = lost.info.backend_pid
    with meanwhile(lambda: end_backend(number)):
        assert broker.dequeue() is None
    assert naps == [1]
    broker.get_ready()
    assert connection.connection is not lost
    started = time.monotonic()
    with meanwhile(lambda: make_broker().enqueue("after all")):
        broker.wait()
    assert time.monotonic() - started < LONG / 2
    assert [payload for _number, payload in broker.dequeue()] == ["after all"]


def end_backend(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [number])


def test_behind_a_pooler_it_asks_often_instead_of_listening(broker, naps, monkeypatch):
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", property(lambda _self: -1))
    connection.close()
    assert broker.dequeue() is None
    assert naps == [brokers.ASK_EVERY]
    broker.enqueue("found")
    assert [payload for _number, payload in broker.dequeue()] == ["found"]
