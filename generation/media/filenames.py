"""What people call a file, as harmless text. What the storage calls it is random."""

import re
import unicodedata
from collections.abc import Iterator

from django.utils.http import content_disposition_header

LONGEST = 200
MOST_BYTES = 255  # of a name in the usual file systems, its extension included
# Control, format (direction overrides), surrogate and private characters, and line breaks.
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
JOINERS = "\u200c\u200d"  # hidden too, but words of Hindi and Persian and joined emoji need them
TAGS = re.compile("[\U000e0020-\U000e007f]")  # of the flags of parts of a country
FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
SKINS = re.compile("[\U0001f3fb-\U0001f3ff]")
VIRAMA = 9  # the class of the sign that joins two consonants
SIGNS = re.compile(r'[<>:"|?*]')  # no name has them on Windows
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


def graphemes(text: str) -> Iterator[str]:
    """What a reader takes for one character: a letter with its signs, an emoji with its parts."""
    cluster = ""
    for char in text:
        if cluster and not joins(cluster, char):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def joins(before: str, char: str) -> bool:
    last = before[-1]
    if unicodedata.category(char)[0] == "M" or char in JOINERS:
        return True
    if SKINS.match(char) or TAGS.match(char) or last == JOINERS[1]:
        return True
    if unicodedata.combining(last) == VIRAMA:
        return unicodedata.category(char)[0] == "L"
    return bool(len(before) == 1 and FLAG.match(before) and FLAG.match(char))


def visible(text: str) -> str:
    """Without what is not seen; what joins two signs stays between them."""
    found = ""
    for cluster in graphemes(text):
        kept = [
            char
            for char in cluster
            if unicodedata.category(char) not in HIDDEN or joined_by(cluster, char)
        ]
        found += "".join(kept)
    return found


def joined_by(cluster: str, char: str) -> bool:
    """Whether it stands in a letter that is not Latin, or in an emoji."""
    return (char in JOINERS or bool(TAGS.match(char))) and cluster[0] > "\u024f"


def cut_name(text: str, most: int, most_bytes: int) -> str:
    """As many whole characters as fit."""
    found, length, size = [], 0, 0
    for cluster in graphemes(text[: most + 1]):
        length, size = length + len(cluster), size + len(cluster.encode())
        if length > most or size > most_bytes:
            break
        found.append(cluster)
    return "".join(found)


def clean_name(name: str, most_bytes: int = 4 * LONGEST) -> str:
    """The last part of a path as harmless text, or "" when nothing is left of it."""
    name = re.split(r"[/\\]", name[-4 * LONGEST :])[-1]
    name = " ".join(unicodedata.normalize("NFC", name).split())
    name = visible(name).strip(". " + JOINERS)
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return cut_name(name, LONGEST, most_bytes)
    room = most_bytes - 1 - len(extension.encode())
    return f"{cut_name(stem, LONGEST - 1 - len(extension), room)}.{extension}"


def safe_name(name: str) -> str:
    """One that every file system takes, or "" when nothing is left of it."""
    name = SIGNS.sub("_", clean_name(name, MOST_BYTES)).strip(". ")
    return f"_{name[: LONGEST - 1]}" if RESERVED.fullmatch(name) else name


def with_extension(name: str, extension: str) -> str:
    """The name with the extension of what the file really is."""
    stem = clean_name(name)
    if "." in stem:
        stem = stem.rpartition(".")[0]
    room = LONGEST - 1 - len(extension)
    stem = cut_name(stem, room, MOST_BYTES - 1 - len(extension)) or "picture"
    return safe_name(f"{stem}.{extension}")


def slug(text: str, most: int) -> str:
    """The words of a text for a name, with dashes between them: letters with all their signs."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text)).lower()
    dashed = "".join(word_part(cluster) for cluster in graphemes(text))
    joined = re.sub(r"[-\s]+", "-", dashed).strip("-_")
    found = cut_name(joined, most, MOST_BYTES)
    if found != joined and joined[len(found)] != "-":
        found = found.rpartition("-")[0] or found
    return found.strip("-_" + JOINERS)


def word_part(cluster: str) -> str:
    if cluster[0].isalnum():
        return visible(cluster)
    return cluster[0] if cluster[0] in "-_" or cluster[0].isspace() else ""


def disposition(name: str, attachment: bool = False) -> str:
    """A Content-Disposition header that no name can break."""
    return content_disposition_header(attachment, safe_name(name) or "file") or ""
