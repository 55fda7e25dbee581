"""Makes result files and keeps them on disk, up to a cap.

A picture is painted when it is first fetched. Films and sounds take longer: they are begun when
their task starts to run, so that they are there when it ends.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import av
from PIL import Image

from generation.simulator import films, pictures
from generation.simulator.films import Film
from generation.simulator.tasks import Task
from generation.simulator.world import World

AT_ONCE = {"image": 2, "video": 2, "audio": 1, "cover": 2}
LOOKS_EVERY = 0.5  # seconds
log = logging.getLogger("simulator")
ENDINGS = {"image": "png", "video": "mp4", "audio": "mp3"}
COVER_SIDE = 1280
BLACK = (640, 360)
Write = Callable[[Path], None]


class Painter:
    def __init__(self, world: World) -> None:
        self.world = world
        self.busy: dict[str, asyncio.Task[Path]] = {}
        self.waiting: dict[str, asyncio.Task[None]] = {}
        self.places = {kind: asyncio.Semaphore(count) for kind, count in AT_ONCE.items()}

    @property
    def quick(self) -> bool:
        return self.world.options.pictures == "quick"

    def expect(self, task: Task) -> None:
        """Begin with the task's result when it starts to run."""
        if task.makes in ("video", "audio") and task.id not in self.waiting:
            job = asyncio.ensure_future(self.follow(task.id))
            self.waiting[task.id] = job
            job.add_done_callback(lambda _: self.waiting.pop(task.id, None))

    async def follow(self, task_id: str) -> None:
        while True:
            try:
                task = self.world.task(task_id)
            except KeyError:
                return
            wait = task.starts - time.time()
            if task.cancelled or task.traits.get("late") or task.traits.get("stuck"):
                return
            if wait <= 0:
                await self.begin(task)
                return
            await asyncio.sleep(min(wait, 5))  # those behind a cancelled task move up

    async def begin(self, task: Task) -> None:
        """Make the result; a task still runs for as long as that takes."""
        job = asyncio.ensure_future(self.paint(task))
        while not job.done():
            await asyncio.wait({job}, timeout=LOOKS_EVERY)
            if not job.done():
                self.world.prolong(task.id, 2 * LOOKS_EVERY)
        if job.exception():
            log.warning("a result could not be made: %s", job.exception())

    async def paint(self, task: Task) -> Path:
        """The task's result as a file; two who ask at once wait for the same one."""
        return await self.made(self.path(task), task.makes, lambda path: self.write(task, path))

    async def cover(self, task: Task) -> Path:
        """One frame of the task's film."""
        film = await self.paint(task)
        path = film.with_suffix(".jpg")
        return await self.made(path, "cover", lambda target: write_cover(film, target))

    async def made(self, path: Path, kind: str, write: Write) -> Path:
        if await asyncio.to_thread(path.exists):
            return path
        if path.name not in self.busy:
            job = asyncio.ensure_future(self.make(path, kind, write))
            job.add_done_callback(lambda _: self.busy.pop(path.name, None))
            self.busy[path.name] = job
        return await asyncio.shield(self.busy[path.name])

    async def make(self, path: Path, kind: str, write: Write) -> Path:
        async with self.places[kind]:
            await asyncio.to_thread(self.keep, path, write)
        return path

    def keep(self, path: Path, write: Write) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.part")
        write(unfinished)
        unfinished.rename(path)
        trim(path.parent, self.world.config.cache_bytes)

    def path(self, task: Task) -> Path:
        looks = [task.prompt, task.seed, task.width, task.height, task.images]
        looks += [self.world.options.pictures, pictures.VERSION]
        if task.makes != "image":
            looks += [films.VERSION, sorted(task.details.items(), key=str), self.inputs(task)]
        name = hashlib.sha256(repr(looks).encode()).hexdigest()[:32]
        return self.world.config.folder / "pictures" / f"{name}.{ENDINGS[task.makes]}"

    def inputs(self, task: Task) -> list[Path]:
        return self.world.inputs_of(task.id)

    def write(self, task: Task, target: Path) -> None:
        if task.makes == "image":
            self.write_picture(task, target)
        elif task.makes == "video":
            film = film_of(task, self.inputs(task))
            films.render(film, target, self.quick, self.world.config.folder / "reels")
        else:
            kind: films.Kind = "speech" if task.details.get("heard") == "speech" else "effects"
            films.speak(task.prompt, task.seconds, task.seed, target, kind)

    def write_picture(self, task: Task, target: Path) -> None:
        order = pictures.Order(
            prompt=task.prompt,
            seed=task.seed,
            size=(task.width, task.height),
            reference=self.world.input_of(task.id),
            references=len(task.images),
        )
        paint = pictures.plain if self.quick else pictures.paint
        paint(order).save(target, "PNG", compress_level=pictures.COMPRESSION)


def film_of(task: Task, inputs: list[Path]) -> Film:
    """The film that a task asks for; what goes on looks as its source does."""
    first, rest = inputs[:1], inputs[1:]
    looks = task.details.get("looks") or {}
    return Film(
        prompt=str(looks.get("prompt", task.prompt)),
        seed=int(looks.get("seed", task.seed)),
        size=(task.width, task.height),
        seconds=task.seconds,
        sound=task.has_sound,
        reference=first[0] if first else None,
        end=rest[-1] if rest else None,
        frames=tuple(rest[:-1]),
    )


def write_cover(film: Path, target: Path) -> None:
    with av.open(str(film)) as container:
        frame = next(iter(container.decode(video=0)), None)
        image = frame.to_image() if frame else Image.new("RGB", BLACK)
    image.thumbnail((COVER_SIDE, COVER_SIDE))
    image.save(target, "JPEG", quality=85)


def trim(folder: Path, most: int) -> None:
    """Remove the oldest files until the rest fits; what is being written stays."""
    files = sorted(sized(folder))
    total = sum(size for _, size, _ in files)
    for _, size, path in files[:-1]:
        if total <= most:
            return
        path.unlink(missing_ok=True)
        total -= size


def sized(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """Time, size and path of each file; another may be removed meanwhile."""
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path.suffix != ".part":
                stat = path.stat()
                yield stat.st_mtime, stat.st_size, path
