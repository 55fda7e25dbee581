"""What a person wants to hear of: in the studio, and how soon by mail."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from generation.models import NoticeChoice, NoticeKind
from generation.models.notices import keep_choices, rhythms_of

K = NoticeKind
GROUPS: tuple[tuple[Any, tuple[NoticeKind, ...]], ...] = (
    (_("Work"), (K.BATCH_READY, K.BATCH_FAILED, K.TASK_UNCERTAIN, K.KEY_PAUSED)),
    (_("Review"), (K.REVIEW_ASKED, K.REVIEW_ANSWERED, K.COMMENT_NEW, K.MENTION)),
    (
        _("Links and team"),
        (K.LINK_OPENED, K.LINK_DOWNLOADED, K.LINK_COMMENTED, K.LINK_LOCKED, K.MEMBER_JOINED),
    ),
)
HINTS: Mapping[str, Any] = {
    K.BATCH_READY: _("One notice for all of it"),
    K.BATCH_FAILED: _("With how many, and whether they were charged"),
    K.TASK_UNCERTAIN: _("Whether it was paid is being asked"),
    K.KEY_PAUSED: _("Or has no credits left"),
    K.LINK_LOCKED: _("Too many wrong passwords"),
    K.MEMBER_JOINED: _("For who may invite"),
}


@dataclass(frozen=True)
class KindRow:
    """One kind as the page shows it."""

    label: Any
    hint: Any
    in_studio: BoundField
    mail: BoundField


class NoticeForm(forms.Form):
    """Two fields for each kind."""

    def __init__(self, data: Any, choices: Mapping[str, NoticeChoice]) -> None:
        initial: dict[str, Any] = {}
        for kind, choice in choices.items():
            initial |= {f"studio:{kind}": choice.in_studio, f"mail:{kind}": choice.rhythm}
        super().__init__(data, initial=initial)
        self.choices = choices
        for kind in choices:
            label = NoticeKind(kind).label
            self.fields[f"studio:{kind}"] = forms.BooleanField(
                required=False,
                widget=forms.CheckboxInput(
                    {
                        "class": "switch",
                        "role": "switch",
                        "aria-label": _("In the studio: %(kind)s") % {"kind": label},
                    }
                ),
            )
            self.fields[f"mail:{kind}"] = forms.ChoiceField(
                choices=[(one.value, one.label) for one in rhythms_of(kind)],
                widget=forms.Select(
                    {"class": "input", "aria-label": _("E-mail: %(kind)s") % {"kind": label}}
                ),
            )

    def groups(self) -> Iterator[tuple[Any, list[KindRow]]]:
        for title, kinds in GROUPS:
            yield (
                title,
                [
                    KindRow(
                        NoticeKind(kind).label,
                        HINTS.get(kind, ""),
                        self[f"studio:{kind}"],
                        self[f"mail:{kind}"],
                    )
                    for kind in kinds
                ],
            )

    def save(self) -> None:
        for kind, choice in self.choices.items():
            choice.in_studio = self.cleaned_data[f"studio:{kind}"]
            choice.mail = self.cleaned_data[f"mail:{kind}"]
        keep_choices(list(self.choices.values()))
