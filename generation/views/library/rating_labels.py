"""The menus of the library that speak of ratings."""

from django.utils.translation import gettext as _

from generation.forms.library_filter import ONLY, SHOWN, TEAM, UNRATED, Filter
from generation.models.ratings import MOST_STARS


def rating_choices(chosen: Filter) -> list[tuple[str, str, str, bool, str]]:
    """The menu of ratings: field, value, words, whether it is chosen, kind of box."""
    stars = {
        "": _("Any rating"), "5": _("5 stars"), "4": _("4 stars and up"), "3": _("3 stars and up"),
        UNRATED: _("Not rated by me"),
    }  # fmt: skip
    whose = {"": _("My stars"), TEAM: _("Median of the team")}
    hidden = {
        "": _("Hide what I rejected"), SHOWN: _("Show what I rejected"),
        ONLY: _("Only what I rejected"),
    }  # fmt: skip
    by = TEAM if chosen.by_team else ""
    rule = ("rule", "", "", False, "")
    return [
        *(
            ("stars", value, label, chosen.stars == value, "radio")
            for value, label in stars.items()
        ),
        rule,
        *(("by", value, text, by == value, "radio") for value, text in whose.items()),
        rule,
        ("favourite", "1", _("My favourites"), chosen.favourite, "checkbox"),
        *(
            ("rejected", value, text, chosen.rejected == value, "radio")
            for value, text in hidden.items()
        ),
    ]


def rating_chips(chosen: Filter) -> list[tuple[str, str]]:
    """The applied ones: the field of the filter, and its words."""
    found = []
    for name, value, label, on, _box in rating_choices(chosen):
        if on and value and name != "by":
            by_team = name == "stars" and chosen.by_team and value != UNRATED
            median = _("Median of the team")
            found.append((name, f"{label} ({median})" if by_team else label))
    return found


def bulk_stars() -> list[tuple[int, str]]:
    """What a selection can be given: stars and words, the best first."""
    given = [(n, _("%(n)d of 5") % {"n": n}) for n in range(MOST_STARS, 0, -1)]
    return [*given, (0, _("No rating"))]
