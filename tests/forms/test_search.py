"""Words are searched for in one way wherever something is searched."""

import pytest

from generation.forms.search import LONGEST_SEARCH, clean_query, holding
from generation.models import Subject, Task
from tests.factories import make_subject, make_task


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", True),
        ("boat", True),
        ("SPEED two", True),
        ("boat lamp", False),
        ("100%", True),
        ("bo_t", False),
    ],
)
def test_every_word_has_to_stand_in_the_text(user, words, found):
    make_task(user, prompt="Two boats at 100% speed")
    assert holding(Task.objects.all(), words, "prompt").exists() == found


def test_a_word_may_stand_in_any_of_the_columns(user):
    make_subject(user, "Mira", description="a red coat", style="anime")
    columns = ("name", "description", "style")
    assert holding(Subject.objects.all(), "mira coat anime", *columns).exists()
    assert not holding(Subject.objects.all(), "mira hat", *columns).exists()


def test_what_is_typed_is_short_and_printable():
    assert clean_query("  a\0b \n c\u202ed ") == "a b c d"
    assert len(clean_query("x" * 5_000)) == LONGEST_SEARCH
