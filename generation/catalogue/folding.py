"""Text as search compares it: without case, accents and width, in words that an index holds.

Scripts that put no space between words are kept as their overlapping pairs of signs, and the last
sign alone, so that any part of a run is found. Each other word is one. What is not ASCII is spelled
by its code points: the indexes of both databases then read every script alike.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generation.catalogue.signs import MARKS, UNSEEN, UNSPACED

MOST_TOKENS, LONGEST_WORD = 4_000, 60
BETWEEN = "zz"  # stands between two texts, so that no phrase reaches from one into the other
# Latin, Greek, Cyrillic, Armenian, Hebrew and Arabic are read without their marks.
LAST_BARE = "\u06ff"
WORDS = re.compile(rf"(?:[^\W_]|[{MARKS}])+")
PARTS = re.compile(rf"[{UNSPACED}]+|[^{UNSPACED}]+")


@dataclass(frozen=True)
class Part:
    """Tokens that stand one after the other; of the last one perhaps only the beginning."""

    tokens: tuple[str, ...]
    is_beginning: bool = False
    marks: tuple[str, ...] = ()  # that are as good, such as those of projects with this name


@dataclass(frozen=True)
class Group:
    """Parts that a text must hold, all of them, or must not hold together."""

    parts: tuple[Part, ...]
    negative: bool = False


def fold(text: str) -> str:
    """The same for two texts that a person takes for the same."""
    plain = unicodedata.normalize("NFKC", UNSEEN.sub("", text)).casefold()
    kept, letter = [], ""
    for sign in unicodedata.normalize("NFD", plain):
        if unicodedata.category(sign) != "Mn":
            letter = sign
        elif letter <= LAST_BARE:
            continue
        kept.append(sign)
    return unicodedata.normalize("NFC", "".join(kept))


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """The words of a text, folded, and whether each is a run of signs without spaces."""
    for word in WORDS.findall(fold(text)):
        for part in PARTS.findall(word):
            yield part[:LONGEST_WORD], re.match(rf"[{UNSPACED}]", part) is not None


def pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


def spelled(word: str) -> str:
    """As it stands in an index: a letter first, then ASCII letters and digits."""
    found = "".join(sign if sign.isascii() else f"u{ord(sign):05x}" for sign in word)
    return f"n{found}" if found[:1].isdigit() else found


def tokens(text: str) -> Iterator[str]:
    for run, is_unspaced in runs(text):
        if is_unspaced:
            yield from map(spelled, pairs(run))
            yield spelled(run[-1])
        else:
            yield spelled(run)


def index_text(texts: Iterable[str], *marks: str) -> str:
    """What an index holds of these texts; `marks` are tokens of their own, such as a team's."""
    found = [*marks]
    for text in texts:
        found += [BETWEEN, *tokens(text)]
    return " ".join(found[:MOST_TOKENS])


def holds(texts: Iterable[str], groups: Iterable[Group]) -> bool:
    """Whether these texts are found, as an index would find them."""
    indexed = f" {index_text(texts)} "

    def has(part: Part) -> bool:
        return f" {' '.join(part.tokens)}{'' if part.is_beginning else ' '}" in indexed

    return all(all(map(has, group.parts)) != group.negative for group in groups)
