"""Who has a second step at log-in, and who must set one up for a team."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from generation.models import Membership, Team, User
from generation.models.teams import second_steps_of


@dataclass
class Factors:
    """What a person has for the second step."""

    app: Authenticator | None = None
    codes: Authenticator | None = None
    passkeys: tuple[Authenticator, ...] = ()

    @property
    def on(self) -> bool:
        """Recovery codes alone are no second step: they stand in for one that is lost."""
        return bool(self.app or self.passkeys)

    @property
    def codes_all(self) -> int:
        return int(app_settings.RECOVERY_CODE_COUNT)

    @property
    def codes_left(self) -> int:
        used = int(self.codes.data["used_mask"]).bit_count() if self.codes else self.codes_all
        return self.codes_all - used


def factors_of(user: User) -> Factors:
    rows = list(Authenticator.objects.filter(user_id=user.pk).order_by("created_at", "pk"))
    by_kind = {row.type: row for row in rows}
    return Factors(
        by_kind.get(Authenticator.Type.TOTP),
        by_kind.get(Authenticator.Type.RECOVERY_CODES),
        tuple(row for row in rows if row.type == Authenticator.Type.WEBAUTHN),
    )


def has_second_factor(user: User) -> bool:
    return bool(second_steps_of(user).exists())


# --- What teams ask for ------------------------------------------------------------------------


def must_set_up_factor(member: Membership) -> bool:
    """Whether the team is closed to this member until they have a second step."""
    since = member.team.factor_required_from
    return since is not None and since <= timezone.now() and not has_second_factor(member.user)


def ask_to_set_up_factor(request: HttpRequest, team: Team) -> HttpResponse:
    """Lead to the page where a second step is set up, and say which team asks for it."""
    sentence = _("%(team)s asks for a second step at log-in. Set one up to go on.")
    messages.warning(request, sentence % {"team": team})
    if getattr(request, "htmx", None):  # a bare 302 would put that page into the target
        return HttpResponseClientRedirect(reverse("settings-security"))
    return redirect("settings-security")


@dataclass
class Demand:
    """A team that asks for a second step, now or from a day on."""

    team: Team
    since: datetime

    @property
    def closed(self) -> bool:
        return self.since <= timezone.now()


def demands_of(teams: Iterable[Team]) -> list[Demand]:
    """Those of the teams that ask for a second step, the first to ask first."""
    found = [(team, team.factor_required_from) for team in teams]
    return sorted(
        (Demand(team, since) for team, since in found if since), key=lambda one: one.since
    )
