"""The files behind a share link: each request asks the gate, each piece that the link is open."""

from collections.abc import Callable
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from generation.catalogue.message import Message
from generation.engine.notices import notify
from generation.engine.share_items import find_item
from generation.engine.share_terms import zone_of
from generation.media.filenames import disposition, with_extension
from generation.models import NoticeKind, ShareLink, Visitor
from generation.models.invitations import token_hash
from generation.views.files.media import PLAYED, Unsatisfiable, requested_range
from generation.views.share.closed import closed
from generation.views.share.gate import guest_view, let_in
from generation.views.share.guest_files import (
    GuestFile,
    NotGiven,
    NotMade,
    NotReady,
    guest_file,
    may_download,
    saved_file,
    social_file,
)
from generation.views.share.guest_streams import GuestStream, PartsSection, sent_bytes

VARIANTS = ("thumb", "poster", "preview", "original")
CUT = 4 * 1024**2  # of a range without an end: who plays asks again within seconds
RETRY = 2  # seconds
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONE = gettext_noop("Something was downloaded by the link “%(title)s”.")
MANY = gettext_noop("%(count)s downloads by the link “%(title)s”.")
# Shown by pages in the place of an image that is being made.
PLACEHOLDER = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90">'
    b'<rect width="160" height="90" fill="#808692" fill-opacity=".25"/>'
    b'<g fill="#808692"><circle cx="66" cy="45" r="4"/><circle cx="80" cy="45" r="4"/>'
    b'<circle cx="94" cy="45" r="4"/></g></svg>'
)


@guest_view
@require_safe
def share_media(
    request: HttpRequest, share_token: str, number: int, variant: str
) -> HttpResponseBase:
    """One variant of what the link shows under this number."""
    if variant == "social":
        return social_preview(request, share_token, number)
    visit = let_in(request, share_token)
    if visit is None or variant not in VARIANTS:
        return closed(request)
    saving = variant == "original" or "download" in request.GET
    output = find_item(visit.link, number, ("media", "task") if saving else ("media",))
    if output is None:
        return closed(request)
    link, visitor = visit.link, visit.visitor
    if saving and not may_download(link, output, variant):
        return closed(request)
    name = item_name(link, number) if saving else ""
    find = saved_file if saving else guest_file
    answer = answer_with(
        request, link, visitor, lambda: find(link, visitor, output, variant), name=name
    )
    if saving and is_first_piece(request, answer):
        note_download(link, visitor, 1)
    return answer


def social_preview(request: HttpRequest, share_token: str, number: int) -> HttpResponseBase:
    """What a link shows of itself where it is pasted, if its maker wants that: it is asked for by
    programs that nobody lets in. One with a password shows nothing."""
    link = ShareLink.objects.open().filter(token_hash=token_hash(share_token)).first()
    if link is None or not link.social_preview or link.password_hash or link.is_used_up:
        return closed(request)
    output = find_item(link, number, ("media",))
    if output is None:
        return closed(request)
    return answer_with(request, link, None, lambda: social_file(link, output))


def item_name(link: ShareLink, number: int) -> str:
    """What a download is called: by the link's title, which its guests read anyway."""
    return f"{link.title} {number}"


def answer_with(
    request: HttpRequest,
    link: ShareLink,
    visitor: Visitor | None,
    find: Callable[[], GuestFile],
    name: str = "",
) -> HttpResponseBase:
    """The file, or a sentence why not now. With `name` it is for saving."""
    left, again = sent_bytes.left(link.pk)
    if left == 0:
        return used_up(link, again)
    try:
        file = find()
        answer = file_answer(request, link, visitor, file, name)
    except (NotGiven, FileNotFoundError):
        return closed(request)
    except NotMade:
        return with_file_headers(
            sentence_answer(_("This file cannot be shown. Tell who sent the link."), 404)
        )
    except NotReady:
        return with_file_headers(not_ready(request, is_page=bool(name)))
    return answer


