"""Opens one image in a process of its own: `python -I image_worker.py '{"task": ..., ...}'`.

Stands alone on Pillow, so that it starts fast and holds no secret. The answer is one line of JSON.
"""

import contextlib
import errno
import json
import resource
import struct
import sys
import traceback
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import PIL
from PIL import Image, ImageCms, PngImagePlugin, UnidentifiedImageError

MEMORY = 1 << 30  # bytes of address space
SECONDS = 20  # of processor time
LARGEST_FILE = 256 << 20

FORMATS = {"PNG": "png", "JPEG": "jpeg", "MPO": "jpeg", "WEBP": "webp"}
# Longest side, quality and effort, the larger first: half the work at 5 % more bytes for the large.
PREVIEWS = {"preview": (1600, 80, 2), "thumb": (480, 65, 4)}
FAST_PNG = 12_000_000  # pixels above which packing harder takes too long
SHRINKS = 8  # each to three quarters of the sides
PNG_END = b"IEND\xaeB`\x82"
PNG_START = b"\x89PNG\r\n\x1a\n"
# Of a PNG, what its pixels and their place depend on; notes only where they say how to turn it.
PNG_PIXELS = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"eXIf")
PNG_NOTES = (b"Raw profile type exif\0", b"Raw profile type APP1\0", b"XML:com.adobe.xmp\0")
MOST_UNPACKED = 4 << 20  # of one profile or note: none is larger that says anything of use
MOST_CHUNKS = 100_000
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


# What libraries raise for bytes that are not what they promised to be.
HOSTILE = (OSError, ValueError, SyntaxError, EOFError, OverflowError, struct.error, zlib.error,
           Image.DecompressionBombError)  # fmt: skip
PILLOW = str(Path(PIL.__file__).parent)


class UnfitImage(Exception):
    """What is wrong, as one word for the parent, with facts."""

    def __init__(self, word: str, **facts: int | str) -> None:
        super().__init__(word)
        self.answer: dict[str, Any] = {"unfit": word, **facts}


def limit_image_process() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not every system knows every limit
            resource.setrlimit(what, (most, most))


def read_first_frame(source: Path, most_pixels: int, most_side: int) -> Image.Image:
    """The first frame in full, after its header promised a bearable size."""
    try:
        data = source.read_bytes()
        given = BytesIO(png_pixels(data))
        image = identify(given)
        check_image_size(*image.size, most_pixels, most_side)
        if image.format == "PNG":  # loading alone does not miss what comes after the pixels
            image.verify()
            check_end(data)
            image = identify(given)
        image.load()
    except (UnfitImage, MemoryError):
        raise
    except HOSTILE:
        raise UnfitImage("damaged") from None
    except Exception as error:
        if not failed_inside_pillow(error):
            raise
        raise UnfitImage("damaged", trace=traceback.format_exc()) from None
    return image


def failed_inside_pillow(error: Exception) -> bool:
    """Whether one function of Pillow failed in calling another: then the file misled it.

    What fails in the function that we called, or here, may have been called wrongly: our fault.
    """
    frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__)[-2:]]
    inside = len(frames) == 2 and all(name.startswith(PILLOW) for name in frames)
    return inside and not isinstance(error, ImportError)


def png_pixels(data: bytes) -> bytes:
    """A PNG without what has no part in its pixels, however large; any other file as it is.

    What is broken is handed on as it is: Pillow tells.
    """
    if not data.startswith(PNG_START):
        return data
    kept, place = BytesIO(), len(PNG_START)
    kept.write(PNG_START)
    for _count in range(MOST_CHUNKS):
        length, name = struct.unpack(">I4s", data[place : place + 8].ljust(8, b"\0"))
        end = place + 12 + length
        if end > len(data):
            break
        if name in PNG_PIXELS or is_useful_note(name, data[place + 8 : end - 4]):
            kept.write(data[place:end])
        place = end
        if name == b"IEND":
            return kept.getvalue()
    kept.write(data[place:])
    return kept.getvalue()


def is_useful_note(name: bytes, body: bytes) -> bool:
    """Whether Pillow may unpack it: a colour profile, or a note of the camera, of bearable size."""
    if name not in (b"iCCP", b"zTXt", b"iTXt", b"tEXt"):
        return False
    if name != b"iCCP" and not body.startswith(PNG_NOTES):
        return False
    _keyword, _nul, rest = body.partition(b"\0")
    if name in (b"iCCP", b"zTXt"):
        return rest[:1] == b"\0" and unpacks(rest[1:])
    if name == b"iTXt" and rest[:1] == b"\1":  # packed, after two more words
        return unpacks(rest[2:].split(b"\0", 2)[-1])
    return len(body) <= MOST_UNPACKED


def unpacks(packed: bytes) -> bool:
    """To few enough bytes, of which never more are made."""
    unpacker = zlib.decompressobj()
    try:
        return len(unpacker.decompress(packed, MOST_UNPACKED + 1)) <= MOST_UNPACKED
    except zlib.error:
        return False


def identify(source: BytesIO) -> Image.Image:
    source.seek(0)
    try:
        return Image.open(source, formats=("PNG", "JPEG", "WEBP"))
    except UnidentifiedImageError:
        raise UnfitImage("kind") from None


