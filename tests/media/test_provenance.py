"""Marks in a copy: what is decoded stays equal, and hostile files change nothing."""

import hashlib
import io
import json
from fractions import Fraction
from pathlib import Path
from tempfile import NamedTemporaryFile
from xml.etree import ElementTree

import av
import pytest
from PIL import Image, ImageSequence, PngImagePlugin

from generation.media import images, videos
from generation.media.provenance import mp4, png, xmp
from generation.media.provenance.carried import (
    Wanted,
    planned_edits,
    planned_length,
    read_carried,
    write_copy,
)
from tests.media import sample_videos

NUMBER = "5f" * 16
BOTH = Wanted(True, xmp.aigc_text("Vidu", NUMBER))
SOURCE = Wanted(True, "")
KEYS = {"Label": "1", "ContentProducer": "Vidu", "ProduceID": NUMBER, "ReservedCode1": "",
        "ContentPropagator": "", "PropagateID": "", "ReservedCode2": ""}  # fmt: skip
OLD = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<r:Description r:about="uuid:7" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    b"<dc:source>the scanner</dc:source></r:Description></r:RDF></x:xmpmeta>"
    b'<?xpacket end="w"?>'
)
MARKED = OLD.replace(b"<dc:source>", b"<dc:x>" + xmp.SOURCE_TYPES.encode() + b"trainedAlgorithmic"
                     b"Media DigitalSourceType</dc:x><dc:source>")  # fmt: skip


def noise(mode="RGB", size=(301, 203)):
    return Image.effect_noise(size, 90).convert(mode)


def saved(image, kind, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def remuxed(**movflags) -> bytes:
    """A real file: its index is moved or split as a muxer on a disk does it."""
    source = io.BytesIO(sample_videos.video(audio=True))
    with NamedTemporaryFile(suffix=".mp4") as file:
        with av.open(source) as given, av.open(file.name, "w", options=movflags) as out:
            into = {one.index: out.add_stream_from_template(one) for one in given.streams}
            for packet in given.demux():
                if packet.size:
                    packet.stream = into[packet.stream.index]
                    out.mux(packet)
        return Path(file.name).read_bytes()


def boxed(name: bytes, body: bytes) -> bytes:
    return mp4.box_of(name, body)


def animation() -> bytes:
    frames = [Image.new("RGBA", (40, 30), (i * 60, 9, 9, 255 - i * 40)) for i in range(4)]
    return saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)


IMAGES = {
    "jpeg": lambda: saved(noise(), "JPEG"),
    "jpeg with exif": lambda: saved(noise(), "JPEG", exif=corpus_exif()),
    "jpeg with xmp": lambda: saved(noise(), "JPEG", xmp=OLD),
    "jpeg grey progressive": lambda: saved(noise("L"), "JPEG", progressive=True),
    "jpeg of many": lambda: saved(noise(), "MPO", save_all=True, append_images=[noise()]),
    "jpeg with a tail": lambda: saved(noise(), "JPEG") + b"tail" * 99,
    "png": lambda: saved(noise("RGBA"), "PNG"),
    "png with xmp": lambda: saved(noise(), "PNG", pnginfo=png_info(OLD.decode())),
    "png with packed xmp": lambda: saved(noise(), "PNG", pnginfo=png_info(OLD.decode(), True)),
    "png palette": lambda: saved(noise().quantize(7), "PNG", transparency=0),
    "png of 16 bit": lambda: saved(Image.new("I;16", (60, 50), 4_321), "PNG"),
    "webp": lambda: saved(noise(), "WEBP"),
    "webp with alpha": lambda: saved(noise("LA").convert("RGBA"), "WEBP", quality=60),
    "webp lossless": lambda: saved(noise("RGBA"), "WEBP", lossless=True),
    "webp lossless odd": lambda: saved(noise(size=(1, 1)), "WEBP", lossless=True),
    "webp with xmp": lambda: saved(noise(), "WEBP", xmp=OLD),
    "webp animation": animation,
    "large": lambda: saved(noise(size=(4_096, 2_160)), "PNG", compress_level=0),
}
VIDEOS = {
    "mp4": lambda: sample_videos.video(),
    "mp4 with audio": lambda: sample_videos.video(audio=True),
    "mp4 turned": lambda: sample_videos.video(turn=90),
    "mp4 with notes": lambda: sample_videos.video(notes=sample_videos.NOTES),
    "mp4 index first": lambda: remuxed(movflags="+faststart"),
    "mp4 in fragments": lambda: remuxed(movflags="+frag_keyframe+empty_moov"),
    "mp4 with keys": lambda: remuxed(movflags="+faststart+use_metadata_tags"),
    "mp4 with xmp": lambda: sample_videos.video() + boxed(b"uuid", mp4.XMP_ID + OLD),
    "mp4 with room": lambda: sample_videos.video() + boxed(b"free", bytes(500)),
    "mp4 variable": lambda: sample_videos.video(frames=4, times=(0, 40, 333, 900)),
}


