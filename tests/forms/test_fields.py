"""A parameter of the catalogue as a form field."""

import pytest
from django.utils import translation

from generation.catalogue import rules
from generation.catalogue.params import PARAMS
from generation.catalogue.types import Problem
from generation.forms.fields import (
    Missing,
    Text,
    field_for,
    native,
    options,
    sentence,
    shape,
)

Q2 = rules.offer("vidu", "image", "viduq2")
Q1 = rules.offer("vidu", "image", "viduq1")


@pytest.mark.parametrize("name", [name for name, one in PARAMS.items() if not one.is_input])
def test_every_parameter_has_a_field_with_its_words(name):
    offer = next(row for row in rules.offers() if name in row.limits)
    field = field_for(offer, name, {}, {})
    assert field.label == PARAMS[name].label
    assert field.help_text == PARAMS[name].help


def test_a_line_break_counts_as_one_sign():
    assert Text().clean("a\r\nb\rc\nd") == "a\nb\nc\nd"


def test_text_is_kept_as_typed_and_an_address_without_its_margins():
    assert Text().clean("  two  ") == "  two  "
    assert Text(strip=True).clean(" https://a.test ") == "https://a.test"


@pytest.mark.parametrize(
    ("typed", "value"),
    [("", None), ("  ", None), (" 42 ", 42), ("-1", -1), ("+7", 7), ("0", 0)],
)
def test_a_whole_number_is_read(typed, value):
    assert native(PARAMS["seed"], typed) == value


@pytest.mark.parametrize("typed", ["1.5", "1e3", "1_000", "abc", "٣", "9" * 5_000, "1 2"])
def test_what_is_no_whole_number_stays_as_typed_for_the_rules_to_refuse(typed):
    assert native(PARAMS["seed"], typed) == typed


def test_a_value_that_only_other_models_offer_is_missing_with_the_reason():
    field = field_for(Q1, "resolution", {}, {"images": 1})
    assert [(option.value, bool(option.reason)) for option in field.options] == [
        ("1080p", False),
        ("2K", True),
        ("4K", True),
    ]
    assert [one.value for one in field.open_options] == ["1080p"]
    assert field.missing == [Missing("Resolution: 2K, 4K", "Vidu Q1 offers 1080p.")]


def test_auto_waits_for_a_image_and_says_so():
    def auto(images):
        return next(
            one
            for one in options(Q2, "aspect_ratio", {}, {"images": images})
            if one.value == "auto"
        )

    assert auto(1).reason == ""
    assert auto(0).reason.startswith("Auto takes the ratio of the first image.")
    assert auto(0).label == "Auto"


def test_every_option_without_a_reason_passes_the_rules():
    for offer in rules.offers(mode="image"):
        for images in (0, 1):
            for name in ("resolution", "aspect_ratio"):
                limit = rules.limit(offer, name, {}, {"images": images})
                free = {
                    one.value
                    for one in options(offer, name, {}, {"images": images})
                    if not one.reason
                }
                assert free == set(limit.allowed)


def test_a_parameter_that_a_model_does_not_take_names_the_model():
    without = type(Q2)(**{**vars(Q2), "limits": {"prompt": Q2.limits["prompt"]}})
    seed = field_for(without, "seed", {}, {})
    assert seed.off == "Vidu Q2 does not take this setting."
    assert seed.missing == [Missing("Seed", seed.off)]


@pytest.mark.parametrize(
    ("mode", "name", "ends", "step"),
    [
        ("speech", "speed", (0.5, 2), "0.1"),
        ("speech", "pitch", (-12, 12), "1"),
        ("sound", "duration", (2, 10), "1"),
        ("timed-sound", "duration", (2, 10), "0.1"),
        ("speech", "text", None, "1"),
        ("sound", "seed", None, "1"),
    ],
)
def test_a_slider_runs_over_what_can_be_had(mode, name, ends, step):
    setting = field_for(rules.offers(mode=mode)[0], name, {}, {})
    assert (setting.ends, setting.step) == (ends, step)
    assert (setting.control == "slider") is (ends is not None)


def test_a_slider_shows_the_number_that_is_set_and_what_was_typed_in_its_place():
    offer = rules.offers(mode="speech")[0]
    low, odd = (field_for(offer, "speed", {"speed": one}, {}) for one in (0.75, "fast"))
    assert (low.at, low.typed) == ("0.75", "0.75")
    assert (odd.at, odd.typed) == ("1", "fast")


@pytest.mark.parametrize(("ratio", "wider"), [("21:9", True), ("9:16", False), ("2:3", False)])
def test_a_ratio_is_drawn_in_its_proportions_inside_the_drawing(ratio, wider):
    drawn = shape(ratio)
    wide, high = map(int, ratio.split(":"))
    assert drawn.width / drawn.height == pytest.approx(wide / high, rel=0.02)
    assert (drawn.width > drawn.height) is wider
    assert 0 <= drawn.x <= 26 - drawn.width
    assert 0 <= drawn.y <= 24 - drawn.height


def test_auto_has_no_rectangle():
    assert (
        next(
            one for one in options(Q2, "aspect_ratio", {}, {"images": 1}) if one.value == "auto"
        ).shape
        is None
    )


def test_a_refusal_is_spoken_in_the_language_of_the_person():
    problem = Problem("x", "%(a)s of %(b)s", {"a": "", "b": 3})
    with translation.override("en"):
        assert sentence(problem) == " of 3"
