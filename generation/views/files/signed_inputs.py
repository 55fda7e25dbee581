"""Input files for providers whose fields take an address only, behind a signed link."""

from django.core import signing
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from generation.engine.build_request import input_of
from generation.models import Media
from generation.views.files.media import HEADERS, file_response


@require_safe
def serve_input(request: HttpRequest, token: str, name: str) -> HttpResponseBase:  # noqa: ARG001
    """The file that the link was made for, for as long as it holds; the name is for the reader."""
    try:
        media = Media.objects.filter(pk=input_of(token)).first()
    except signing.BadSignature:
        raise Http404 from None
    if media is None:
        raise Http404
    response = file_response(request, media, "original", f'"{media.sha256[:32]}-original"')
    for header, value in HEADERS.items():
        response[header] = value
    return response
