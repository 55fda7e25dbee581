"""A broker of the database that the suite runs on, with a queue of its own."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ

from generation import brokers

IS_POSTGRES = settings.DATABASE_KIND == "postgresql"
collect_ignore = ["test_sqlite.py" if IS_POSTGRES else "test_postgres.py"]
LONG = 60  # seconds that no test waits for


@pytest.fixture(autouse=True)
def _table(monkeypatch, transactional_db):
    """Messages in the table, also where the suite has Redis."""
    for name, value in (("ORM", "default"), ("RETRY", 600), ("BULK", 1), ("POLL", LONG)):
        monkeypatch.setattr(Conf, name, value)


@pytest.fixture
def make_broker() -> Iterator[Callable[[], brokers.WakingBroker]]:
    """Brokers of one queue."""
    queue, made = f"tests-{secrets.token_hex(4)}", []
    kind = brokers.SkipLockedBroker if IS_POSTGRES else brokers.SqliteBroker

    def make() -> brokers.WakingBroker:
        made.append(kind(queue))
        return made[-1]

    yield make
    for one in made:
        if isinstance(one, brokers.SqliteBroker):
            one.close()


@pytest.fixture
def broker(make_broker) -> brokers.WakingBroker:
    return make_broker()


@pytest.fixture
def naps(monkeypatch) -> list[float]:
    """How long the broker would have slept."""
    slept: list[float] = []
    monkeypatch.setattr(brokers.time, "sleep", slept.append)
    return slept


def end_lock(number: int) -> None:
    OrmQ.objects.filter(pk=number).update(lock=timezone.now() - timedelta(seconds=1))


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[None]:
    """Do it in another thread, with a connection of its own."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join(LONG)
