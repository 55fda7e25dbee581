"""The cache of result files: made once, kept up to a limit, named after what is in them."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from generation.simulator.config import Config, Options
from generation.simulator.media import cache, images
from generation.simulator.media.cache import ResultCache
from generation.simulator.tasks import Task
from generation.simulator.world import World


def task(**more: Any) -> Task:
    facts: dict[str, Any] = {
        "number": 1, "id": "1", "dialect": "vidu", "account": "a", "model": "viduq2",
        "prompt": "sea", "images": (), "aspect_ratio": "16:9", "resolution": "1080p",
        "width": 96, "height": 54, "seed": 1, "payload": "", "callback_url": "", "key_hash": "",
        "site": "", "credits": 0, "created_ns": 0, "arrives": 0.0, "starts": 0.0, "lasts": 0.0,
        "cancelled": False, "notified": 0,
    }  # fmt: skip
    return Task(**facts | more)


@pytest.fixture
def results(tmp_path: Path) -> Iterator[ResultCache]:
    world = World(Config(tmp_path / "simulator.sqlite3", options=Options(images="quick")))
    yield ResultCache(world)
    world.store.close()


def test_two_who_ask_at_once_wait_for_the_same_file(
    results: ResultCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    render = images.render_image

    def counted(*asked: Any) -> Image.Image:
        made.append(asked)
        return render(*asked)

    async def both() -> list[Path]:
        return await asyncio.gather(results.result(task()), results.result(task()))

    monkeypatch.setattr(images, "render_image", counted)
    one, other = asyncio.run(both())
    assert one == other == asyncio.run(results.result(task()))
    assert len(made) == 1
    with Image.open(one) as image:
        assert (image.format, image.size) == ("PNG", (96, 54))


def test_what_differs_in_the_image_has_a_file_of_its_own(results: ResultCache) -> None:
    tasks = [task(), task(seed=2), task(prompt="city"), task(width=54, height=96)]
    paths = [results.path(one) for one in tasks]
    results.world.options.images = "full"
    assert len({*paths, results.path(task())}) == 5


def test_a_video_and_its_cover(results: ResultCache) -> None:
    video = task(details={"makes": "video", "seconds": 1.5, "sound": True})

    async def both() -> tuple[Path, Path]:
        return await results.result(video), await results.cover(video)

    path, cover = asyncio.run(both())
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 36
        assert container.streams.audio
    with Image.open(cover) as image:
        assert (image.format, image.size) == ("JPEG", (96, 54))


def test_audio_is_as_long_as_the_task_says(results: ResultCache) -> None:
    spoken = task(details={"makes": "audio", "seconds": 2.0, "heard": "speech"})
    with av.open(str(asyncio.run(results.result(spoken)))) as container:
        assert container.duration / 1_000_000 == pytest.approx(2, abs=0.03)


def hundred_bytes(path: Path) -> None:
    path.write_bytes(bytes(100))


def test_the_oldest_files_go_when_there_are_too_many_bytes(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "middle", "old", "unfinished.part")):
        (tmp_path / name).write_bytes(bytes(100))
        os.utime(tmp_path / name, (1_000 - age, 1_000 - age))
    cache.store_capped(tmp_path / "made", hundred_bytes, 250)
    assert {path.name for path in tmp_path.iterdir()} == {"made", "new", "unfinished.part"}


def test_a_file_larger_than_the_limit_stays_until_the_next(tmp_path: Path) -> None:
    for name in ("one", "two"):
        cache.store_capped(tmp_path / name, hundred_bytes, 50)
        assert [path.name for path in tmp_path.iterdir()] == [name]