def file_answer(
    request: HttpRequest, link: ShareLink, visitor: Visitor | None, file: GuestFile, name: str
) -> HttpResponseBase:
    etag = etag_of(link, file)
    answer = get_conditional_response(request, etag=etag) or section(
        request, link, visitor, file, etag
    )
    answer.headers["ETag"] = etag
    if name and answer.status_code in (200, 206):
        full = with_extension(f"{name}.x", file.extension)
        answer.headers["Content-Disposition"] = disposition(full, attachment=True)
    return with_file_headers(answer, file.mime)


def etag_of(link: ShareLink, file: GuestFile) -> str:
    """Tells nobody which file it is of."""
    text = f"{link.pk}:{file.path}:{file.size}:{file.marks}"
    return f'"{salted_hmac("a file of a share link", text, algorithm="sha256").hexdigest()[:32]}"'


def section(
    request: HttpRequest, link: ShareLink, visitor: Visitor | None, file: GuestFile, etag: str
) -> HttpResponseBase:
    try:
        span = requested_range(request, file.size, etag)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    first, last = span or (0, file.size - 1)
    if span and request.headers.get("Range", "").strip().endswith("-"):
        last = min(last, first + CUT - 1)
    answer: HttpResponseBase = HttpResponse()
    if request.method != "HEAD":
        all_of_it: Any = [(0, file.size)]
        opened = default_storage.open(file.path)
        pieces = PartsSection(opened, file.parts or all_of_it, first, last)
        answer = GuestStream(pieces, link, visitor, status=206 if span else 200)
    answer.headers["Content-Type"] = file.mime
    answer.headers["Content-Length"] = str(last - first + 1)
    if span:
        answer.headers["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    return answer


def with_file_headers(answer: HttpResponseBase, mime: str = "") -> HttpResponseBase:
    for name, value in HEADERS.items():
        answer.headers[name] = value
    if mime.startswith(("video/", "audio/")):
        answer.headers["Content-Security-Policy"] = PLAYED
    if mime:
        answer.headers["Accept-Ranges"] = "bytes"
    return answer


# --- What is answered in the place of a file ------------------------------------------------------


def sentence_answer(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=status)


def not_ready(request: HttpRequest, *, is_page: bool) -> HttpResponse:
    """Never what is not marked in the place of what is: a grey image, or a sentence. What a person
    opened to save it is asked for again by the browser."""
    if not is_page and "image/" in request.headers.get("Accept", ""):
        answer = HttpResponse(PLACEHOLDER, content_type="image/svg+xml", status=503)
    else:
        answer = sentence_answer(_("This is being prepared. It is there in a few seconds."), 503)
        if is_page:
            answer.headers["Refresh"] = str(RETRY)
    answer.headers["Retry-After"] = str(RETRY)
    return answer


def used_up(link: ShareLink, again: Any) -> HttpResponseBase:
    """So many bytes went out today that no more do."""
    again = again or timezone.now()
    seconds = max(1, int((again - timezone.now()).total_seconds()))
    there = again.astimezone(zone_of(link.team))
    sentence = _("As much was sent by this link as is in a day. It goes on at %(time)s.") % {
        "time": date_format(there, "j M Y, H:i", use_l10n=False)
    }
    answer = sentence_answer(sentence, 429)
    answer.headers["Retry-After"] = str(seconds)
    return with_file_headers(answer)


# --- Downloads ------------------------------------------------------------------------------------


def is_first_piece(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """One that goes on, or only looks, is no second download."""
    if request.method == "HEAD" or answer.status_code not in (200, 206):
        return False
    return answer.status_code == 200 or answer.headers["Content-Range"].startswith("bytes 0-")


def note_download(link: ShareLink, visitor: Visitor | None, count: int) -> None:
    """For the list of links, and for its maker; what the team itself saves is not counted."""
    if visitor is None:
        return
    ShareLink.objects.filter(pk=link.pk).update(downloads_count=F("downloads_count") + count)
    if link.tell_downloads:
        notify(
            NoticeKind.LINK_DOWNLOADED, link.team, [link.created_by_id],
            Message(ONE, title=link.title),
            url=link.get_absolute_url(), target=f"link:{link.pk}", group=f"download:{link.pk}",
            many=Message(MANY, title=link.title),
        )  # fmt: skip
