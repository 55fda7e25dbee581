"""Of which encoded parts a film is made, and its rendering."""

import hashlib
from pathlib import Path

from generation.simulator import pictures
from generation.simulator.films import moves, reel, sounds
from generation.simulator.films.camera import Camera, plain
from generation.simulator.films.film import Film
from generation.simulator.films.kept import Shelf
from generation.simulator.films.moves import Pose
from generation.simulator.films.reel import Reel

VERSION = 1  # raise it when the films change: kept ones are rendered again
MOVING = 3_200_000_000  # pixels of a repeated move; a film longer than that ends still
REST = 2  # seconds of the part that it ends with
HELD = 100_000_000  # pixels of the part a quick film repeats
NICE, CHEAP = "superfast", "ultrafast"

Parts = list[tuple[Reel, int]]


def render(film: Film, target: Path, quick: bool = False, cache: Path | None = None) -> None:
    """Write an MP4 of exactly the frames asked for; a cache keeps the parts it is made of."""
    parts = still_parts(film) if quick else moving_parts(film, Shelf(cache))
    reel.spliced(target, parts, film.fps, heard(film, quick) if film.sound else None)


def heard(film: Film, quick: bool) -> sounds.Track:
    seconds = film.length / film.fps
    return sounds.tone(seconds) if quick else sounds.ambience(film.prompt, film.seed, seconds)


def still_parts(film: Film) -> Parts:
    count = max(1, min(film.length, film.fps, HELD // film.pixels))
    return [(reel.encoded(plain(film, count), film.size, film.fps, CHEAP), film.length)]


def moving_parts(film: Film, shelf: Shelf) -> Parts:
    def move() -> Reel:
        return reel.encoded(Camera(film).frames(), film.size, film.fps, NICE)

    def rest() -> Reel:
        poses = [Pose()] * (film.fps * REST)
        return reel.encoded(Camera(film).shot(poses), film.size, film.fps, NICE)

    looks = looks_of(film)
    moving = lasting(film)
    parts = [(shelf.reel((*looks, "move"), move), moving)]
    if moving < film.length:
        parts.append((shelf.reel((*looks, "rest"), rest), film.length - moving))
    return parts


def lasting(film: Film) -> int:
    """Frames that move: all, unless so long and large that the file would be a burden."""
    if len(film.keys) > 1:
        return film.length
    rounds = max(1, MOVING // film.pixels // moves.takes(film))
    return min(film.length, rounds * moves.takes(film))


def looks_of(film: Film) -> tuple[object, ...]:
    """All that decides what a part shows; long films of one still share a part."""
    count = film.length if len(film.keys) > 1 else moves.takes(film)
    keys = tuple(digest(key) for key in film.keys)
    repeated = count < film.length
    looks = (film.prompt, film.seed, film.size, film.fps, keys, count, repeated)
    return VERSION, pictures.VERSION, *looks


def digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
