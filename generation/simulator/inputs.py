"""Everything a request brings along: found, decoded and measured."""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from generation.catalogue import rules
from generation.catalogue.params import PARAMS
from generation.catalogue.types import (
    AudioFacts,
    AudioLimits,
    Input,
    Offer,
    SubjectFacts,
    VideoFacts,
    VideoLimits,
)
from generation.simulator import fetching, probe, references, uploads
from generation.simulator.fields import CREATION, Given
from generation.simulator.references import Reference
from generation.simulator.tasks import Task
from generation.simulator.wire import Refusal, Request
from generation.simulator.world import World

# Their result depends on what the file really is, so that a file on this machine is fetched.
WORKED_ON = ("extend", "upscale", "lip-sync", "voice")
BELIEVED = 5.0  # seconds, of what is not fetched


@dataclass(frozen=True)
class Medium:
    """One video or audio file; `task` made it when it is this simulator's own."""

    echo: str
    facts: VideoFacts | AudioFacts
    data: bytes = field(default=b"", repr=False)
    task: Task | None = None
    known: bool = True  # whether the facts are real


@dataclass(frozen=True)
class Found:
    """All inputs of one request, by the catalogue's names."""

    images: Sequence[Reference] = ()
    media: Mapping[str, Sequence[Medium]] = field(default_factory=dict)
    subjects: Sequence[SubjectFacts] = ()
    shown: Sequence[Reference] = ()  # images of the subjects

    def facts(self) -> dict[str, Sequence[Input]]:
        """As the catalogue's rules want them."""
        return {
            "images": [one.image for one in self.images],
            "subjects": self.subjects,
            **{name: [one.facts for one in some] for name, some in self.media.items()},
        }

    def counts(self) -> dict[str, int]:
        return {name: len(some) for name, some in self.facts().items()}

    def first(self, name: str) -> Medium | None:
        return next(iter(self.media.get(name, ())), None)


async def read_inputs(world: World, request: Request, offer: Offer, given: Given) -> Found:
    """Read all media of a request; raises Refusal. Subjects are read elsewhere."""
    images = await read_images(world, request, given.media.get("images", []))
    counts = {name: len(some) for name, some in given.media.items()}
    counts["subjects"] = len(given.subjects)
    media = {}
    for name, texts in given.media.items():
        if name == "images" or not texts:
            continue
        limits = limits_of(offer, name, given, counts)
        media[name] = [await medium(world, request, offer, text, limits) for text in texts]
    return Found(images, media)


async def read_images(world: World, request: Request, images: Sequence[str]) -> Sequence[Reference]:
    if not images:
        return []
    stored = uploads.contents(world, request, images)
    return await asyncio.to_thread(read_or_fetch, images, stored.get)


def read_or_fetch(
    images: Sequence[str], uploaded: Callable[[str], bytes | None]
) -> Sequence[Reference]:
    """Read every image; one on this machine is fetched and gives the result its shape."""
    found = references.read_all(images, uploaded)
    return [one if one.data else fetched_image(one) for one in found]


def fetched_image(one: Reference) -> Reference:
    data = fetching.fetch_loopback(one.echo)
    return Reference(one.echo, references.measure(data), data) if data else one


def limits_of(
    offer: Offer, name: str, given: Given, counts: Mapping[str, int]
) -> VideoLimits | AudioLimits:
    is_video = PARAMS[name].kind == "videos"
    if name not in offer.limits:
        return VideoLimits() if is_video else AudioLimits()
    rule = rules.limit(offer, name, given.values, counts)
    return (rule.video or VideoLimits()) if is_video else (rule.audio or AudioLimits())


async def medium(
    world: World, request: Request, offer: Offer, text: str, limits: VideoLimits | AudioLimits
) -> Medium:
    """One video or audio file, from its data, its address or its creation."""
    if text.startswith(CREATION):
        return created_video(world, request, text.removeprefix(CREATION))
    if text.startswith("data:"):
        return await asyncio.to_thread(inline, text, limits)
    if not references.is_address(text):
        raise Refusal(400, "FieldInvalid", "videos: an input is no http address", "videos")
    if offer.mode in WORKED_ON:
        data = await asyncio.to_thread(fetching.fetch_loopback, text)
        if data:
            return await asyncio.to_thread(measured, text, data, limits)
    return Medium(text, believed(limits), known=False)


def created_video(world: World, request: Request, creation: str) -> Medium:
    """A video of the same account, by the id of the creation or of its task."""
    bare = creation.removeprefix("job-").removeprefix("c-")
    names = [str(int(bare) - 1), bare] if bare.isdecimal() else [bare]
    for name in names:
        try:
            task = world.task_of(request, name)
        except Refusal:
            continue
        if task.makes == "video" and task.is_done:
            size = (task.width, task.height)
            facts = VideoFacts(*size, "mp4", 1, task.seconds, 24, "h264", task.has_sound)
            return Medium(creation, facts, task=task)
    raise Refusal(404, "CreationNotFound", "there is no such creation", "video_creation_id")


def believed(limits: VideoLimits | AudioLimits) -> VideoFacts | AudioFacts:
    """Facts that pass, of what is not fetched."""
    seconds = min(max(BELIEVED, limits.min_seconds), limits.max_seconds)
    kind = limits.formats[0]
    if isinstance(limits, AudioLimits):
        return AudioFacts(kind, 1, seconds)
    codec = limits.codecs[0] if limits.codecs else "h264"
    return VideoFacts(1280, 720, kind, 1, seconds, 24, codec, True)


def inline(text: str, limits: VideoLimits | AudioLimits) -> Medium:
    data = decode_data_uri(text, "videos" if isinstance(limits, VideoLimits) else "sounds")
    return measured(f"inline:{hashlib.sha256(data).hexdigest()[:20]}", data, limits)


def measured(echo: str, data: bytes, limits: VideoLimits | AudioLimits) -> Medium:
    name = "videos" if isinstance(limits, VideoLimits) else "sounds"
    if data.startswith(b"#EXTM3U") and "hls" in limits.formats:  # its pieces are not fetched
        return Medium(echo, believed(limits), known=False)
    try:
        seen = probe.probe_bytes(data)
    except ValueError as error:
        raise Refusal(400, "FieldInvalid", f"{name}: a file is not taken: {error}", name) from None
    if isinstance(limits, AudioLimits):
        return Medium(echo, seen.audio(len(data)), data)
    if not seen.width:
        raise Refusal(400, "FieldInvalid", "videos: a file has no picture", "videos")
    return Medium(echo, seen.video(len(data)), data)


def decode_data_uri(uri: str, name: str) -> bytes:
    """The bytes of a data URI of a video or audio file."""
    head, found, rest = uri.partition(";base64")
    if not found or not head.startswith(("data:video/", "data:audio/", "data:application/ogg")):
        raise Refusal(400, "FieldInvalid", f"{name}: a file lacks its content type", name)
    try:
        return base64.b64decode(rest.removeprefix(","), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(400, "FieldInvalid", f"{name}: a file is not base64", name) from None
