"""Pictures worth looking at, painted from a prompt and a seed: the same ones every time."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from generation.simulator.pictures import edits, palette, scenes
from generation.simulator.pictures.brush import SMOOTH, dice, grained, vertical, vignetted
from generation.simulator.pictures.mark import marked

VERSION = 1  # raise it when the pictures change: kept ones are painted again
COMPRESSION = 2
LARGEST = 1620  # the shorter side that is painted point by point
EDITING = (
    "edit make change turn replace remove add relight restyle recolor style keep same put this"
)


@dataclass(frozen=True)
class Order:
    """What to paint; `reference` is the first of the reference pictures, if there is a copy."""

    prompt: str
    seed: int
    size: tuple[int, int]
    reference: Path | None = None
    references: int = 0


Paint = Callable[[Order], Image.Image]


def paint(order: Order) -> Image.Image:
    """The whole picture, at the size asked for."""
    rng = dice(f"{order.seed} {order.prompt}")
    has_reference = order.reference is not None and order.reference.exists()
    # Above this, a painting made larger cannot be told from a larger painting under the grain.
    scale = min(1.0, LARGEST / min(order.size))
    canvas = replace(order, size=(round(order.size[0] * scale), round(order.size[1] * scale)))
    image = from_reference(canvas, rng) if has_reference else from_words(canvas, rng)
    image = image if image.size == order.size else image.resize(order.size, SMOOTH)
    return marked(grained(vignetted(image), rng))


def from_words(order: Order, rng: random.Random) -> Image.Image:
    scene, _ = scenes.called(order.prompt, rng)
    colours = palette.chosen(order.prompt, rng, scene.fitting)
    return scene.paint(order.size, rng, colours)


def from_reference(order: Order, rng: random.Random) -> Image.Image:
    """A scene in the reference's colours when the prompt names one, else the reference itself."""
    reference = edits.opened(order.reference or Path())
    colours = palette.taken_from(reference)
    words = scenes.words_of(order.prompt)
    scene, named = scenes.called(order.prompt, rng)
    if named and not words & set(EDITING.split()):
        return scene.paint(order.size, rng, colours)
    if order.references > 1:
        return edits.hung(order.size, rng, colours, reference)
    return edits.graded(order.size, rng, colours, reference, words)


def plain(order: Order) -> Image.Image:
    """Two colours and the mark: quick, for tests."""
    rng = dice(f"{order.seed} {order.prompt}")
    colours = palette.NAMED[rng.choice(list(palette.NAMED))]
    return marked(vertical(order.size, [(0, colours.mid), (1, colours.pale)]))
