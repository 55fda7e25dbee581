"""Lending a key: the form, and how a lent key is called where it is used."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.models import ApiKey, KeyLoan, KeyState

MOST = 10_000_000


class WeeklyForm(forms.Form):
    """How much all others together may use in a week."""

    weekly_credits = forms.IntegerField(
        label=gettext_lazy("Credits a week"),
        help_text=gettext_lazy(
            "For all others together, from Monday 00:00. Empty: as much as they like."
        ),
        required=False,
        min_value=1,
        max_value=MOST,
        error_messages={
            "invalid": gettext_lazy("Enter a whole number, or nothing."),
            "min_value": gettext_lazy("Enter at least 1, or end the loan."),
            "max_value": gettext_lazy("Enter at most %(limit_value)s."),
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1}),
    )


class LendForm(WeeklyForm):
    """`teams` are those that the key may be lent to, by the person's membership in each."""

    member = forms.TypedChoiceField(
        label=gettext_lazy("Team"),
        coerce=int,
        error_messages={"invalid_choice": gettext_lazy("You cannot lend a key to this team now.")},
    )
    field_order = ("member", "weekly_credits")

    def __init__(self, *args: Any, teams: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = teams  # type: ignore[attr-defined]


def name_of_key(key: ApiKey, loan: KeyLoan | None) -> str:
    """As the choice of keys calls it."""
    if loan is None:
        hint = f" …{key.last4}" if key.label and key.last4 else ""
        return f"{key.label or key}{hint}"
    name = _("%(name)s's key") % {"name": loan.lender_name}
    return f"{name} ({key.label})" if key.label else name


def trouble_of_lent(loan: KeyLoan) -> str:
    """Why it will not work now, and who can mend that."""
    facts = {"name": loan.lender_name, "provider": loan.key.get_provider_display()}
    if loan.key.state == KeyState.EMPTY:
        return _("%(name)s's key has no credits left at %(provider)s. Ask %(name)s.") % facts
    return _("%(provider)s does not take %(name)s's key. Ask %(name)s.") % facts
