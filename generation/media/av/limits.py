"""What the process may use, and the word it leaves with."""

import contextlib
import resource
import struct
from typing import Any

MEMORY = 2 << 30  # bytes of address space: a decoder keeps up to 17 frames of 8K
SECONDS = 20  # of processor time
LARGEST_FILE = 512 << 20
MOST_PACKETS = 400_000  # half an hour has about 200,000
# What libraries raise for bytes that are not what they promised to be. Anything else, such as a
# TypeError, is a fault of ours: it ends the process with its trace, and the parent tells so.
HOSTILE = (OSError, ValueError, EOFError, OverflowError, struct.error)


class UnfitMedia(Exception):
    """What is wrong, as one word for the parent, with facts."""

    def __init__(self, word: str, **facts: Any) -> None:
        super().__init__(word)
        self.answer: dict[str, Any] = {"unfit": word, **facts}


def limit_process(seconds: int = SECONDS) -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not every system knows every limit
            resource.setrlimit(what, (most, most))


def lock() -> None:
    """From here on no file and no connection can be opened, whatever a demuxer is asked to do."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
