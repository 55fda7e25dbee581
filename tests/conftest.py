"""Fixtures that every part of the suite shares."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.sqlite3.creation import DatabaseCreation
from django.test import Client
from django.utils import translation
from django_q.brokers import get_broker
from hypothesis import HealthCheck
from hypothesis import settings as property_settings
from xdist.plugin import pytest_xdist_auto_num_workers as count_cores

from generation.models import User
from tests import audit_flush
from tests.factories import make_user
from tests.migrated_database import starting_migrated
from tests.simulator.server import Running, running_simulator

# A busy machine is slow, which is no fault of what is tested.
property_settings.register_profile(
    "patient",
    parent=property_settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
property_settings.load_profile("patient")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers more than cores for the whole suite: its browsers and clusters mostly wait."""
    whole = config.args == config.getini("testpaths")
    return count_cores(config) + 2 * (whole and "not chaos" not in config.option.markexpr)


@pytest.fixture(scope="session")
def _migrated_file():
    if connection.vendor != "sqlite":
        yield None
        return
    with starting_migrated(DatabaseCreation) as keep:
        yield keep


@pytest.fixture(scope="session")
def django_db_setup(_migrated_file, django_db_setup, django_db_blocker):
    if _migrated_file:
        with django_db_blocker.unblock():
            connection.ensure_connection()
            _migrated_file(connection.connection)


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture(autouse=True)
def _own_language():
    """The test client answers in this thread, and the language of a request stays in it."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_audit_log():
    BaseDatabaseOperations.execute_sql_flush = audit_flush.flush
    yield
    BaseDatabaseOperations.execute_sql_flush = audit_flush.plain_flush


@pytest.fixture(scope="session", autouse=True)
def _no_messages_left():
    """A broker outside the test database would keep what the tests sent."""
    yield
    if settings.REDIS_URL:
        get_broker().delete_queue()


@pytest.fixture(scope="session")
def one_simulator() -> Iterator[Running]:
    """The built-in provider, started once for a process: each test resets it first."""
    with running_simulator() as running:
        yield running


@pytest.fixture
def user(db) -> User:
    return make_user("nadia@example.test", name="Nadia Holm")


@pytest.fixture
def client(user) -> Client:
    """A browser that Nadia is logged in with."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def visitor() -> Client:
    """A browser that nobody is logged in with."""
    return Client()
