"""What the audit log says of a share link: plain values, never its address or password."""

from datetime import datetime
from typing import Any

from generation.models import ShareLink, User, Verb, audit


def record_link_act(
    verb: Verb, link: ShareLink, actor: User | None, changes: dict[str, Any] | None = None
) -> None:
    audit(verb, team=link.team, actor=actor, target=link, name=link.title, changes=changes)


def stamp(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else ""


def facts_of_link(link: ShareLink) -> dict[str, Any]:
    """As the log names them."""
    return {
        "title": link.title,
        "note": link.note,
        "starts": stamp(link.starts_at),
        "ends": stamp(link.expires_at),
        "content": str(link.mode),
        "downloads": str(link.downloads),
        "approved only": link.approved_only,
        "prompts": link.show_prompts,
        "names": link.show_names,
        "versions": link.show_versions,
        "comments": str(link.comments),
        "answers": link.may_approve,
        "watermark": link.watermark_text,
        "most visits": link.max_views or "",
        "picture": link.social_preview,
        "told of visits": link.tell_first_view,
        "told of downloads": link.tell_downloads,
        "told of comments": link.tell_comments,
    }


def first_facts(link: ShareLink) -> dict[str, Any]:
    facts = facts_of_link(link)
    return {
        "kind": str(link.target._meta.model_name),
        **{name: facts[name] for name in ("ends", "content", "downloads", "comments")},
        "password": bool(link.password_hash),
    }
