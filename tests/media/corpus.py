"""Files that people and attackers send, made by code: name -> bytes."""

import gzip
import io
import pickle
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

NEEDLE = b"n33dle"  # planted wherever a stored file must not keep it
SIZE = (320, 240)


def sample(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """A gradient with some grain, so that encoders have something to do; equal every time."""
    noise = Image.frombytes("L", size, random.Random(7).randbytes(size[0] * size[1]))
    ramp = Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", (ramp, noise, ramp.transpose(1))).convert(mode)


def saved(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    out = io.BytesIO()
    (image or sample()).save(out, kind, **options)
    return out.getvalue()


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def raw_png(width: int, height: int, data: bytes, depth: int = 8, colour: int = 2) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND")


def insert(png: bytes, *chunks: bytes) -> bytes:
    """Put chunks behind the header of a PNG."""
    return png[:33] + b"".join(chunks) + png[33:]


def bomb(side: int = 14_000) -> bytes:
    """A few kilobytes that say they are side x side pixels, and are."""
    row, packer = bytes(1 + side // 8), zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return raw_png(side, side, packed, depth=1, colour=0)


def packed(name: str = "a.txt") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr(name, NEEDLE)
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as zipped:
        zipped.addfile(tarfile.TarInfo("a"))
    return out.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    notes = Image.Exif()
    notes[0x0112] = orientation
    notes[0x010E] = NEEDLE.decode()
    notes.get_ifd(0x8825)[1] = "N"
    notes.get_ifd(0x8825)[29] = NEEDLE.decode()
    return notes


def text_notes() -> PngImagePlugin.PngInfo:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", f"<script>{NEEDLE.decode()}</script>")
    notes.add_itxt("XML:com.adobe.xmp", NEEDLE.decode())
    return notes


def swapped_profile() -> bytes:
    """A profile by which red is green and green is red."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = data.replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be"))
    data = data.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1)
    return data.replace(b"????", b"gXYZ", 1)


def moving(kind: str, **options: Any) -> bytes:
    frames = [sample(), Image.new("RGB", SIZE, "red"), Image.new("RGB", SIZE, "blue")]
    return saved(kind, frames[0], save_all=True, append_images=frames[1:], **options)


PNG, JPEG, WEBP, GIF = (saved(kind) for kind in ("PNG", "JPEG", "WEBP", "GIF"))
SCRIPT = b"<script>alert('" + NEEDLE + b"')</script>"

REFUSED: dict[str, bytes] = {
    "nothing": b"",
    "one byte": b"\x89",
    "zeros": bytes(4_096),
    "text": b"just words",
    "utf-16 text": "words".encode("utf-16"),
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "svg with a prolog": b"<?xml version='1.0'?><!DOCTYPE svg><svg/>",
    "html": b"<!doctype html><title>x</title>" + SCRIPT,
    "php": b"<?php system($_GET['c']); ?>",
    "javascript": b"alert(1)",
    "gif": GIF,
    "moving gif": moving("GIF"),
    "gif that is html": GIF[:6] + b"\x2f\x2a" + GIF[8:] + b"*/=1;" + SCRIPT,
    "gif that is javascript": b"GIF89a=1;/*" + GIF[11:] + b"*/alert(1)",
    "bmp": saved("BMP"),
    "tiff": saved("TIFF"),
    "big-endian tiff": b"MM\0*\0\0\0\x08" + bytes(64),
    "ico": saved("ICO"),
    "ppm": saved("PPM"),
    "tga": saved("TGA"),
    "pcx": saved("PCX"),
    "eps": saved("EPS"),
    "jpeg 2000": saved("JPEG2000"),
    "avif": saved("AVIF"),
    "pdf": saved("PDF"),
    "pdf around a jpeg": b"%PDF-1.4\n" + JPEG,
    "psd": b"8BPS\0\1" + bytes(64),
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64),
    "jpeg xl": b"\xff\x0a" + bytes(64),
    "mp4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(64),
    "mov": b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(64),
    "matroska called jpg": b"\x1aE\xdf\xa3\x93B\x82\x88matroska" + bytes(64),
    "avi": b"RIFF\x40\0\0\0AVI LIST" + bytes(64),
    "wav": b"RIFF\x40\0\0\0WAVEfmt " + bytes(64),
    "mp3": b"ID3\3\0\0\0\0\0\0" + bytes(64),
    "ogg": b"OggS\0\2" + bytes(64),
    "concat list": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "hls list": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "zip": packed(),
    "zip of a png": packed("picture.png"),
    "gzip": gzip.compress(PNG),
    "tar": tarred(),
    "elf": b"\x7fELF\2\1\1" + bytes(64),
    "shell script": b"#!/bin/sh\nid\n",
    "pickle": pickle.dumps({"a": 1}),
    "font": b"wOF2" + bytes(64),
    "wasm": b"\0asm\1\0\0\0",
    "png signature": PNG[:8],
    "png header": PNG[:33],
    "half a png": PNG[: len(PNG) // 2],
    "png without its end": PNG[:-12],
    "png without its last byte": PNG[:-1],
    "png with a broken sum": PNG[:60] + bytes([PNG[60] ^ 1]) + PNG[61:],
    "png of no size": raw_png(0, 0, zlib.compress(b"")),
    "png of no height": raw_png(200, 0, zlib.compress(b"")),
    "png of impossible depth": raw_png(200, 200, zlib.compress(bytes(9_999)), depth=7),
    "png with too few pixels": raw_png(200, 200, zlib.compress(bytes(99))),
    "png that lies": raw_png(4_000_000_000, 4_000_000_000, zlib.compress(bytes(99))),
    "png bomb": bomb(),
    "png of 90 megapixels": bomb(9_504),
    "png too wide": raw_png(16_385, 130, zlib.compress(bytes(130 * 2_050)), depth=1, colour=0),
    "mng": b"\x8aMNG\r\n\x1a\n" + bytes(64),
    "jpeg start": JPEG[:2],
    "half a jpeg": JPEG[: len(JPEG) // 2],
    "jpeg that lies": JPEG.replace(b"\x00\xf0\x01\x40", b"\xff\xdc\xff\xdc", 1),
    "jpeg without tables": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9",
    "half a webp": WEBP[: len(WEBP) // 2],
    "webp header": WEBP[:16],
    "webp of noise": b"RIFF\x40\0\0\0WEBPVP8 " + bytes(range(64)),
    "small": saved("PNG", sample(size=(127, 300))),
    "long and narrow": saved("PNG", sample(size=(130, 600))),
    "flat and wide": saved("JPEG", sample(size=(600, 130))),
    "narrow once upright": saved("JPEG", sample(size=(600, 130)), exif=exif(6)),
}  # fmt: skip

TAKEN: dict[str, tuple[str, Callable[[], bytes]]] = {
    "png": ("png", lambda: PNG),
    "jpeg": ("jpeg", lambda: JPEG),
    "webp": ("webp", lambda: WEBP),
    "lossless webp": ("webp", lambda: saved("WEBP", lossless=True)),
    "png with a script behind": ("png", lambda: PNG + SCRIPT),
    "png with php behind": ("png", lambda: PNG + b"<?php echo '" + NEEDLE + b"'; ?>"),
    "png with a zip behind": ("png", lambda: PNG + packed()),
    "png with notes": ("png", lambda: saved("PNG", pnginfo=text_notes(), exif=exif())),
    "png with a text bomb": (
        "png",
        lambda: insert(PNG, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000), 9))),
    ),
    "png with a foreign chunk": ("png", lambda: insert(PNG, chunk(b"vpAg", NEEDLE))),
    "png with an absurd profile": (
        "png", lambda: insert(PNG, chunk(b"iCCP", b"a\0\0" + zlib.compress(NEEDLE * 9)))
    ),
    "jpeg with a page behind": ("jpeg", lambda: JPEG + b"<html>" + SCRIPT),
    "jpeg with a zip behind": ("jpeg", lambda: JPEG + packed()),
    "jpeg with a comment": ("jpeg", lambda: saved("JPEG", comment=SCRIPT)),
    "jpeg with a place": ("jpeg", lambda: saved("JPEG", exif=exif())),
    "jpeg with broken notes": ("jpeg", lambda: saved("JPEG", exif=b"Exif\0\0II*\0" + NEEDLE * 9)),
    "jpeg with xmp": ("jpeg", lambda: saved("JPEG", xmp=NEEDLE)),
    "webp with notes": ("webp", lambda: saved("WEBP", exif=exif(), xmp=NEEDLE)),
    "moving webp": ("webp", lambda: moving("WEBP")),
    "moving png": ("png", lambda: moving("PNG")),
    "progressive jpeg": ("jpeg", lambda: saved("JPEG", progressive=True)),
    "jpeg in cmyk": ("jpeg", lambda: saved("JPEG", sample("CMYK"))),
    "grey jpeg": ("jpeg", lambda: saved("JPEG", sample("L"))),
    "phone jpeg with two frames": ("jpeg", lambda: moving("MPO")),
    "jpeg with a foreign profile": ("jpeg", lambda: saved("JPEG", icc_profile=swapped_profile())),
    "black and white png": ("png", lambda: saved("PNG", sample("1"))),
    "16 bit grey png": ("png", lambda: saved("PNG", sample("L").convert("I;16"))),
    "png with a palette": ("png", lambda: saved("PNG", sample("P"))),
    "png with a clear colour": ("png", lambda: saved("PNG", sample("P"), transparency=3)),
    "grey png with alpha": ("png", lambda: saved("PNG", sample("LA"))),
    "png with alpha": ("png", lambda: saved("PNG", sample("RGBA"))),
    "webp with alpha": ("webp", lambda: saved("WEBP", sample("RGBA"))),
}  # fmt: skip
