"""The menus that speak of reviews."""

from django.utils.translation import gettext as _

from generation.forms.library_filter import MINE, Filter
from generation.models import ReviewState


def review_choices(chosen: str) -> list[tuple[str, str, bool]]:
    """The menu of states: value, words, whether it is chosen."""
    labels = {
        "": _("Any state"),
        MINE: _("Waiting for my answer"),
        ReviewState.IN_REVIEW.value: ReviewState.IN_REVIEW.label,
        ReviewState.APPROVED.value: ReviewState.APPROVED.label,
        ReviewState.CHANGES.value: ReviewState.CHANGES.label,
        ReviewState.NONE.value: ReviewState.NONE.label,
    }
    return [(value, str(label), chosen == value) for value, label in labels.items()]


def review_chips(chosen: Filter) -> list[tuple[str, str]]:
    """The applied one: the field of the filter, and its words."""
    found = review_choices(chosen.review)
    return [("review", label) for value, label, is_on in found if is_on and value]
