"""What a person asked for before, to go back to with the Up key. Nobody sees another's."""

from generation.catalogue.modes import MODES
from generation.forms.create_scope import CreateScope
from generation.forms.fields import BIG
from generation.forms.generate import setting_names
from generation.models import Task

MOST, LOOKED_AT = 30, 200


def recalled(scope: CreateScope) -> list[str]:
    """The person's own latest words for a box like this mode's, each once, the newest first."""
    rows = Task.objects.visible_to(scope.user).filter(team=scope.team, user=scope.user)
    rows = rows.filter(mode__in=alike(scope.mode)).exclude(prompt="").order_by("-pk")
    return list(dict.fromkeys(rows.values_list("prompt", flat=True)[:LOOKED_AT]))[:MOST]


def alike(mode: str) -> list[str]:
    """The modes with the same box: what is seen or heard, or what is said."""
    return [name for name in MODES if box_of(name) == box_of(mode)]


def box_of(mode: str) -> str:
    return next((name for name in BIG if name in setting_names(mode)), "")
