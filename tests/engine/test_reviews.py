"""Reviews: who is asked about which file, what closes a question, and who was quicker."""

from datetime import UTC, date, datetime

import pytest

from generation.engine.review_state import approval_of
from generation.engine.reviewers import links_about
from generation.engine.reviews import (
    AlreadyAnswered,
    AlreadyAsked,
    FileChanged,
    NotAsked,
    answer,
    answer_as_guest,
    ask,
    ask_many,
    new_version,
    withdraw,
)
from generation.models import AuditEvent, Media, Output, ReviewDecision, Role, Team
from tests.at_once import at_once
from tests.factories import (
    make_collection,
    make_link,
    make_member,
    make_output,
    make_stack,
    make_user,
    make_visitor,
    team_of,
)


@pytest.fixture
def output(user):
    return make_output(user)


@pytest.fixture
def ana(user):
    return make_member(team_of(user), name="Ana")


@pytest.fixture
def ben(user):
    return make_member(team_of(user), Role.VIEWER, name="Ben")


def state(output):
    output.refresh_from_db()
    return output.review


def approve(request, person, note=""):
    return answer(request, reviewer=person, state="approved", note=note)


def ask_for_changes(request, person, note="Warmer, please"):
    return answer(request, reviewer=person, state="changes", note=note)


def acts(verb):
    return AuditEvent.objects.filter(verb=verb).order_by("id")


# --- Asking ---------------------------------------------------------------------------------------


def test_asking_puts_an_output_in_review_and_names_the_file(user, output, ana):
    Media.objects.filter(pk=output.media_id).update(sha256="a" * 64)
    request = ask(output, by=user, reviewers=[ana], message="Is the light right?")
    assert state(output) == "in_review"
    assert (request.sha256, request.message) == ("a" * 64, "Is the light right?")
    seat = request.decisions.get()
    assert (seat.reviewer, seat.name_then, seat.state) == (ana, "Ana", "waiting")
    act = acts("review.asked").get()
    assert (act.actor_id, act.target_id, act.changes["reviewers"]) == (
        user.pk, str(output.pk), ["Ana"],
    )  # fmt: skip


def test_asking_moves_the_cursor_of_open_pages(user, output, ana):
    before = team_of(user).change_seq
    ask(output, by=user, reviewers=[ana])
    output.task.refresh_from_db()
    assert output.task.change == team_of(user).change_seq > before


def test_a_chosen_day_lasts_to_its_last_second_where_the_team_is(user, output, ana):
    Team.objects.filter(pk=output.team_id).update(time_zone="Europe/Berlin")
    request = ask(output, by=user, reviewers=[ana], due_day=date(2026, 12, 28))
    request.refresh_from_db()
    assert request.due_at == datetime(2026, 12, 28, 22, 59, 59, tzinfo=UTC)


def test_one_output_has_one_open_question(user, output, ana):
    ask(output, by=user, reviewers=[ana])
    with pytest.raises(AlreadyAsked):
        ask(output, by=user, reviewers=[ana])


def test_nobody_and_strangers_cannot_be_asked(user, output):
    with pytest.raises(NotAsked):
        ask(output, by=user)
    with pytest.raises(NotAsked):
        ask(output, by=user, reviewers=[make_user()])
    closed = make_link(user, output=output)  # lets nobody approve
    with pytest.raises(NotAsked):
        ask(output, by=user, links=[closed])
    assert state(output) == "none"


def test_asking_about_many_leaves_out_what_is_asked_about_or_in_the_trash(user, ana):
    outputs = [make_output(user) for _ in range(4)]
    ask(outputs[0], by=user, reviewers=[ana])
    outputs[1].trash(user)
    made = ask_many(outputs, by=user, reviewers=[ana])
    assert {one.output_id for one in made} == {outputs[2].pk, outputs[3].pk}
    assert acts("review.asked").last().changes["count"] == 2


