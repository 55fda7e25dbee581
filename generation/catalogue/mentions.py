"""Names in a prompt: "@Mira" as people type it, and as each model wants to read it.

Names are compared in one form (`signs.key_of`): case, width and composition make no difference.
`static/js/mention.js` has the same rules; `tests/catalogue/mentions.json` holds both to them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from generation.catalogue.signs import (
    IGNORED,
    JOINERS,
    MARKS,
    UNSEEN,
    UNSPACED,
    is_mark,
    key_of,
    writes_without_spaces,
)

LETTER = rf"[^\W_]|[{MARKS}]"
# A name may be written in any script; what ends it is a space or a sign that no name has.
NAME = re.compile(rf"[^\W_](?:(?:[\w{JOINERS}-]|[{MARKS}])*(?:{LETTER}))?")
MOST = 40
LONGEST = 160  # of a word as typed: signs may be decomposed
AT = "@＠"
LOCAL = rf"(?:[^\W{UNSPACED}]|[.%+\-{MARKS}])"
# ana@studio.com names nobody, nor does what is written in another script. But @Ana@Mira does.
BEFORE_ADDRESS = re.compile(rf"(?:^|(?!{LOCAL})[^{AT}]){LOCAL}{{1,64}}$")
IN_ADDRESS = re.compile(rf"[\w-]{{1,63}}(?:\.[\w-]{{1,63}})*?\.[^\W\d_{UNSPACED}]{{2,24}}(?![\w-])")
FOUND = re.compile(
    rf"[\[［][{AT}](?P<bracketed>[^\[\]［］{AT}\s]{{1,{LONGEST}}})[\]］]"
    rf"|[{AT}](?P<loose>[\w{MARKS}{IGNORED}-]{{1,{LONGEST}}})"
)
IMAGE = "image"
VIDEO = "video"


@dataclass(frozen=True)
class Word:
    """One mention: where it stands, the word as typed, and the known name that it means."""

    start: int
    end: int
    text: str
    name: str | None


def is_name(text: str) -> bool:
    """Whether a subject may be called so: letters, digits, - and _ of any script, up to 40."""
    drawn = not UNSEEN.search(re.sub(rf"[{JOINERS}]", "", text))
    return len(text) <= MOST and drawn and NAME.fullmatch(text) is not None


def has_at(text: str) -> bool:
    """Whether it may mention anybody, before anything is asked for."""
    return any(sign in text for sign in AT)


def find_mentions(prompt: str, names: Iterable[str]) -> Iterator[Word]:
    """Every mention of the prompt in order, also of what is in no list of `names`."""
    known = {key_of(name): name for name in names}
    for match in FOUND.finditer(prompt):
        bracketed, loose = match["bracketed"], match["loose"]
        if bracketed is not None:
            yield Word(*match.span(), bracketed, known.get(key_of(bracketed)))
        elif not in_address(prompt, match.start()):
            yield from loose_word(match.start(), loose, known)


def in_address(prompt: str, at: int) -> bool:
    """Whether the @ there stands in an address of mail."""
    before = prompt[max(0, at - 66) : at]
    return bool(IN_ADDRESS.match(prompt, at + 1) and BEFORE_ADDRESS.search(before))


def loose_word(start: int, loose: str, known: Mapping[str, str]) -> Iterator[Word]:
    """Scripts without spaces let a name run into the next word: the longest known name counts."""
    bare = re.sub(rf"[-_{IGNORED}]+$", "", loose)
    for end in range(len(bare), 0, -1):
        name = known.get(key_of(bare[:end]))
        if name and (end == len(bare) or not runs_on(bare[end - 1], bare[end])):
            yield Word(start, start + 1 + end, bare[:end], name)
            return
    if key_of(bare):
        yield Word(start, start + 1 + len(bare), bare, None)


def mentioned_names(prompt: str, names: Iterable[str]) -> list[str]:
    """Which of `names` the prompt mentions, each once, in the order of the prompt."""
    return list(dict.fromkeys(word.name for word in find_mentions(prompt, names) if word.name))


def unknown_mentions(prompt: str, names: Iterable[str]) -> list[str]:
    """The mentions that mean none of `names`, as first typed, each once."""
    found: dict[str, str] = {}
    for word in find_mentions(prompt, names):
        if not word.name:
            found.setdefault(key_of(word.text), word.text)
    return list(found.values())


def rewrite_mentions(prompt: str, names: Iterable[str], mention: str) -> str:
    """The prompt with every mention of `names` as the model reads it, "{name}" in `mention`."""
    return replace_mentions(prompt, names, lambda name: mention.replace("{name}", name))


def replace_mentions(prompt: str, names: Iterable[str], with_: Callable[[str], str]) -> str:
    """All else stays as it was typed."""
    parts, at = [], 0
    for word in find_mentions(prompt, names):
        if word.name:
            parts += [prompt[at : word.start], with_(word.name)]
            at = word.end
    return "".join([*parts, prompt[at:]])


def runs_on(before: str, after: str) -> bool:
    """Whether a word goes on here: between two Latin letters it does, before a Han sign not."""
    if UNSEEN.match(after):
        return False
    if is_mark(after) or after.isascii():
        return True
    return not writes_without_spaces(before) and not writes_without_spaces(after)


def is_han(sign: str) -> bool:
    return "\u2e80" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af" or sign >= "\U00020000"


def has_han(text: str) -> bool:
    return any(map(is_han, text))
