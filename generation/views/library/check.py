"""Is this file one of ours? By its hash, in the teams that the person is in."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generation.engine.review_state import Approval, approval_of
from generation.forms import limits
from generation.forms.delivery import CheckForm
from generation.forms.form_status import status_of
from generation.models import Act, DeliveryCopy, Media, Output, User
from generation.views.library.tile import title_of
from generation.web.lanes import FILES, busy, in_lane
from generation.web.shortcuts import StudioRequest, studio_view
from generation.web.upload_limits import most_megabytes

CHECKS = limits.Limit("file checks of a person", 60, limits.MINUTE)
MOST_FOUND = 12


@dataclass(frozen=True)
class Match:
    """One file of a team; `output` where it is a result, else it was uploaded."""

    media: Media
    output: Output | None
    is_copy: bool  # one that was delivered, with marks in it

    @property
    def title(self) -> str:
        return title_of(self.output) if self.output else self.media.name or _("Upload")

    @property
    def maker(self) -> str:
        row = self.output.maker_name if self.output else self.uploader
        return row or _("Someone who left")

    @property
    def uploader(self) -> str:
        by = self.media.created_by
        return self.media.made_by_name or (by.shown_name if by else "")

    @property
    def at(self) -> datetime:
        return self.output.created_at if self.output else self.media.created_at

    @property
    def approval(self) -> Approval | None:
        return approval_of(self.output) if self.output else None


def lane_of_check(request: HttpRequest) -> str:
    return FILES if request.FILES else ""


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.SEE)
@in_lane(lane_of_check)
def check_file(request: StudioRequest) -> HttpResponse:
    form = CheckForm(request.POST or None, request.FILES or None)
    facts: dict[str, Any] = {"form": form, "megabytes": most_megabytes(request)}
    status = 200
    if request.method == "POST" and form.is_valid():
        if sentence := reason_to_refuse(request):
            form.add_error(None, sentence)
            status = 429
        else:
            sha256 = form.cleaned_data["sha256"] or hash_of(form.cleaned_data["file"])
            facts |= {"sha256": sha256, "matches": find_matches(request.user, sha256)}
    elif request.method == "POST":
        status = status_of(form) if form.is_bound else 422
    return render(request, "generation/check/check.html", facts, status=status)


def reason_to_refuse(request: StudioRequest) -> str:
    if sentence := busy(request, FILES):
        return sentence
    if not limits.Turn().take(CHECKS, request.user.pk).is_allowed:
        return _("Too many checks. Wait a minute, then try again.")
    return ""


def hash_of(file: "UploadedFile[bytes]") -> str:
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    return digest.hexdigest()


def find_matches(user: User, sha256: str) -> list[Match]:
    """The files that have this hash, came with it, or were delivered with it; newest first."""
    seen = Media.objects.visible_to(user)
    copies = DeliveryCopy.objects.filter(sha256=sha256, media__in=seen)
    copied = set(copies.values_list("media", flat=True)[:MOST_FOUND])
    found = set(seen.filter(sha256=sha256).values_list("pk", flat=True)[:MOST_FOUND])
    given = set(seen.filter(given_sha256=sha256).values_list("pk", flat=True)[:MOST_FOUND])
    rows = Media.objects.filter(pk__in=copied | found | given).select_related(
        "team", "created_by", "output__task", "output__user"
    )
    return [
        Match(row, getattr(row, "output", None), row.pk in copied - found - given)
        for row in rows.order_by("-pk")[:MOST_FOUND]
    ]
