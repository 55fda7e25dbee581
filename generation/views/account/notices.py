"""The bell: a person's notices of the team they work in, and what they want to hear of."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.catalogue.message import LITERAL, Message
from generation.forms.form_status import status_of
from generation.forms.notices import NoticeForm
from generation.forms.paging import page_of
from generation.forms.parsing import parse_id
from generation.models import Act, Batch, Media, Notice, NoticeChoice, NoticeKind, Output
from generation.models.messages import shown
from generation.models.notices import (
    NOTICE_DAYS,
    NoticeQuerySet,
    mark_read,
)
from generation.models.zones import zone_of_person
from generation.web.days import day_name, day_of
from generation.web.shortcuts import (
    StudioRequest,
    account_view,
    current_member,
    find,
    studio_view,
)

PAGE, IN_BELL, THUMBS = 30, 6, 4
MOST_OUTPUTS = 400  # of all batches of a page that thumbs are chosen from
BELL = "generation/notices/_bell.html"
K = NoticeKind
# An icon, and the class of its colour.
LOOKS: dict[str, tuple[str, str]] = {
    K.BATCH_READY: ("circle-check", "ok"),
    K.BATCH_FAILED: ("triangle-alert", "err"),
    K.TASK_UNCERTAIN: ("circle-help", "warn"),
    K.KEY_PAUSED: ("key-round", "warn"),
    K.REVIEW_ASKED: ("eye", "run"),
    K.REVIEW_ANSWERED: ("list-checks", "run"),
    K.COMMENT_NEW: ("message-square", "run"),
    K.MENTION: ("at-sign", "run"),
    K.LINK_OPENED: ("globe", ""),
    K.LINK_DOWNLOADED: ("download", ""),
    K.LINK_COMMENTED: ("message-square", "run"),
    K.LINK_LOCKED: ("lock", "err"),
    K.MEMBER_JOINED: ("user-plus", ""),
}


@dataclass
class NoticeRow:
    """One notice as it is shown."""

    notice: Notice
    icon: str
    tone: str
    text: SafeString
    day: str
    batch_at: datetime | None = None
    thumbs: list[str] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.notice.read_at is None


def notices_of(request: StudioRequest) -> NoticeQuerySet:
    return Notice.objects.shown_to(request.user, request.member.team)


@require_safe
@studio_view(Act.SEE)
def notices(request: StudioRequest) -> HttpResponse:
    new_only = request.GET.get("show") == "new"
    rows = notices_of(request).order_by("-at", "-id")
    page = page_of(rows.unread() if new_only else rows, request.GET.get("after", ""), PAGE, "at")
    facts = {
        "rows": shown_rows(request, page.rows),
        "new_only": new_only,
        "more": page.more,
        "first": page.after is None,
        "newest": max((row.pk for row in page.rows), default=0),
        "days": NOTICE_DAYS,
    }
    return render(request, "generation/notices/notices.html", facts)


@require_safe
@studio_view(Act.SEE)
def bell(request: StudioRequest) -> HttpResponse:
    """What opens at the bell: the newest few."""
    return render(request, BELL, bell_context(request))


def bell_context(request: StudioRequest) -> dict[str, object]:
    rows = list(notices_of(request).order_by("-at", "-id")[:IN_BELL])
    newest = max((row.pk for row in rows), default=0)
    return {"rows": shown_rows(request, rows), "newest": newest}


@require_POST
@studio_view(Act.OPEN_NOTICE)
def open_notice(request: StudioRequest, notice_id: int) -> HttpResponse:
    """Mark it read, and go to the place that it is about."""
    notice = find(notices_of(request), pk=notice_id)
    mark_read(notices_of(request).filter(pk=notice.pk))
    return HttpResponseRedirect(notice.path or reverse("notices"))


@require_POST
@studio_view(Act.SEE)
def read_notices(request: StudioRequest) -> HttpResponse:
    """Mark one as read, or all up to the newest that the page has shown."""
    rows, one = notices_of(request), request.POST.get("notice", "")
    if one:
        mark_read(rows.filter(pk=find(rows, pk=parse_id(one)).pk))
    else:
        mark_read(rows.filter(pk__lte=parse_id(request.POST.get("upto", ""))))
    if request.htmx:
        request.member = current_member(request) or request.member  # with the number as it is now
        return render(request, BELL, bell_context(request))
    show = "?show=new" if request.POST.get("show") == "new" else ""
    return HttpResponseRedirect(reverse("notices") + show)


def shown_rows(request: StudioRequest, rows: list[Notice]) -> list[NoticeRow]:
    found = list(rows_with_days(rows))
    by_batch = {
        parse_id(pk): row
        for row in found
        for kind, _colon, pk in [row.notice.target.partition(":")]
        if kind == "batch"
    }
    if by_batch:
        team = request.member.team
        at = dict(Batch.objects.filter(team=team, pk__in=by_batch).values_list("pk", "created_at"))
        thumbs = thumbs_of(Output.objects.filter(team=team, task__batch__in=by_batch).kept())
        for pk, row in by_batch.items():
            row.batch_at, row.thumbs = at.get(pk), thumbs[pk]
    return found


def rows_with_days(rows: list[Notice]) -> Iterator[NoticeRow]:
    for notice in rows:
        icon, tone = LOOKS[notice.kind]
        day = day_name(day_of(notice.at))
        yield NoticeRow(notice, icon, tone, with_bold_values(notice.sentence), day)


def thumbs_of(outputs: QuerySet[Output]) -> dict[int, list[str]]:
    """The first few of each batch."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = outputs.order_by("task_id", "position").values_list("task__batch", "media")
    for pk, media in rows[:MOST_OUTPUTS]:
        if len(found[pk]) < THUMBS:
            found[pk].append(Media(pk=media).thumb_url)
    return found


def with_bold_values(message: Message) -> SafeString:
    """The sentence, with what fills its places in bold; names stay what people typed."""
    if message.text == LITERAL:
        return escape(str(message))
    return mark_safe(message.render(escaped, bold))  # noqa: S308  each part is escaped


def escaped(text: str) -> str:
    return escape(_(text)) if text != LITERAL else text


def bold(value: object) -> str:
    return format_html("<b>{}</b>", shown(value))


@require_http_methods(["GET", "HEAD", "POST"])
@account_view
def notice_settings(request: StudioRequest) -> HttpResponse:
    form = NoticeForm(request.POST or None, NoticeChoice.of(request.user))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("settings-notices")
    member = current_member(request)
    zone = zone_of_person(request.user, member.team if member else None)
    facts = {"form": form, "zone": zone.key}
    return render(request, "generation/settings/notices.html", facts, status=status_of(form))
