"""People who do different things with the same rows in the same moment: nobody waits in a circle.

What is held, in this order: the person, lent keys, tasks, subjects, stacks, outputs, teams, links,
and what refers to these; of each kind by number. A database in memory has one writer: there the
acts only come one after the other.
"""

import contextlib
import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import close_account, comments, departures, reviews, share_links, stacks
from generation.engine.reviews import AlreadyAnswered
from generation.engine.share_terms import Terms
from generation.models import Answer, Membership, Output, Role, ShareLink, Stack
from generation.models.ratings import rate
from generation.views.library.trash import RESTORE, TRASH, write_move
from tests.at_once import at_once
from tests.factories import (
    make_collection,
    make_link,
    make_member,
    make_output,
    make_stack,
    make_task,
    make_visitor,
    team_of,
)

pytestmark = pytest.mark.django_db(transaction=True)
GUESTS, EACH = 4, 10


@pytest.fixture
def output(user):
    return make_output(user)


@pytest.fixture
def member(user, output):
    return Membership.objects.get(user=user, team=output.team_id)


def beside(act, other):
    """Half of the threads do one thing, half the other, each again and again."""
    turns = itertools.count()

    def work():
        mine = act if next(turns) % 2 else other
        for _time in range(EACH):
            mine()

    return at_once(work, 2 * GUESTS)


def guests_of(link, count):
    """A new one whenever it is called."""
    rows = iter([make_visitor(link) for _ in range(count)])
    return lambda: next(rows)


def test_a_guest_writes_while_the_link_is_changed(user, output, member):
    link = make_link(user, output=output)
    guest = guests_of(link, GUESTS * EACH)
    trouble = beside(
        lambda: comments.post(output, visitor=guest(), link=link, body="Slower"),
        lambda: share_links.end_visits(member, link.pk),
    )
    assert trouble == []
    assert ShareLink.objects.get(pk=link.pk).generation == 1 + GUESTS * EACH


def test_a_guest_writes_while_another_answers(user, output):
    link = make_link(user, output=output, may_approve=True)
    guest = guests_of(link, 2 * GUESTS * EACH)
    trouble = beside(
        lambda: comments.post(output, visitor=guest(), link=link, body="Slower"),
        lambda: reviews.answer_as_guest(
            output, visitor=guest(), link=link, state=Answer.CHANGES, note="Slower"
        ),
    )
    assert trouble == []


def test_somebody_writes_while_a_version_is_put_on_top(user, output):
    make_stack(user, [output, make_output(user)])
    new = iter([make_output(user) for _ in range(GUESTS * EACH)])
    trouble = beside(
        lambda: comments.post(output, author=user, body="Slower"),
        lambda: stacks.add_version(output, next(new), user),
    )
    assert trouble == []
    assert Stack.objects.get().last_number == 2 + GUESTS * EACH


@pytest.mark.parametrize("act", ["dissolve", "take out"])
def test_somebody_writes_while_a_stack_comes_apart(user, act):
    outputs = [make_output(user) for _ in range(GUESTS * EACH)]
    rows = [make_stack(user, outputs[at : at + 4]) for at in range(0, len(outputs), 4)]
    parts, written = itertools.cycle(rows), itertools.cycle(outputs)
    taken = itertools.cycle(outputs[::-1])
    trouble = beside(
        lambda: comments.post(next(written), author=user, body="Slower"),
        lambda: (
            stacks.dissolve(next(parts), user)
            if act == "dissolve"
            else stacks.take_out(next(taken), user)
        ),
    )
    assert trouble == []
    assert not Stack.objects.exists()


def test_somebody_writes_and_rates_while_a_link_is_made(user, output, member):
    collection = make_collection(user, [output])
    terms = Terms("Round", mode="frozen", expires_at=timezone.now() + timedelta(days=3))

    def write():
        comments.post(output, author=user, body="Slower")
        rate(user, [output.pk], stars=3)
        collection.add([make_output(user)], user)

    trouble = beside(write, lambda: share_links.create(member, collection, terms))
    assert trouble == []
    assert ShareLink.objects.count() == GUESTS * EACH


def test_somebody_writes_while_versions_are_moved_to_the_trash_and_back(user):
    outputs = [make_output(user) for _ in range(8)]
    make_stack(user, outputs[:4])
    pks, written = [one.pk for one in outputs], itertools.cycle(outputs)

    def move():
        write_move(user, pks[::-1], TRASH)
        write_move(user, pks, RESTORE)

    assert beside(lambda: comments.post(next(written), author=user, body="Slower"), move) == []
    assert Output.objects.kept().count() == len(outputs)


@pytest.fixture
def leavers(user):
    """People who each made two outputs and ask about one of somebody else, and have work out."""
    team, heir = team_of(user), make_member(team_of(user), Role.ADMIN)
    people = [make_member(team, name=f"Person {n}") for n in range(GUESTS * EACH // 2)]
    others = [make_output(user) for _ in people]
    for person, other in zip(people, others, strict=True):
        make_stack(user, [make_output(person, make_task(person, team=team)), other])
        make_output(person, make_task(person, team=team))
        make_task(person, team=team, status="queued")
        reviews.ask(other, by=person, reviewers=[user, heir])
    return people


def removing(user, leavers):
    """Takes out the next of them, whenever it is called."""
    team, rows = team_of(user), iter(leavers)

    def remove():
        if (person := next(rows, None)) is None:
            return
        by = Membership.objects.get(user=user, team=team)
        who = Membership.objects.get(user=person, team=team)
        departures.remove_member(by, who.pk, by.pk)

    return remove


def closing(_user, leavers):
    rows = iter(leavers)

    def close():
        if (person := next(rows, None)) is None:
            return
        plans = close_account.plans_of(person)
        heirs = {one.team.pk: str(one.others[0].pk) for one in plans if one.others}
        close_account.close_account(person, close_account.signature_of(plans), heirs)

    return close


@pytest.mark.parametrize("going", [removing, closing], ids=["removed", "closed"])
def test_somebody_writes_and_answers_while_the_maker_goes(user, leavers, going):
    outputs = itertools.cycle(Output.objects.order_by("pk"))
    asked = itertools.cycle(Output.objects.filter(user=user))

    def talk():
        output = next(outputs)
        comments.post(output, author=user, body="Slower")
        with contextlib.suppress(AlreadyAnswered):
            reviews.answer(reviews.asked_last(next(asked)), reviewer=user, state=Answer.APPROVED)

    assert beside(talk, going(user, leavers)) == []
    assert not Membership.objects.filter(user__in=leavers).exists()
    assert not Output.objects.filter(user__in=leavers).exists()


def test_a_result_joins_a_stack_while_who_made_a_version_is_removed(user, leavers):
    team = team_of(user)
    stack = Stack.objects.first()
    assert stack

    def store():
        frame = make_output(user, make_task(user, team=team))
        stacks.add_version(stack, frame, user)

    assert beside(store, removing(user, leavers)) == []
    assert not Membership.objects.filter(user__in=leavers).exists()
