"""No value of the catalogue is shown raw, and every place says it in the same words."""

import re

import pytest
from django.utils import translation

from generation.catalogue import rules
from generation.catalogue.params import PARAMS
from generation.catalogue.types import Invalid
from generation.forms.fields import options, sentence
from generation.forms.labels import LABELS, allowed_label, value_label
from generation.models import Task
from generation.views.feed.task_card import short_settings
from generation.views.library.task_facts import setting_rows

SPEAKS_FOR_ITSELF = re.compile(r"\d+:\d+|\d+p|\d+K")  # a ratio, a resolution


def every_value():
    """Each value of a choice, a length, a place or a switch that any offer takes."""
    found = {}
    for row in rules.offers():
        for limits in (row.limits, *(one.limits for one in row.variants)):
            for name, limit in limits.items():
                if PARAMS[name].kind in ("choice", "number", "switch"):
                    values = [*limit.allowed, *(() if limit.default is None else (limit.default,))]
                    found.update({(name, type(one), one): row for one in values})
    return [(name, value, row) for (name, _type, value), row in found.items()]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_value_is_shown_raw(language):
    with translation.override(language):
        labels = [(name, value, value_label(name, value)) for name, value, _row in every_value()]
    foreign = re.compile(r"[A-Za-z]{2}|^[a-z]|\ds" if language != "en" else r"_|^[a-z]")
    raw = [
        (name, value)
        for name, value, label in labels
        if not SPEAKS_FOR_ITSELF.fullmatch(label) and (label == str(value) or foreign.search(label))
    ]
    assert labels
    assert raw == []


def test_nothing_is_called_that_no_offer_takes():
    known = {(name, value) for name, value, _row in every_value()}
    assert {(name, value) for name, many in LABELS.items() for value in many} <= known


def test_form_card_and_facts_use_the_same_words():
    for name, value, row in every_value():
        label = value_label(name, value)
        task = Task(provider=row.provider, mode=row.mode, values={name: value})
        assert dict(setting_rows(task))[str(PARAMS[name].label)] == label
        if name in ("resolution", "aspect_ratio", "duration"):
            assert short_settings(task) == [label]
        if value in row.limits[name].allowed:
            assert label in [one.label for one in options(row, name, {}, {})]


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [((1, 2, 3, 4, 5), "1–5 s"), ((4, 8), "4 s, 8 s"), ((1, 2, 4, 8), "1 s, 2 s, 4 s, 8 s")],
)
def test_lengths_are_told_by_their_ends(allowed, expected):
    assert allowed_label("duration", allowed) == expected


def test_a_refusal_names_values_in_words():
    row = next(one for one in rules.offers() if one.limits.get("audio_type"))
    values = {"prompt": "A cat", "audio_type": "whale", "audio": True}
    with pytest.raises(Invalid) as refused:
        rules.check(row, values, {})
    told = [sentence(one) for one in refused.value.problems if one.param == "audio_type"]
    assert told == [f"{row.label} does not offer whale. Choose one of All, Speech, Effects."]


def test_what_left_the_catalogue_is_shown_as_it_is():
    assert value_label("style", "gone_style") == "gone_style"
    assert value_label("gone", ["a"]) == "['a']"