def corpus_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a note"
    return exif.tobytes()


def png_info(text: str, packed: bool = False) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", text, zip=packed)
    return info


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def pixels(data: bytes):
    with Image.open(io.BytesIO(data)) as image:
        facts = (image.format, image.mode, image.size, image.getexif().get(0x0112))
        frames = [md5(one.tobytes()) for one in ImageSequence.Iterator(image)]
    return facts, frames


def streams(data: bytes):
    """Every packet with its times, and every decoded frame."""
    with av.open(io.BytesIO(data)) as container:
        codecs = [(one.type, one.codec_context.name, one.duration) for one in container.streams]
        packets = [
            (one.stream.index, one.pts, one.dts, md5(bytes(one)))
            for one in container.demux()
            if one.size
        ]
    with av.open(io.BytesIO(data)) as container:
        frames = [(one.pts, md5(one.to_image().tobytes())) for one in container.decode(video=0)]
    assert packets
    assert frames
    return codecs, packets, frames


def copied(tmp_path, data: bytes, wanted=BOTH) -> bytes:
    """The copy, or what came where none is made."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(data)
    before = hashlib.sha256(data).hexdigest()
    target.unlink(missing_ok=True)
    length = planned_length(source, wanted)
    digest = write_copy(source, wanted, target)
    assert hashlib.sha256(source.read_bytes()).hexdigest() == before
    if not digest:
        assert not target.exists()
        assert length == len(data)
        return data
    copy = target.read_bytes()
    assert len(copy) == length
    assert hashlib.sha256(copy).hexdigest() == digest
    return copy


def carried_by(tmp_path, data: bytes) -> str:
    (tmp_path / "seen").write_bytes(data)
    return read_carried(tmp_path / "seen")


def packet_of(data: bytes) -> bytes:
    """The packet as the decoding library finds it."""
    with Image.open(io.BytesIO(data)) as image:
        return bytes(image.info["xmp"])


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_shows_the_same_and_says_what_it_is(tmp_path, name):
    data = IMAGES[name]()
    copy = copied(tmp_path, data)
    assert copy != data
    assert pixels(copy) == pixels(data)
    assert carried_by(tmp_path, copy) == "ai,aigc"
    packet = packet_of(copy)
    ElementTree.fromstring(packet[packet.index(b"<x:") : packet.index(b"</x:xmpmeta>") + 12])  # noqa: S314
    assert packet.count(b"DigitalSourceType>" + xmp.SOURCE_TYPES.encode()) == 1
    assert xmp.aigc_in(packet) == KEYS
    if "xmp" in name:
        assert b"the scanner" in packet
        assert packet.count(b'about="uuid:7"') == 2  # one resource, as before
    assert copied(tmp_path, copy) == copy  # a second time adds nothing


@pytest.mark.parametrize("name", VIDEOS)
def test_a_video_plays_the_same_and_says_what_it_is(tmp_path, name):
    data = VIDEOS[name]()
    copy = copied(tmp_path, data)
    assert copy != data
    assert streams(copy) == streams(data)
    assert carried_by(tmp_path, copy) == "ai,aigc"
    with av.open(io.BytesIO(copy)) as container:
        found = container.metadata.get("AIGC")
    if name not in ("mp4 in fragments", "mp4 with keys"):  # their index is left as it is
        assert json.loads(found) == KEYS
    assert copied(tmp_path, copy) == copy


def test_long_notes_and_profiles_stay_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(PngImagePlugin, "MAX_TEXT_CHUNK", 1 << 26)
    info = PngImagePlugin.PngInfo()
    info.add_text("workflow", "x" * 1_200_000, zip=True)
    data = saved(noise(), "PNG", pnginfo=info, icc_profile=bytes(1_200_000))
    copy = copied(tmp_path, data)
    assert pixels(copy) == pixels(data)
    with Image.open(io.BytesIO(copy)) as image:
        assert len(image.text["workflow"]) == len(image.info["icc_profile"]) == 1_200_000


def test_only_what_is_asked_for_is_added(tmp_path):
    copy = copied(tmp_path, IMAGES["png"](), SOURCE)
    assert carried_by(tmp_path, copy) == "ai"
    assert b"ContentProducer" not in copy
    copy = copied(tmp_path, sample_videos.video(), Wanted(False, BOTH.aigc))
    assert carried_by(tmp_path, copy) == "aigc"
    assert b"DigitalSourceType" not in copy


def test_what_a_file_says_already_is_not_said_again(tmp_path):
    data = saved(noise(), "PNG", pnginfo=png_info(MARKED.decode()))
    assert copied(tmp_path, data, SOURCE) == data
    assert carried_by(tmp_path, data) == "ai"
    info = PngImagePlugin.PngInfo()
    info.add_text("AIGC", BOTH.aigc)
    data = saved(noise(), "PNG", pnginfo=info)
    assert carried_by(tmp_path, data) == "aigc"
    assert copied(tmp_path, data, Wanted(False, BOTH.aigc)) == data


def jumbf(jpeg: bytes) -> bytes:
    body = b"JP\0\1\0\0\0\1\0\0\0\x20jumb\0\0\0\x18jumdc2pa" + bytes(12)
    return jpeg[:2] + b"\xff\xeb" + (len(body) + 2).to_bytes(2) + body + jpeg[2:]


def test_a_signed_file_is_left_alone_as_its_signature_would_break(tmp_path):
    image = IMAGES["png"]()
    still = image[:33] + png.chunk(b"caBX", b"jumb") + image[33:]
    video = sample_videos.video() + boxed(b"uuid", mp4.C2PA_ID + b"manifest")
    packed = animation()
    size = (int.from_bytes(packed[4:8], "little") + 12).to_bytes(4, "little")
    moving = packed[:4] + size + packed[8:] + b"C2PA\x04\0\0\0jumb"
    for data in (still, video, moving, jumbf(IMAGES["jpeg"]())):
        assert carried_by(tmp_path, data) == "c2pa"
        assert copied(tmp_path, data) == data


def test_a_packet_in_two_byte_letters_is_kept(tmp_path):
    text = OLD.decode().replace('begin=""', 'begin="\ufeff"')
    for coding in ("utf-16-le", "utf-16-be", "utf-16"):
        data = saved(noise(), "JPEG", xmp=text.encode(coding))
        packet = packet_of(copied(tmp_path, data))
        assert b"the scanner" in packet
        assert xmp.aigc_in(packet) == KEYS


def test_a_packet_that_is_none_makes_room_for_one(tmp_path):
    for rubbish in (b"<x:xmpmeta>", b"\0" * 400, b"<" * 400, b"</RDF" + b" " * 5_000):
        copy = copied(tmp_path, saved(noise(), "JPEG", xmp=rubbish))
        assert carried_by(tmp_path, copy) == "ai,aigc"


def test_a_text_cannot_end_its_element(tmp_path):
    evil = '</TC260:AIGC><x a="1">&'
    copy = copied(tmp_path, IMAGES["png"](), Wanted(True, xmp.aigc_text(evil, NUMBER)))
    packet = packet_of(copy)
    ElementTree.fromstring(packet[packet.index(b"<x:") : packet.index(b"</x:xmpmeta>") + 12])  # noqa: S314
    assert xmp.aigc_in(packet)["ContentProducer"] == evil


# --- What comes in --------------------------------------------------------------------------------


def test_what_an_upload_said_is_kept_though_it_is_stripped(tmp_path, in_process):
    data = saved(noise(), "PNG", pnginfo=png_info(MARKED.decode()))
    stored = images.take_file(data)
    assert stored.carried == "ai"
    assert stored.given_sha256 == hashlib.sha256(data).hexdigest() != stored.sha256
    film = copied(tmp_path, sample_videos.video())
    stored = videos.take_file(film)
    assert stored.carried == "ai,aigc"
    assert stored.given_sha256 == hashlib.sha256(film).hexdigest() != stored.sha256


def test_what_a_result_says_is_kept_with_it(tmp_path, in_process):
    path = tmp_path / "result"
    path.write_bytes(copied(tmp_path, IMAGES["webp"]()))
    stored = images.keep_output(path)
    assert (stored.carried, stored.given_sha256) == ("ai,aigc", None)
    path.write_bytes(sample_videos.video())
    assert videos.keep_output(path).carried == ""


def test_a_plan_reads_little_of_a_large_file(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(boxed(b"ftyp", b"isomiso2") + boxed(b"mdat", bytes(90 << 20))
                     + boxed(b"moov", boxed(b"mvhd", bytes(100))))  # fmt: skip
    read = 0

    class Counting(io.FileIO):
        def readinto(self, buffer):
            nonlocal read
            count = super().readinto(buffer)
            read += count or 0
            return count

    with io.BufferedReader(Counting(path)) as file:
        assert planned_edits(file, BOTH)
    assert read < 1 << 20


def test_a_frame_rate_is_not_touched(tmp_path):
    copy = copied(tmp_path, sample_videos.video(fps=30))
    with av.open(io.BytesIO(copy)) as container:
        assert container.streams.video[0].average_rate == Fraction(30)
