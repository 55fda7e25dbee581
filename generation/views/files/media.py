"""Serves stored files, or one byte range of them, to those who may see them."""

import logging
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import IO

from django.core import signing
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from generation.engine.build_request import media_id_of
from generation.media.filenames import disposition, with_extension
from generation.models import Media, MediaKind, User
from generation.web.shortcuts import find, open_view

logger = logging.getLogger(__name__)
MISSING = "The file is missing from the storage"
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
PIECE = 64 * 1024
VARIANTS = {"thumb": "thumb_path", "preview": "preview_path", "original": "path"}
# A browser that opens a video or audio file by itself fetches it again, as part of its own page.
PLAYED = "default-src 'none'; media-src 'self'; sandbox allow-same-origin"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    # An address never changes its content, but who may see it can change: an hour lets a page of
    # sixty tiles open without sixty questions, and ends what a browser kept of a team one left.
    "Cache-Control": "private, max-age=3600",
    "Accept-Ranges": "bytes",
}


@require_safe
@open_view("it finds only files of the teams of who asks, else 404")
def serve_media(request: HttpRequest, media_id: int, variant: str) -> HttpResponseBase:
    """One variant of a file. A part of a page, so nobody is led to the log-in from here: 404."""
    if variant not in VARIANTS or not isinstance(request.user, User):
        raise Http404
    media = find(Media.objects.visible_to(request.user), pk=media_id)
    etag = f'"{media.sha256[:32]}-{variant}"'
    response = get_conditional_response(request, etag=etag) or file_response(
        request, media, variant, etag
    )
    response["ETag"] = etag
    for name, value in HEADERS.items():
        response[name] = value
    if variant == "original" and media.kind != MediaKind.IMAGE:
        response["Content-Security-Policy"] = PLAYED
    return response


@open_view("a signed link lets in")
@require_safe
def serve_input(request: HttpRequest, token: str, name: str) -> HttpResponseBase:  # noqa: ARG001
    """The file of a signed link, which providers fetch; the name is for the reader."""
    try:
        media = Media.objects.filter(pk=media_id_of(token)).first()
    except signing.BadSignature:
        raise Http404 from None
    if media is None:
        raise Http404
    response = file_response(request, media, "original", f'"{media.sha256[:32]}-original"')
    for header, value in HEADERS.items():
        response[header] = value
    return response


def file_response(request: HttpRequest, media: Media, variant: str, etag: str) -> HttpResponseBase:
    mime = media.mime if variant == "original" else "image/webp"
    response = stored_response(request, getattr(media, VARIANTS[variant]), mime, etag)
    if variant == "original" and response.status_code != 416:
        response["Content-Disposition"] = download_name(media)
    return response


def stored_response(request: HttpRequest, path: str, mime: str, etag: str) -> HttpResponseBase:
    """A stored file, or the range of it that was asked for."""
    file = open_stored(path)
    try:
        span = requested_range(request, file.size, etag)
    except Unsatisfiable:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    first, last = span or (0, file.size - 1)
    response: HttpResponseBase = HttpResponse()
    if request.method == "HEAD":
        file.close()
    else:
        response = StreamingHttpResponse(
            FileSection(file, first, last), status=206 if span else 200
        )
    response["Content-Type"] = mime
    response["Content-Length"] = str(last - first + 1)
    if span:
        response["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    return response


def open_stored(path: str) -> File:  # type: ignore[type-arg]
    if not path:
        raise Http404
    try:
        return default_storage.open(path)
    except FileNotFoundError:
        logger.error("The file is missing from the storage: %s", path)
        raise Http404(MISSING) from None


def requested_range(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """The range to send; only for GET, and only of the file that the browser already knows."""
    header = request.headers.get("Range", "")
    if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    return parse_range(header, size)


def download_name(media: Media) -> str:
    """The person's name for it with the extension of what it is."""
    return disposition(with_extension(media.name, PurePath(media.path).suffix[1:]))


# --- Byte ranges ----------------------------------------------------------------------------------


class Unsatisfiable(Exception):
    """The range lies behind the end of the file."""


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """The first and last byte asked for, or None for the whole file. Raises Unsatisfiable."""
    found = RANGE.fullmatch(header.strip())
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:  # the last so many bytes
        start, end = max(size - int(last), 0), size - 1
    else:
        start, end = int(first), min(int(last or size), size - 1)
        if last and int(last) < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return start, end


class FileSection:
    """Some bytes of an open file in small pieces; whoever sends them closes it."""

    def __init__(self, file: IO[bytes], first: int, last: int) -> None:
        self.file, self.first, self.left = file, first, last - first + 1

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.first)
        while self.left > 0 and (piece := self.file.read(min(PIECE, self.left))):
            self.left -= len(piece)
            yield piece

    def close(self) -> None:
        self.file.close()
