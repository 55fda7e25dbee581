"""What makes a request slow has threads of its own, so that pages never wait for it.

A view names its lane with `in_lane`; the server (`generation/web/server`) runs it there. Where
another server runs the studio, such as `runserver`, every view works in the thread it has.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

View = Callable[..., HttpResponse]
# In the environ of a request: the lane it runs in, and the one that had no room for it.
RUNS_IN, REFUSED_BY = "studio.lane", "studio.full_lane"


@dataclass(frozen=True)
class LaneRules:
    """Its threads, how many requests may wait for one, and for how many seconds each."""

    threads: int
    most_waiting: int
    patience: float
    busy: str | Promise = ""


PAGES, FILES, LINKS, MAIL, GUESTS = "pages", "files", "links", "mail", "guests"
LANES = {
    PAGES: LaneRules(8, 1_000, 60.0),
    FILES: LaneRules(2, 64, 60.0, _("The studio is busy with other files; try again in a moment.")),
    LINKS: LaneRules(2, 8, 10.0, _("The studio is busy with other links; try again in a moment.")),
    MAIL: LaneRules(2, 8, 10.0, _("The studio is busy with other mail; try again in a moment.")),
    GUESTS: LaneRules(2, 300, 20.0),  # all that comes by share links: the studio's own pages first
}


def is_of_guest(environ: Mapping[str, Any]) -> bool:
    return str(environ.get("PATH_INFO", "")).startswith(f"{settings.PUBLIC_PATH}/s/")


class HandOver(HttpResponse):
    """Answered to the server alone: run this request again, in that lane."""

    def __init__(self, lane: str) -> None:
        super().__init__(status=202)  # below 400, which Django would log
        self.lane = lane


def in_lane(choose: Callable[[HttpRequest], str]) -> Callable[[View], View]:
    """Have a view run in the lane that `choose` names; "" leaves it where it is.

    It starts again there, so nothing may have been done before: put this below the checks of
    who may act. The view finds in `busy` whether it has to refuse.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapper(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            here = request.META.get(RUNS_IN)
            wanted = choose(request) if here else ""
            if wanted and here != wanted and not is_refused(request, wanted):
                return HandOver(wanted)
            return view(request, *args, **kwargs)

        return wrapper

    return decorator


def is_refused(request: HttpRequest, lane: str) -> bool:
    return bool(request.META.get(REFUSED_BY) == lane)


def busy(request: HttpRequest, lane: str) -> str:
    """The sentence where the lane had no room for this request; else empty."""
    return str(LANES[lane].busy) if is_refused(request, lane) else ""