def test_links_about_an_output_are_those_that_show_it_and_let_guests_approve(user, output):
    mine = make_link(user, output=output, may_approve=True)
    holding = make_link(user, collection=make_collection(user, [output]), may_approve=True)
    make_link(user, output=output)
    make_link(user, output=make_output(user), may_approve=True)
    ended = make_link(user, project=output.project, may_approve=True)
    type(ended).objects.filter(pk=ended.pk).update(revoked_at=datetime.now(UTC))
    assert set(links_about(output)) == {mine, holding}


# --- Answers --------------------------------------------------------------------------------------


def test_with_all_the_last_approval_closes(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben])
    approve(request, ana)
    assert state(output) == "in_review"
    approve(request, ben)
    request.refresh_from_db()
    assert (state(output), request.state) == ("approved", "approved")
    assert request.closed_at is not None
    given = approval_of(output)
    assert (given.who, given.sha256) == ("Ben", output.media.sha256)


def test_with_any_the_first_approval_closes(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben], needed="any")
    approve(request, ana)
    assert state(output) == "approved"
    with pytest.raises(AlreadyAnswered) as late:
        approve(request, ben)
    assert (late.value.who, late.value.state) == ("Ana", "approved")
    assert late.value.at is not None


def test_the_first_that_asks_for_changes_closes(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben])
    ask_for_changes(request, ana, "Warmer")
    assert state(output) == "changes"
    with pytest.raises(AlreadyAnswered) as late:
        approve(request, ben)
    assert (late.value.who, late.value.state) == ("Ana", "changes")
    assert ReviewDecision.objects.get(reviewer=ana).note == "Warmer"
    assert approval_of(output) is None


def test_an_answer_is_given_once_and_again_only_to_a_new_question(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben])
    approve(request, ana)
    with pytest.raises(AlreadyAnswered) as again:
        ask_for_changes(request, ana)
    assert again.value.who == "Ana"
    withdraw(request, user)
    second = ask(output, by=user, reviewers=[ana])
    ask_for_changes(second, ana)
    assert state(output) == "changes"


def test_who_was_not_asked_cannot_answer(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana])
    with pytest.raises(NotAsked):
        approve(request, ben)
    assert state(output) == "in_review"


def test_an_approval_is_of_one_file_and_of_no_other(user, output, ana):
    request = ask(output, by=user, reviewers=[ana])
    Media.objects.filter(pk=output.media_id).update(sha256="b" * 64)
    with pytest.raises(FileChanged):
        approve(request, ana)
    assert state(output) == "in_review"
    Media.objects.filter(pk=output.media_id).update(sha256=request.sha256)
    approve(request, ana)
    Media.objects.filter(pk=output.media_id).update(sha256="b" * 64)
    output = type(output).objects.get(pk=output.pk)
    assert approval_of(output) is None


def test_withdrawing_frees_reviewers_and_goes_back_to_what_was_before(user, output, ana, ben):
    approve(ask(output, by=user, reviewers=[ana]), ana)
    second = ask(output, by=user, reviewers=[ana, ben])
    assert state(output) == "in_review"
    assert withdraw(second, user)
    assert state(output) == "approved"
    assert not ReviewDecision.objects.filter(state="waiting").exists()
    assert not withdraw(second, user)
    with pytest.raises(AlreadyAnswered) as late:
        approve(second, ben)
    assert (late.value.who, late.value.state) == (user.shown_name, "withdrawn")
    assert acts("review.withdrawn").count() == 1


def test_acts_of_a_review_are_in_the_log(user, output, ana, ben):
    request = ask(output, by=user, reviewers=[ana, ben])
    approve(request, ana)
    ask_for_changes(request, ben)
    assert acts("review.approved").get().actor_id == ana.pk
    assert acts("review.changes").get().actor_id == ben.pk


# --- Guests ---------------------------------------------------------------------------------------


def test_a_guest_who_is_asked_by_a_link_counts(user, output, ana):
    link = make_link(user, output=output, may_approve=True)
    request = ask(output, by=user, reviewers=[ana], links=[link])
    approve(request, ana)
    claire = make_visitor(link)
    answer(request, visitor=claire, link=link, state="approved")
    assert state(output) == "approved"
    given = approval_of(output)
    assert (given.who, given.by_guest) == ("Claire Dubois", True)
    act = acts("review.approved").last()
    assert (act.actor_kind, act.changes["guest"]) == ("guest", "Claire Dubois")


