"""Answers to guests: each piece only while their link is open, and counted for the day."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from threading import Lock
from typing import IO, Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from generation.media.clean_image import Part
from generation.models import LimitCount, ShareLink, Visitor
from generation.web.server.streams import StreamEnded

PIECE = 256 * 1024  # each costs a turn of a thread
LOOK_AGAIN = 0.25  # seconds for which one look at a link holds, for all streams of this process
DAY = 24 * 3600
MOST_A_DAY = 20 * 1024**3  # bytes of one link
LUMP = 16 * 1024**2  # what a process counts by itself, before it writes
UNIT = 1024  # in which the database counts
MOST_KNOWN = 1_000


class OpenLinks:
    """Whether links still let in whom they let in. Of many streams one in a while asks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.seen: dict[tuple[int, int], float] = {}  # when each was last found open

    def lets_in(self, link: int, generation: int) -> bool:
        """`generation` is the one that a guest was let in with; 0 for a member of the team."""
        now = self.clock()
        if now - self.seen.get((link, generation), float("-inf")) < LOOK_AGAIN:
            return True
        rows = ShareLink.objects.open().filter(pk=link)
        if not (rows.filter(generation=generation) if generation else rows).exists():
            self.seen.pop((link, generation), None)
            return False
        if len(self.seen) > MOST_KNOWN:
            self.seen.clear()
        self.seen[link, generation] = now
        return True


class SentBytes:
    """What went out by each link within a day. A process writes what it sent in lumps, so the last
    few megabytes of one that is killed are not counted."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.unwritten: dict[int, int] = {}

    @staticmethod
    def key(link: int) -> str:
        return salted_hmac("bytes of a share link", str(link), algorithm="sha256").hexdigest()

    def add(self, link: int, count: int) -> None:
        with self.lock:
            sent = self.unwritten.get(link, 0) + count
            self.unwritten[link] = 0 if sent >= LUMP else sent
        if sent >= LUMP:
            LimitCount.add(self.key(link), sent // UNIT, DAY)

    def left(self, link: int) -> tuple[int, datetime | None]:
        """How many bytes may still go out, and when it begins anew."""
        row = LimitCount.objects.filter(pk=self.key(link), ends_at__gt=timezone.now()).first()
        written = row.count * UNIT if row else 0
        left = MOST_A_DAY - written - self.unwritten.get(link, 0)
        return max(0, left), row.ends_at if row else None


open_links, sent_bytes = OpenLinks(), SentBytes()


class GuestStream(StreamingHttpResponse):
    """Ends without its rest once the link lets its visit in no more. The server asks `may_go_on`
    as well, while a reader takes nothing."""

    def __init__(
        self, pieces: Iterable[bytes], link: ShareLink, visitor: Visitor | None, **more: Any
    ) -> None:
        self.link_id, self.visit = link.pk, visitor.generation if visitor else 0
        self.given = pieces
        super().__init__(self.guarded(pieces), **more)
        # Proxies that keep an answer would go on giving it out.
        self.headers["X-Accel-Buffering"] = "no"

    def may_go_on(self) -> bool:
        return open_links.lets_in(self.link_id, self.visit)

    def guarded(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if not self.may_go_on():
                raise StreamEnded
            sent_bytes.add(self.link_id, len(piece))
            yield piece

    def close(self) -> None:
        with suppress(AttributeError):
            self.given.close()  # type: ignore[attr-defined]
        super().close()


class PartsSection:
    """Some bytes of a file of which only parts are given, in small pieces."""

    def __init__(self, file: IO[bytes], parts: list[Part], first: int, last: int) -> None:
        self.file, self.parts, self.first, self.left = file, parts, first, last - first + 1

    def __iter__(self) -> Iterator[bytes]:
        skip = self.first
        for part in self.parts:
            length = len(part) if isinstance(part, bytes) else part[1]
            if skip >= length:
                skip -= length
                continue
            yield from self.pieces_of(part, skip, length)
            skip = 0
            if self.left <= 0:
                return

    def pieces_of(self, part: Part, skip: int, length: int) -> Iterator[bytes]:
        while skip < length and self.left > 0:
            most = min(PIECE, length - skip, self.left)
            if isinstance(part, bytes):
                piece = part[skip : skip + most]
            else:
                self.file.seek(part[0] + skip)
                piece = self.file.read(most)
            if not piece:
                self.left = 0
                return
            skip, self.left = skip + len(piece), self.left - len(piece)
            yield piece

    def close(self) -> None:
        self.file.close()
