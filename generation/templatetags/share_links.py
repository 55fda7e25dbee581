"""The way from a thing to its share links: one button, and how many there are."""

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.http import urlencode

from generation.engine.share_links import Target, field_of, links_to, reachable
from generation.models import Act, Project

register = template.Library()


@register.inclusion_tag("generation/share_links/_button.html", takes_context=True)
def share_button(context: Context, target: Target, classes: str = "btn") -> dict[str, Any]:
    """[Share], disabled with the reason for who may not; `classes` as its neighbours have them."""
    member = context["studio"].member
    return {
        "studio": context["studio"],
        "classes": classes,
        "is_here": member.team_id == target.team_id,
        "may_share": member.may(Act.SHARE),
        "new": f"{reverse('link-new')}?{query_of(target)}",
    }


@register.inclusion_tag("generation/share_links/_times.html", takes_context=True)
def share_times(context: Context, target: Target, known: int | None = None) -> dict[str, Any]:
    """How often it is shared by links that the person may change, and where they are listed;
    `known` where that was counted before."""
    member = context["studio"].member
    is_here = member.team_id == target.team_id and member.may(Act.SHARE)
    if known is None and is_here:
        known = links_to(target, reachable(member)).filter(revoked_at=None).count()
    return {"count": known if is_here else 0, "list": f"{reverse('links')}?{query_of(target)}"}


def query_of(target: Target) -> str:
    """What names it in an address."""
    if isinstance(target, Project):
        return urlencode({"project": target.slug})
    return urlencode({field_of(target): target.pk})
