"""Comments: written, edited, deleted, resolved, with `Output.open_comments` kept right.

Everything here holds the row of the output first, so of two acts at once the second sees the first.
"""

import re
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from generation.engine.comment_notices import tell_of_comment
from generation.models import (
    Audience,
    Comment,
    CommentState,
    Membership,
    Output,
    ShareLink,
    StackVersion,
    Team,
    User,
    Verb,
    Visitor,
    audit,
)
from generation.models.comments import LONGEST_BODY
from generation.models.media import tell_teams

EDIT_TIME = timedelta(minutes=15)
MOST_MEMBERS = 500  # of a team, whose names are looked for
GUEST_HOURLY, LINK_HOURLY = 20, 200
HOUR = timedelta(hours=1)


class Refused(Exception):
    """Not this person's, or not any more."""


class TooManyComments(Exception):
    """A guest, or all guests of a link, wrote more than an hour may bring."""


def hold(output_id: int) -> Output:
    rows = Output.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=output_id)


def hold_comment(comment: Comment) -> Comment:
    """As it is now, with its output held. Raises Refused where it is gone."""
    hold(comment.output_id)
    found = Comment.objects.filter(pk=comment.pk, deleted_at=None).first()
    if found is None:
        raise Refused
    return found


def count_open(output_id: int) -> None:
    """Call with the output held."""
    rows = Comment.objects.filter(output=output_id, parent=None, deleted_at=None)
    count = rows.filter(state=CommentState.OPEN).count()
    Output.objects.filter(pk=output_id).update(open_comments=count)
    tell_teams(Output.objects.filter(pk=output_id))


def members_named_in(team_id: int, body: str) -> list[int]:
    """The members that "@Name" stands for; the longest name that fits counts."""
    if "@" not in body:
        return []
    rows = Membership.objects.filter(team=team_id, user__is_active=True).select_related("user")
    people: dict[str, list[int]] = {}
    for one in rows.order_by("pk")[:MOST_MEMBERS]:
        people.setdefault(one.user.shown_name.casefold(), []).append(one.user_id)
    names = "|".join(map(re.escape, sorted(people, key=len, reverse=True)))
    found = re.findall(rf"@({names})(?![a-z0-9_])", body.casefold()) if names else []
    return list(dict.fromkeys(pk for name in found for pk in people[name]))


def check_pace(visitor: Visitor, link: ShareLink) -> None:
    """Call with the output held. The team is held before its link, as by who changes links."""
    Team.objects.select_for_update(no_key=True).get(pk=link.team_id)
    ShareLink.objects.select_for_update(of=("self",), no_key=True).get(pk=link.pk)
    recent = Comment.objects.filter(link=link, created_at__gt=timezone.now() - HOUR, by_guest=True)
    if recent.filter(visitor=visitor).count() >= GUEST_HOURLY or recent.count() >= LINK_HOURLY:
        raise TooManyComments


def thread_of(parent: Comment, output: Output) -> Comment:
    """The comment that a reply to `parent` belongs to: there is one level. Raises Refused."""
    found = Comment.objects.filter(pk=parent.parent_id or parent.pk, output=output).first()
    if found is None or found.deleted_at:
        raise Refused
    return found


@transaction.atomic
def post(
    output: Output,
    *,
    author: User | None = None,
    visitor: Visitor | None = None,
    link: ShareLink | None = None,
    parent: Comment | None = None,
    audience: str = Audience.TEAM,
    body: str = "",
    **place: Any,
) -> Comment:
    """Write one, of a member or of a guest who came by `link`; `place` is `CommentForm.place()`.

    What guests write is for guests; a reply is for whom its comment is for. Raises Refused,
    TooManyComments.
    """
    if (author is None) == (visitor is None) or (visitor and link is None):
        raise ValueError("a member, or a guest with a link")
    if len(body) > LONGEST_BODY or not (body or place.get("drawing")):
        raise ValueError("no words and no drawing, or too many words")
    row = hold(output.pk)
    if visitor and link:
        check_pace(visitor, link)
    thread = thread_of(parent, row) if parent else None
    if thread:
        audience = thread.audience
    if visitor and thread and audience != Audience.GUESTS:
        raise Refused
    version = StackVersion.objects.filter(output=row).first()
    comment = Comment.objects.create(
        team_id=row.team_id,
        output=row,
        stack_id=version.stack_id if version else None,
        version_number=version.number if version else None,
        parent=thread,
        author=author,
        visitor=visitor,
        link=link if visitor else None,
        by_guest=visitor is not None,
        name_then=(author.shown_name if author else visitor.name if visitor else "")[:80],
        body=body,
        audience=Audience.GUESTS if visitor else audience,
        **place,
    )
    if author:
        comment.mentions.set(members_named_in(row.team_id, body))
        tell_of_comment(comment, row, author)
    count_open(row.pk)
    return comment


