"""Guests of a running server: a link with one video and a zip, and browsers that were let in."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

from tests.slow_clients import connect
from tests.web_server import WebServer, run_manage

SIZE = 2_000_000_000  # of which the disk keeps nothing
PREPARE = """
from pathlib import Path
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from generation.models import LinkItem, Media, Rendition, User, Visitor, ZipTicket
from generation.models.invitations import token_hash
from tests.factories import make_collection, make_link, make_output
user = User.objects.get(email="reader@example.test")
video = Media.objects.get(pk={video})
output = make_output(user, media=video)
link = make_link(user, collection=make_collection(user, [output]), title="First selects",
                 downloads="preview")
LinkItem.objects.create(link=link, output=output, number=1)
path = default_storage.save("test/guests.mp4", ContentFile(b""))
with Path(settings.DATA_DIR, "media", path).open("wb") as file:
    file.truncate({size})
Rendition.objects.create(
    key=Rendition.key_of(video, "play", None, ""), media=video, kind="play", state="made",
    path=path, mime="video/mp4", bytes={size},
)
print("link", link.pk)
print("token", link.token())
for number in range({guests}):
    secret = f"guest-{{number}}"
    visitor = Visitor.objects.create(
        link=link, secret_hash=token_hash(secret), generation=link.generation,
        viewed_at=timezone.now(),
    )
    print("guest", f"{{link.generation}}.{{secret}}")
    print("ticket", ZipTicket.issue(link, visitor, [1]))
"""
REVOKE = """
import time
from django.utils import timezone
from generation.models import ShareLink
ShareLink.objects.filter(pk={link}).update(revoked_at=timezone.now())
print("at", time.time())
"""


@dataclass
class GuestLink:
    """A link of a running server, with the cookies of its guests and a ticket of each."""

    server: WebServer
    pk: int
    token: str
    guests: list[str]
    tickets: list[str]
    took: list[tuple[float, int]] = field(default_factory=list)  # when, and how many bytes

    @property
    def video(self) -> str:
        return f"/s/{self.token}/m/1/preview/"

    def zip(self, guest: int) -> str:
        return f"/s/{self.token}/zip/{self.tickets[guest]}/"

    def revoke(self) -> float:
        """Returns when it was done."""
        (line,) = run_manage(
            self.server.environment, "shell", "-v0", "-c", REVOKE.format(link=self.pk)
        )
        return float(line.split()[1])

    async def get(self, path: str, guest: int, **headers: str) -> tuple[int, bytes]:
        reader, writer = await self.ask(path, guest, Connection="close", **headers)
        try:
            answer = await reader.read(-1)
            head, _gap, body = answer.partition(b"\r\n\r\n")
            return int(head.split(b" ", 2)[1]), body
        finally:
            writer.close()

    async def ask(
        self, path: str, guest: int, buffer: int = 0, **headers: str
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await connect(self.server, buffer=buffer)
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: guest={self.guests[guest]}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        return reader, writer

    async def take_slowly(self, path: str, guest: int, pause: float = 0.02) -> None:
        """Take an answer a little at a time, and note when each piece came, until it ends."""
        reader, writer = await self.ask(path, guest, buffer=32 * 1024)
        try:
            with contextlib.suppress(ConnectionError):
                while got := await reader.read(32 * 1024):
                    self.took.append((time.time(), len(got)))
                    await asyncio.sleep(pause)
        finally:
            writer.close()

    async def play(self, guest: int, megabytes_a_second: float = 1.0) -> None:
        """As a browser plays: ranges without an end, one after the other, from the start again."""
        first = 0
        while True:
            start = time.monotonic()
            reader, writer = await self.ask(
                self.video, guest, Connection="close", Range=f"bytes={first}-"
            )
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 206 " in head[:20], head
            size = 0
            while got := await reader.read(1024**2):
                size += len(got)
            writer.close()
            first = (first + size) % SIZE
            wait = size / megabytes_a_second / 1024**2 - (time.monotonic() - start)
            await asyncio.sleep(max(0, wait))


def share_video(server: WebServer, guests: int) -> GuestLink:
    code = PREPARE.format(video=server.video, size=SIZE, guests=guests)
    lines = [line.split() for line in run_manage(server.environment, "shell", "-v0", "-c", code)]
    facts = dict(lines)
    return GuestLink(
        server, int(facts["link"]), facts["token"],
        [value for name, value in lines if name == "guest"],
        [value for name, value in lines if name == "ticket"],
    )  # fmt: skip
