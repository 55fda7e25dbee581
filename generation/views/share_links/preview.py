"""What a visitor will see and may do, beside the form: each row in the words of each value."""

import json
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.forms.share_links import ShareForm
from generation.views.share_links.targets import Shared


@dataclass(frozen=True)
class PreviewRow:
    """`texts` for each value of the field; with the value `off` it is not given."""

    name: str
    texts: dict[str, str]
    value: str
    off: str

    @property
    def text(self) -> str:
        return self.texts.get(self.value, next(iter(self.texts.values())))

    @property
    def is_given(self) -> bool:
        return self.value != self.off

    @property
    def packed(self) -> str:
        """For the script, which follows the form."""
        return json.dumps(self.texts)


def preview_of(form: ShareForm, shared: Shared) -> list[PreviewRow]:
    count = shared.count
    live = ngettext(
        "%(count)d item, and new ones as they come",
        "%(count)d items, and new ones as they come",
        count,
    )
    frozen = ngettext("%(count)d item, as it is today", "%(count)d items, as they are today", count)
    number = {"count": count}
    texts = {
        "mode": ({"live": live % number, "frozen": frozen % number}, "none"),
        "comments": (
            {
                "off": _("Comment"),
                "named": _("Comment, once a name is given"),
                "named_email": _("Comment, once name and e-mail are given"),
            },
            "off",
        ),
        "downloads": (
            {
                "none": _("Download"),
                "preview": _("Download previews, not originals"),
                "original": _("Download originals"),
            },
            "none",
        ),
    } | {name: ({"": text, "on": text}, "") for name, text in switch_texts().items()}
    order = ("mode", "show_names", "comments", "may_approve", "downloads", "show_versions",
             "show_prompts")  # fmt: skip
    return [PreviewRow(name, *preview_values(texts[name], form[name].value())) for name in order]


def preview_values(
    known: tuple[dict[str, str], str], value: object
) -> tuple[dict[str, str], str, str]:
    texts, off = known
    shown = ("on" if value else "") if "on" in texts else str(value or next(iter(texts)))
    return texts, shown, off


def switch_texts() -> dict[str, str]:
    return {
        "show_names": _("Names of your team"),
        "may_approve": _("Approve or ask for changes"),
        "show_versions": _("Older versions"),
        "show_prompts": _("Prompts and settings"),
    }
