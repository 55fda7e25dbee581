"""Reference images of a create request: found, decoded and measured; addresses are believed."""

import base64
import binascii
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from PIL import Image, UnidentifiedImageError

from generation.catalogue.check_inputs import image_problem
from generation.catalogue.types import ImageFacts, ImageLimits
from generation.simulator.wire import Refusal

# What cannot be measured here passes: an address is not fetched.
UNSEEN = ImageFacts(1024, 1024, "png", 1)


@dataclass(frozen=True)
class Reference:
    """One image: what the reply echoes, its facts, and its bytes unless it is an address."""

    echo: str
    image: ImageFacts = UNSEEN
    data: bytes = field(default=b"", repr=False)


def read_all(images: Sequence[str], uploaded: Callable[[str], bytes | None]) -> list[Reference]:
    """Read every image; `uploaded` gives the bytes of an upload or None. Raises Refusal."""
    return [read_reference(text, uploaded) for text in images]


def read_reference(text: str, uploaded: Callable[[str], bytes | None]) -> Reference:
    if text.startswith("data:"):
        data = decode_image_uri(text)
        return Reference(f"inline:{hashlib.sha256(data).hexdigest()[:20]}", measure(data), data)
    if text.startswith("ssupload:"):
        found = uploaded("".join(parse_qs(urlsplit(text).query).get("id", [])))
        if found is None:
            raise Refusal(400, "ImageDownloadFailure", "images: there is no such upload", "images")
        return Reference(text, measure(found), found)
    if not is_address(text):
        raise Refusal(400, "ImageDownloadFailure", "an image is no http address", "images")
    return Reference(text)


def is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def decode_image_uri(uri: str) -> bytes:
    """The bytes of a data URI, with the comma or, as two of the documents print it, without."""
    head, found, rest = uri.partition(";base64")
    if not found or not head.startswith("data:image/"):
        raise Refusal(400, "ImageFormatInvalid", "an image lacks its content type", "images")
    try:
        return base64.b64decode(rest.removeprefix(","), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(400, "ImageFormatInvalid", "an image is not base64", "images") from None


def measure(data: bytes) -> ImageFacts:
    """Format and size, read from the image itself."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            kind = (image.format or "").lower()
            if width * height <= 4_000_000:
                image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning):
        raise Refusal(400, "ImageFormatInvalid", "an image cannot be read", "images") from None
    except Image.DecompressionBombError:
        raise Refusal(400, "PageSizeOutOfRange", "an image is too large", "images") from None
    return ImageFacts(width, height, "jpeg" if kind == "mpo" else kind, len(data))


def reference_refusal(reference: Reference, limits: ImageLimits | None = None) -> Refusal | None:
    """What the catalogue's limits say against one image, as the official server puts it."""
    limits = limits or ImageLimits()
    problem = image_problem(limits, reference.image)
    if problem is None:
        return None
    known = reference.image.format in limits.formats
    reason = "PageSizeOutOfRange" if known else "ImageFormatInvalid"
    return Refusal(400, reason, f"images: {problem}", "images")


def small(data: bytes, side: int = 1600) -> bytes:
    """A smaller copy to make a result from; empty when the image is too large to bother."""
    with Image.open(io.BytesIO(data)) as image:
        if image.width * image.height > 60_000_000:
            return b""
        image.draft("RGB", (side, side))
        copy = image.convert("RGB")
    copy.thumbnail((side, side), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    copy.save(out, "JPEG", quality=88)
    return out.getvalue()
