"""What people do with lent keys in these tests."""

from contextlib import suppress

from generation.catalogue import rules
from generation.engine import key_loans
from generation.engine.key_loans import LoanRefused
from generation.engine.start import Start, start_once
from generation.models import (
    Batch,
    KeyLoan,
    Membership,
)

OFFER = rules.offer("vidu", "image", "viduq2")
VALUES = rules.check(OFFER, {"prompt": "A hill", "resolution": "1080p"})
PRICE = 10  # what the tasks here are made to cost


def order(user, key, team, intent="one", **changes) -> Start:
    facts = {"offer": OFFER, "values": VALUES} | changes
    project = team.projects.first()
    return Start(user=user, team=team, project=project, intent=intent, key=key, **facts)


def press(user, key, team, intent="one", **changes) -> Batch:
    return start_once(order(user, key, team, intent, **changes), again=True).batch


def end(loan, actor=None):
    return key_loans.end(KeyLoan.objects.filter(pk=loan.pk), actor or loan.key.user)


def membership(team, user):
    return Membership.objects.select_related("team", "user").get(team=team, user=user)


def press_of(person, key, team):
    def act():
        with suppress(LoanRefused):
            press(person, key, team)

    return act
