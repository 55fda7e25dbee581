"""The team's subjects: the grid, and the list that opens at @ in a prompt."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generation.catalogue import rules
from generation.catalogue.check_inputs import check_inputs
from generation.catalogue.params import PARAMS
from generation.catalogue.signs import key_of
from generation.catalogue.types import Offer
from generation.forms.fields import sentence
from generation.forms.mentioned_subjects import subjects_of, with_files
from generation.forms.paging import page_of
from generation.forms.parsing import parse_id
from generation.forms.search import clean_query, searched
from generation.forms.subjects import tags_of
from generation.models import Act, ConsentState, Subject, SubjectKind, Team
from generation.models.consents import (
    consents_ended,
    consents_ending,
    in_state,
    studio_today,
)
from generation.models.subjects import SubjectQuerySet
from generation.views.subjects.cards import with_card_columns
from generation.views.subjects.imports import import_status
from generation.views.subjects.live import list_live
from generation.views.subjects.registrations import importable
from generation.web.shortcuts import StudioRequest, page_or_fragment, studio_view

RESULTS = "generation/subjects/_results.html"
MORE = "generation/subjects/_page.html"
PAGE = 60
SUGGESTED = 30  # with fewer subjects than this the page asks once and narrows by itself
MOST_TAGS = 12
CONSENTS = {
    one.value: one.label for one in (ConsentState.NONE, ConsentState.SOON, ConsentState.ENDED)
}


@dataclass(frozen=True)
class SubjectFilter:
    """Which subjects the list shows: kind, tag, search text, archived or not."""

    kind: str
    tag: str
    search: str
    archived: bool = False
    consent: str = ""
    team: int = 0  # whose index is searched

    @classmethod
    def read(cls, query: Any, team_id: int) -> "SubjectFilter":
        kind, tags = query.get("kind", ""), tags_of(query.get("tag", "")[:60])
        return cls(
            kind if kind in SubjectKind.values else "",
            tags[0] if tags else "",
            clean_query(query.get("q", "")),
            "archived" in query,
            consent if (consent := query.get("consent", "")) in CONSENTS else "",
            team_id,
        )

    @property
    def narrows(self) -> bool:
        return bool(self.kind or self.tag or self.search or self.consent)

    def query(self, **changed: str) -> str:
        facts = {"kind": self.kind, "tag": self.tag, "q": self.search, "consent": self.consent}
        facts |= changed
        facts |= {"archived": "1"} if self.archived else {}
        return urlencode({name: value for name, value in facts.items() if value})

    def apply(self, rows: SubjectQuerySet, tagged: Iterable[int]) -> SubjectQuerySet:
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.tag:
            rows = rows.filter(pk__in=list(tagged))
        if self.consent:
            rows = rows.filter(in_state(self.consent, studio_today()))
        return searched(rows, self.search, self.team)


@require_safe
@studio_view(Act.SEE)
def subject_list(request: StudioRequest) -> HttpResponse:
    """A page of cards, those changed last first."""
    team = request.member.team
    chosen = SubjectFilter.read(request.GET, team.pk)
    rows = Subject.objects.visible_to(request.user).filter(team=team)
    undo = rows.filter(pk=parse_id(request.GET.get("undo", ""))).exclude(archived_at=None).first()
    rows = rows.filter(archived_at__isnull=not chosen.archived)
    tags = dict(rows.values_list("pk", "tags"))
    found = chosen.apply(rows, [pk for pk, own in tags.items() if chosen.tag in own])
    found = with_card_columns(found, request).order_by("-changed_at", "-id")
    page = page_of(found, request.GET.get("after", ""), PAGE, "changed_at")
    context = {
        "cards": page.rows,
        "more": page.more,
        "first": page.after is None,
        "chosen": chosen,
        "query": chosen.query(),
        "kinds": filter_chips(chosen),
        "tags": tag_links(chosen, tags.values()),
        "consents": consent_chips(chosen),
        "total": len(tags),
        "undo": undo,
    }
    if not request.htmx:
        newest = rows.order_by("-pk").values_list("pk", flat=True).first()
        context["live"] = list_live(request, newest or 0)
    if request.member.may(Act.EDIT_SUBJECT):
        context |= {"libraries": importable(request)}
        context |= {} if request.htmx else import_status(request) | consent_counts(team)
    fragment = "_page" if "after" in request.GET else "_results"
    return page_or_fragment(
        request,
        "generation/subjects/subjects.html",
        f"generation/subjects/{fragment}.html",
        context,
    )


def filter_chips(chosen: SubjectFilter) -> list[tuple[str, str, bool]]:
    """The chips: address, label, whether it is the one shown."""
    kinds = [("", _("All")), *((one.value, str(one.label)) for one in SubjectKind)]
    return [(chosen.query(kind=value), label, chosen.kind == value) for value, label in kinds]


def consent_chips(chosen: SubjectFilter) -> list[tuple[str, str, bool]]:
    """The chosen one leads back to all."""
    return [
        (
            chosen.query(consent="" if one == chosen.consent else one),
            str(label),
            one == chosen.consent,
        )
        for one, label in CONSENTS.items()
    ]


def consent_counts(team: Team) -> dict[str, int]:
    """What the team is told above the list."""
    today = studio_today()
    return {
        "ending": consents_ending(team, today).count(),
        "ended": consents_ended(team, today).count(),
    }


def tag_links(chosen: SubjectFilter, tags: Iterable[list[str]]) -> list[tuple[str, str, bool]]:
    """The tags used most; the chosen one leads back to all."""
    counted = Counter(tag for own in tags for tag in own)
    names = [tag for tag, _number in counted.most_common(MOST_TAGS)]
    if chosen.tag and chosen.tag not in names:
        names.append(chosen.tag)
    return [
        (chosen.query(tag="" if tag == chosen.tag else tag), tag, tag == chosen.tag)
        for tag in names
    ]


# --- At @ in a prompt -----------------------------------------------------------------------------


@dataclass(frozen=True)
class SubjectSuggestion:
    """One line of the list; `reason` says why this model cannot use it."""

    subject: Subject
    reason: str = ""


@require_safe
@studio_view(Act.SEE)
def search(request: StudioRequest) -> HttpResponse:
    """The subjects whose name begins with what is typed, then those that hold it."""
    rows = subjects_of(request.member.team, request.user)
    names = matching(rows, request.GET.get("q", ""))
    found = with_files(rows).with_consent().in_bulk(names[:SUGGESTED])
    offer = rules.offer_named(request.GET.get("mode", ""), request.GET.get("model", ""))
    lines = [suggestion_for(found[pk], offer) for pk in names[:SUGGESTED] if pk in found]
    context = {
        "suggestions": sorted(lines, key=lambda line: bool(line.reason)),
        "complete": len(names) <= SUGGESTED,
    }
    return render(request, "generation/subjects/_suggestions.html", context)


def matching(rows: SubjectQuerySet, typed: str) -> list[int]:
    """Compared here and not by the database, which knows no capitals beyond ASCII."""
    wanted = key_of(clean_query(typed))
    names = list(rows.values_list("name_key", "pk"))
    hits = [(not name.startswith(wanted), name, pk) for name, pk in names if wanted in name]
    return [pk for _later, _name, pk in sorted(hits)]


def suggestion_for(subject: Subject, offer: Offer | None) -> SubjectSuggestion:
    """The catalogue says whether this model can use it."""
    if offer is None:
        return SubjectSuggestion(subject)
    limit = offer.limits.get("subjects")
    if limit is None or limit.off:
        reason = _("%(model)s does not take subjects here.")
        return SubjectSuggestion(subject, reason % {"model": offer.label})
    found = check_inputs(PARAMS["subjects"], limit, [subject.facts])
    return SubjectSuggestion(subject, sentence(found[0]) if found else "")
