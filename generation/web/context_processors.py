"""What every page knows. Nothing is asked of the database before a template uses it."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.timezone import now

from generation.engine.delete_team import left_of
from generation.engine.health import admin_sentences, cluster_is_down
from generation.engine.held_tasks import NOTHING, Held, held_for
from generation.engine.mail_setup import has_mail_server
from generation.engine.team_owners import standing_offer
from generation.forms.factors import passkey_host
from generation.forms.settings import KEYS_COOKIE, PREVIEWS_COOKIE, THEME_COOKIE
from generation.models import Announcement, Membership, Team, Theme, User
from generation.models.notices import unread_count
from generation.models.operator import DISMISSED
from generation.web import keyboard
from generation.web.refusals import owner_to_ask
from generation.web.second_factor import Demand, demands_of
from generation.web.shortcuts import current_member

SECTIONS = {
    "create": "create", "task": "create", "library": "library", "output": "library",
    "trash": "library", "compare": "library", "collections": "library", "collection": "library",
    "subject": "subjects", "subjects": "subjects", "project": "projects", "projects": "projects",
    "settings": "settings", "keys": "settings", "key": "settings",
    "account": "settings", "mfa": "settings", "team": "settings", "member": "settings",
}  # fmt: skip


def theme_of(request: HttpRequest) -> str:
    """What <html data-theme> says: empty means that the system decides."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    user = getattr(request, "user", None)
    if theme not in Theme.values and user is not None and user.is_authenticated:
        theme = user.theme
    return theme if theme in (Theme.DARK, Theme.LIGHT) else ""


class Studio:
    """Read by templates as `studio`."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def theme(self) -> str:
        return theme_of(self.request)

    @cached_property
    def section(self) -> str:
        """Which entry of the rail is the current one."""
        match = self.request.resolver_match
        name = (match.url_name or "") if match else ""
        return SECTIONS.get(name.replace("_", "-").split("-")[0], "")

    @cached_property
    def member(self) -> Membership | None:
        if not self.request.user.is_authenticated:
            return None
        given = getattr(self.request, "member", None)
        return given or current_member(self.request)  # type: ignore[arg-type]

    @cached_property
    def held(self) -> Held:
        """What waits for this person's decision. Asked only where something of the team is held."""
        return held_for(self.member) if self.member else NOTHING

    @cached_property
    def offered_by(self) -> User | None:
        """Who asks this person to take the team over."""
        return standing_offer(self.member) if self.member else None

    @cached_property
    def team_files_left(self) -> int | None:
        """Of a team that is being deleted; None while that can be taken back."""
        ends = self.member.team.ends_at if self.member else None
        return left_of(self.member.team) if self.member and ends and ends < now() else None

    @cached_property
    def owner_to_ask(self) -> str:
        """Whom to ask for what this person may not do. Asked only where something is refused."""
        return owner_to_ask(self.member.team) if self.member else ""

    @cached_property
    def teams(self) -> QuerySet[Team]:
        teams = Team.objects.joined_by(self.request.user)  # type: ignore[arg-type]
        return teams.select_related("avatar")

    @cached_property
    def teams_to_choose(self) -> list[Team]:
        """By name, but the one that the person works in first. Each with its `unread` notices."""
        here = self.member.team_id if self.member else 0
        unread = unread_count(self.request.user, "pk")
        return sorted(self.teams.annotate(unread=unread), key=lambda team: team.pk != here)

    @property
    def unread(self) -> int:
        """Notices of the team that the person works in."""
        return self.member.unread if self.member else 0

    @property
    def demands(self) -> list[Demand]:
        """The person's teams that ask for a second step at log-in."""
        return demands_of(self.teams)

    @property
    def signup_open(self) -> bool:
        return bool(get_adapter().is_open_for_signup(self.request))

    @property
    def mails(self) -> bool:
        """Whether letters reach people; else they are printed where the studio runs."""
        return has_mail_server()

    @cached_property
    def waiting_invitations(self) -> int:
        """How many of the team wait to be accepted."""
        return self.member.team.invitations.waiting().count() if self.member else 0

    @cached_property
    def queue_down(self) -> bool:
        """Nothing is being sent or saved right now: the page says so."""
        return cluster_is_down()

    @cached_property
    def passkey_host(self) -> str:
        """The name that passkeys of this studio are made for; empty when it has none."""
        return passkey_host(self.request)

    @cached_property
    def troubles(self) -> list[str]:
        """What an admin of the whole studio should look at."""
        return admin_sentences() if getattr(self.request.user, "is_staff", False) else []

    @cached_property
    def announcement(self) -> Announcement | None:
        """What the operator says to everybody. The member's row tells whether there is anything."""
        if not self.request.user.is_authenticated:
            return None
        current = Announcement.objects.current()
        if self.member is not None:
            newest = getattr(self.member, "announced", None)
            current = current.filter(pk=newest) if newest else current.none()
        found = current.first()
        seen = found is not None and self.request.session.get(DISMISSED) == found.pk
        return None if seen else found

    @property
    def login_announcement(self) -> Announcement | None:
        """The same, where it is meant for whoever opens the log-in page."""
        found = Announcement.objects.current().first()
        return found if found and found.at_login else None

    @cached_property
    def shortcuts(self) -> list[dict[str, Any]]:
        return keyboard.shortcut_table(self.single_keys)

    @cached_property
    def single_keys(self) -> bool:
        return self.request.COOKIES.get(KEYS_COOKIE) != "off"

    @cached_property
    def previews(self) -> bool:
        """Whether a video may play by itself where the pointer rests."""
        return self.request.COOKIES.get(PREVIEWS_COOKIE) != "off"


def studio(request: HttpRequest) -> dict[str, Any]:
    return {"studio": Studio(request)}
