"""What people call a file, as harmless text. What the storage calls it is random."""

import re
import unicodedata

from django.utils.http import content_disposition_header

LONGEST = 200
# Control, format (direction overrides), surrogate and private characters, and line breaks.
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def clean_name(name: str) -> str:
    """The last part of a path as harmless text, or "" when nothing is left of it."""
    name = re.split(r"[/\\]", name[-4 * LONGEST :])[-1]
    name = " ".join(unicodedata.normalize("NFC", name).split())
    name = "".join(char for char in name if unicodedata.category(char) not in HIDDEN).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return name[:LONGEST]
    return f"{stem[: LONGEST - 1 - len(extension)]}.{extension}"


def with_extension(name: str, extension: str) -> str:
    """The name with the extension of what the file really is."""
    stem = clean_name(name)
    if "." in stem:
        stem = stem.rpartition(".")[0]
    return f"{stem[: LONGEST - 1 - len(extension)] or 'picture'}.{extension}"


def disposition(name: str, attachment: bool = False) -> str:
    """A Content-Disposition header that no name can break."""
    return content_disposition_header(attachment, clean_name(name) or "file") or ""
