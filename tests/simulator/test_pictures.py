"""The pictures: right size, always the same, and taken from the reference when there is one."""

import io
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageStat

from generation.simulator import pictures
from generation.simulator.pictures import scenes
from generation.simulator.pictures.sizes import pixels
from tests.simulator.asking import created, data_uri, finished, url
from tests.simulator.server import Running

PROMPTS = (
    "misty mountains", "desert dunes", "sunset over the ocean", "city at night",
    "foggy forest", "abstract silk", "perfume bottle", "portrait of a woman",
)  # fmt: skip


def order(prompt: str = "a cat", seed: int = 1, **more: object) -> pictures.Order:
    return pictures.Order(**{"prompt": prompt, "seed": seed, "size": (480, 270), **more})


@pytest.mark.parametrize(
    ("ratio", "resolution", "expected"),
    [
        ("16:9", "1080p", (1920, 1080)),
        ("9:16", "1080p", (1080, 1920)),
        ("1:1", "1080p", (1080, 1080)),
        ("3:4", "2K", (1440, 1920)),
        ("4:3", "2K", (1920, 1440)),
        ("21:9", "4K", (5040, 2160)),
        ("2:3", "4K", (2160, 3240)),
        ("3:2", "1080p", (1620, 1080)),
        ("16:9", "4K", (3840, 2160)),
    ],
)
def test_the_size_has_exactly_the_ratio(
    ratio: str, resolution: str, expected: tuple[int, int]
) -> None:
    assert pixels(ratio, resolution, (1, 1)) == expected


@pytest.mark.parametrize("first", [(300, 400), (1000, 250), (250, 1000), (640, 640)])
def test_auto_takes_the_shape_of_the_first_picture(first: tuple[int, int]) -> None:
    width, height = pixels("auto", "1080p", first)
    assert width / height == pytest.approx(first[0] / first[1], rel=0.01)
    assert width * height <= 2520 * 1080 * 1.01


@pytest.mark.parametrize("prompt", PROMPTS)
def test_each_scene_is_called_by_its_words_and_is_no_flat_field(prompt: str) -> None:
    image = pictures.paint(order(prompt))
    assert (image.size, image.mode) == ((480, 270), "RGB")
    assert sum(ImageStat.Stat(image).stddev) > 20
    assert image.tobytes() == pictures.paint(order(prompt)).tobytes()


def test_every_scene_has_a_prompt_here() -> None:
    rng = pictures.dice("x")
    called = {scenes.called(prompt, rng)[0].paint for prompt in PROMPTS}
    assert called == {scene.paint for scene in scenes.ALL}


def test_another_seed_is_another_picture() -> None:
    assert pictures.paint(order(seed=1)).tobytes() != pictures.paint(order(seed=2)).tobytes()


def test_a_scene_takes_its_colours_from_the_reference(tmp_path: Path) -> None:
    reference = tmp_path / "green.jpg"
    Image.linear_gradient("L").convert("RGB").point(
        [v // 8 for v in range(256)] + list(range(256)) + [v // 8 for v in range(256)]
    ).save(reference)
    for prompt, references in (("misty mountains", 1), ("make it warm", 1), ("both of them", 2)):
        image = pictures.paint(order(prompt, reference=reference, references=references))
        red, green, blue = ImageStat.Stat(image).mean
        assert green > red + 5, prompt
        assert green > blue + 5, prompt


@pytest.mark.parametrize("words", ["make it night", "turn into an oil painting", "make it black"])
def test_an_edit_shows_the_reference(tmp_path: Path, words: str) -> None:
    reference = tmp_path / "half.jpg"
    image = Image.new("RGB", (480, 270), (20, 20, 20))
    image.paste((240, 240, 240), (240, 0, 480, 270))
    image.save(reference)
    edited = pictures.paint(order(words, reference=reference, references=1)).convert("L")
    left = ImageStat.Stat(edited.crop((40, 60, 200, 220))).mean[0]
    right = ImageStat.Stat(edited.crop((280, 60, 440, 220))).mean[0]
    assert right > left + 40


@pytest.mark.parametrize("paint", [pictures.paint, pictures.plain])
def test_the_mark_is_in_the_corner(paint: pictures.Paint) -> None:
    image = paint(order("city at night", size=(960, 540))).convert("L")
    corner, opposite = image.crop((880, 490, 960, 540)), image.crop((0, 490, 80, 540))
    assert ImageStat.Stat(corner).stddev[0] > ImageStat.Stat(opposite).stddev[0] + 5


def test_a_served_picture_has_the_asked_size_and_decodes(sim: Running) -> None:
    sim.settings(pictures="full", pace=0)
    task_id = created(sim.http, prompt="a sunset at sea", aspect_ratio="3:2")
    address = url(finished(sim.http, task_id))
    reply = sim.http.get(address)
    image = Image.open(io.BytesIO(reply.content))
    image.load()
    assert (image.format, image.size) == ("PNG", (1620, 1080))
    assert int(reply.headers["content-length"]) == len(reply.content)
    assert sim.http.get(address).content == reply.content
    assert sim.http.head(address).headers["content-length"] == str(len(reply.content))


def test_auto_follows_the_picture_that_was_sent(http: httpx.Client) -> None:
    out = io.BytesIO()
    Image.new("RGB", (600, 300), (10, 120, 10)).save(out, "WEBP")
    images = [data_uri(out.getvalue(), "image/webp")]
    task_id = created(http, images=images, aspect_ratio="auto", prompt="make it warmer")
    image = Image.open(io.BytesIO(http.get(url(finished(http, task_id))).content))
    assert image.size == (2160, 1080)
