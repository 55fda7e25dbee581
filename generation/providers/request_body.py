"""The body of a request: JSON whose files are written in last, and a limit on its size."""

import binascii
import io
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generation.catalogue.message import Message
from generation.catalogue.types import gettext_noop
from generation.providers.base import InputFile
from generation.providers.errors import Refused, TooLarge

Fields = dict[str, Any]
MEGABYTE = 1024 * 1024
# 20 MB is documented; what is near it was seen to break connections.
MOST_BODY = 18 * MEGABYTE
# Encoded piece by piece, so that a file never stands in memory in two sizes. A multiple of 3.
PIECE = 3 * 64 * 1024
FEWER = gettext_noop("Use fewer or smaller images.")
SHORTER = gettext_noop("Use fewer, shorter or smaller files, or give one by its address.")
ADDRESS_NEEDED = "AddressNeeded"
NO_ADDRESS = {
    "image": gettext_noop("The provider takes this image only from an address it can open."),
    "video": gettext_noop("The provider takes this video only from an address it can open."),
    "audio": gettext_noop("The provider takes this audio file only from an address it can open."),
}
GIVE_ADDRESS = gettext_noop("Give it by an address on the web that anyone can open.")
TOO_LARGE = {
    "image": gettext_noop("Too large to send: image %(names)s."),
    "video": gettext_noop("Too large to send: video %(names)s."),
    "audio": gettext_noop("Too large to send: audio file %(names)s."),
}


@dataclass(frozen=True)
class Placed:
    """A file where it stands in a body: which parameter it is of, and its number there, from 1."""

    file: InputFile
    field: str
    number: int
    kind: str


def placed(files: Iterable[InputFile], field: str, kind: str) -> list[Placed]:
    return [Placed(one, field, number, kind) for number, one in enumerate(files, 1)]


@dataclass(frozen=True)
class Body:
    """A JSON body whose files are written in only when it is encoded."""

    shell: tuple[bytes, ...]  # the JSON around the places of the files
    files: tuple[Placed, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Body":
        """`data` is the JSON, with a `Placed` wherever a file is to stand."""
        place, files = secrets.token_hex(16), []

        def stand_in(one: Any) -> str:
            if not isinstance(one, Placed):
                raise TypeError(f"{type(one).__name__} is no JSON")
            files.append(one)
            return place

        text = json.dumps(data, ensure_ascii=False, default=stand_in)
        shell = text.encode("utf-8", "replace").split(f'"{place}"'.encode())
        return cls(tuple(shell), tuple(files))

    @property
    def size(self) -> int:
        return sum(map(len, self.shell)) + sum(wire_size(one.file) for one in self.files)

    @property
    def excess(self) -> int:
        """How many bytes it has too many; 0 or less when it may be sent."""
        return self.size - MOST_BODY

    def replaced(self, urls: Mapping[int, str]) -> "Body":
        """The same with the files at these positions given by address."""
        files = (
            replace(one, file=InputFile(url=urls[place])) if place in urls else one
            for place, one in enumerate(self.files)
        )
        return Body(self.shell, tuple(files))

    def encode(self) -> bytes:
        if self.excess > 0:
            raise too_large(self, unsendable(self))
        out = io.BytesIO()
        out.write(self.shell[0])
        for one, after in zip(self.files, self.shell[1:], strict=True):
            write_file(out, one.file)
            out.write(after)
        return out.getvalue()


def head(file: InputFile) -> bytes:
    if not file.mime:
        raise ValueError("a file without an address needs a type")
    return f'"data:{file.mime};base64,'.encode()


def wire_size(file: InputFile) -> int:
    if file.url:
        return len(json.dumps(file.url))
    return len(head(file)) + -(-len(file.data) // 3) * 4 + 1


def write_file(out: io.BytesIO, file: InputFile) -> None:
    if file.url:
        out.write(json.dumps(file.url).encode())
        return
    out.write(head(file))
    view = memoryview(file.data)
    for start in range(0, len(view), PIECE):
        out.write(binascii.b2a_base64(view[start : start + PIECE], newline=False))
    out.write(b'"')


def unsendable(body: Body) -> list[int]:
    """Positions of the files that alone are more than a body holds."""
    return [place for place, one in enumerate(body.files) if wire_size(one.file) > MOST_BODY]


def too_large(body: Body, culprits: Sequence[int] = ()) -> TooLarge:
    """The refusal; it names the files that alone are to blame."""
    if not body.files:
        sentence = gettext_noop("This is too much text to send.")
        return TooLarge(sentence, field="payload", advice=gettext_noop("Shorten the payload."))
    images = {one.kind for one in body.files} == {"image"}
    advice = FEWER if images else SHORTER
    if not culprits:
        sentence = (
            gettext_noop("Together the images are too large to send.")
            if images
            else gettext_noop("Together the files are too large to send.")
        )
        return TooLarge(sentence, field=heaviest(body).field, advice=advice)
    first = body.files[culprits[0]]
    blamed = [body.files[place] for place in culprits]
    names = ", ".join(input_label(one) for one in blamed if one.kind == first.kind)
    named = Message(TOO_LARGE[first.kind], names=names)
    return TooLarge(named, field=first.field, advice=advice)


def no_address(one: Placed) -> Refused:
    return Refused(NO_ADDRESS[one.kind], code=ADDRESS_NEEDED, field=one.field, advice=GIVE_ADDRESS)


def input_label(one: Placed) -> str:
    """What a person calls it; without a name, its number."""
    return one.file.name or str(one.number)


def heaviest(body: Body) -> Placed:
    return max(body.files, key=lambda one: wire_size(one.file))


def largest_first(files: Iterable[Placed]) -> list[int]:
    """Positions of the images that are given as bytes, the largest first."""
    sizes = {
        place: len(one.file.data)
        for place, one in enumerate(files)
        if one.kind == "image" and not one.file.url
    }
    return sorted(sizes, key=lambda place: -sizes[place])
