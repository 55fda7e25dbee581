"""What would be: which offers there are, and snapping to another model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.types import ImageFacts, Invalid
from tests.catalogue.matrix import cases

CHOSEN = ("choice", "number", "switch")
NEEDED = {"story"}  # has no default: a person has to choose
GOOD = ImageFacts(512, 512, "png", 1_000)
VIDU_Q2 = rules.offer("vidu", "image", "viduq2")
VIDU_Q1 = rules.offer("vidu", "image", "viduq1")


def test_offers_are_found_by_provider_and_mode():
    assert [row.model_name for row in rules.offers("vidu", "image")] == ["viduq2", "viduq1"]
    assert rules.offers("vidu", "video") == []
    with pytest.raises(KeyError):
        rules.offer("vidu", "image", "viduq9")


def test_switching_the_model_keeps_what_it_takes_and_tells_what_changed():
    values = {"prompt": "A cat", "resolution": "4K", "aspect_ratio": "21:9", "seed": 3}
    kept, changed = rules.snap(VIDU_Q1, values, {"images": 1})
    assert kept == {"prompt": "A cat", "resolution": "1080p", "aspect_ratio": "16:9", "seed": 3}
    assert changed == [("resolution", "4K", "1080p"), ("aspect_ratio", "21:9", "16:9")]


def test_what_fits_stays_untouched():
    values = {"prompt": "A cat", "resolution": "1080p", "aspect_ratio": "3:4"}
    assert rules.snap(VIDU_Q1, values, {"images": 1}) == (values, [])


def test_taking_away_the_last_image_ends_auto():
    kept, changed = rules.snap(VIDU_Q2, {"aspect_ratio": "auto"}, {"images": 0})
    assert kept == {"aspect_ratio": "16:9"}
    assert changed == [("aspect_ratio", "auto", "16:9")]
    assert rules.snap(VIDU_Q2, {"aspect_ratio": "auto"}, {"images": 1})[1] == []


def test_a_parameter_of_another_model_is_left_behind():
    assert rules.snap(VIDU_Q1, {"duration": 5}, {"images": 1}) == ({}, [])


settings = st.fixed_dictionaries(
    {"prompt": st.text("ab ", min_size=1, max_size=9).filter(str.strip)},
    optional={
        "resolution": st.sampled_from(["540p", "1080p", "2K", "4K", ""]),
        "aspect_ratio": st.sampled_from(["auto", "16:9", "21:9", "1:1", "5:5", None]),
        "seed": st.integers(0, 2**31 - 1),
        "duration": st.integers(1, 9),
    },
)


@given(st.sampled_from(rules.offers(mode="image")), settings, st.integers(1, 7))
def test_after_snapping_to_any_offer_the_request_is_legal(offer, values, count):
    kept, _changed = rules.snap(offer, values, {"images": count})
    clean = rules.check(offer, kept, {"images": [GOOD] * count})
    assert rules.snap(offer, clean, {"images": count}) == (clean, [])


@pytest.mark.parametrize("mode", MODES)
def test_after_snapping_across_a_mode_nothing_to_choose_is_refused(mode):
    """Every tenth legal request of one model, brought to each other model of its mode."""
    legal = [case for case in cases(mode=mode) if case.verdict is None and not case.heavy][::10]
    for offer in rules.offers(mode=mode):
        for case in legal:
            counts = rules.count_inputs(case.inputs)
            kept, _changed = rules.snap(offer, case.values, counts)
            try:
                rules.check(offer, kept, case.inputs)
            except Invalid as invalid:
                refused = {
                    one.param for one in invalid.problems if PARAMS[one.param].kind in CHOSEN
                }
                assert refused <= NEEDED, (case, offer.key)


@pytest.mark.parametrize("mode", ["text-video", "speech"])
def test_a_sign_that_is_no_text_is_refused_at_its_field(mode):
    row = rules.offers("demo", mode)[0]
    values = {"text": "Good morning", "voice_id": "female", "prompt": "A hill"}
    for name in [one for one in values if one in row.limits]:
        given = {key: value for key, value in values.items() if key in row.limits}
        with pytest.raises(Invalid) as refused:
            rules.check(row, given | {name: "A\0B"})
        assert [one.param for one in refused.value.problems] == [name]


@pytest.mark.parametrize(
    ("offer", "length", "nearest"),
    [
        (("vidu", "image-video", "vidu2.0"), 7, 8),
        (("vidu", "image-video", "vidu2.0"), 5, 4),
        (("vidu", "image-video", "vidu2.0"), 1, 4),
        (("vidu", "image-video", "vidu2.0"), 16, 8),
        (("vidu", "text-video", "viduq2"), 16, 10),
        (("vidu", "reference", "viduq3"), 2, 3),
        # 0 lets the model choose: where there is no such choice, the usual length comes instead.
        (("vidu", "reference", "viduq2"), 0, 5),
    ],
)
def test_a_length_that_another_model_lacks_becomes_the_nearest_one(offer, length, nearest):
    kept, changed = rules.snap(rules.offer(*offer), {"duration": length}, {"images": 1})
    assert kept == {"duration": nearest}
    assert changed == [("duration", length, nearest)]


def test_a_length_of_zero_stays_where_the_model_takes_it():
    offer = rules.offer("vidu", "reference", "viduq2-pro")
    assert rules.snap(offer, {"duration": 0}, {"images": 1}) == ({"duration": 0}, [])


@pytest.mark.parametrize(
    ("mode", "sentences"),
    [
        ("lip-sync", {"text": "Type the text to speak, or add a recording."}),
        ("multiframe", {}),  # there is no row to fill in before there are images
        ("sound", {"prompt": "Describe what you want to hear."}),
        ("text-video", {"prompt": "Describe what you want to see."}),
    ],
)
def test_what_is_missing_is_said_as_it_can_be_mended(mode, sentences):
    row = rules.offers("demo", mode)[0]
    with pytest.raises(Invalid) as refused:
        rules.check(row, {})
    problems = refused.value.problems
    assert {
        one.param: one.message for one in problems if not PARAMS[one.param].is_input
    } == sentences
