"""XMP packets: a new one, or what is missing added to one that is there."""

import html
import json
import re
from xml.sax.saxutils import escape

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MADE_BY_MODEL = "trainedAlgorithmicMedia"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# Those of the list that say a model made it, or a part of it.
AI_TYPE = re.compile(
    rb"digitalsourcetype/(trainedAlgorithmicMedia|compositeWithTrainedAlgorithmicMedia|"
    rb"algorithmicMedia|compositeSynthetic)\b",
    re.IGNORECASE,
)
CLOSING = re.compile(rb"</(?:[A-Za-z_][\w.-]{0,40}:)?RDF\s{0,100}>")
ABOUT = re.compile(rb"""[\w.-]{1,40}:about=("[^"<>&]{0,200}"|'[^'<>&]{0,200}')""")
BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
# GB 45438-2025, annex E; the names are those of the standard.
AIGC_KEYS = (
    "Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID",
    "ReservedCode2",
)  # fmt: skip


def aigc_text(producer: str, number: str) -> str:
    """The value of the key AIGC. Label 1: it was made by a model."""
    known = {"Label": "1", "ContentProducer": producer, "ProduceID": number}
    return json.dumps({key: known.get(key, "") for key in AIGC_KEYS}, ensure_ascii=False)


def says_ai(packet: bytes) -> bool:
    return bool(AI_TYPE.search(packet))


def has_source(packet: bytes) -> bool:
    return b"DigitalSourceType" in packet


def has_aigc(packet: bytes) -> bool:
    return TC260.encode() in packet or is_aigc(packet)


def is_aigc(data: bytes) -> bool:
    """Whether a text has the keys themselves, whatever is around them."""
    return b"ContentProducer" in data and b"Label" in data


def as_utf8(packet: bytes) -> bytes:
    """A packet in two-byte letters, in usual ones; any other as it is."""
    for mark, coding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"<\0", "utf-16-le"),
                         (b"\0<", "utf-16-be")):  # fmt: skip
        if packet.startswith(mark):
            text = packet.decode(coding, "ignore").lstrip("\ufeff")
            return re.sub(r"^<\?xml[^>]{0,200}\?>", "", text).encode()
    return packet


def packet_with(before: bytes, source: bool, aigc: str) -> bytes:
    """`before` with what it lacks, or a new packet; empty where it lacks nothing."""
    before = as_utf8(before)
    source, aigc = source and not has_source(before), "" if has_aigc(before) else aigc
    if not (source or aigc):
        return b""
    closing = list(CLOSING.finditer(before))
    if closing:
        place = closing[-1].start()
        about = ABOUT.search(before)
        added = description(source, aigc, about[1].decode(errors="replace") if about else '""')
        return before[:place] + added.encode() + before[place:]
    body = description(source, aigc, '""')
    return (
        f'{BEGIN}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">{body}</rdf:RDF>'
        '</x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def description(source: bool, aigc: str, about: str) -> str:
    """All names are declared in it: it may stand in any packet."""
    names, parts = [f'xmlns:rdf="{RDF}"'], []
    if source:
        names.append(f'xmlns:Iptc4xmpExt="{IPTC}"')
        name = "Iptc4xmpExt:DigitalSourceType"
        parts.append(f"<{name}>{SOURCE_TYPES}{MADE_BY_MODEL}</{name}>")
    if aigc:
        names.append(f'xmlns:TC260="{TC260}"')
        parts.append(f"<TC260:AIGC>{escape(aigc, {chr(34): '&quot;'})}</TC260:AIGC>")
    declared = " ".join(names)
    return f"<rdf:Description {declared} rdf:about={about}>{''.join(parts)}</rdf:Description>"


def aigc_in(packet: bytes) -> dict[str, str]:
    """The keys of a packet, for people and tests; empty where there are none."""
    found = re.search(rb"<TC260:AIGC>(.{0,4000}?)</TC260:AIGC>", packet, re.DOTALL)
    try:
        value = json.loads(html.unescape(found[1].decode())) if found else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