def check_image_size(width: int, height: int, most_pixels: int, most_side: int) -> None:
    if width * height > most_pixels or max(width, height) > most_side:
        raise UnfitImage("pixels", width=width, height=height)


def check_end(data: bytes) -> None:
    if data.rfind(PNG_END) < 0:
        raise UnfitImage("damaged")


def upright_image(image: Image.Image) -> Image.Image:
    """Turn the pixels as the camera held it."""
    try:
        turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    except HOSTILE:  # broken notes of a camera say nothing about the pixels
        turn = None
    except Exception as error:
        if not failed_inside_pillow(error):
            raise
        turn = None
    return image if turn is None else image.transpose(turn)


def to_srgb(image: Image.Image) -> Image.Image:
    """The same image in 8 bit sRGB, with alpha if it had one, and with nothing else attached."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # 16 bit grey: scale down, a plain conversion would clip
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif image.mode not in ("RGB", "RGBA", "CMYK", "L") or (mode, image.mode) == ("RGBA", "L"):
        image = image.convert(mode)
    if profile:
        image = in_srgb(image, profile, mode)
    image = image if image.mode == mode else image.convert(mode)
    image.info = {}
    return image


def in_srgb(image: Image.Image, profile: bytes, mode: str) -> Image.Image:
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        if image.mode == mode and "sRGB" in ImageCms.getProfileName(given):
            return image
        wanted = ImageCms.createProfile("sRGB")
        changed = ImageCms.profileToProfile(image, given, wanted, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):  # an unusable profile is left out
        return image
    return changed or image


def is_lossless(source: Path) -> bool:
    """Whether a still WebP keeps every pixel: its first image chunk tells."""
    with source.open("rb") as file:
        file.seek(12)
        while len(head := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", head)
            if name in (b"VP8L", b"VP8 "):
                return bool(name == b"VP8L")
            file.seek(size + size % 2, 1)
    return False


def encodings(image: Image.Image, kind: str, source: Path) -> list[tuple[str, dict[str, Any]]]:
    """How to write it: as it came, and smaller should that outgrow the limit."""
    smaller = ("webp", {"quality": 95, "method": 2})
    if kind == "png":
        level = 1 if image.width * image.height > FAST_PNG else 4
        return [("png", {"compress_level": level}), smaller]
    if kind == "jpeg":
        finest = {"quality": 95, "subsampling": 0}
        return [("jpeg", finest), ("jpeg", {"quality": 88, "subsampling": 2})]
    if is_lossless(source):
        return [("webp", {"lossless": True, "quality": 0, "method": 0, "exact": True}), smaller]
    return [smaller, ("webp", {"quality": 85, "method": 2})]


def write_image(image: Image.Image, kind: str, source: Path, target: Path, most_bytes: int) -> str:
    """Write the image anew and return the format it has now."""
    for written, options in encodings(image, kind, source):
        image.save(target, written, **options)
        kind = written
        if target.stat().st_size <= most_bytes:
            break
    return kind


def shrink_job(
    image: Image.Image, kind: str, source: Path, target: Path, job: dict[str, Any]
) -> str:
    """Write the image with shorter sides, and shorter still until it has few enough bytes."""
    side = job["longest_side"]
    for _step in range(SHRINKS):
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        kind = write_image(image, kind, source, target, job["most_bytes"])
        if target.stat().st_size <= job["most_bytes"]:
            return kind
        side = max(image.size) * 3 // 4
    raise UnfitImage("work")


def cropped(image: Image.Image, job: dict[str, Any]) -> Image.Image:
    """A part of the image as it is shown, with its own pixels or scaled to `size`."""
    left, top, width, height = job["box"]
    part = image.crop((left, top, left + width, top + height))
    if not job["size"]:
        return part
    return to_srgb(part).resize(tuple(job["size"]), Image.Resampling.LANCZOS)


def write_previews(image: Image.Image, folder: Path) -> None:
    for name, (side, quality, effort) in PREVIEWS.items():
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        image.save(folder / name, "WEBP", quality=quality, method=effort)


def process_image_job(job: dict[str, Any]) -> dict[str, Any]:
    source, folder = Path(job["source"]), Path(job["folder"])
    image = read_first_frame(source, job["most_pixels"], job["most_side"])
    kind = FORMATS[image.format or ""]
    image = upright_image(image)
    image = to_srgb(cropped(image, job) if job["task"] == "crop" else image)
    if job["task"] in ("take", "crop"):
        kind = write_image(image, kind, source, folder / "image", job["most_bytes"])
    if job["task"] == "shrink":
        kind = shrink_job(image, kind, source, folder / "image", job)
    width, height = image.size
    write_previews(image, folder)
    return {"format": kind, "width": width, "height": height}


def run_image_job(job: dict[str, Any]) -> dict[str, Any]:
    try:
        return process_image_job(job)
    except UnfitImage as unfit:
        return unfit.answer
    except (MemoryError, OSError, ValueError) as error:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            return {"unfit": "space"}
        # It could be read, so what failed is turning or writing it within the limits.
        return {"unfit": "work"}


if __name__ == "__main__":
    limit_image_process()
    Image.MAX_IMAGE_PIXELS = None  # read() is stricter, and before loading
    PngImagePlugin.MAX_TEXT_CHUNK = MOST_UNPACKED
    sys.stdout.write(json.dumps(run_image_job(json.loads(sys.argv[1]))))
