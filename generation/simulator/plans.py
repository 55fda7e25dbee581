"""What is to be made for a request: how large, how long, from which images, with what audio."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generation.catalogue.types import Offer, VideoFacts
from generation.simulator import probe, references
from generation.simulator.inputs import Found, Medium
from generation.simulator.sizes import pixel_size
from generation.simulator.wire import Refusal

WIDE = (16, 9)
AUTO = 5  # seconds, where the length is left to the server
EFFECT = 5
HAN = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")
HAN_A_SECOND, LETTERS_A_SECOND = 5, 14
SHORTEST = 1.0
PAUSE = re.compile(r"<#(\d+(?:\.\d+)?)#>")
# Modes whose images the video shows in turn; elsewhere it starts from the first one.
SHOWN = {"start-end": 2, "multiframe": 99}


@dataclass(frozen=True)
class Plan:
    """A result to make; `inline` are the images it starts from."""

    size: tuple[int, int] = (0, 0)
    inline: tuple[bytes, ...] = field(default=(), repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)  # kept with the task
    source: str = ""  # the task whose video goes on


def planned(offer: Offer, makes: str, values: Mapping[str, Any], found: Found) -> Plan:
    """The plan for one checked request."""
    if makes == "image":
        return image(values, found)
    if makes == "audio":
        return audio(offer, values)
    if offer.mode in ("extend", "upscale", "lip-sync"):
        return worked_on(offer, values, found)
    return video(offer, values, found)


def image(values: Mapping[str, Any], found: Found) -> Plan:
    first = found.images[0] if found.images else None
    shape = (first.image.width, first.image.height) if first and first.data else WIDE
    size = pixel_size(values["aspect_ratio"], values["resolution"], shape)
    return Plan(size, (first.data,) if first and first.data else ())


def video(offer: Offer, values: Mapping[str, Any], found: Found) -> Plan:
    images = [*found.images, *found.shown][: SHOWN.get(offer.mode, 1)]
    shown = tuple(one.data for one in images if one.data)
    ratio = str(values.get("aspect_ratio") or "auto")
    if ratio == "auto":
        ratio = input_ratio(found)
    size = pixel_size(ratio, str(values.get("resolution") or "720p"))
    facts = {
        "seconds": length(offer, values),
        "sound": bool(values.get("audio") or values.get("bgm")),
    }
    return Plan(size, shown, facts)


def input_ratio(found: Found) -> str:
    """That of the first image, else of the first video."""
    for image in [*found.images, *found.shown][:1]:
        if image.data:
            return f"{image.image.width}:{image.image.height}"
    video = found.first("videos")
    if video and video.known and isinstance(video.facts, VideoFacts):
        return f"{video.facts.width}:{video.facts.height}"
    return "{}:{}".format(*WIDE)


def length(offer: Offer, values: Mapping[str, Any]) -> float:
    if offer.mode == "multiframe":
        return float(sum(row["duration"] for row in values["frames"]))
    if offer.mode == "template":
        return EFFECT
    return float(values.get("duration") or AUTO)


def worked_on(offer: Offer, values: Mapping[str, Any], found: Found) -> Plan:
    """A video made from a video: longer, larger, or speaking."""
    source = found.first("videos")
    if source is None or not isinstance(source.facts, VideoFacts):
        raise Refusal(400, "FieldLacking", "there is no video", "video_url")
    video, resolution = source.facts, str(values.get("resolution") or "")
    size = (video.width // 2 * 2, video.height // 2 * 2)
    if resolution:
        size = pixel_size(f"{video.width}:{video.height}", resolution)
    facts = {
        "seconds": new_length(offer, values, source, found),
        "sound": offer.mode == "lip-sync" or video.has_sound,
    }
    if source.task is not None:
        return Plan(size, end_of(found), facts, source.task.id)
    shown = start_frame(source, last=offer.mode == "extend")
    return Plan(size, shown + end_of(found), facts)


def end_of(found: Found) -> tuple[bytes, ...]:
    return tuple(one.data for one in found.images[:1] if one.data)


def new_length(offer: Offer, values: Mapping[str, Any], source: Medium, found: Found) -> float:
    before = source.facts.seconds if source.known else 0.0
    if offer.mode == "extend":
        return before + float(values.get("duration") or AUTO)
    if offer.mode == "upscale":
        return before or AUTO
    spoken = found.first("sounds")
    if spoken is not None:
        return spoken.facts.seconds
    return spoken_seconds(str(values.get("text", "")), float(values.get("speed") or 1))


def spoken_seconds(text: str, speed: float) -> float:
    """As long as a person takes to say it, pauses and all."""
    pauses = sum(float(pause) for pause in PAUSE.findall(text))
    return round(reading_time(PAUSE.sub("", text)) / speed + pauses, 2)


def reading_time(text: str) -> float:
    """As long as a person takes to say it."""
    han = len(HAN.findall(text))
    seconds = han / HAN_A_SECOND + (len(text.strip()) - han) / LETTERS_A_SECOND
    return max(SHORTEST, round(seconds, 2))


def start_frame(source: Medium, last: bool) -> tuple[bytes, ...]:
    """The frame that the new video starts from."""
    found = probe.decode_frame(source.data, last) if source.data else None
    if found is None:
        return ()
    out = io.BytesIO()
    found.save(out, "JPEG", quality=90)
    return (out.getvalue(),)


def audio(offer: Offer, values: Mapping[str, Any]) -> Plan:
    if offer.mode in ("speech", "voice"):
        speed = float(values.get("speed") or 1)
        seconds = spoken_seconds(str(values.get("text", "")), speed)
        return Plan(facts={"seconds": seconds, "sound": True, "heard": "speech"})
    seconds = float(values.get("duration") or AUTO)
    return Plan(facts={"seconds": seconds, "sound": True, "heard": "effects"})


def small_copies(inline: Sequence[bytes]) -> list[bytes]:
    """Smaller copies of the images, to make the result from later."""
    return [copy for data in inline if (copy := references.small(data))]
