"""The files that a share link shows, each under its number in the link."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from generation.engine.share_items import find_item
from generation.models import Downloads
from generation.views.files.media import HEADERS, file_response
from generation.views.share.gate import guest_view, let_in

VARIANTS = {"thumb": "thumb", "poster": "preview", "preview": "preview", "original": "original"}


@guest_view
@require_safe
def share_media(
    request: HttpRequest, share_token: str, number: int, variant: str
) -> HttpResponseBase:
    visit = let_in(request, share_token)
    output = find_item(visit.link, number) if visit else None
    if visit is None or output is None or variant not in VARIANTS:
        raise Http404
    if variant == "original" and visit.link.downloads != Downloads.ORIGINAL:
        raise Http404
    response = file_response(request, output.media, VARIANTS[variant], "")
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers.pop("Content-Disposition", None)
    return response
