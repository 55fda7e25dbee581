"""One press of Generate is one batch, however often it arrives."""

from datetime import timedelta

import pytest
from django.db.models import F

from generation.catalogue import rules
from generation.engine.start import (
    Outcome,
    QueueFull,
    Start,
    key_for,
    retry,
    start,
    start_once,
)
from generation.models import Batch, Media, Task
from tests.factories import (
    make_key,
    make_media,
    make_member,
    make_subject,
    make_task,
    project_of,
    team_of,
)


def order(user, **changes) -> Start:
    offer = rules.offer("demo", "image", "viduq2")
    facts = {
        "user": user, "team": team_of(user), "project": project_of(user), "intent": "one",
        "offer": offer, "key": None, "values": rules.check(offer, {"prompt": "A hill"}),
    }  # fmt: skip
    return Start(**facts | changes)


def test_the_same_intent_again_returns_the_same_batch(user):
    first = start(order(user, count=3))
    again = start(order(user, count=3))
    assert first == again
    assert Task.objects.count() == 3


def test_the_intent_of_one_person_is_not_anothers(user):
    other = make_member(team_of(user))
    assert start(order(user)) != start(order(other, team=team_of(user), project=project_of(user)))


def test_a_failure_inside_leaves_no_half_batch(user):
    with pytest.raises(ValueError, match="unsaved"):
        start(order(user, inputs={"images": [make_media(user), Media()]}))
    assert not Batch.objects.exists()
    assert not Task.objects.exists()


def test_images_keep_their_order(user):
    images = [make_media(user) for _ in range(3)]
    task = start(order(user, inputs={"images": images[::-1]})).tasks.get()
    assert [one.media for one in task.inputs.all()] == images[::-1]


def test_a_retry_has_every_input_and_subject_again(user):
    image, video = make_media(user), make_media(user, kind="video", seconds=4.0)
    mira = make_subject(user, "Mira")
    inputs = {"images": [image], "videos": [video]}
    old = start(order(user, inputs=inputs, subjects=[mira])).tasks.get()
    new = retry(old, user, "again").batch.tasks.get()
    assert [(one.role, one.media) for one in new.inputs.all()] == [
        ("images", image), ("videos", video),
    ]  # fmt: skip
    assert [(one.subject, one.name) for one in new.mentioned_subjects.all()] == [(mira, "Mira")]


