"""Versions: their numbers under races and deletions, heads, and results that join a stack."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from generation.engine import stacks, store
from generation.engine.purge import purge_trash
from generation.engine.reviews import answer, ask, withdraw
from generation.engine.stacks import CannotStack, add_version, head_of, stack_of
from generation.engine.start import retry
from generation.models import (
    Answer,
    AuditEvent,
    Batch,
    Media,
    Output,
    ReviewState,
    ShareLink,
    Stack,
    StackVersion,
    Task,
    Verb,
)
from tests.at_once import at_once
from tests.factories import (
    make_link,
    make_member,
    make_output,
    make_stack,
    make_task,
    make_user,
    make_video,
    team_of,
)


def numbers(stack):
    return list(stack.versions.values_list("number", "output"))


def shown():
    """Those that a library shows, as the rows say."""
    return set(Output.objects.kept().filter(superseded=False).values_list("pk", flat=True))


def stacked(user, count):
    outputs = [make_output(user) for _ in range(count)]
    return make_stack(user, outputs), outputs


def test_a_new_version_of_an_output_makes_a_stack_of_two(user):
    first, second = make_output(user), make_output(user)
    version = add_version(first, second, user, "Slower")
    assert (version.number, version.note, version.stack) == (2, "Slower", stack_of(first))
    assert numbers(version.stack) == [(1, first.pk), (2, second.pk)]
    assert shown() == {second.pk}
    first.refresh_from_db()
    assert (first.version_number, first.superseded) == (1, True)
    assert head_of(version.stack) == second
    event = AuditEvent.objects.get(verb=Verb.VERSION_ADDED)
    assert event.changes == {"version": 2}


@pytest.mark.parametrize("onto", ["stack", "head", "first"])
def test_the_next_version_goes_on_top_whichever_is_named(user, onto):
    stack, outputs = stacked(user, 2)
    third = make_output(user)
    named = {"stack": stack, "head": outputs[1], "first": outputs[0]}[onto]
    assert add_version(named, third, user).number == 3
    assert shown() == {third.pk}


def test_a_number_is_never_given_twice(user):
    stack, outputs = stacked(user, 3)
    Output.objects.filter(pk=outputs[2].pk).update(trashed_at=timezone.now() - timedelta(days=31))
    purge_trash(timezone.now())
    assert add_version(stack, make_output(user), user).number == 4
    stacks.take_out(head_of(stack), user)
    assert add_version(stack, make_output(user), user).number == 5
    Stack.objects.update(last_number=0)  # it is counted from what is there at least
    assert add_version(stack, make_output(user), user).number == 6


def test_deleting_the_second_of_three_leaves_a_gap(user):
    stack, outputs = stacked(user, 3)
    outputs[1].trash(user)
    Output.objects.filter(pk=outputs[1].pk).update(trashed_at=timezone.now() - timedelta(days=31))
    purge_trash(timezone.now())
    assert numbers(stack) == [(1, outputs[0].pk), (3, outputs[2].pk)]
    assert shown() == {outputs[2].pk}


def test_the_head_follows_the_trash_and_comes_back(user):
    stack, outputs = stacked(user, 3)
    outputs[2].trash(user)
    assert (head_of(stack), shown()) == (outputs[1], {outputs[1].pk})
    outputs[1].trash(user)
    assert (head_of(stack), shown()) == (outputs[0], {outputs[0].pk})
    outputs[2].restore()
    assert (head_of(stack), shown()) == (outputs[2], {outputs[2].pk})
    outputs[1].restore()
    assert shown() == {outputs[2].pk}
    Output.objects.all().trash(user)
    assert (head_of(stack), shown()) == (None, set())
    Output.objects.all().restore()
    assert shown() == {outputs[2].pk}


def test_a_stack_whose_last_version_is_deleted_for_good_is_gone(user):
    stack, _outputs = stacked(user, 2)
    Output.objects.update(trashed_at=timezone.now() - timedelta(days=31))
    purge_trash(timezone.now())
    assert not Stack.objects.filter(pk=stack.pk).exists()


def test_what_does_not_belong_together_is_refused(user):
    one, other = make_output(user), make_output(user)
    stack, outputs = stacked(user, 2)
    trashed = make_output(user, trashed_at=timezone.now())
    video = make_output(user, media=make_video(user))
    foreign = make_output(make_user())
    for onto, output in (
        (one, one), (one, outputs[0]), (stack, outputs[1]), (one, trashed), (trashed, one),
        (one, video), (stack, video), (one, foreign), (foreign, one), (stack, foreign),
    ):  # fmt: skip
        with pytest.raises(CannotStack) as refusal:
            add_version(onto, output, user)
        assert refusal.value.sentence
    assert Stack.objects.count() == 1
    assert other.version_number is None


def test_a_full_stack_takes_no_more(user, monkeypatch):
    monkeypatch.setattr(stacks, "MOST_VERSIONS", 2)
    stack, _outputs = stacked(user, 2)
    with pytest.raises(CannotStack):
        add_version(stack, make_output(user), user)


def test_taking_out_one_of_two_ends_the_stack_unless_a_link_shows_it(user):
    stack, outputs = stacked(user, 2)
    make_link(user, stack=stack)
    assert stacks.take_out(outputs[1], user)
    assert numbers(stack) == [(1, outputs[0].pk)]
    ShareLink.objects.all().delete()
    third = make_output(user)
    add_version(stack, third, user)
    stacks.take_out(third, user)
    assert not Stack.objects.exists()
    assert not Output.objects.exclude(version_number=None).exists()
    assert len(shown()) == 3
    assert not stacks.take_out(third, user)


def test_dissolving_keeps_every_output(user):
    stack, outputs = stacked(user, 3)
    assert stacks.dissolve(stack, user)
    assert shown() == {one.pk for one in outputs}
    assert not stacks.dissolve(stack, user)
    assert not StackVersion.objects.exists()


def test_a_change_of_the_name_is_kept_with_both(user):
    stack, _outputs = stacked(user, 2)
    stacks.change(stack, user, name="Flacon hero", ask_again=False)
    stacks.change(stack, user, name="Flacon hero", ask_again=False)
    event = AuditEvent.objects.get(verb=Verb.STACK_CHANGED)
    assert event.changes == {"name": ["", "Flacon hero"], "ask again": [True, False]}


@pytest.mark.parametrize("again", [True, False])
def test_reviewers_are_asked_about_the_next_version_if_the_stack_says_so(user, again):
    stack, outputs = stacked(user, 2)
    Stack.objects.update(ask_again=again)
    ask(outputs[1], by=user, reviewers=[make_member(team_of(user))])
    third = make_output(user)
    add_version(stack, third, user)
    third.refresh_from_db()
    assert third.review == (ReviewState.IN_REVIEW if again else ReviewState.NONE)
    outputs[1].refresh_from_db()
    assert outputs[1].review == ReviewState.IN_REVIEW


@pytest.mark.django_db(transaction=True)
def test_versions_that_are_added_at_once_have_numbers_of_their_own(user):
    first = make_output(user)
    others = [make_output(user) for _ in range(4)]
    left = list(others)
    assert not at_once(lambda: add_version(first, left.pop(), user))
    stack = stack_of(first)
    assert [number for number, _pk in numbers(stack)] == [1, 2, 3, 4, 5]
    assert Stack.objects.count() == 1
    assert shown() == {head_of(stack).pk}


@pytest.mark.django_db(transaction=True)
def test_two_that_are_put_on_each_other_at_once_never_wait_in_a_circle(user):
    one, other = make_output(user), make_output(user)
    pairs = [(one, other), (other, one)] * 2
    left = list(pairs)
    trouble = at_once(lambda: add_version(*left.pop(), user))
    assert all(isinstance(one, CannotStack) for one in trouble)
    assert len(trouble) == 3
    assert Stack.objects.get().versions.count() == 2


@pytest.mark.django_db(transaction=True)
def test_trash_and_a_new_version_at_once_leave_one_head(user):
    stack, outputs = stacked(user, 3)
    new = make_output(user)
    acts = [
        lambda: outputs[2].trash(user), lambda: add_version(stack, new, user),
        lambda: outputs[1].trash(user), lambda: stacks.take_out(outputs[0], user),
    ]  # fmt: skip
    assert not at_once(lambda: acts.pop()())
    assert head_of(stack) == new
    kept = Output.objects.kept().filter(version__stack=stack, superseded=False)
    assert [one.pk for one in kept] == [new.pk]


# --- Results that were asked for as versions ------------------------------------------------------


def ordered(engine, stack) -> Task:
    task = engine.start()
    Batch.objects.filter(pk=task.batch_id).update(stack=stack)
    return engine.poll(engine.submit(task))


def test_a_result_becomes_the_next_version_as_it_is_stored(engine, user):
    stack, outputs = stacked(user, 2)
    task = engine.store(ordered(engine, stack))
    made = task.outputs.get()
    assert (task.status, made.version_number, made.superseded) == ("succeeded", 3, False)
    assert (head_of(stack), shown()) == (made, {made.pk})
    assert outputs[1].pk not in shown()


def test_a_worker_that_dies_before_the_commit_leaves_nothing_and_the_next_stores_it_once(
    engine, user, monkeypatch
):
    stack, _outputs = stacked(user, 2)
    task = ordered(engine, stack)
    with monkeypatch.context() as patch:

        def killed(*given):
            stacks.join_stored(*given)
            raise KeyboardInterrupt

        patch.setattr(store, "join_stored", killed)
        with pytest.raises(KeyboardInterrupt):
            engine.store(task)
    assert (stack.versions.count(), task.outputs.count()) == (2, 0)
    Task.objects.filter(pk=task.pk).update(deadline=None, next_store_at=timezone.now())
    task = engine.store(Task.objects.get(pk=task.pk))
    store.store_results(task.pk)
    assert [number for number, _pk in numbers(stack)] == [1, 2, 3]
    stack.refresh_from_db()
    assert stack.last_number == 3


def test_several_results_have_numbers_by_their_places(engine, user):
    stack, _outputs = stacked(user, 2)
    task = ordered(engine, stack)
    Task.objects.filter(pk=task.pk).update(results=task.results * 3)
    task = engine.store(Task.objects.get(pk=task.pk))
    found = task.outputs.order_by("position").values_list("position", "version_number")
    assert list(found) == [(0, 3), (1, 4), (2, 5)]


def test_a_copy_with_a_watermark_is_no_version(engine, user):
    stack, _outputs = stacked(user, 2)
    task = ordered(engine, stack)
    marked = [dict(link, marked=True) for link in task.results]
    Task.objects.filter(pk=task.pk).update(results=task.results + marked)
    task = engine.store(Task.objects.get(pk=task.pk))
    found = task.outputs.order_by("position").values_list("marked", "version_number")
    assert list(found) == [(False, 3), (True, None)]


def test_where_the_stack_is_gone_by_then_results_stand_for_themselves(engine, user):
    stack, _outputs = stacked(user, 2)
    task = ordered(engine, stack)
    stacks.dissolve(stack, user)
    task = engine.store(Task.objects.get(pk=task.pk))
    assert (task.status, task.outputs.get().version_number) == ("succeeded", None)


def test_what_would_be_of_another_kind_or_too_many_stands_for_itself(user, monkeypatch):
    stack, _outputs = stacked(user, 2)
    video = make_output(user, media=make_video(user))
    assert stacks.join_stored(stack.pk, video, user) is None
    monkeypatch.setattr(stacks, "MOST_VERSIONS", 2)
    assert stacks.join_stored(stack.pk, make_output(user), user) is None
    assert stack.versions.count() == 2


def test_a_task_that_is_tried_again_keeps_its_stack_and_one_that_came_does_not(user):
    stack, _outputs = stacked(user, 2)
    for status, expected in (("failed", stack), ("succeeded", None)):
        task = make_task(user, status=status)
        Batch.objects.filter(pk=task.batch_id).update(stack=stack)
        task.refresh_from_db()
        started = retry(task, user, f"intent-of-{status}-0001")
        assert started.batch.stack == expected


@pytest.mark.django_db(transaction=True)
def test_results_of_one_press_that_are_stored_at_once_get_numbers_of_their_own(user):
    stack, _outputs = stacked(user, 2)
    made = [make_output(user, marked=False) for _ in range(4)]
    left = list(made)

    def store_one():
        with transaction.atomic():
            stacks.join_stored(stack.pk, left.pop(), user)

    assert not at_once(store_one)
    assert [number for number, _pk in numbers(stack)] == [1, 2, 3, 4, 5, 6]
    assert Media.objects.count() == 6


def approved(user, output):
    request = ask(output, by=user, reviewers=[user])
    answer(request, reviewer=user, state=Answer.APPROVED)
    return output


def test_what_is_asked_about_already_becomes_a_version_and_stays_so(user):
    first, second = make_output(user), make_output(user)
    ask(first, by=user, reviewers=[user])
    mine = ask(second, by=user, reviewers=[user], message="The light")
    assert add_version(first, second, user).number == 2
    second.refresh_from_db()
    assert second.review == ReviewState.IN_REVIEW
    assert list(second.review_requests.all()) == [mine]


@pytest.mark.parametrize("again", [True, False])
def test_of_two_that_were_approved_before_one_stays_so(user, again):
    first, second = approved(user, make_output(user)), approved(user, make_output(user))
    stack = make_stack(user, [first], ask_again=again)
    add_version(stack, second, user)
    states = {one.pk: one.review for one in Output.objects.all()}
    assert states[first.pk] == ReviewState.APPROVED
    assert states[second.pk] == (ReviewState.IN_REVIEW if again else ReviewState.NONE)
    if again:
        withdraw(second.review_requests.first(), user)
        second.refresh_from_db()
        assert second.review == ReviewState.NONE


def test_guests_are_asked_again_only_where_they_see_the_new_version(user):
    first, second = make_output(user), make_output(user)
    stack = make_stack(user, [first])
    follows = make_link(user, stack=stack, may_approve=True)
    stays = make_link(user, output=first, may_approve=True)
    ask(first, by=user, links=[follows, stays])
    add_version(stack, second, user)
    seats = second.review_requests.get().decisions.all()
    assert [one.link for one in seats] == [follows]
