"""Result images: a scene, or the reference image in another light or as a framed print."""

import random
from pathlib import Path
from statistics import NormalDist

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from generation.simulator.media import MediaRequest, scenes, watermark
from generation.simulator.media.scenes import SMOOTH

PAPER = (247, 245, 240)


def render_image(request: MediaRequest, quick: bool = False) -> Image.Image:
    """The image in exactly its size; `quick` makes two colours, for tests."""
    image = gradient(request) if quick else grained(drawn(request), request)
    watermark.make_watermark(image)
    return image


def gradient(request: MediaRequest) -> Image.Image:
    rng = scenes.rng_of(f"{request.seed} {request.prompt}")
    colours = scenes.palette(rng.choice(list(scenes.PALETTES)))
    column = Image.linear_gradient("L").resize((1, request.size[1]))
    return ImageOps.colorize(column, colours[2], colours[4]).resize(request.size)


def open_image(path: Path) -> Image.Image | None:
    """Nothing when there is no such file or it is no image."""
    try:
        with Image.open(path) as image:
            return ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def drawn(request: MediaRequest) -> Image.Image:
    """A scene; the reference itself when it is to be edited, else a print of it in the scene."""
    prompt, seed, size = request.prompt, request.seed, request.size
    reference = open_image(request.inputs[0]) if request.inputs else None
    if reference is None:
        return scenes.scene(prompt, seed, size)
    rng = scenes.rng_of(f"edit {seed} {prompt}")
    _, named = scenes.scene_subject(prompt, rng)
    if scenes.has_scene(prompt, "editing") or (request.references < 2 and not named):
        bleed = rng.uniform(0, 0.06)
        return edit_image(ImageOps.fit(reference, size, SMOOTH, bleed, (0.5, 0.42)), prompt, rng)
    return framed(scenes.scene(prompt, seed, size, scenes.palette_of(reference)), reference)


def edit_image(image: Image.Image, prompt: str, rng: random.Random) -> Image.Image:
    """In other colours and in a light from the side."""
    name = scenes.palette_named(prompt)
    if scenes.has_scene(prompt, "painting"):
        image = brushed(image)
    image = ImageEnhance.Color(ImageOps.autocontrast(image, 0.4, preserve_tone=True)).enhance(1.3)
    colours = scenes.palette(name or rng.choice(list(scenes.PALETTES)))
    part = 1.0 if name == "graphite" else 0.5 if name else rng.uniform(0.15, 0.35)
    image = scenes.tinted(image, colours, part)
    if scenes.has_scene(prompt, "night"):
        image = ImageChops.multiply(image, Image.new("RGB", image.size, (110, 125, 180)))
    dim = Image.radial_gradient("L").point([85 - value // 3 for value in range(256)])
    corner = (128, 96, 256, 256) if rng.random() < 0.5 else (0, 96, 128, 256)
    light = ImageOps.colorize(dim.crop(corner), (0, 0, 0), colours[-1])
    return ImageChops.screen(image, light.resize(image.size, SMOOTH))


def brushed(image: Image.Image) -> Image.Image:
    """Strokes of a few colours."""
    small = image.resize((max(2, image.width // 3), max(2, image.height // 3)), SMOOTH)
    few = small.quantize(40).convert("RGB").filter(ImageFilter.MedianFilter(7))
    return few.resize(image.size, SMOOTH).filter(ImageFilter.UnsharpMask(6, 80, 2))


def framed(background: Image.Image, reference: Image.Image) -> Image.Image:
    """A print with a white border and a shadow, before a background out of focus."""
    unit = min(background.size)
    image = background.filter(ImageFilter.GaussianBlur(unit / 150))
    room = (round(image.width * 0.66), round(image.height * 0.66))
    card = ImageOps.expand(ImageOps.contain(reference, room, SMOOTH), unit // 36, PAPER)
    left, top = (image.width - card.width) // 2, (image.height - card.height) // 2
    shadow, drop = Image.new("L", image.size), unit // 40
    box = (left, top + drop, left + card.width, top + drop + card.height)
    ImageDraw.Draw(shadow).rectangle(box, fill=150)
    image.paste((0, 0, 0), mask=shadow.filter(ImageFilter.BoxBlur(drop)))
    image.paste(card, (left, top))
    return image


def grained(image: Image.Image, request: MediaRequest, strength: float = 2.4) -> Image.Image:
    """Darker towards the corners, and film grain, which also hides the steps of gradients."""
    table = [round(255 * (1 - 0.28 * max(0.0, v / 255 - 0.35) ** 1.6)) for v in range(256)]
    dark = Image.radial_gradient("L").point(table).resize(image.size, SMOOTH)
    image = ImageChops.multiply(image, Image.merge("RGB", (dark,) * 3))
    rng, bell = scenes.rng_of(f"grain {request.seed} {request.prompt}"), NormalDist(128, strength)
    grain = Image.frombytes("L", image.size, rng.randbytes(image.width * image.height))
    grain = grain.point([round(bell.inv_cdf((value + 0.5) / 256)) for value in range(256)])
    return ImageChops.add(image, Image.merge("RGB", (grain,) * 3), 1, -128)