def is_by(comment: Comment, author: User | None, visitor: Visitor | None) -> bool:
    if visitor is not None:
        return comment.visitor_id == visitor.pk and comment.link_id == visitor.link_id
    return author is not None and comment.author_id == author.pk


def is_editable(comment: Comment) -> bool:
    """Whether its author may still change it."""
    return comment.deleted_at is None and timezone.now() - comment.created_at < EDIT_TIME


@transaction.atomic
def edit(
    comment: Comment, body: str, *, author: User | None = None, visitor: Visitor | None = None
) -> Comment:
    """Change the words within a quarter of an hour. Raises Refused."""
    row = hold_comment(comment)
    if not is_by(row, author, visitor) or not is_editable(row):
        raise Refused
    if len(body) > LONGEST_BODY or not (body or row.drawing):
        raise ValueError("no words and no drawing, or too many words")
    if body == row.body:
        return row
    row.body, row.edited_at = body, timezone.now()
    row.save(update_fields=["body", "edited_at"])
    if row.author_id:
        row.mentions.set(members_named_in(row.team_id, body))
    tell_teams(Output.objects.filter(pk=row.output_id))
    return row


@transaction.atomic
def delete(
    comment: Comment,
    *,
    author: User | None = None,
    visitor: Visitor | None = None,
    moderator: User | None = None,
) -> None:
    """Of what others replied to, the place and the replies stay. What a guest wrote may also be
    removed by a member, which the log keeps: the caller has seen that this `moderator` may. Raises
    Refused."""
    row = hold_comment(comment)
    if not is_by(row, author, visitor) and not (moderator and row.by_guest):
        raise Refused
    if moderator and row.by_guest:
        audit(
            Verb.COMMENT_REMOVED, team=row.team, actor=moderator, target=row.output,
            name=row.output.project.name, changes={"guest": row.name_then},
        )  # fmt: skip
    if row.replies.exists():
        row.mentions.clear()
        row.body, row.drawing, row.deleted_at = "", None, timezone.now()
        row.save(update_fields=["body", "drawing", "deleted_at"])
    else:
        row.delete()
        left = ~Exists(Comment.objects.filter(parent=OuterRef("pk")))
        Comment.objects.filter(left, output=row.output_id).exclude(deleted_at=None).delete()
    count_open(row.output_id)


@transaction.atomic
def resolve(comment: Comment, user: User, resolved: bool = True) -> Comment:
    """Or open it again. By members alone: the caller has seen that. Raises Refused."""
    row = hold_comment(comment)
    if row.parent_id:
        raise Refused
    state = CommentState.RESOLVED if resolved else CommentState.OPEN
    if row.state != state:
        row.state = state
        row.resolved_by = user if resolved else None
        row.resolved_at = timezone.now() if resolved else None
        row.save(update_fields=["state", "resolved_by", "resolved_at"])
        count_open(row.output_id)
    return row


def threads_of(output: Output, *, guests_only: bool = False) -> Any:
    """The comments that are no replies, in the order of the timeline, those without a place first;
    a deleted one while it has replies. Read `shown_replies` for what stands below each."""
    rows = Comment.objects.filter(output=output, parent=None)
    if guests_only:
        rows = rows.filter(audience=Audience.GUESTS)
    replied = Exists(Comment.objects.filter(parent=OuterRef("pk")))
    return rows.filter(Q(deleted_at=None) | replied)
