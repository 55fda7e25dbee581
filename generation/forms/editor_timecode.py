"""Timecode without dropped frames: HH:MM:SS:FF, as editors write it."""

import re

PATTERN = re.compile(r"(\d{2}):([0-5]\d):([0-5]\d):(\d{2})")
USUAL_RATE = 24.0
HOUR = "01:00:00:00"  # where timelines of editors begin


def base_of(fps: float | None) -> int:
    """Frames that one second of timecode counts: 24 for 23.976, too."""
    return max(1, round(fps or USUAL_RATE))


def timecode(frame: int, base: int) -> str:
    """Of the frame with this number; the first is 0. It begins anew after a day."""
    seconds, frames = divmod(frame, base)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours % 24:02}:{minutes:02}:{seconds:02}:{frames:02}"


def frame_of(text: str, base: int) -> int | None:
    """None where it is no timecode of this base."""
    found = PATTERN.fullmatch(text)
    if found is None or int(found[4]) >= base:
        return None
    hours, minutes, seconds, frames = (int(one) for one in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * base + frames


def frame_at(milliseconds: int, fps: float | None) -> int:
    """The frame that is shown then."""
    return int(milliseconds * (fps or USUAL_RATE) / 1000)


def milliseconds_at(frame: int, fps: float | None) -> int:
    """When this frame begins."""
    return round(frame * 1000 / (fps or USUAL_RATE))
