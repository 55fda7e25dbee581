"""Films worth looking at and sounds to go with them: the same ones for the same question."""

from generation.simulator.films.film import Film
from generation.simulator.films.plan import VERSION, render
from generation.simulator.films.sizes import pixels_of
from generation.simulator.films.sounds import Kind, speak

__all__ = ["VERSION", "Film", "Kind", "pixels_of", "render", "speak"]
