"""Ana lends a key to her team, and Ben is in it."""

import pytest

from generation.catalogue import estimate
from generation.catalogue.types import Price
from tests.engine.loans.orders import PRICE
from tests.factories import make_key, make_member, make_user, team_of


@pytest.fixture
def ana():
    return make_user(name="Ana Costa")


@pytest.fixture
def team(ana):
    return team_of(ana)


@pytest.fixture
def ben(team):
    return make_member(team, name="Ben Okri")


@pytest.fixture
def key(ana):
    return make_key(ana, label="Studio")


@pytest.fixture(autouse=True)
def _known_price(monkeypatch):
    monkeypatch.setattr(estimate, "estimate", lambda *_: Price(PRICE))
