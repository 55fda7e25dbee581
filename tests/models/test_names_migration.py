"""Names from before there was one form: told apart, none lost."""

import importlib

import pytest
from django.apps import apps

from generation.catalogue.signs import key_of
from generation.models import Subject
from tests.factories import make_subject

migration = importlib.import_module("generation.migrations.0041_names_normal")


@pytest.fixture
def older(user):
    """Rows as they were: names in several forms, no keys."""

    def write(*names):
        found = [make_subject(user, f"x{place}") for place, _name in enumerate(names)]
        for one, name in zip(found, names, strict=True):
            Subject.objects.filter(pk=one.pk).update(name=name, name_key=f"old {one.pk}")
        return found

    return write


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["Mira", "Ｍｉｒａ"], ["Mira", "Mira-2"]),
        (["Жанна", "жанна", "ЖАННА"], ["Жанна", "жанна-2", "ЖАННА-3"]),
        (["Zoe\u0308", "Zoë"], ["Zoë", "Zoë-2"]),
        (["Mi\u200bra", "Mira-2", "Mira"], ["Mira", "Mira-2", "Mira-3"]),
        (["x" * 40, "X" * 40], ["x" * 40, "X" * 38 + "-2"]),
    ],
)
def test_two_names_that_read_the_same_are_told_apart(older, names, kept):
    rows = older(*names)
    migration.write_keys(apps, None)
    for row in rows:
        row.refresh_from_db()
    assert [row.name for row in rows] == kept
    assert [row.name_key for row in rows] == [key_of(name) for name in kept]


def test_an_archived_name_stays_and_is_free(older):
    first, second = older("Mira", "mira")
    first.archive()
    migration.write_keys(apps, None)
    second.refresh_from_db()
    assert second.name == "mira"
    assert not first.restore()
