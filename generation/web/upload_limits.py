"""Refuses a form with files by its announced length, before the body is read."""

# ruff: noqa: ARG002  (Django's contract of an upload handler)

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

MEGABYTE = 1024 * 1024
# By address name; every other form holds no file.
MOST = {
    "uploads": 52 * MEGABYTE,
    "create": 520 * MEGABYTE,
    "check-file": 102 * MEGABYTE,
    "subject-new": 256 * MEGABYTE,
    "subject-edit": 256 * MEGABYTE,
    "subject-consent": 32 * MEGABYTE,  # a paper has 10; up to here the form says so
}
# Of one upload, by the input it is for. What a model takes is asked later, of the file itself.
MOST_FOR = {"videos": 502 * MEGABYTE, "sounds": 102 * MEGABYTE, "prompt_sound": 52 * MEGABYTE}
FRAME = 2 * MEGABYTE  # what a form has around its file
MOST_ELSEWHERE = 6 * MEGABYTE


def upload_url_name(request: HttpRequest | None) -> str:
    match = request and request.resolver_match
    return match.view_name if match else ""


def most_bytes(name: str) -> int:
    """How large an uploaded file for one input may be, whatever a model takes."""
    return MOST_FOR.get(name, MOST["uploads"]) - FRAME


def most_for(where: str, name: str) -> int:
    """How long a body may be, by the name of its address and of the input it is for."""
    if where == "uploads":
        return most_bytes(name) + FRAME
    return MOST.get(where, MOST_ELSEWHERE)


def most_of(request: HttpRequest | None) -> int:
    name = request.GET.get("for", "") if request is not None else ""
    return most_for(upload_url_name(request), name)


def most_megabytes(request: HttpRequest) -> int:
    """How large a file may be, for people."""
    return (most_of(request) - FRAME) // MEGABYTE


def is_too_long(request: HttpRequest | None, length: int) -> bool:
    return length > most_of(request)


class Intake(FileUploadHandler):
    """First in FILE_UPLOAD_HANDLERS: the token check reads forms before any view runs."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> Any:
        if not is_too_long(self.request, content_length):
            return None
        if upload_url_name(self.request) == "uploads":
            return QueryDict(), MultiValueDict()  # the view answers with a sentence
        raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
