"""What becomes of a question when somebody who is waited for goes, and who is reminded when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine.close_account import close_account, plans_of, signature_of
from generation.engine.departures import remove_member
from generation.engine.review_notices import remind_due
from generation.engine.reviewers import free_lost
from generation.engine.reviews import AlreadyAnswered, NotAsked, answer, ask, ask_many, withdraw
from generation.engine.suspend import suspend
from generation.engine.sweep import sweep
from generation.models import AuditEvent, Membership, Notice, ReviewRequest
from tests.at_once import at_once
from tests.factories import (
    make_link,
    make_member,
    make_output,
    make_stack,
    make_user,
    make_visitor,
    team_of,
)

DAY = timedelta(days=1)


@pytest.fixture
def output(user):
    return make_output(user)


@pytest.fixture
def ana(user):
    return make_member(team_of(user), name="Ana")


@pytest.fixture
def ben(user):
    return make_member(team_of(user), name="Ben")


def state(output):
    output.refresh_from_db()
    return output.review


def remove(user, person):
    actor = Membership.objects.get(user=user)
    remove_member(actor, Membership.objects.get(user=person).pk, actor.pk)


def freed():
    return [row.changes for row in AuditEvent.objects.filter(verb="review.freed").order_by("id")]


def close(person):
    plans = plans_of(person)
    close_account(person, signature_of(plans), {})


def notices_of(person):
    return [str(one.text) for one in Notice.objects.filter(user=person).order_by("id")]


# --- Who goes -------------------------------------------------------------------------------------


def test_without_the_last_who_is_waited_for_all_have_approved(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben])
    answer(request, reviewer=ana, state="approved")
    remove(user, ben)
    request.refresh_from_db()
    assert (state(output), request.state) == ("approved", "approved")
    assert freed() == [{"reviewer": "Ben", "closed": "approved"}]


def test_while_another_is_waited_for_the_question_stays_open(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben])
    remove(user, ben)
    request.refresh_from_db()
    assert (state(output), request.state) == ("in_review", "open")
    assert [one.reviewer for one in request.decisions.all()] == [ana]
    assert freed() == [{"reviewer": "Ben"}]


def test_with_nobody_left_the_question_is_withdrawn(user, output, ana):
    request = ask(output, by=user, reviewers=[ana])
    remove(user, ana)
    request.refresh_from_db()
    assert (state(output), request.state) == ("none", "withdrawn")


def test_an_approval_by_absence_is_of_the_same_file_or_none(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben])
    answer(request, reviewer=ana, state="approved")
    type(output.media).objects.filter(pk=output.media_id).update(sha256="c" * 64)
    remove(user, ben)
    assert state(output) == "none"


def test_what_was_answered_before_stays_with_its_name(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben])
    answer(request, reviewer=ana, state="approved")
    remove(user, ana)
    assert request.decisions.get(state="approved").name_then == "Ana"
    assert state(output) == "in_review"
    assert freed() == []


def test_a_suspended_person_is_not_waited_for(user, output, ana, ben):
    operator = make_user(is_staff=True)
    request = ask(output, by=user, reviewers=[ana, ben])
    answer(request, reviewer=ana, state="approved")
    suspend(operator, ben, "x")
    assert state(output) == "approved"


def test_a_closed_account_is_not_waited_for(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben])
    answer(request, reviewer=ana, state="approved")
    close(ben)
    assert state(output) == "approved"
    assert freed() == [{"reviewer": "Ben", "closed": "approved"}]


def test_who_asked_and_left_hands_the_question_over(user, output, ana, ben):
    request = ask(output, by=ana, reviewers=[ben])
    remove(user, ana)
    request.refresh_from_db()
    assert (request.created_by, request.asker_name) == (user, "Ana")


def test_a_revoked_link_is_not_waited_for(user, output, ana):
    link = make_link(user, output=output, may_approve=True)
    request = ask(output, by=user, reviewers=[ana], links=[link])
    answer(request, reviewer=ana, state="approved")
    type(link).objects.filter(pk=link.pk).update(revoked_at=timezone.now())
    sweep()
    assert state(output) == "approved"


def test_the_sweep_finds_who_was_asked_while_being_removed(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben])
    Membership.objects.filter(user=ben).delete()
    answer(request, reviewer=ana, state="approved")
    assert free_lost() == 1
    assert state(output) == "approved"
    assert free_lost() == 0


@pytest.mark.django_db(transaction=True)
def test_answers_and_a_removal_at_once_wait_in_no_circle(user):
    team, outputs = team_of(user), [make_output(user) for _ in range(3)]
    make_stack(user, outputs)
    ana, ben = make_member(team, name="Ana"), make_member(team, name="Ben")
    asked = [ask(one, by=user, reviewers=[ana, ben]) for one in outputs]
    for request in asked:
        answer(request, reviewer=ana, state="approved")
    turn = iter(["remove", *asked])

    def act():
        what = next(turn)
        if what == "remove":
            remove(user, ben)
        else:
            answer(what, reviewer=ben, state="approved")

    trouble = at_once(act)
    assert {type(one) for one in trouble} <= {AlreadyAnswered, NotAsked}
    assert sorted(state(one) for one in outputs) == ["approved", "none", "none"]


# --- Who is told ----------------------------------------------------------------------------------


def test_who_is_asked_and_who_asked_are_told(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben, user])
    assert notices_of(ana) == ["Nadia Holm asks for your review in Drafts."]
    answer(request, reviewer=ana, state="changes")
    assert notices_of(user) == ["Ana asks for changes in Drafts."]
    assert notices_of(ben)[-1] == "Ana asks for changes in Drafts."


def test_asking_about_many_is_one_notice(user, ana):
    ask_many([make_output(user) for _ in range(3)], by=user, reviewers=[ana])
    assert notices_of(ana) == ["Nadia Holm asks for your review of 3 items."]
    assert Notice.objects.get(user=ana).url == "/library/?review=mine"


def test_the_reviewers_of_both_versions_hear_that_an_approval_moved(user, ana, ben):
    first, second = make_output(user), make_output(user)
    make_stack(user, [first, second])
    one = ask(first, by=user, reviewers=[ana])
    answer(one, reviewer=ana, state="approved")
    second.refresh_from_db()
    answer(ask(second, by=user, reviewers=[ben]), reviewer=ben, state="approved")
    sentence = "The approval in Drafts is now of v2, which Ben approved; it was of v1."
    assert sentence in notices_of(ana)
    assert sentence in notices_of(ben)


def test_who_waited_hears_of_a_withdrawal(user, output, ana):
    withdraw(ask(output, by=user, reviewers=[ana]), user)
    assert notices_of(ana)[-1] == "Nadia Holm no longer asks for your review in Drafts."


def test_a_guest_who_answers_is_told_to_who_asked(user, output):
    link = make_link(user, output=output, may_approve=True)
    request = ask(output, by=user, links=[link])
    answer(request, visitor=make_visitor(link), link=link, state="approved")
    assert notices_of(user) == ["Claire Dubois approves what was asked about in Drafts."]


# --- Due dates ------------------------------------------------------------------------------------


def due_in(request, span):
    ReviewRequest.objects.filter(pk=request.pk).update(due_at=timezone.now() + span)


def test_who_is_waited_for_is_reminded_the_day_before_and_once_it_is_late(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben])
    answer(request, reviewer=ana, state="approved")
    Notice.objects.all().delete()
    due_in(request, 3 * DAY)
    assert remind_due(timezone.now()) == 0
    due_in(request, DAY)
    sweep()
    sweep()
    assert notices_of(ben) == ["Your answer to a review in Drafts is due tomorrow."]
    due_in(request, -DAY)
    sweep()
    sweep()
    assert notices_of(ben)[1:] == ["Your answer to a review in Drafts is overdue."]
    assert notices_of(ana) == []


def test_who_is_asked_on_the_last_day_is_not_reminded_at_once(user, output, ana):
    today = timezone.localdate()
    ask(output, by=user, reviewers=[ana], due_day=today)
    assert remind_due(timezone.now()) == 0


def test_nobody_is_reminded_of_what_is_closed_or_in_the_trash(user, ana):
    closed, trashed = make_output(user), make_output(user)
    first, second = (ask(one, by=user, reviewers=[ana]) for one in (closed, trashed))
    due_in(first, -DAY)
    due_in(second, -DAY)
    withdraw(first, user)
    trashed.trash(user)
    assert remind_due(timezone.now()) == 0
