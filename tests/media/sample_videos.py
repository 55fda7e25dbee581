"""Videos and audio, good and hostile, made by code: functions and name -> bytes."""

import functools
import io
import math
from array import array
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import av
from PIL import Image

from tests.media import corpus

NEEDLE = corpus.NEEDLE
NOTES = {
    "title": NEEDLE.decode(),
    "location": f"+48.8577+002.2950/{NEEDLE.decode()}",
    "artist": NEEDLE.decode(),
    "comment": NEEDLE.decode(),
}
SIZE = (320, 240)
RATE = 48_000
CODING = {"wmav1": {"b": "64k"}, "wmav2": {"b": "64k"}, "vorbis": {"strict": "-2"}}
Paint = Callable[[int], Image.Image]


def built_once(make: Callable[..., bytes]) -> Callable[..., bytes]:
    """Keep what each recipe made; one with a function in it is made every time."""
    kept: dict[str, bytes] = {}

    @functools.wraps(make)
    def made(*given: Any, **named: Any) -> bytes:
        if any(callable(one) for one in (*given, *named.values())):
            return make(*given, **named)
        recipe = repr((given, sorted(named.items())))
        if recipe not in kept:
            kept[recipe] = make(*given, **named)
        return kept[recipe]

    return made


def sweep(number: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """A grey that tells which frame it is, with a red corner on the top left."""
    image = Image.new("RGB", size, (40 + number * 6 % 200,) * 3)
    image.paste((255, 0, 0), (0, 0, size[0] // 4, size[1] // 4))
    return image


@built_once
def video(
    kind: str = "mp4",
    codec: str = "libx264",
    frames: int = 24,
    fps: int = 24,
    size: tuple[int, int] = SIZE,
    paint: Paint | None = None,
    times: Sequence[int] | None = None,
    audio: bool = False,
    turn: int = 0,
    notes: dict[str, str] | None = None,
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
    matrix: str = "itu601",
    muxing: dict[str, str] | None = None,
    pixel: Fraction | None = None,
) -> bytes:
    """`times` places the frames by hand, in 1/1000 s."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind, options=muxing or {}) as container:
        container.metadata.update(notes or {})
        stream: Any = container.add_stream(codec, rate=fps, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        if pixel:
            stream.codec_context.sample_aspect_ratio = pixel
        if times:
            stream.codec_context.time_base = stream.time_base = Fraction(1, 1_000)
        stream.metadata.update(notes or {})
        if turn:
            stream.set_display_rotation(turn)
        voice: Any = container.add_stream("aac", rate=RATE) if audio else None
        for number in range(frames):
            frame: Any = av.VideoFrame.from_image(paint(number) if paint else sweep(number, size))
            frame = frame.reformat(format=pixels, dst_colorspace=matrix)
            frame.pts = times[number] if times else number
            frame.time_base = Fraction(1, 1_000) if times else Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if voice:
            hum(container, voice, frames / fps)
    return out.getvalue()


def with_subtitles() -> bytes:
    out = io.BytesIO()
    with av.open(io.BytesIO(video())) as given, av.open(out, "w", format="matroska") as container:
        (stream,) = given.streams.video
        copy, texts = container.add_stream_from_template(stream), container.add_mux_stream("subrip")
        for packet in given.demux(stream):
            if packet.size:
                packet.stream = copy
                container.mux(packet)
        text = av.Packet(NEEDLE)
        text.pts, text.dts, text.duration, text.time_base = 0, 0, 100, Fraction(1, 1_000)
        text.stream = texts
        container.mux(text)
    return out.getvalue()


def hum(container: Any, stream: Any, seconds: float) -> None:
    """A tone that swells and fades."""
    total, step = round(seconds * RATE), 1_024
    for start in range(0, total, step):
        count = min(step, total - start)
        loud = 20_000 * math.sin(math.pi * start / total)
        tone = array("h", (round(loud * math.sin(i * 0.06)) for i in range(start, start + count)))
        frame: Any = av.AudioFrame(format="s16", layout="mono", samples=count)
        frame.planes[0].update(tone.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


@built_once
def audio(
    kind: str = "mp3",
    codec: str = "libmp3lame",
    seconds: float = 1.0,
    notes: dict[str, str] | None = None,
) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as container:
        container.metadata.update(notes or {})
        stream: Any = container.add_stream(codec, rate=RATE, options=CODING.get(codec, {}))
        stream.codec_context.layout = "stereo" if codec in CODING else "mono"
        hum(container, stream, seconds)
    return out.getvalue()


def with_cover() -> bytes:
    """An MP3 that begins with a tag: a title and an image."""
    image = b"APIC" + frame_size(b"\0image/png\0\3\0" + corpus.PNG + NEEDLE)
    tag = image
    head = b"ID3\3\0\0" + bytes(len(tag) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return head + tag + audio()


def frame_size(body: bytes) -> bytes:
    return len(body).to_bytes(4) + b"\0\0" + body


def box(name: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4) + name + body


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    found, place = [], 0
    while place < len(data):
        size = int.from_bytes(data[place : place + 4])
        found.append((data[place + 4 : place + 8], data[place + 8 : place + size]))
        place += size
    return found


def rebuilt(data: bytes, path: Sequence[bytes], change: Callable[[bytes], bytes]) -> bytes:
    """The file with the body of one box changed, and the sizes around it put right."""
    return b"".join(
        box(name, body)
        if name != path[0]
        else box(name, rebuilt(body, path[1:], change) if path[1:] else change(body))
        for name, body in boxes(data)
    )


TABLES = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def without(data: bytes, gone: bytes) -> bytes:
    return b"".join(box(name, body) for name, body in boxes(data) if name != gone)


def index_first(data: bytes) -> bytes:
    """The index before the content, as for the web."""
    parts = dict(boxes(data))
    shift = 8 + len(parts[b"moov"])

    def moved(table: bytes) -> bytes:
        places = [int.from_bytes(table[at : at + 4]) + shift for at in range(8, len(table), 4)]
        return table[:8] + b"".join(place.to_bytes(4) for place in places)

    index = rebuilt(box(b"moov", parts[b"moov"]), (*TABLES, b"stco"), moved)
    return box(b"ftyp", parts[b"ftyp"]) + index + without(without(data, b"ftyp"), b"moov")


def hours() -> bytes:
    """Two frames, ten hours apart."""
    return video(frames=2, times=[0, 36_000_000])


def many_samples(count: int = 60_000_000) -> bytes:
    """A few kilobytes whose index says there are so many frames of one byte."""
    many, one = count.to_bytes(4), (1).to_bytes(4)
    data = video()
    for name, table in (
        (b"stsz", one + many), (b"stts", one + many + (512).to_bytes(4)),
        (b"stsc", one + one + many + one),
    ):  # fmt: skip
        data = rebuilt(data, (*TABLES, name), lambda _body, table=table: bytes(4) + table)
    return data


def giant_frame() -> bytes:
    """A video of JPEGs that say they are 65,000 pixels wide and high."""
    data = video("avi", "mjpeg", pixels="yuvj420p")
    sides = SIZE[1].to_bytes(2) + SIZE[0].to_bytes(2)
    return data.replace(b"\x08" + sides, b"\x08\xfd\xe8\xfd\xe8")


def elsewhere(path: str) -> bytes:
    """A video whose frames are said to lie in another file."""
    alias = bytes(10) + b"\4disk".ljust(28, b"\0") + bytes(12) + b"\1n".ljust(64, b"\0")
    alias += bytes(16) + b"\xff\xff\0\1" + bytes(16)
    name = path.encode()
    alias += b"\0\2" + len(name).to_bytes(2) + name + b"\0" * (len(name) % 2) + b"\xff\xff\0\0"
    reference = bytes(4) + (1).to_bytes(4) + box(b"alis", bytes(4) + alias)
    table = (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")
    return rebuilt(video("mov"), table, lambda _: reference)


def tables_only() -> bytes:
    """An index without a single frame."""
    empty = {b"stts": 8, b"stsz": 12, b"stsc": 8, b"stco": 8, b"stss": 8, b"ctts": 8}
    data = video()
    for name, length in empty.items():
        data = rebuilt(data, (*TABLES, name), lambda _body, length=length: bytes(length))
    return data


def noted(given: bytes, head: bytes) -> bytes:
    """A video whose camera wrote a note before the slices of each frame."""
    body = bytes(range(1, 17)) + NEEDLE
    note = head + b"\5" + bytes([len(body)]) + body + b"\x80"
    out = io.BytesIO()
    with av.open(io.BytesIO(given)) as source, av.open(out, "w", format="mp4") as made:
        stream = made.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.size:
                new = av.Packet(len(note).to_bytes(4) + note + bytes(packet))
                new.pts, new.dts, new.duration = packet.pts, packet.dts, packet.duration
                new.time_base, new.is_keyframe = packet.time_base, packet.is_keyframe
                new.stream = stream
                made.mux(new)
    return out.getvalue()


MP4 = video()
NOISE = video(paint=lambda _: corpus.sample(size=SIZE), audio=True)

FRAGMENTS = video(
    paint=lambda _: corpus.sample(size=SIZE),
    options={"g": "6"},
    muxing={"movflags": "frag_keyframe+empty_moov"},
)
FLAC, OGG = audio("flac", "flac"), audio("ogg", "libopus", 3)
WMA = audio("asf", "wmav2", 3)
EMPTY_WAV = audio("wav", "pcm_s16le", 0.1)[:40] + bytes(4)

LISTS: dict[str, Callable[[str], str]] = {
    "m3u8": lambda path: f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\n{path}\n#EXT-X-ENDLIST\n",
    "ffconcat": lambda path: f"ffconcat version 1.0\nfile '{path}'\n",
    "concat": lambda path: f"concat:{path}|{path}",
    "mpd": lambda path: f"<?xml version='1.0'?><MPD><BaseURL>file://{path}</BaseURL></MPD>",
    "sdp": lambda path: f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns={path}\nm=video 9 RTP/AVP 96\n",
    "srt": lambda path: f"1\n00:00:00,000 --> 00:00:01,000\n{path}\n",
    "smil": lambda path: f"<smil><body><video src='{path}'/></body></smil>",
    "pls": lambda path: f"[playlist]\nFile1={path}\n",
}

HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "zeros": lambda: bytes(4_096),
    "html": lambda: corpus.REFUSED["html"],
    "an image": lambda: corpus.PNG,
    "a moving image": lambda: corpus.REFUSED["moving gif"],
    "heic": lambda: corpus.REFUSED["heic"],
    "zip": lambda: corpus.packed("film.mp4"),
    "type alone": lambda: MP4[:32],
    "no index": lambda: without(MP4, b"moov"),
    "no content": lambda: without(MP4, b"mdat"),
    "half": lambda: NOISE[: len(NOISE) // 2],
    "half with the index in front": lambda: index_first(MP4)[:-400],
    "cut and mended": lambda: rebuilt(index_first(MP4), (b"mdat",), lambda body: body[:-400]),
    "half in fragments": lambda: FRAGMENTS[: FRAGMENTS.rindex(b"moof") - 40],
    "holes": lambda: rebuilt(
        video(paint=lambda _: corpus.sample(size=SIZE), options={"g": "6"}),
        (b"mdat",),
        lambda body: body[: len(body) // 2] + bytes(30_000) + body[len(body) // 2 + 30_000 :],
    ),
    "half an avi": lambda: video("avi", "mpeg4")[:-5_000],
    "half a webm": lambda: video("webm", "libvpx", options={"deadline": "realtime"})[:-3_000],
    "no frames": tables_only,
    "ten hours": hours,
    "sixty million frames": many_samples,
    "five million frames": lambda: many_samples(5_000_000),
    "giant frames": giant_frame,
    "too wide": lambda: video("avi", "mjpeg", 2, size=(20_000, 128), pixels="yuvj420p"),
    "one pixel": lambda: video("avi", "mjpeg", 5, size=(1, 1), pixels="yuvj420p"),
    "unknown code": lambda: MP4.replace(b"avc1", b"zzzz"),
    "rare code": lambda: video("avi", "msmpeg4"),
    "only audio": lambda: audio("mp4", "aac"),
    "content of noise": lambda: rebuilt(
        MP4, (b"mdat",), lambda body: corpus.sample(size=(200, 200)).tobytes()[: len(body)]
    ),
}

HOSTILE_AUDIOS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "html": lambda: corpus.REFUSED["html"],
    "an image": lambda: corpus.PNG,
    "a video": lambda: NOISE,
    "a silent video": lambda: MP4,
    "a header alone": lambda: b"ID3\3\0\0\0\0\0\0" + bytes(64),
    "half an mp3": lambda: audio()[: len(audio()) // 2],
    "half a wav": lambda: audio("wav", "pcm_s16le")[:-40_000],
    "half an m4a": lambda: audio("ipod", "aac")[:-2_000],
    "half a wma": lambda: WMA[: len(WMA) // 2],
    "a wma without its end": lambda: WMA[:-100],
    "half an ogg vorbis": lambda: audio("ogg", "vorbis", 3)[:-3_000],
    "half a flac": lambda: FLAC[:-9_000],
    "a flac without its last frames": lambda: FLAC[: FLAC.rindex(b"\xff\xf8", 0, -9_000)],
    "half an ogg": lambda: OGG[:-3_000],
    "an ogg without its last page": lambda: OGG[: OGG.rindex(b"OggS")],
    "a wav of nothing": lambda: EMPTY_WAV,
}