def test_of_two_guests_of_one_link_the_first_has_the_place(user, output, ana):
    link = make_link(user, output=output, may_approve=True)
    request = ask(output, by=user, reviewers=[ana], links=[link])
    first, second = make_visitor(link), make_visitor(link, "Dora")
    answer(request, visitor=first, link=link, state="approved")
    with pytest.raises(AlreadyAnswered):
        answer(request, visitor=first, link=link, state="changes")
    late = answer(request, visitor=second, link=link, state="changes")
    assert not late.asked
    assert state(output) == "in_review"
    approve(request, ana)
    assert state(output) == "approved"


def test_a_guest_whom_nobody_asked_is_written_down_and_closes_nothing(user, output, ana):
    link = make_link(user, output=output, may_approve=True)
    claire = make_visitor(link)
    noted = answer_as_guest(output, visitor=claire, link=link, state="approved")
    assert (noted.asked, noted.request.state, state(output)) == (False, "noted", "none")
    with pytest.raises(AlreadyAnswered):
        answer_as_guest(output, visitor=claire, link=link, state="approved")
    request = ask(output, by=user, reviewers=[ana])
    seen = answer_as_guest(output, visitor=make_visitor(link, "Dora"), link=link, state="changes")
    assert (seen.request, seen.asked, state(output)) == (request, False, "in_review")
    assert approval_of(output) is None


def test_a_guest_stays_a_guest_when_the_link_is_gone(user, output):
    link = make_link(user, output=output, may_approve=True)
    ask(output, by=user, links=[link])
    answer_as_guest(output, visitor=make_visitor(link, "Nadia Holm"), link=link, state="approved")
    link.delete()
    assert approval_of(Output.objects.get(pk=output.pk)).by_guest
    assert ReviewDecision.objects.get().by_guest


def test_what_was_trashed_or_purged_meanwhile_takes_no_answer(user, output, ana):
    link = make_link(user, output=output, may_approve=True)
    guest, asked = make_visitor(link), ask(output, by=user, reviewers=[ana])
    output.trash(user)
    with pytest.raises(NotAsked):
        answer(asked, reviewer=ana, state="approved")
    output.restore()
    Output.objects.filter(pk=output.pk).delete()
    with pytest.raises(NotAsked):
        answer(asked, reviewer=ana, state="approved")
    with pytest.raises(NotAsked):
        answer_as_guest(output, visitor=guest, link=link, state="approved")


def test_a_link_that_lets_nobody_approve_brings_no_answer(user, output, ana):
    link = make_link(user, output=output)
    with pytest.raises(NotAsked):
        answer_as_guest(output, visitor=make_visitor(link), link=link, state="approved")


# --- Versions -------------------------------------------------------------------------------------


def test_a_new_version_asks_the_same_reviewers_and_the_old_keeps_its_answer(user, ana, ben):
    first, second = make_output(user), make_output(user)
    stack = make_stack(user, [first, second])
    link = make_link(user, stack=stack, may_approve=True)
    request = ask(first, by=user, reviewers=[ana, ben], links=[link], needed="any")
    approve(request, ana)
    made = new_version(first, second, stack)
    assert (state(first), state(second)) == ("approved", "in_review")
    assert {one.reviewer for one in made.decisions.exclude(reviewer=None)} == {ana, ben}
    assert [one.link for one in made.decisions.filter(reviewer=None)] == [link]
    assert (made.needed, made.sha256) == ("any", second.media.sha256)


def test_a_new_version_asks_nobody_where_the_stack_says_so_or_nobody_was_asked(user, ana):
    first, second, third = (make_output(user) for _ in range(3))
    stack = make_stack(user, [first, second], ask_again=False)
    ask(first, by=user, reviewers=[ana])
    assert new_version(first, second, stack) is None
    assert state(second) == "none"
    fresh = make_stack(user, [third])
    assert new_version(third, make_output(user), fresh) is None


