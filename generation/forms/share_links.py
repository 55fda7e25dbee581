"""Share links: what a link allows, until when, and what a team demands of all of them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation.engine.share_terms import (
    USUAL_DAYS,
    Terms,
    day_of,
    end_of_day,
    last_day,
    place_of,
    policy_problems,
    shown_moment,
    start_of_day,
    today_in,
)
from generation.models import Commenting, Downloads, LinkMode, ShareLink, Team

ON_A_DAY, NEVER = "day", "never"
LENGTHS = (7, USUAL_DAYS, 90)
MOST_DAYS = 3_650
MOST_VISITS = 1_000_000


def switch(label: Any, help_text: Any = "") -> forms.BooleanField:
    look = {"class": "switch", "role": "switch"}
    return forms.BooleanField(
        label=label, help_text=help_text, required=False, widget=forms.CheckboxInput(look)
    )


def segments(label: Any, choices: Any, initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, initial=initial, required=False, widget=forms.RadioSelect
    )


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput({"type": "date", "class": "input"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Choose a day.")},
    )


class ShareForm(forms.Form):
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Give the link a title: visitors read it.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    mode = segments(gettext_lazy("Content"), LinkMode.choices, LinkMode.LIVE)
    ends = forms.ChoiceField(label=gettext_lazy("Ends"), required=False)
    day = day_field(gettext_lazy("Day"))
    downloads = segments(gettext_lazy("Download"), Downloads.choices, Downloads.NONE)
    approved_only = switch(gettext_lazy("Only what was approved can be downloaded"))
    comments = segments(gettext_lazy("Comment"), Commenting.choices, Commenting.NAMED)
    may_approve = switch(
        gettext_lazy("Approve or ask for changes"),
        gettext_lazy("Counts as an answer where they are asked"),
    )
    show_versions = switch(gettext_lazy("See older versions"))
    show_prompts = switch(gettext_lazy("Prompts and settings"))
    show_names = switch(gettext_lazy("Names of your team"))
    password = forms.CharField(
        label=gettext_lazy("Password"),
        min_length=4,
        max_length=128,
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    no_password = switch(gettext_lazy("Remove the password"))
    watermark_text = forms.CharField(
        label=gettext_lazy("Watermark"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Burned into previews. {date} and {name} are filled in."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    starts = day_field(gettext_lazy("Starts"))
    max_views = forms.IntegerField(
        label=gettext_lazy("Visits at most"),
        required=False,
        min_value=1,
        max_value=MOST_VISITS,
        widget=forms.NumberInput({"inputmode": "numeric", "min": 1}),
    )
    social_preview = switch(
        gettext_lazy("Show an image where the link is pasted"),
        gettext_lazy("Off: chats and mail show the address alone"),
    )
    tell_first_view = switch(gettext_lazy("Tell me on the first visit"))
    tell_downloads = switch(gettext_lazy("Tell me on downloads"))
    tell_comments = switch(gettext_lazy("Tell me on comments"))

    def __init__(
        self, data: Any = None, *, team: Team, title: str = "", link: ShareLink | None = None
    ) -> None:
        self.team, self.link = team, link
        super().__init__(data, initial=initial_of(link, team) if link else {"title": title})
        self.fields["ends"].choices = self.lengths  # type: ignore[attr-defined]
        self.fields["show_names"].help_text = _("Off: they read “%(team)s”") % {"team": team.name}
        if link is None:
            del self.fields["no_password"]
            self.initial.update(tell_first_view=True, tell_comments=True, ends=self.usual)
        elif not link.password_hash:
            del self.fields["no_password"]

    # --- Ends -------------------------------------------------------------------------------------

    @property
    def days(self) -> Sequence[int]:
        if self.team.share_forever:
            return LENGTHS
        found = [one for one in LENGTHS if one <= self.team.share_days]
        return found if USUAL_DAYS in found else [*found, self.team.share_days][-2:]

    @property
    def usual(self) -> str:
        return str(USUAL_DAYS if USUAL_DAYS in self.days else self.days[-1])

    @property
    def lengths(self) -> list[tuple[str, str]]:
        found = [
            (str(one), ngettext("In %(days)d day", "In %(days)d days", one) % {"days": one})
            for one in dict.fromkeys(self.days)
        ]
        found.append((ON_A_DAY, _("On a day")))
        if self.team.share_forever or (self.link and self.link.expires_at is None):
            found.append((NEVER, _("Never")))
        return found

    @property
    def end_texts(self) -> dict[str, str]:
        """What stands below the choice, for each of its values."""
        today = today_in(self.team)
        texts = {
            str(one): shown_moment(end_of_day(today + timedelta(days=one), self.team), self.team)
            for one in self.days
        }
        texts[ON_A_DAY] = f"23:59 ({place_of(self.team)})"
        texts[NEVER] = _("Until somebody switches it off")
        return texts

    @property
    def endings(self) -> list[tuple[str, str, str]]:
        return [(value, label, self.end_texts[value]) for value, label in self.lengths]

    @property
    def end_text(self) -> str:
        """Below the choice as it is now."""
        value = str(self["ends"].value() or self.usual)
        if value == ON_A_DAY and self.link and self.link.expires_at and not self.is_bound:
            return shown_moment(self.link.expires_at, self.team)
        return self.end_texts.get(value, "")

    @property
    def last(self) -> date | None:
        return last_day(self.team)

    @property
    def first(self) -> date:
        return today_in(self.team)

    # --- What was sent ----------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name in ("mode", "downloads", "comments", "ends"):
            if name in found:  # what a form without a choice sends
                found[name] = found[name] or self[name].initial or self.usual
        if not self.errors:
            self.clean_end(found)
        if not self.errors:
            known = bool(self.link and self.link.password_hash)
            for name, problem in policy_problems(self.team, self.terms, known).items():
                self.add_error(name, problem)
        return found

    def clean_end(self, found: dict[str, Any]) -> None:
        ends, day = found["ends"], found.get("day")
        if ends == NEVER:
            found["expires_at"] = None
        elif ends == ON_A_DAY and day is None:
            self.add_error("ends", _("Choose a day."))
        else:
            chosen = day or today_in(self.team)
            if ends != ON_A_DAY:
                chosen = today_in(self.team) + timedelta(days=int(ends))
            found["expires_at"] = self.moment_of(chosen)
        starts = found.get("starts")
        try:
            found["starts_at"] = start_of_day(starts, self.team) if starts else None
        except OverflowError:  # the first day of all, east of Greenwich
            found["starts_at"] = None
        end = found.get("expires_at")
        if end and found["starts_at"] and found["starts_at"] > end:
            self.add_error("starts", _("It would start after its end."))

    def moment_of(self, day: date) -> Any:
        """The last second of the day. A link that is over may keep its end."""
        kept = self.link.expires_at if self.link else None
        if kept and day == day_of(kept, self.team):
            return kept
        try:
            end = end_of_day(day, self.team)
        except OverflowError:
            end = None
        if end is None or end < timezone.now():
            self.add_error("ends", _("Choose a day from today on."))
        return end

    @property
    def terms(self) -> Terms:
        found = self.cleaned_data
        password = found["password"] or (None if self.link else "")
        if found.get("no_password") and not password:
            password = ""
        same = {
            name: found[name]
            for name in Terms.__dataclass_fields__
            if name in found and name not in ("password",)
        }
        return Terms(**same | {"password": password})


def initial_of(link: ShareLink, team: Team) -> dict[str, Any]:
    facts: dict[str, Any] = {
        name: getattr(link, name)
        for name in Terms.__dataclass_fields__
        if name not in ("password", "starts_at", "expires_at")
    }
    facts["ends"] = ON_A_DAY if link.expires_at else NEVER
    facts["day"] = day_of(link.expires_at, team) if link.expires_at else None
    facts["starts"] = day_of(link.starts_at, team) if link.starts_at else None
    return facts


class SharePolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a team demands of each link, those that are there included."""

    share_days = forms.IntegerField(
        label=gettext_lazy("A link ends after at most"),
        help_text=gettext_lazy("Days. Links that would end later are shortened."),
        min_value=1,
        max_value=MOST_DAYS,
        widget=forms.NumberInput({"inputmode": "numeric", "min": 1}),
        error_messages={"required": gettext_lazy("Enter a number of days.")},
    )
    share_forever = switch(
        gettext_lazy("Links may stay open for ever"),
        gettext_lazy("Then the number of days binds nobody."),
    )
    share_password = switch(
        gettext_lazy("Every link needs a password"),
        gettext_lazy("Links without one stay shut until they have one."),
    )
    share_originals = switch(
        gettext_lazy("Links may give originals for download"),
        gettext_lazy("Off: links that give originals give previews from now on."),
    )

    class Meta:
        model = Team
        fields = ["share_days", "share_forever", "share_password", "share_originals"]
