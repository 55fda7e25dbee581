"""Result images: exactly as large as asked, always the same, and taken from the reference."""

import io
from itertools import combinations
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageChops, ImageStat

from generation.simulator.media import MediaRequest, images, scenes
from generation.simulator.sizes import pixel_size
from tests.simulator.asking import created, data_uri, finished, url
from tests.simulator.server import Running

PROMPTS = {
    "misty mountains": "mountains", "desert dunes": "desert", "sunset over the ocean": "sea",
    "city at night": "city", "foggy forest": "forest", "abstract silk": "silk",
    "perfume bottle": "vessel", "portrait of a woman": "portrait", "一座雪山的风景": "mountains",
}  # fmt: skip


def request(prompt: str = "a cat", seed: int = 1, **more: object) -> MediaRequest:
    return MediaRequest(**{"prompt": prompt, "seed": seed, "size": (480, 270), **more})


def apart(one: Image.Image, other: Image.Image) -> float:
    """How different two images are, from 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


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
        ("16:9", "360p", (640, 360)),
        ("16:9", "540p", (960, 540)),
        ("9:16", "540p", (540, 960)),
        ("1:1", "720p", (720, 720)),
        ("3:4", "540p", (540, 720)),
        ("21:9", "720p", (1680, 720)),
        ("16:9", "8K", (7680, 4320)),
        ("1.853:1", "540p", (1000, 540)),
    ],
)
def test_a_resolution_names_the_shorter_side(
    ratio: str, resolution: str, expected: tuple[int, int]
) -> None:
    assert pixel_size(ratio, resolution) == expected


def test_a_strip_has_its_ratio_and_even_sides() -> None:
    width, height = pixel_size("1:6", "720p")
    assert (width % 2, height % 2) == (0, 0)
    assert height / width == pytest.approx(6, rel=0.01)
    assert width * height <= 1680 * 720 * 1.01


@pytest.mark.parametrize("first", [(300, 400), (1000, 250), (250, 1000), (640, 640)])
def test_auto_takes_the_shape_of_the_first_image(first: tuple[int, int]) -> None:
    width, height = pixel_size("auto", "1080p", first)
    assert width / height == pytest.approx(first[0] / first[1], rel=0.01)
    assert width * height <= 2520 * 1080 * 1.01


@pytest.mark.parametrize("prompt", PROMPTS)
def test_each_subject_is_found_by_its_keywords_and_is_no_flat_field(prompt: str) -> None:
    assert scenes.scene_subject(prompt, scenes.rng_of("x")) == (PROMPTS[prompt], True)
    image = images.render_image(request(prompt))
    assert (image.size, image.mode) == ((480, 270), "RGB")
    assert sum(ImageStat.Stat(image).stddev) > 20
    assert image.tobytes() == images.render_image(request(prompt)).tobytes()


def test_every_subject_has_files_and_every_file_a_subject_and_a_palette() -> None:
    names = [path.stem.split("-") for path in scenes.FOLDER.glob("*.webp")]
    assert {subject for subject, _ in names} == set(scenes.SUBJECTS) == set(PROMPTS.values())
    assert {palette for _, palette in names} <= set(scenes.PALETTES)
    for one in scenes.SUBJECTS.values():
        assert set(one["palettes"]) <= set(scenes.PALETTES)


def test_the_files_of_the_scenes_are_large_enough_and_light() -> None:
    paths = list(scenes.FOLDER.glob("*.webp"))
    assert sum(path.stat().st_size for path in paths) < 5_000_000
    for path in paths:
        with Image.open(path) as image:
            assert max(image.size) == 2560, path.name


@pytest.mark.parametrize("size", [(480, 270), (270, 480), (320, 320), (560, 240)])
@pytest.mark.parametrize("prompt", ["city", "blue sea", "portrait of a woman"])
def test_variants_differ_visibly(prompt: str, size: tuple[int, int]) -> None:
    batch = [images.render_image(request(prompt, seed, size=size)) for seed in range(7, 11)]
    assert all(one.size == size for one in batch)
    assert min(apart(one, other) for one, other in combinations(batch, 2)) > 8


def test_a_colour_in_the_prompt_is_the_colour_of_the_image() -> None:
    for seed in range(3):
        red, _, blue = ImageStat.Stat(images.render_image(request("blue mountains", seed))).mean
        assert blue > red + 20
        red, _, blue = ImageStat.Stat(images.render_image(request("red lava city", seed))).mean
        assert red > blue + 20


def test_an_image_that_is_enlarged_has_exactly_its_size() -> None:
    assert images.render_image(request("sea", size=(3840, 1646))).size == (3840, 1646)


@pytest.fixture
def green(tmp_path: Path) -> Path:
    path = tmp_path / "green.jpg"
    Image.linear_gradient("L").convert("RGB").point(
        [v // 8 for v in range(256)] + list(range(256)) + [v // 8 for v in range(256)]
    ).save(path)
    return path


@pytest.mark.parametrize(
    ("prompt", "references"),
    [("misty mountains", 1), ("make it fresh", 1), ("both of them", 2)],
)
def test_a_result_takes_its_colours_from_the_reference(
    green: Path, prompt: str, references: int
) -> None:
    image = images.render_image(request(prompt, inputs=(green,), references=references))
    red, greens, blue = ImageStat.Stat(image).mean
    assert greens > red + 5
    assert greens > blue + 5


@pytest.fixture
def halves(tmp_path: Path) -> Path:
    """Dark on the left, bright on the right."""
    path = tmp_path / "half.jpg"
    image = Image.new("RGB", (480, 270), (20, 20, 20))
    image.paste((240, 240, 240), (240, 0, 480, 270))
    image.save(path)
    return path


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "prompt",
    ["make it night", "turn into an oil painting", "make it black", "", "put her in a forest"],
)
def test_an_edit_shows_the_reference(halves: Path, prompt: str, seed: int) -> None:
    edited = images.render_image(request(prompt, seed, inputs=(halves,), references=1)).convert("L")
    left = ImageStat.Stat(edited.crop((40, 60, 200, 220))).mean[0]
    right = ImageStat.Stat(edited.crop((280, 60, 440, 220))).mean[0]
    assert right > left + 40


@pytest.mark.parametrize(("prompt", "references"), [("in a city at night", 1), ("a cat", 3)])
def test_a_scene_with_a_reference_shows_it_as_a_print(
    halves: Path, prompt: str, references: int
) -> None:
    image = images.render_image(request(prompt, inputs=(halves,), references=references)).convert(
        "L"
    )
    left = ImageStat.Stat(image.crop((120, 80, 220, 190)))
    right = ImageStat.Stat(image.crop((260, 80, 360, 190)))
    assert right.mean[0] > left.mean[0] + 150
    assert max(left.stddev[0], right.stddev[0]) < 15


def test_edits_of_one_image_differ_with_the_seed(halves: Path) -> None:
    one, other = (
        images.render_image(request("make it better", seed, inputs=(halves,), references=1))
        for seed in (1, 2)
    )
    assert apart(one, other) > 4


def test_a_reference_that_is_no_image_leaves_the_prompt(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG nothing")
    image = images.render_image(request("sea", inputs=(broken,), references=1))
    assert image.tobytes() == images.render_image(request("sea")).tobytes()


@pytest.mark.parametrize("quick", [True, False])
def test_the_watermark_is_in_the_corner(quick: bool) -> None:
    image = images.render_image(request("desert dunes", size=(960, 540)), quick).convert("L")
    corner, opposite = image.crop((880, 490, 960, 540)), image.crop((0, 490, 80, 540))
    assert ImageStat.Stat(corner).stddev[0] > ImageStat.Stat(opposite).stddev[0] + 5


def test_a_quick_image_has_its_size_and_depends_on_the_seed() -> None:
    one, other = (images.render_image(request(seed=seed), quick=True) for seed in (1, 2))
    assert one.size == other.size == (480, 270)
    assert one.tobytes() != other.tobytes()


def test_a_served_image_has_the_asked_size_and_decodes(sim: Running) -> None:
    sim.settings(images="full", pace=0)
    task_id = created(sim.http, prompt="a sunset at sea", aspect_ratio="3:2")
    address = url(finished(sim.http, task_id))
    reply = sim.http.get(address)
    image = Image.open(io.BytesIO(reply.content))
    image.load()
    assert (image.format, image.size) == ("PNG", (1620, 1080))
    assert int(reply.headers["content-length"]) == len(reply.content)
    assert sim.http.get(address).content == reply.content
    assert sim.http.head(address).headers["content-length"] == str(len(reply.content))


def test_auto_follows_the_image_that_was_sent(http: httpx.Client) -> None:
    out = io.BytesIO()
    Image.new("RGB", (600, 300), (10, 120, 10)).save(out, "WEBP")
    sent = [data_uri(out.getvalue(), "image/webp")]
    task_id = created(http, images=sent, aspect_ratio="auto", prompt="make it warmer")
    image = Image.open(io.BytesIO(http.get(url(finished(http, task_id))).content))
    assert image.size == (2160, 1080)
