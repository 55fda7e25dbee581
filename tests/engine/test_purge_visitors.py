"""Visitors of share links are forgotten; what they wrote and answered keeps their names."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import purge
from generation.engine.comments import post
from generation.engine.reviews import answer_as_guest
from generation.engine.sweep import sweep
from generation.models import Comment, ReviewDecision, ShareLink, Visitor
from tests.factories import make_link, make_output, make_visitor

NOW = timezone.now()


@pytest.fixture
def link(user):
    return make_link(user, output=make_output(user), may_approve=True)


def ago(days):
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("of_link", "of_visitor", "is_gone"),
    [
        ({"revoked_at": ago(91)}, {}, True),
        ({"revoked_at": ago(89)}, {}, False),
        ({"expires_at": ago(91)}, {}, True),
        ({"expires_at": ago(89)}, {}, False),
        ({"expires_at": None}, {"last_at": ago(401)}, True),
        ({"expires_at": None}, {"last_at": ago(399)}, False),
    ],
)
def test_they_are_forgotten_when_nobody_needs_them(link, of_link, of_visitor, is_gone):
    row = make_visitor(link)
    Visitor.objects.filter(pk=row.pk).update(**of_visitor)
    ShareLink.objects.filter(pk=link.pk).update(**of_link)
    sweep()
    assert Visitor.objects.filter(pk=row.pk).exists() != is_gone
    assert ShareLink.objects.filter(pk=link.pk).exists()


def test_what_they_wrote_keeps_the_name(link):
    row = make_visitor(link, name="Claire Dubois", email="claire@example.test")
    post(link.output, visitor=row, link=link, body="Slower")
    answer_as_guest(link.output, visitor=row, link=link, state="approved")
    ShareLink.objects.filter(pk=link.pk).update(revoked_at=ago(91))
    assert purge.purge_visitors(NOW) == 1
    assert purge.purge_visitors(NOW) == 0
    comment, decision = Comment.objects.get(), ReviewDecision.objects.get()
    assert comment.name_then == decision.name_then == "Claire Dubois"
    assert comment.by_guest
    assert decision.by_guest
    assert comment.link == link
    assert not Visitor.objects.exists()


def test_a_sweep_takes_a_few_and_the_next_goes_on(link, monkeypatch):
    monkeypatch.setattr(purge, "AT_ONCE", 2)
    for _row in range(3):
        make_visitor(link)
    ShareLink.objects.filter(pk=link.pk).update(expires_at=ago(91))
    assert [purge.purge_visitors(NOW) for _ in range(3)] == [2, 1, 0]
