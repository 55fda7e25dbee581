"""Names in a prompt: "@Mira" as people type it, and as each model wants to read it."""

import re
from collections.abc import Callable, Iterable

# A name may be written in any script; what ends it is a space or a sign that no name has.
NAME = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
MOST = 40
# Not in an address such as mira@example.com; but right after a script without spaces.
BEFORE = r"(?<!@)(?<![^\W\u2e80-\u9fff\uac00-\ud7af])"
FOUND = re.compile(rf"\[@([^\[\]@\s]{{1,80}})\]|{BEFORE}@([\w-]{{1,80}})")
IMAGE = "image"
VIDEO = "video"


def is_name(text: str) -> bool:
    """Whether a subject may be called so: letters, digits, - and _ of any script, up to 40."""
    return len(text) <= MOST and NAME.fullmatch(text) is not None


def mentioned_names(prompt: str, names: Iterable[str]) -> list[str]:
    """Which of `names` the prompt mentions, each once, in the order of the prompt."""
    found: dict[str, None] = {}
    known = {name.casefold(): name for name in names}

    def note(name: str) -> str:
        found[name] = None
        return ""

    replace_mentions(prompt, known, note)
    return list(found)


def rewrite_mentions(prompt: str, names: Iterable[str], mention: str) -> str:
    """The prompt with every mention of `names` as the model reads it, "{name}" in `mention`."""
    known = {name.casefold(): name for name in names}
    return replace_mentions(prompt, known, lambda name: mention.replace("{name}", name))


def replace_mentions(prompt: str, known: dict[str, str], with_: Callable[[str], str]) -> str:
    """Scripts without spaces let a name run into the next word: the longest known name counts."""

    def one(match: re.Match[str]) -> str:
        bracketed, loose = match.groups()
        if bracketed is not None:
            name = known.get(bracketed.casefold())
            return with_(name) if name else match.group()
        for end in range(len(loose), 0, -1):
            name = known.get(loose[:end].casefold())
            if name and (end == len(loose) or not runs_on(loose[end - 1], loose[end])):
                return with_(name) + loose[end:]
        return match.group()

    return FOUND.sub(one, prompt)


def runs_on(before: str, after: str) -> bool:
    """Whether a word goes on here: between two Latin letters it does, before a Han sign not."""
    return after.isascii() or (not is_han(before) and not is_han(after))


def is_han(sign: str) -> bool:
    return "\u2e80" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af" or sign >= "\U00020000"


def has_han(text: str) -> bool:
    return any(map(is_han, text))
