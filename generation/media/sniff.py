"""What a refused file is, by its first bytes, so that the refusal can name it."""

from pathlib import Path

STARTS = (
    (b"GIF8", "gif"), (b"BM", "bmp"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"), (b"%PDF", "pdf"),
    (b"8BPS", "psd"), (b"\0\0\1\0", "ico"), (b"\xff\x0a", "jxl"), (b"PK\3\4", "zip"),
)  # fmt: skip
# What an image may be, and what else is given where video or audio is wanted.
OTHERS = (
    (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"FLV\1", "flv"), (b"OggS", "ogg"),
    (b"\x06\x0e\x2b\x34", "mxf"),
)  # fmt: skip
BRANDS = {
    b"heic": "heic", b"heix": "heic", b"mif1": "heic", b"msf1": "heic", b"avif": "avif",
    b"avis": "avif", b"qt  ": "mov",
}  # fmt: skip


def sniff_kind(head: bytes) -> str:
    """A short name, or "" when nothing is known about it."""
    for start, kind in STARTS:
        if head.startswith(start):
            return kind
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], "mp4")
    if b"<svg" in head.lower():
        return "svg"
    return ""


def kind_of_any(path: Path) -> str:
    """The same for a file that need not be an image."""
    with path.open("rb") as file:
        head = file.read(512)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:1] == b"G" and head[188:189] == b"G":
        return "ts"
    return next((kind for start, kind in OTHERS if head.startswith(start)), "") or sniff_kind(head)
