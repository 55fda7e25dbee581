"""Places in a video or a sound as text: 0:03.08 is second 3 and frame 8, where frames are exact.

Editors write them in full, as 00:00:03:08. No frames are ever dropped.
"""

import re
import unicodedata
from fractions import Fraction

CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2})(?:[.:](\d{1,3}))?", re.ASCII)
SECONDS = re.compile(r"(\d{1,6}(?:[.,]\d{1,6})?) ?s?", re.ASCII)
FULL = re.compile(r"(\d{2}):([0-5]\d):([0-5]\d):(\d{2})", re.ASCII)
MINUTE, HOUR = 60, 3_600
USUAL_RATE = 24.0
EDITORS_START = "01:00:00:00"  # of their timelines
Rate = Fraction | float


class NoTime(Exception):
    """A text that is no time."""


def frames_a_second(rate: Rate | None) -> int:
    """How far frames are counted: to 24 for 24000/1001 too."""
    return max(1, round(rate or USUAL_RATE))


def middle_ms(frame: int, rate: Fraction) -> int:
    """The middle of a frame, where no player lands on its neighbour."""
    return round((frame + Fraction(1, 2)) * 1_000 / rate)


def short_frame(frame: int, rate: Fraction) -> str:
    """0:03.08"""
    seconds, rest = divmod(frame, frames_a_second(rate))
    return f"{seconds // MINUTE}:{seconds % MINUTE:02}.{rest:02}"


def full_frame(frame: int, rate: Rate) -> str:
    """00:00:03:08; it begins anew after a day."""
    seconds, rest = divmod(frame, frames_a_second(rate))
    return f"{full_seconds(seconds % (24 * HOUR))}:{rest:02}"


def short_ms(ms: int) -> str:
    """0:03.250"""
    seconds, rest = divmod(ms, 1_000)
    return f"{seconds // MINUTE}:{seconds % MINUTE:02}.{rest:03}"


def full_ms(ms: int) -> str:
    """00:00:03.250"""
    return f"{full_seconds(ms // 1_000)}.{ms % 1_000:03}"


def full_seconds(seconds: int) -> str:
    return f"{seconds // HOUR:02}:{seconds // MINUTE % MINUTE:02}:{seconds % MINUTE:02}"


def parse_full(text: str, rate: Rate) -> int | None:
    """The frame of 00:00:03:08; None where it is no timecode of this rate."""
    found = FULL.fullmatch(text)
    if found is None or int(found[4]) >= frames_a_second(rate):
        return None
    hours, minutes, seconds, frames = (int(one) for one in found.groups())
    return (hours * HOUR + minutes * MINUTE + seconds) * frames_a_second(rate) + frames


def frame_at(ms: int, rate: Rate | None) -> int:
    """The frame that is shown then."""
    return int(ms * (rate or USUAL_RATE) / 1_000)


def first_ms(frame: int, rate: Rate | None) -> int:
    """When this frame begins."""
    return round(frame * 1_000 / (rate or USUAL_RATE))


def parse_place(text: str, rate: Fraction | None) -> int:
    """The frame that a text names, or without a rate the millisecond. Raises NoTime."""
    text = unicodedata.normalize("NFKC", text).strip()
    if found := CLOCK.fullmatch(text):
        hours, minutes, seconds, rest = found.groups()
        if int(seconds) >= MINUTE or (hours and int(minutes) >= MINUTE):
            raise NoTime
        total = int(hours or 0) * HOUR + int(minutes) * MINUTE + int(seconds)
        if rate is None:
            return total * 1_000 + int((rest or "0").ljust(3, "0"))
        if int(rest or 0) >= frames_a_second(rate):
            raise NoTime
        return total * frames_a_second(rate) + int(rest or 0)
    if not (found := SECONDS.fullmatch(text)):
        raise NoTime
    exact = Fraction(found[1].replace(",", "."))
    # A player rounds the time it tells down: a tenth of a thousandth later is the same frame.
    return round(exact * 1_000) if rate is None else int((exact + Fraction(1, 10_000)) * rate)
