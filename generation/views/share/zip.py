"""Several files of a share link as one zip: a ticket for this visitor, and what it is good for."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from zipstream import ZipStream

from generation.engine.share_items import items_of
from generation.media.filenames import disposition, with_extension
from generation.models import Downloads, Output, ShareLink, ZipTicket
from generation.views.share.closed import closed
from generation.views.share.gate import Visit, guest_view, let_in
from generation.views.share.guest_files import (
    GuestFile,
    NotGiven,
    NotMade,
    NotReady,
    may_download,
    saved_file,
)
from generation.views.share.guest_settings import settings_go_along, settings_of, settings_text
from generation.views.share.guest_streams import GuestStream, PartsSection, sent_bytes
from generation.views.share.media import (
    RETRY,
    item_name,
    note_download,
    sentence_answer,
    used_up,
    with_file_headers,
)

MOST_FILES = 2_000
MOST_BYTES = 20 * 1024**3


@dataclass
class ZipFile:
    """One file of a zip; `settings` go beside it, with the hash of what was sent."""

    name: str
    file: GuestFile
    settings: dict[str, Any] | None = None
    digest: Any = field(default_factory=hashlib.sha256)

    def pieces(self) -> Iterator[bytes]:
        """Opened when its turn comes."""
        with default_storage.open(self.file.path) as opened:
            parts = self.file.parts or [(0, self.file.size)]
            for piece in PartsSection(opened, list(parts), 0, self.file.size - 1):
                if self.settings is not None:
                    self.digest.update(piece)
                yield piece

    def settings_pieces(self) -> Iterator[bytes]:
        yield settings_text(self.settings or {}, self.digest.hexdigest)

    @property
    def settings_size(self) -> int:
        return len(settings_text(self.settings or {}))


@guest_view
@require_POST
def ask_for_zip(request: HttpRequest, share_token: str) -> HttpResponseBase:
    """A ticket for what is chosen, or for all that may be saved, and the way to it."""
    visit = let_in(request, share_token)
    if visit is None or visit.link.downloads == Downloads.NONE:
        return closed(request)
    numbers = [number for number, _one in chosen(visit.link, requested_numbers(request.POST))]
    if not numbers:
        return with_file_headers(sentence_answer(_("None of this can be downloaded."), 422))
    if len(numbers) > MOST_FILES:
        return with_file_headers(sentence_answer(too_many_files(), 422))
    secret = ZipTicket.issue(visit.link, visit.visitor, numbers)
    return HttpResponseRedirect(reverse("share-zip-file", args=[share_token, secret]))


@guest_view
@require_safe
def send_zip(request: HttpRequest, share_token: str, ticket: str) -> HttpResponseBase:
    """What the ticket is for, as far as the link still shows it."""
    visit = let_in(request, share_token)
    found = ZipTicket.find(visit.link, visit.visitor, ticket) if visit else None
    if visit is None or found is None:
        return closed(request)
    link = visit.link
    files, missing, waiting = zip_files(visit, chosen(link, set(found.numbers)))
    if waiting:
        return with_file_headers(still_waiting(len(files), waiting))
    if not files:
        return with_file_headers(sentence_answer(_("None of this can be downloaded."), 422))
    size = sum(one.file.size for one in files)
    if size > MOST_BYTES:
        return with_file_headers(sentence_answer(too_many_files(), 422))
    left, again = sent_bytes.left(link.pk)
    if size > left:
        return used_up(link, again)
    if request.method != "HEAD" and not found.use():
        return closed(request)
    return zip_answer(request, visit, files, missing)


def requested_numbers(data: QueryDict) -> set[int] | None:
    """None: all of them."""
    texts = data.getlist("n")
    return {int(text) for text in texts if text.isdecimal() and len(text) < 9} if texts else None


def chosen(link: ShareLink, numbers: set[int] | None) -> list[tuple[int, Output]]:
    """Those that the link shows now and lets its guests save."""
    return [
        (number, output)
        for number, output in items_of(link)
        if (numbers is None or number in numbers) and may_download(link, output, link.downloads)
    ]


def zip_files(
    visit: Visit, items: Sequence[tuple[int, Output]]
) -> tuple[list[ZipFile], list[str], int]:
    """Files with their names, names of those that cannot be given, how many are being made."""
    files, missing, waiting = list[ZipFile](), list[str](), 0
    with_settings = settings_go_along(visit.link)
    for number, output in items:
        name = item_name(visit.link, number)
        try:
            file = saved_file(visit.link, visit.visitor, output, visit.link.downloads)
        except NotReady:
            waiting += 1
        except (NotGiven, NotMade, FileNotFoundError):
            missing.append(name)
        else:
            facts = settings_of(visit.link, output, file) if with_settings else None
            files.append(ZipFile(name, file, facts))
    return files, missing, waiting


def too_many_files() -> str:
    return _("This is more than fits into one zip: 2,000 files or 20 GB. Choose fewer.")


def still_waiting(ready: int, waiting: int) -> HttpResponse:
    """The browser asks again by itself; no try of the ticket is used up by that."""
    sentence = ngettext(
        "%(waiting)s file is being prepared, %(ready)s are ready. The download begins by itself.",
        "%(waiting)s files are being prepared, %(ready)s are ready. The download begins by itself.",
        waiting,
    )
    answer = sentence_answer(sentence % {"waiting": waiting, "ready": ready}, 503)
    answer.headers["Refresh"] = answer.headers["Retry-After"] = str(2 * RETRY)
    return answer


def zip_answer(
    request: HttpRequest, visit: Visit, files: Sequence[ZipFile], missing: Sequence[str]
) -> HttpResponseBase:
    zipped = zip_of(files, missing)
    answer: Any = HttpResponse()
    if request.method != "HEAD":
        answer = GuestStream(zipped, visit.link, visit.visitor)
        note_download(visit.link, visit.visitor, len(files))
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Length"] = str(len(zipped))
    name = with_extension(f"{visit.link.title}.x", "zip")
    answer.headers["Content-Disposition"] = disposition(name, attachment=True)
    return with_file_headers(answer)


def zip_of(files: Sequence[ZipFile], missing: Sequence[str]) -> ZipStream:
    """Not compressed: what is in it is."""
    zipped = ZipStream(sized=True)
    for one in files:
        full = with_extension(f"{one.name}.x", one.file.extension)
        zipped.add(one.pieces(), full, size=one.file.size)
        if one.settings is not None:
            json_name = with_extension(f"{one.name}.x", "json")
            zipped.add(one.settings_pieces(), json_name, size=one.settings_size)
    if missing:
        lines = [_("Files that are missing:"), *missing, ""]
        zipped.add("\r\n".join(lines), _("Missing files.txt"))
    return zipped