def test_who_left_is_not_asked_about_a_new_version(user, ana, ben):
    first, second = make_output(user), make_output(user)
    stack = make_stack(user, [first, second])
    approve(ask(first, by=user, reviewers=[ana, ben], needed="any"), ana)
    ben.memberships.all().delete()
    made = new_version(first, second, stack)
    assert [one.reviewer for one in made.decisions.all()] == [ana]


def test_at_most_one_version_is_approved_and_both_say_why(user, ana, ben):
    first, second = make_output(user), make_output(user)
    make_stack(user, [first, second])
    one = ask(first, by=user, reviewers=[ana])
    two = ask(second, by=user, reviewers=[ben])
    approve(one, ana)
    approve(two, ben)
    one.refresh_from_db()
    assert (state(first), state(second)) == ("none", "approved")
    assert (one.state, one.moved_by, one.moved_at is not None) == ("approved", two, True)
    assert list(two.took.all()) == [one]
    assert approval_of(first) is None
    assert approval_of(second).who == "Ben"
    act = acts("review.moved").get()
    assert (act.target_id, act.changes["to"]) == (str(first.pk), second.pk)


# --- Races ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_approvers_in_the_same_second_one_closes_and_the_other_hears_who(user):
    output, team = make_output(user), team_of(user)
    people = [make_member(team, name=f"Person {n}") for n in range(4)]
    request = ask(output, by=user, reviewers=people, needed="any")
    turn = iter(people)
    trouble = at_once(lambda: approve(request, next(turn)))
    assert [type(one) for one in trouble] == [AlreadyAnswered] * 3
    winner = request.decisions.get(state="approved")
    assert {one.who for one in trouble} == {winner.name_then}
    assert state(output) == "approved"
    assert acts("review.approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_approves_while_another_asks_for_changes(user):
    output, team = make_output(user), team_of(user)
    people = [make_member(team, name=f"Person {n}") for n in range(4)]
    request = ask(output, by=user, reviewers=people, needed="any")
    turn = iter(zip(people, ("approved", "changes") * 2, strict=True))

    def give():
        person, said = next(turn)
        answer(request, reviewer=person, state=said)

    assert [type(one) for one in at_once(give)] == [AlreadyAnswered] * 3
    request.refresh_from_db()
    assert state(output) == request.state == request.decisions.exclude(state="waiting").get().state


@pytest.mark.django_db(transaction=True)
def test_with_all_four_approvals_at_once_close_one_question(user):
    output, team = make_output(user), team_of(user)
    people = [make_member(team, name=f"Person {n}") for n in range(4)]
    request = ask(output, by=user, reviewers=people)
    turn = iter(people)
    assert at_once(lambda: approve(request, next(turn))) == []
    request.refresh_from_db()
    assert (state(output), request.state) == ("approved", "approved")


@pytest.mark.django_db(transaction=True)
def test_four_versions_approved_at_once_leave_one_and_all_are_told(user):
    team, outputs = team_of(user), [make_output(user) for _ in range(4)]
    make_stack(user, outputs)
    people = [make_member(team, name=f"Person {n}") for n in range(4)]
    asked = [
        ask(one, by=user, reviewers=[person]) for one, person in zip(outputs, people, strict=True)
    ]
    turn = iter(zip(asked, people, strict=True))
    assert at_once(lambda: approve(*next(turn))) == []
    states = sorted(state(one) for one in outputs)
    assert states == ["approved", "none", "none", "none"]
    for one in asked:
        one.refresh_from_db()
    assert sum(one.moved_at is None for one in asked) == 1
    assert all(one.moved_by in asked for one in asked if one.moved_at)


@pytest.mark.django_db(transaction=True)
def test_asking_at_once_makes_one_question(user):
    output, ana = make_output(user), make_member(team_of(user))
    trouble = at_once(lambda: ask(output, by=user, reviewers=[ana]))
    assert [type(one) for one in trouble] == [AlreadyAsked] * 3
    assert output.review_requests.count() == 1
