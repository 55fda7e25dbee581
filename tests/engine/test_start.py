"""One press of Generate is one batch, however often it arrives."""

import pytest
from django.db import IntegrityError

from generation.catalogue import rules
from generation.engine.start import Start, key_for, retry, start
from generation.models import Batch, Task
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
    with pytest.raises(IntegrityError):
        start(order(user, inputs={"images": [make_media(user), None]}))
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
    new = retry(old, user, "again").tasks.get()
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
    new = retry(old, user, "again").tasks.get()
    assert (new.retry_of, new.values, new.marker != old.marker) == (old, old.values, True)
    assert retry(old, user, "again").tasks.get() == new


def test_a_retry_never_borrows_a_colleagues_key(user):
    colleague = make_member(team_of(user))
    task = make_task(user, provider="vidu", key=make_key(user, "vidu"), status="failed")
    assert key_for(task, colleague) is None
    own = make_key(colleague, "vidu")
    assert key_for(task, colleague) == own
    assert key_for(task, user) == task.key
