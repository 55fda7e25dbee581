"""Pages by the last row seen: complete in both orders, also among rows of the same moment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.forms.paging import EPOCH, Cursor, page_of
from generation.models import Output
from tests.factories import make_output


@pytest.mark.parametrize("later", [False, True])
def test_pages_hold_every_row_once(user, later):
    now = timezone.now()
    rows = [make_output(user) for _ in range(7)]
    for place, row in enumerate(rows):  # three moments, shared by neighbours
        Output.objects.filter(pk=row.pk).update(created_at=now + timedelta(seconds=place // 3))
    order = ("created_at", "id") if later else ("-created_at", "-id")
    found, token, numbers = [], "", []
    while token or not numbers:
        page = page_of(Output.objects.order_by(*order), token, 2, later=later)
        found += [row.pk for row in page.rows]
        numbers.append(page.number)
        token = page.more
    every = [row.pk for row in rows]
    assert found == (every if later else every[::-1])
    assert numbers == [1, 2, 3, 4]


def test_the_place_follows_the_named_column(user):
    now = timezone.now()
    rows = [make_output(user, trashed_at=now - timedelta(seconds=n)) for n in range(3)]
    trashed = Output.objects.order_by("-trashed_at", "-id")
    first = page_of(trashed, "", 2, "trashed_at")
    rest = page_of(trashed, first.more, 2, "trashed_at")
    assert [row.pk for row in [*first.rows, *rest.rows]] == [row.pk for row in rows]
    assert rest.more == ""


@pytest.mark.parametrize("token", ["", "x", "1:2:3", "cut"])
def test_a_guessed_place_is_the_start(user, token):
    row = make_output(user)
    token = Cursor.of(EPOCH, 1, 2)[:-1] if token == "cut" else token  # signed by each process
    page = page_of(Output.objects.order_by("-created_at", "-id"), token, 2)
    assert (page.rows, page.number, page.after) == ([row], 1, None)
