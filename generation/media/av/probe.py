"""Reads all packets of a file without decoding them: its real length, its rhythm, its end."""

import os
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any, BinaryIO

from generation.media.av.limits import MOST_PACKETS, UnfitMedia

MOST_SECONDS = 1_800
ROUNDED = 0.00101  # seconds
# How far a frame may be shown from where a constant rate says, of the time that one lasts: the
# player seeks to the middle, so half of it would lead to a neighbour.
OFF = 0.25
MOST_TOP = 1_000_000  # of a rate as a fraction


@dataclass
class Track:
    """When the packets of one stream are shown, in units of its time base."""

    base: Fraction
    rate: float = 0.0  # as the header says
    exact: Fraction = Fraction(0)  # the same
    packets: int = 0
    times: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    end: int = 0

    def add(self, packet: Any) -> None:
        self.packets += 1
        if packet.is_corrupt:
            raise UnfitMedia("damaged")
        time = packet.dts if packet.pts is None else packet.pts
        if time is None or packet.is_discard:
            return
        if packet.is_keyframe:
            self.keys.append(time)
        self.times.append(time)
        self.end = max(self.end, time + (packet.duration or 0))

    @property
    def step(self) -> float:
        """The mean distance of two frames in seconds."""
        if len(self.times) < 2:
            return 1 / self.rate if self.rate else 0.0
        return float((max(self.times) - min(self.times)) * self.base / (len(self.times) - 1))

    @property
    def seconds(self) -> float:
        if not self.times:
            return 0.0
        first, last = min(self.times), max(self.times)
        if self.end > last:
            return float((self.end - first) * self.base)
        return float((last - first) * self.base) + self.step  # the last one's length is not stated

    @property
    def fps(self) -> float:
        """Frames a second, or 0 when the distances vary by more than rounding does."""
        ordered, step = sorted(self.times), self.step / float(self.base)
        if not step:
            return 0.0
        # Rounding to nearest units of a fine base, or to the thousandths that came in an FLV.
        slack = max(1.0, ROUNDED / float(self.base)) if step > 10 else 0.02 * step
        if any(abs(after - before - step) > slack for before, after in pairwise(ordered)):
            return 0.0
        rate = 1 / self.step
        # A coarse time base rounds the sum too; the header then knows better.
        return round(self.rate if abs(rate - self.rate) < 0.005 * rate else rate, 3)

    @property
    def constant_rate(self) -> Fraction | None:
        """The rate by which each frame's place follows from its number; None where there is none.

        The header's, where it fits; else one that is usual; else the mean.
        """
        if not self.times or not (mean := self.fps and Fraction(1 / self.step)):
            return None
        nearest = Fraction(max(1, round(mean)))
        usual = (self.exact, nearest, nearest * 1_000 / 1_001, mean.limit_denominator(1_001))
        for rate in usual:
            if rate > 0 and rate.numerator <= MOST_TOP and self.fits(rate):
                return rate
        return None

    def fits(self, rate: Fraction) -> bool:
        base, slack = float(self.base), OFF / float(rate)
        return all(
            abs(time * base - number / float(rate)) < slack
            for number, time in enumerate(sorted(self.times))
        )

    @property
    def frame_facts(self) -> dict[str, int | bool | None]:
        rate = self.constant_rate
        return {
            "constant_rate": rate is not None,
            "rate_numerator": rate.numerator if rate else None,
            "rate_denominator": rate.denominator if rate else None,
            "frame_count": len(self.times),
        }


def survey(container: Any, streams: list[Any]) -> list[Track]:
    """One track for each of the streams."""
    tracks = {stream.index: track_of(stream) for stream in streams}
    count = 0
    for packet in container.demux(*streams):
        if not packet.size:  # the end of a stream
            continue
        count += 1
        if count > MOST_PACKETS:
            raise UnfitMedia("long")
        tracks[packet.stream.index].add(packet)
    for track in tracks.values():
        if track.seconds > MOST_SECONDS:
            raise UnfitMedia("long")
    return list(tracks.values())


def track_of(stream: Any) -> Track:
    rate = stream.average_rate if stream.type == "video" else None
    return Track(base=stream.time_base, rate=float(rate or 0), exact=Fraction(rate or 0))


def check_index(container: Any, streams: list[Any], file: BinaryIO) -> None:
    """An index that points behind the end of the file: the rest is missing."""
    size = os.fstat(file.fileno()).st_size  # the demuxer minds it when the file's place is moved
    if container.format.name.startswith("mov"):
        for stream in streams:
            if any(entry.pos + entry.size > size for entry in stream.index_entries):
                raise UnfitMedia("damaged")
