"""How an image is cropped so that a model takes it: its shape, the part, and whether that fits."""

from collections.abc import Sequence
from dataclasses import dataclass

from generation.catalogue.check_inputs import check_totals, fits_limits
from generation.catalogue.offers.common import FIVE_RATIOS
from generation.catalogue.params import PARAMS
from generation.catalogue.types import (
    ImageFacts,
    ImageLimits,
    Input,
    Limit,
    Problem,
    gettext_noop,
)

RATIOS: tuple[str, ...] = FIVE_RATIOS.allowed


@dataclass(frozen=True)
class Box:
    """A part of an image as it is shown, in pixels from its upper left corner."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Misfit:
    """The place of an image whose shape is not taken, and of the one it has to be like, if any."""

    position: int
    like: int | None = None


def ratio_of(text: str) -> float:
    """16:9 as a number."""
    width, _colon, height = text.partition(":")
    return int(width) / int(height)


def misfits(name: str, rule: Limit, given: Sequence[Input]) -> list[Misfit]:
    """The images that a crop would help: each on its own, else one of two that have to agree."""
    images = [one for one in given if isinstance(one, ImageFacts)]
    if len(images) != len(given):
        return []
    limits = rule.image or ImageLimits()
    alone = [Misfit(at) for at, one in enumerate(images) if not fits_limits(one, limits)]
    if alone or not list(check_totals(PARAMS[name], rule, given)):
        return alone
    return [Misfit(1, 0), Misfit(0, 1)]


def largest_box(image: ImageFacts, ratio: float) -> Box:
    """The largest part of this ratio, in the middle. It never exceeds the ratio it is near to."""
    width, height = image.width, image.height
    if width > height * ratio:
        width = max(1, int(height * ratio))
    else:
        height = max(1, int(width / ratio))
    return Box((image.width - width) // 2, (image.height - height) // 2, width, height)


def allowed_ratio(image: ImageFacts, limits: ImageLimits) -> float:
    """Its own ratio, or the nearest that is taken."""
    own = image.width / max(image.height, 1)
    return min(max(own, limits.min_ratio), limits.max_ratio)


def box_problem(
    image: ImageFacts, box: Box, limits: ImageLimits, ratio: float | None
) -> Problem | None:
    """The first thing wrong with cropping an image to a part, or None. `ratio` None is any that the
    limits allow. The parameter of a problem is the side that it speaks of."""
    if box.left < 0 or box.left + box.width > image.width:
        sentence = gettext_noop("The frame leaves the image, which is %(size)s pixels wide.")
        return Problem("width", sentence, {"size": image.width})
    if box.top < 0 or box.top + box.height > image.height:
        sentence = gettext_noop("The frame leaves the image, which is %(size)s pixels high.")
        return Problem("height", sentence, {"size": image.height})
    if min(box.width, box.height) < limits.min_side:
        sentence = gettext_noop(
            "A crop of %(width)s x %(height)s pixels is too small for this model. Make it at least"
            " %(least)s x %(least)s."
        )
        sizes = {"width": box.width, "height": box.height, "least": limits.min_side}
        return Problem("width" if box.width < box.height else "height", sentence, sizes)
    if ratio is not None and abs(box.width - box.height * ratio) > max(1.0, ratio):
        sentence = gettext_noop("In this shape, a width of %(width)s has a height of %(height)s.")
        sizes = {"width": box.width, "height": max(1, round(box.width / ratio))}
        return Problem("height", sentence, sizes)
    if not limits.min_ratio <= box.width / box.height <= limits.max_ratio:
        sentence = gettext_noop("This shape is too long and narrow. Choose one from 1:4 to 4:1.")
        return Problem("width", sentence)
    return None