def test_waking_happens_after_the_commit(user, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as calls:
        start(order(user, count=2))
    assert len(calls) == 2


def test_a_retry_is_a_new_task_that_points_to_the_old(user):
    old = make_task(user, status="failed")
    new = retry(old, user, "again").batch.tasks.get()
    assert (new.retry_of, new.values, new.marker != old.marker) == (old, old.values, True)
    assert retry(old, user, "again").batch.tasks.get() == new


def test_a_retry_never_borrows_a_colleagues_key(user):
    colleague = make_member(team_of(user))
    task = make_task(user, provider="vidu", key=make_key(user, "vidu"), status="failed")
    assert key_for(task, colleague) is None
    own = make_key(colleague, "vidu")
    assert key_for(task, colleague) == own
    assert key_for(task, user) == task.key


# --- One order a press ----------------------------------------------------------------------------


def earlier(seconds: float) -> None:
    """Every order was made so much longer ago, by the clock of the database."""
    Batch.objects.update(ordered_at=F("ordered_at") - timedelta(seconds=seconds))


def changed(user, name: str) -> dict:
    """One thing that makes it another order."""
    offer = rules.offer("demo", "image", "viduq2")
    found = {
        "values": lambda: rules.check(offer, {"prompt": "B"}),
        "offer": lambda: rules.offer("demo", "image", "viduq1"),
        "count": lambda: 2,
        "project": lambda: team_of(user).projects.create(name="Winter", created_by=user),
        "key": lambda: make_key(user),
        "inputs": lambda: {"images": [make_media(user)]},
        "subjects": lambda: [make_subject(user, "Mira")],
        "retry_of": lambda: make_task(user),
    }
    return {name: found[name]()}


def test_the_same_content_again_within_two_seconds_is_one_order(user):
    first = start_once(order(user))
    again = start_once(order(user, intent="two"))
    assert (first.outcome, again.outcome) == (Outcome.NEW, Outcome.SAME_CONTENT)
    assert again.batch == first.batch
    earlier(1)
    assert start_once(order(user, intent="three")).outcome is Outcome.SAME_CONTENT
    earlier(1.1)
    assert start_once(order(user, intent="three")).outcome is Outcome.NEW
    assert Task.objects.count() == 2


def test_a_clock_that_was_set_back_refuses_nothing_for_long(user):
    start_once(order(user))
    earlier(-3)
    assert start_once(order(user, intent="two")).outcome is Outcome.NEW


@pytest.mark.parametrize(
    "name", ["values", "offer", "count", "project", "key", "inputs", "subjects", "retry_of"]
)
def test_two_different_orders_both_go(user, name):
    other = changed(user, name)
    assert start_once(order(user)).outcome is Outcome.NEW
    assert start_once(order(user, intent="two", **other)).outcome is Outcome.NEW


def test_files_count_by_what_they_hold(user):
    def holding(letter):
        return {"images": [make_media(user, sha256=letter * 64)]}

    start_once(order(user, inputs=holding("a")))
    same = start_once(order(user, intent="two", inputs=holding("a")))
    other = start_once(order(user, intent="two", inputs=holding("b")))
    assert (same.outcome, other.outcome) == (Outcome.SAME_CONTENT, Outcome.NEW)


def test_the_same_content_of_another_person_goes(user):
    mate = make_member(team_of(user))
    start_once(order(user))
    theirs = order(mate, intent="two", team=team_of(user), project=project_of(user))
    assert start_once(theirs).outcome is Outcome.NEW


def test_who_says_again_gets_it_again_and_once(user):
    first = start_once(order(user))
    made = [start_once(order(user, intent="two"), again=True) for _ in range(2)]
    assert [one.outcome for one in made] == [Outcome.NEW, Outcome.SAME_PRESS]
    assert made[0].batch == made[1].batch != first.batch


def test_an_intent_that_was_used_for_something_else_starts_nothing(user):
    first = start_once(order(user))
    other = start_once(order(user, **changed(user, "values")))
    assert (other.outcome, other.batch) == (Outcome.OTHER_CONTENT, first.batch)
    assert Task.objects.count() == 1


def test_a_batch_from_before_there_were_digests_is_never_paid_again(user):
    Batch.objects.filter(pk=start(order(user)).pk).update(digest="")
    assert start_once(order(user, **changed(user, "values"))).outcome is Outcome.SAME_PRESS


def test_one_task_is_tried_again_once_and_its_neighbour_too(user):
    one, other = (make_task(user, status="failed") for _ in range(2))
    made = [retry(one, user, "first"), retry(one, user, "second"), retry(other, user, "third")]
    assert [each.outcome for each in made] == [Outcome.NEW, Outcome.SAME_CONTENT, Outcome.NEW]
    assert retry(one, user, "fourth", again=True).outcome is Outcome.NEW


def test_more_than_may_wait_is_refused_and_writes_nothing(user, settings):
    settings.QUEUED_MOST = 3
    start_once(order(user, count=2))
    with pytest.raises(QueueFull) as full:
        start_once(order(user, intent="two", count=2), again=True)
    assert (full.value.waiting, full.value.most) == (2, 3)
    assert (Batch.objects.count(), Task.objects.count()) == (1, 2)
    Task.objects.first().move("submitting")
    assert start_once(order(user, intent="two", count=2), again=True).outcome is Outcome.NEW


def test_what_others_have_in_the_queue_counts_for_them(user, settings):
    settings.QUEUED_MOST = 1
    mate = make_member(team_of(user))
    start_once(order(mate, team=team_of(user), project=project_of(user)))
    assert start_once(order(user)).outcome is Outcome.NEW
