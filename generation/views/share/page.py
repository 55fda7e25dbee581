"""The page of a share link: all that it shows."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from generation.models import ReviewState
from generation.views.share.gate import arrive, give_cookie, guest_view
from generation.views.share.pieces import (
    Tally,
    common_facts,
    count_comments,
    pieces_of,
    tally_of,
)

ON_A_PAGE = 120
# What the chips above the pieces choose: all, or those of these states.
FILTERS = {
    "answer": {ReviewState.NONE, ReviewState.IN_REVIEW},
    "approved": {ReviewState.APPROVED},
    "changes": {ReviewState.CHANGES},
}


@guest_view
@require_safe
def share_page(request: HttpRequest, share_token: str) -> HttpResponse:
    """All that the link shows."""
    visit = arrive(request, share_token)
    if isinstance(visit, HttpResponse):
        return visit
    link = visit.link
    pieces = pieces_of(link, share_token)
    tally = tally_of(pieces) if link.may_approve and pieces else None
    chosen = request.GET.get("show", "")
    shown = [one for one in pieces if one.output.review in FILTERS.get(chosen, ReviewState.values)]
    paged = Paginator(shown, ON_A_PAGE).get_page(request.GET.get("page"))
    count_comments(link, paged.object_list)
    facts = common_facts(visit, share_token) | {
        "page": paged,
        "may_save_all": any(one.download for one in pieces),
        "total": len(pieces),
        "tally": tally,
        "chosen": chosen if chosen in FILTERS else "",
        "chips": chips_of(tally) if tally else [],
    }
    response = render(request, "generation/share/page.html", facts)
    give_cookie(request, response, share_token)
    return response


def chips_of(tally: Tally) -> list[tuple[str, str, int]]:
    return [
        ("", pgettext("pieces of a share link", "All"), tally.total),
        ("answer", _("To answer"), tally.open),
        ("approved", _("Approved"), tally.approved),
        ("changes", _("Changes asked"), tally.changes),
    ]
