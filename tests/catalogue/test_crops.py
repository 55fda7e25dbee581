"""Which images a crop would help, and which part of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.catalogue import rules
from generation.catalogue.check_inputs import check_inputs, check_totals, fits_limits
from generation.catalogue.crops import (
    Box,
    Misfit,
    allowed_ratio,
    box_problem,
    largest_box,
    misfits,
)
from generation.catalogue.params import PARAMS
from generation.catalogue.types import ImageFacts, ImageLimits, Limit, PairLimits

PAIR = Limit(minimum=2, maximum=2, image=ImageLimits(), pair=PairLimits())
SIDE = st.integers(1, 16_384)


def image(width, height):
    return ImageFacts(width, height, "png", 1_000)


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        ([(1280, 720), (1200, 1500)], [Misfit(1, 0), Misfit(0, 1)]),
        ([(1280, 720), (1920, 1080)], [Misfit(1, 0), Misfit(0, 1)]),  # by their pixels
        ([(1280, 720), (1300, 720)], []),
        ([(1280, 720)], []),
        ([(1280, 200), (1200, 1500)], [Misfit(0)]),
        ([(200, 1280), (1280, 200)], [Misfit(0), Misfit(1)]),
    ],
)
def test_the_images_that_a_crop_helps(sizes, found):
    given = [image(*size) for size in sizes]
    assert misfits("images", PAIR, given) == found


@given(SIDE, SIDE, SIDE, SIDE)
def test_the_largest_part_of_another_images_shape_agrees_with_it(width, height, wide, high):
    one, other = image(width, height), image(wide, high)
    limits = ImageLimits()
    box = largest_box(one, wide / high)
    assert box.left >= 0
    assert box.left + box.width <= width
    assert box.top >= 0
    assert box.top + box.height <= height
    if box_problem(one, box, limits, wide / high) is None and fits_limits(other, limits):
        same = image(wide, high)  # what the crop becomes
        assert not list(check_totals(PARAMS["images"], PAIR, [same, other]))


@given(SIDE, SIDE)
def test_what_is_too_long_and_narrow_is_cropped_to_what_every_model_takes(width, height):
    one, limits = image(width, height), ImageLimits()
    box = largest_box(one, allowed_ratio(one, limits))
    assert fits_limits(image(box.width, box.height), limits) or min(width, height) < 4
    if min(width, height) >= limits.min_side:
        assert box_problem(one, box, limits, None) is None


@pytest.mark.parametrize(
    ("box", "ratio", "param", "words"),
    [
        (Box(0, 0, 1281, 700), None, "width", "which is 1280 pixels wide"),
        (Box(0, 100, 640, 700), None, "height", "which is 720 pixels high"),
        (Box(0, 0, 127, 300), None, "width", "127 x 300 pixels is too small"),
        (Box(0, 0, 300, 100), None, "height", "at least 128 x 128"),
        (Box(0, 0, 1280, 500), 16 / 9, "height", "1280 has a height of 720"),
        (Box(0, 0, 1280, 200), None, "width", "too long and narrow"),
        (Box(-1, 0, 200, 200), None, "width", "leaves the image"),
    ],
)
def test_a_part_that_cannot_be_is_refused_with_one_sentence(box, ratio, param, words):
    problem = box_problem(image(1280, 720), box, ImageLimits(), ratio)
    assert problem.param == param
    assert words in str(problem)


def test_the_limits_are_those_of_the_catalogue():
    """Every model that takes two frames is helped where it refuses them for their shape."""
    for offer in rules.offers(mode="start-end"):
        rule = offer.limits["images"]
        given = [image(1280, 720), image(720, 1280)]
        assert check_inputs(PARAMS["images"], rule, given)
        assert misfits("images", rule, given) == [Misfit(1, 0), Misfit(0, 1)]
