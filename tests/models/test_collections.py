"""Collections: what is in them, in which order."""

import pytest

from generation.models import Collection, CollectionItem, Output
from generation.models import collections as module
from generation.models.collections import Full
from tests.at_once import at_once
from tests.factories import make_output, team_of


@pytest.fixture
def collection(user):
    return Collection.objects.create(team=team_of(user), name="Final picks", created_by=user)


def order(collection):
    return list(collection.shown_items.values_list("output", flat=True))


def filled(collection, user, count):
    outputs = [make_output(user) for _ in range(count)]
    collection.add(outputs, user)
    return [one.pk for one in outputs]


def test_what_is_added_stands_at_the_end_and_never_twice(collection, user):
    first, second, third = (make_output(user) for _ in range(3))
    assert collection.add([second, first], user) == 2
    assert collection.add([first, third, second], user) == 1
    assert order(collection) == [second.pk, first.pk, third.pk]


@pytest.mark.parametrize(
    ("at", "place", "expected"),
    [
        (0, 3, [1, 2, 0, 3]), (3, 1, [3, 0, 1, 2]), (2, 2, [0, 2, 1, 3]), (1, 4, [0, 2, 3, 1]),
        (2, 3, [0, 1, 2, 3]), (1, 99, [0, 2, 3, 1]), (2, 0, [2, 0, 1, 3]),
    ],
)  # fmt: skip
def test_an_item_is_moved_to_a_number(collection, user, at, place, expected):
    pks = filled(collection, user, 4)
    assert collection.move(pks[at], place) == max(1, min(place, 4))
    assert order(collection) == [pks[n] for n in expected]


def test_moves_go_past_what_lies_in_the_trash_which_comes_back_to_its_place(collection, user):
    pks = filled(collection, user, 4)
    Output.objects.filter(pk=pks[1]).trash(user)
    assert order(collection) == [pks[0], pks[2], pks[3]]
    collection.move(pks[3], 2)
    assert order(collection) == [pks[0], pks[3], pks[2]]
    Output.objects.filter(pk=pks[1]).restore()
    assert order(collection) == [pks[0], pks[1], pks[3], pks[2]]


def test_many_moves_keep_every_item_once(collection, user):
    pks = filled(collection, user, 5)
    expected = list(pks)
    for number in range(40):
        pk, place = pks[number % 5], (number * 7) % 5 + 1
        collection.move(pk, place)
        expected.remove(pk)
        expected.insert(place - 1, pk)
        assert order(collection) == expected


def test_what_is_not_in_it_cannot_be_moved(collection, user):
    filled(collection, user, 2)
    with pytest.raises(CollectionItem.DoesNotExist):
        collection.move(make_output(user).pk, 1)


def test_a_full_collection_takes_none_of_what_does_not_fit(collection, user, monkeypatch):
    monkeypatch.setattr(module, "MOST_ITEMS", 3)
    pks = filled(collection, user, 2)
    with pytest.raises(Full) as full:
        collection.add([make_output(user), make_output(user)], user)
    assert full.value.room == 1
    assert order(collection) == pks


def test_taking_out_leaves_the_output_in_the_library(collection, user):
    pks = filled(collection, user, 3)
    assert collection.take_out([pks[1]]) == 1
    assert order(collection) == [pks[0], pks[2]]
    assert Output.objects.kept().count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_people_who_add_at_once_put_each_in_once(user):
    collection = Collection.objects.create(team=team_of(user), name="Race", created_by=user)
    outputs = [make_output(user) for _ in range(4)]
    assert not at_once(lambda: collection.add(outputs, user))
    assert sorted(order(collection)) == sorted(one.pk for one in outputs)
