"""The audit log of a team: who did what, page by page, and as a file."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from io import StringIO
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from generation.forms.audit_filter import ALL, GROUPS, MONTH, OTHERS, OWN, TODAY, AuditFilter
from generation.forms.paging import beyond, page_of
from generation.media.filenames import disposition
from generation.models import Act, ActorKind, AuditEvent, Membership, User
from generation.models.users import initials_of
from generation.views.teams.audit_sentences import facts_of_event, sentence_about
from generation.web.shortcuts import StudioRequest, studio_view

PAGE = 50
PIECE = 1_000  # rows that one query of an export reads
KINDS = {
    ActorKind.GUEST: gettext_lazy("Guests"),
    ActorKind.LINK: gettext_lazy("Visitors by link"),
    ActorKind.SYSTEM: gettext_lazy("The studio"),
}


@dataclass(frozen=True)
class AuditRow:
    """One act as the page shows it."""

    event: AuditEvent
    day: str  # the heading above it, where a day begins
    clock: str
    name: str
    sentence: SafeString
    facts: list[tuple[Any, SafeString]]

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def is_person(self) -> bool:
        return self.event.actor_kind in (ActorKind.USER, ActorKind.GUEST)


@require_safe
@studio_view(Act.READ_AUDIT)
def audit_log(request: StudioRequest) -> HttpResponse:
    asked = AuditFilter.read(request.GET)
    rows = asked.rows(request.member)
    page = page_of(rows.prefetch_related("actor"), request.GET.get("after", ""), PAGE, "at")
    context = {
        "asked": asked,
        "rows": list(shown_rows(page.rows)),
        "total": rows.count(),
        "days": settings.AUDIT_DAYS,
        "more": page.more,
        "first": page.after is None,
        "people": people_in(request.member),
        "kinds": [(kind.value, KINDS[kind]) for kind in OTHERS],
        "groups": [(name, label) for name, (label, _nouns) in GROUPS.items()],
        "own": OWN,
        "times": times(),
    }
    return render(request, "generation/teams/audit.html", context)


def times() -> list[tuple[str, str | Promise]]:
    everything = _("Last %(days)d days") % {"days": settings.AUDIT_DAYS}
    return [(MONTH, _("Last 30 days")), (TODAY, _("Today")), (ALL, everything)]


def people_in(reader: Membership) -> list[tuple[str, str]]:
    """Members, and who did something here before they left."""
    members = User.objects.filter(memberships__team=reader.team_id).only("name", "email")
    found = {one.pk: one.shown_name for one in members}
    acted = AuditEvent.objects.filter(team=reader.team_id).exclude(actor=None)
    others = acted.exclude(actor__in=list(found)).values("actor_id")
    found |= dict(others.annotate(last=Max("actor_name")).values_list("actor_id", "last"))
    people = [(str(pk), name or "?") for pk, name in found.items()]
    return sorted(people, key=lambda one: one[1].casefold())


def shown_rows(events: list[AuditEvent]) -> Iterator[AuditRow]:
    before = None
    for event in events:
        at = timezone.localtime(event.at)
        day = day_label(at.date()) if at.date() != before else ""
        before = at.date()
        yield AuditRow(
            event=event,
            day=day,
            clock=date_format(at, "H:i"),
            name=name_of_actor(event),
            sentence=sentence_about(event),
            facts=list(facts_of_event(event)),
        )


def day_label(day: date) -> str:
    today = timezone.localdate()
    if day == today:
        return _("Today, %(day)s") % {"day": date_format(day, "MONTH_DAY_FORMAT")}
    if day == today - timedelta(days=1):
        return _("Yesterday, %(day)s") % {"day": date_format(day, "MONTH_DAY_FORMAT")}
    near = day.year == today.year
    return date_format(day, "MONTH_DAY_FORMAT" if near else "DATE_FORMAT")


def name_of_actor(event: AuditEvent) -> str:
    """As the log has it: also of somebody who is called otherwise now, or is gone."""
    if event.actor_name:
        return event.actor_name
    unnamed = {
        ActorKind.SYSTEM.value: _("Studio"),
        ActorKind.LINK.value: _("Unknown visitor"),
        ActorKind.GUEST.value: _("Guest"),
    }
    return unnamed.get(event.actor_kind, _("Somebody"))


# --- As a file ------------------------------------------------------------------------------------

COLUMNS = (
    "at", "actor_kind", "actor", "actor_id", "act", "target_kind", "target_id", "target",
    "changes", "ip", "user_agent", "session", "request", "zone",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for one


@require_safe
@studio_view(Act.READ_AUDIT)
def export_audit_log(request: StudioRequest, form: str) -> HttpResponse:
    """All that the filter finds, however much: CSV for people, JSON lines for programs."""
    if form not in FORMS:
        raise Http404
    mime, pieces = FORMS[form]
    rows = AuditFilter.read(request.GET).rows(request.member)
    zone = timezone.get_current_timezone()  # when the file is sent, that of the reader is gone
    answer: Any = StreamingHttpResponse(pieces(rows, zone), content_type=mime)
    team, today = request.member.team.name, timezone.localdate()
    name = _("%(team)s audit log %(day)s") % {"team": team, "day": f"{today:%Y-%m-%d}"}
    answer["Content-Disposition"] = disposition(f"{name}.{form}", attachment=True)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer  # type: ignore[no-any-return]


def in_pieces(rows: QuerySet[AuditEvent]) -> Iterator[list[AuditEvent]]:
    """Page by page: whoever reads slowly holds neither a query nor a connection open."""
    piece = list(rows[:PIECE])
    while piece:
        if not connection.in_atomic_block:
            connection.close()  # the next piece may be asked for by another thread
        yield piece
        last = piece[-1]
        piece = list(beyond(rows, last.at, last.pk, "at", later=False)[:PIECE])


def exported(event: AuditEvent, zone: tzinfo) -> dict[str, Any]:
    values = (
        event.at.astimezone(zone).isoformat(), event.actor_kind, name_of_actor(event),
        event.actor_id, event.verb, event.target_kind, event.target_id, event.target_name,
        event.changes, event.ip, event.user_agent, event.session_hint, event.request_id,
        str(zone),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def as_csv(rows: QuerySet[AuditEvent], zone: tzinfo) -> Iterator[bytes]:
    yield csv_lines([COLUMNS], mark="\ufeff")  # or spreadsheets take it for Latin-1
    for piece in in_pieces(rows):
        yield csv_lines(
            [[cell_of(value) for value in exported(one, zone).values()] for one in piece]
        )


def csv_lines(lines: Any, mark: str = "") -> bytes:
    out = StringIO()
    csv.writer(out).writerows(lines)
    return (mark + out.getvalue()).encode()


def cell_of(value: Any) -> str:
    """A cell that no spreadsheet reckons with: what people typed stands in it."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value or "")
    return f"'{text}" if text.startswith(FORMULA) else text


def as_json_lines(rows: QuerySet[AuditEvent], zone: tzinfo) -> Iterator[bytes]:
    for piece in in_pieces(rows):
        lines = [json.dumps(exported(one, zone), ensure_ascii=False) for one in piece]
        yield ("\n".join(lines) + "\n").encode()


FORMS: dict[str, tuple[str, Callable[[QuerySet[AuditEvent], tzinfo], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "jsonl": ("application/x-ndjson", as_json_lines),
}
