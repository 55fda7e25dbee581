"""Taking the own data along: one ZIP, sent while it is made."""

import json
import secrets
from collections.abc import Iterator
from time import monotonic
from typing import Any
from zipfile import ZIP_DEFLATED

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Count, Sum
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from zipstream import ZipStream

from generation.engine.personal_data import (
    account_of,
    file_name,
    files_of,
    leave_database,
    own_rows,
    paged,
)
from generation.forms import limits
from generation.media.filenames import disposition
from generation.models import Lease, Media, User, Verb, audit
from generation.web.recent_login import recent_login
from generation.web.shortcuts import StudioRequest, account_view

SCHEMA, VERSION = "vidu-studio.personal-export", 1
MOST_FILES, MOST_BYTES = 2_000, 20 * 1024**3  # in one archive; what is more goes into another
EXPORTS = limits.Limit("exports of a person", 6, limits.HOUR)
HELD, RENEWED = 240.0, 60.0  # seconds
CHUNK = 64 * 1024


@require_POST
@account_view
@recent_login()
def download(request: StudioRequest) -> HttpResponse:
    """The account with all its rows and files, or with `part` the files that had no room."""
    number = request.POST.get("part", "1")
    starts = parts_of(request.user)
    start = starts[int(number) - 1] if number in map(str, range(1, len(starts) + 1)) else 0
    archive = Archive(request.user, start)
    if not archive.begin():
        messages.error(request, _("A download of yours is under way. Wait until it has ended."))
        return redirect("settings-security")
    if not limits.Turn().take(EXPORTS, request.user.pk).is_allowed:
        archive.close()
        messages.error(request, _("Too many downloads. Try again in an hour."))
        return redirect("settings-security")
    audit(Verb.ACCOUNT_EXPORTED, team=None, actor=request.user, target=request.user)
    answer: Any = StreamingHttpResponse(archive, content_type="application/zip")
    name = f"vidu-studio_{timezone.localdate():%Y-%m-%d}_{starts.index(start) + 1}.zip"
    answer["Content-Disposition"] = disposition(name, attachment=True)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer  # type: ignore[no-any-return]


def parts_of(person: User) -> list[int]:
    """For each archive that it takes: the number after which its files begin."""
    files = files_of(person)
    found = files.aggregate(count=Count("pk"), size=Sum("bytes"))
    if found["count"] <= MOST_FILES and (found["size"] or 0) <= MOST_BYTES:
        return [0]
    starts, count, size, before = [0], 0, 0, 0
    for pk, length in files.order_by("pk").values_list("pk", "bytes").iterator():
        if count == MOST_FILES or (count and size + length > MOST_BYTES):
            starts.append(before)
            count = size = 0
        count, size, before = count + 1, size + length, pk
    return starts


class Archive:
    """The bytes of one archive. One at a time is made for a person."""

    def __init__(self, person: User, start: int) -> None:
        self.person, self.start = person, start
        self.lease, self.holder = f"export:{person.pk}", secrets.token_hex(8)
        self.renewed = monotonic()
        self.counts: dict[str, int] = {}
        self.files: list[dict[str, Any]] = []
        self.missing: list[str] = []

    def begin(self) -> bool:
        return Lease.take(self.lease, self.holder, HELD)

    def close(self) -> None:
        Lease.release(self.lease, self.holder)
        leave_database()

    def renew(self) -> None:
        if monotonic() - self.renewed > RENEWED:
            self.renewed = monotonic()
            Lease.take(self.lease, self.holder, HELD)
            leave_database()

    def __iter__(self) -> Iterator[bytes]:
        zipped = ZipStream()
        for piece in self.parts(zipped):
            self.renew()
            yield piece

    def parts(self, zipped: ZipStream) -> Iterator[bytes]:
        """What is added is sent before the next is looked for: nothing piles up."""
        if not self.start:
            zipped.add(as_json(account_of(self.person)), "account.json")
            for name, rows in own_rows(self.person):
                lines = self.lines(name, rows)
                zipped.add(lines, f"{name}.jsonl", compress_type=ZIP_DEFLATED)
                yield from zipped.all_files()
        for media in self.chosen():
            if media.path and default_storage.exists(media.path):
                zipped.add(self.content(media), file_name(media))
                yield from zipped.all_files()
            else:
                self.missing.append(file_name(media))
        zipped.add(as_json(self.manifest()), "manifest.json")
        yield from zipped.finalize()

    def chosen(self) -> Iterator[Media]:
        size = 0
        for media in paged(files_of(self.person).filter(pk__gt=self.start)):
            size += media.bytes
            many = len(self.files) + len(self.missing) == MOST_FILES
            if many or (size > MOST_BYTES and size > media.bytes):
                return
            yield media

    def lines(self, name: str, rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
        self.counts[name] = 0
        waiting, size = list[bytes](), 0
        for facts in rows:
            line = as_line(facts)
            waiting.append(line)
            self.counts[name], size = self.counts[name] + 1, size + len(line)
            if size > CHUNK:
                yield b"".join(waiting)
                waiting, size = [], 0
        yield b"".join(waiting)

    def content(self, media: Media) -> Iterator[bytes]:
        """One that is lost in this moment breaks the download off, visibly."""
        with default_storage.open(media.path) as file:
            yield from file.chunks(CHUNK)
        facts = {"file": file_name(media), "bytes": media.bytes, "sha256": media.sha256}
        self.files.append(facts)

    def manifest(self) -> dict[str, Any]:
        counts = self.counts | {"files": len(self.files)}
        return {
            "schema": SCHEMA, "version": VERSION, "made_at": timezone.now(), "counts": counts,
            "files": self.files, "missing": self.missing,
        }  # fmt: skip


def as_json(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def as_line(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False).encode() + b"\n"
