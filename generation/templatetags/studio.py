"""What templates draw and ask: icons, lengths as a clock, permissions."""

from functools import cache, lru_cache
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from generation.models import Act, Batch, Marks, Membership, ReviewState, Task, Team, User
from generation.models.users import initials_of
from generation.views.feed import progress
from generation.views.library.review_box import LOOKS
from generation.web.refusals import owner_to_ask, reason_against

HUES = 5  # classes of the style sheet: p0 to p4
TEAM_HUES = 3  # t0 to t2
PLACE = "9000000000000000000"  # stands for the number of an output, larger than any
SPRITE = "vendor/lucide/1.62.0/sprite.svg"

register = template.Library()


@cache
def sprite() -> str:
    """Its address: the same for every icon, and a page has hundreds."""
    return static(SPRITE)


@register.simple_tag
@lru_cache(500)
def icon(name: str, classes: str = "") -> SafeString:
    """One symbol of the sprite; `classes`: "s" for small, "f" for filled."""
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, sprite(), name
    )


@register.simple_tag
def face(person: User | None, classes: str = "", name: str = "") -> SafeString:
    """Initials in the person's own hue; `classes`: "xs", "sm", "lg". The name stands beside it.
    With `name`, those of somebody who left."""
    if person is None or name:
        initials = initials_of(name)
        return format_html(
            '<span class="avatar sys {}" aria-hidden="true">{}</span>', classes, initials
        )
    return format_html(
        '<span class="avatar p{} {}" aria-hidden="true">{}</span>',
        person.pk % HUES, classes, person.initials,
    )  # fmt: skip


@register.simple_tag
def team_face(team: Team, classes: str = "") -> SafeString:
    """The team's picture, else its initials, in a square."""
    if team.avatar_id and team.avatar:
        return format_html(
            '<img class="teamsq {}" src="{}" width="24" height="24" alt="">',
            classes, team.avatar.thumb_url,
        )  # fmt: skip
    return format_html(
        '<span class="teamsq t{} {}" aria-hidden="true">{}</span>',
        team.pk % TEAM_HUES, classes, team.initials,
    )  # fmt: skip


@register.simple_tag
def tile_rating(number: str, marks: Marks, oob: str = "") -> SafeString:
    """What was given to the output of a tile, and the buttons to give it."""
    # Safe: the number alone is put into what the template made.
    drawn = rating_pattern(marks, oob, get_language() or "")
    return mark_safe(drawn.replace(PLACE, str(int(number))))  # noqa: S308


@lru_cache(500)
def rating_pattern(marks: Marks, oob: str, _language: str) -> str:
    """Drawn once for all tiles that say the same: a page has sixty of them."""
    facts = {"marks": marks, "number": PLACE, "oob": oob}
    return render_to_string("generation/library/_rating.html", facts)


@register.simple_tag
def review_flag(number: str, state: str, oob: str = "") -> SafeString:
    """What the review of a tile's output came to, with an id that news of it can replace."""
    drawn = flag_pattern(state, oob, get_language() or "")
    return mark_safe(drawn.replace(PLACE, str(int(number))))  # noqa: S308


@lru_cache(100)
def flag_pattern(state: str, oob: str, _language: str) -> str:
    facts: dict[str, Any] = {"number": PLACE, "oob": oob}
    if state != ReviewState.NONE:
        look, symbol = LOOKS[ReviewState(state)]
        facts |= {"look": look, "symbol": symbol, "label": ReviewState(state).label}
    return render_to_string("generation/library/_flag.html", facts).strip()


@register.filter
def clock(seconds: float | None) -> str:
    """1:05, or 1:00:05 from an hour on; empty when nobody knows."""
    return progress.clock(max(1, round(seconds))) if seconds else ""


@register.filter
def may_control(member: Membership, row: Task | Batch) -> bool:
    """Whether the person may act on a task, or on all of a batch, of their team."""
    return member.may_on(Act.CONTROL_TASK, row.user_id)


@register.simple_tag(takes_context=True)
def why_not(context: Context, act: str, maker: str = "", member: Membership | None = None) -> str:
    """The sentence alone, where it is to be read at once; `member`: in the team of the row."""
    studio = context["studio"]
    member = member or studio.member
    here = member.team_id == studio.member.team_id
    owner = studio.owner_to_ask if here else owner_to_ask(member.team)
    return reason_against(member, Act(act), maker, owner)


@register.inclusion_tag("_refused.html", takes_context=True)
def refused(context: Context, act: str, label: str, **look: Any) -> dict[str, Any]:
    """What the person sees and may not do, in the place of what does it: disabled, but it can be
    reached by keyboard, and a press shows why.

    `look`: icon, size and classes as the real control has them; `hides` the class of its label;
    `maker` whose row it is, `member` in its team; `row` where a page has several; `do` its key;
    `shown`, the id of a sentence that the page shows anyhow.
    """
    shown, row = look.get("shown", ""), look.get("row", "")
    return {
        "classes": "btn", "size": "s", **look,
        "label": label,
        "sentence": "" if shown else why_not(
            context, act, look.get("maker", ""), look.get("member")
        ),
        "why": shown or f"why-{act.replace(' ', '-')}{f'-{row}' if row else ''}",
    }  # fmt: skip
