"""Makes result files and keeps them on disk, up to a limit.

An image is made when it is first fetched. Videos and audio take longer: they are begun when
their task starts to run, so that they are there when it ends.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import av
from PIL import Image

from generation.simulator.media import VERSION, MediaRequest, audio, images, videos
from generation.simulator.tasks import Task
from generation.simulator.world import World

AT_ONCE = {"image": 2, "video": 2, "audio": 1, "cover": 2}
CHECK_EVERY = 0.5  # seconds
ENDINGS = {"image": "png", "video": "mp4", "audio": "mp3"}
Write = Callable[[Path], None]
log = logging.getLogger("simulator")


class ResultCache:
    def __init__(self, world: World) -> None:
        self.world = world
        self.busy: dict[str, asyncio.Task[Path]] = {}
        self.waiting: dict[str, asyncio.Task[None]] = {}
        self.places = {kind: asyncio.Semaphore(count) for kind, count in AT_ONCE.items()}

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
        job = asyncio.ensure_future(self.result(task))
        while not job.done():
            await asyncio.wait({job}, timeout=CHECK_EVERY)
            if not job.done():
                self.world.prolong(task.id, 2 * CHECK_EVERY)
        if job.exception():
            log.warning("a result could not be made: %s", job.exception())

    async def result(self, task: Task) -> Path:
        """The task's result as a file."""
        return await self.file(self.path(task), task.makes, lambda path: self.write(task, path))

    async def cover(self, task: Task) -> Path:
        """The first frame of the task's video as a file."""
        video = await self.result(task)
        path = video.with_suffix(".jpg")
        return await self.file(path, "cover", lambda target: write_cover(video, target))

    async def file(self, path: Path, kind: str, write: Write) -> Path:
        """A file, written if it is not there; two who ask at once wait for the same one."""
        if await asyncio.to_thread(path.exists):
            return path
        if path.name not in self.busy:
            job = asyncio.ensure_future(self.make(path, kind, write))
            job.add_done_callback(lambda _: self.busy.pop(path.name, None))
            self.busy[path.name] = job
        return await asyncio.shield(self.busy[path.name])

    async def make(self, path: Path, kind: str, write: Write) -> Path:
        async with self.places[kind]:
            # Who asked before the last job ended and heard of it after may begin another one.
            if not await asyncio.to_thread(path.exists):
                await asyncio.to_thread(store_capped, path, write, self.world.config.cache_bytes)
        return path

    def path(self, task: Task) -> Path:
        """Named after everything that decides what is in the file."""
        facts = [VERSION, self.world.options.images, task.prompt, task.seed, task.images]
        facts += [task.width, task.height]
        if task.makes != "image":
            facts += [sorted(task.details.items(), key=str), self.world.inputs_of(task.id)]
        name = hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
        return self.world.config.folder / "results" / f"{name}.{ENDINGS[task.makes]}"

    def write(self, task: Task, target: Path) -> None:
        if task.makes == "audio":
            is_speech = task.details.get("heard") == "speech"
            audio.write_audio(task.prompt, task.seconds, task.seed, target, is_speech)
            return
        source = task.details.get("looks") or {}  # what a video goes on from
        request = MediaRequest(
            prompt=str(source.get("prompt", task.prompt)),
            seed=int(source.get("seed", task.seed)),
            size=(task.width, task.height),
            inputs=tuple(self.world.inputs_of(task.id)),
            references=len(task.images),
            seconds=task.seconds,
            has_audio=task.has_sound,
        )
        quick = self.world.options.images == "quick"
        if task.makes == "video":
            videos.render_video(request, target, quick)
        else:
            images.render_image(request, quick).save(target, "PNG", compress_level=1)


def write_cover(video: Path, target: Path) -> None:
    with av.open(str(video)) as container:
        image: Image.Image = next(container.decode(video=0)).to_image()
    image.thumbnail((1280, 1280))
    image.save(target, "JPEG", quality=85)


def store_capped(path: Path, write: Write, most: int) -> None:
    """Write a file, then remove the oldest ones until the rest fits in so many bytes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    write(unfinished)
    unfinished.rename(path)
    with suppress(FileNotFoundError):  # another thread removes files too
        files = [one for one in path.parent.iterdir() if one.suffix != ".part"]
        files.sort(key=lambda one: one.stat().st_mtime, reverse=True)
        total = 0
        for one in files:
            total += one.stat().st_size
            if total > most and one != path:
                one.unlink()
