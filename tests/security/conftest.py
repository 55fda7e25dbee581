"""Fixtures of the security matrix."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from tests.security.foreign import build as build_foreign
from tests.security.world import World, build

NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _no_provider(settings) -> None:
    """No test of this folder speaks to a real provider."""
    settings.PROVIDER_URLS = dict.fromkeys(settings.PROVIDER_URLS, NOBODY_LISTENS)


@pytest.fixture(autouse=True)
def _long_recent(settings) -> None:
    """A module may take longer than the minutes for which a log-in is recent."""
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 86_400


@pytest.fixture(autouse=True)
def _quiet_refusals(caplog) -> None:
    """Thousands of refusals are asked for here; writing them down takes longer than refusing."""
    caplog.set_level("CRITICAL", logger="django")


@pytest.fixture(autouse=True)
def _no_contexts(monkeypatch) -> None:
    """The test client copies the context of every template; here only what is sent counts."""
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker) -> Iterator[World]:
    """The world, made once for a module: each test undoes what it writes on top of it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def world(built, db) -> World:
    return built


@pytest.fixture
def unchanged_after() -> Callable[[], AbstractContextManager[None]]:
    """Undo what one request wrote, so that the next one meets the same world."""

    @contextmanager
    def undo() -> Iterator[None]:
        cache.clear()
        point = transaction.savepoint()
        yield
        transaction.savepoint_rollback(point)

    return undo


@pytest.fixture
def foreign(world) -> dict[str, Any]:
    return build_foreign()
