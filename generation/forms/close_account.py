"""Deleting the own account: what becomes of each team, and the address typed to confirm it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.engine.close_account import DELETE, Fate, Plan
from generation.models import User
from generation.models.users import NOWHERE

PREFIX = "team-"
LINKS = f"{PREFIX}links"


def field_name(plan: Plan) -> str:
    return f"{PREFIX}{plan.team.pk}"


class CloseAccountForm(forms.Form):
    """A field for each team in which something is to be decided. Typing is slow on purpose."""

    confirm = forms.CharField(
        max_length=254,
        error_messages={"required": _("Type it to delete the account.")},
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, person: User, plans: Sequence[Plan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plans = plans
        has_address = not person.email.endswith(NOWHERE)
        self.expected = person.email if has_address else person.shown_name
        self.fields["confirm"].label = _("Your e-mail address") if has_address else _("Your name")
        decide = {field_name(plan): field for plan in plans if (field := field_for(plan))}
        if any(plan.work.links for plan in plans):
            decide[LINKS] = links_field()
        self.fields = decide | self.fields

    def clean_confirm(self) -> str:
        typed: str = self.cleaned_data["confirm"]
        if " ".join(typed.split()).casefold() != " ".join(self.expected.split()).casefold():
            raise forms.ValidationError(
                _("This is another one. Type “%(expected)s”."), params={"expected": self.expected}
            )
        return typed

    @property
    def links(self) -> forms.BoundField | None:
        return self[LINKS] if LINKS in self.fields else None

    @property
    def keep_links(self) -> bool:
        return bool(self.cleaned_data.get(LINKS) != "off")

    @property
    def teams(self) -> Iterator[tuple[Plan, forms.BoundField | None]]:
        for plan in self.plans:
            name = field_name(plan)
            yield plan, self[name] if name in self.fields else None

    @property
    def choices(self) -> dict[int, str]:
        """By team, for `close_account`."""
        names = {plan.team.pk: field_name(plan) for plan in self.plans}
        return {pk: self.cleaned_data.get(name, "") for pk, name in names.items()}


def field_for(plan: Plan) -> forms.ChoiceField | None:
    if plan.heir_is_asked:
        people = [(str(one.pk), one.user.shown_name) for one in plan.others]
        return forms.ChoiceField(
            label=_("Who receives your work"), choices=people, initial=plan.usual_choice
        )
    if plan.fate is Fate.OWNED and plan.may_be_handed_over:
        return owner_field(plan)
    return None


def links_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Your share links"),
        choices=[
            ("keep", _("They stay open, under who receives your work")),
            ("off", _("They are switched off")),
        ],
        initial="keep",
        required=False,
        widget=forms.RadioSelect,
    )


def owner_field(plan: Plan) -> forms.ChoiceField:
    """Nothing is chosen beforehand: it is about the work of others."""
    owners = [
        (str(one.pk), _("%(name)s owns it") % {"name": one.user.shown_name}) for one in plan.others
    ]
    end = [] if plan.team.leaving_since else [(DELETE, _("It is deleted, with all that is in it"))]
    decide = _("Choose who owns the team then, or that it is deleted.")
    kept = _("A deleted team is read-only for 7 days. Until then %(name)s owns it and can keep it.")
    return forms.ChoiceField(
        label=_("What becomes of the team"),
        choices=[("", _("Choose")), *owners, *end],
        help_text=kept % {"name": plan.others[0].user.shown_name} if end else "",
        error_messages={"required": decide, "invalid_choice": decide},
    )
