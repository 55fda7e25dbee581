"""What was still open on the version before: told at the next one, and carried over to it."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from generation.engine.comments import count_open, hold
from generation.models import Comment, CommentState, Output, StackVersion


def version_before(output: Output) -> Output | None:
    """The next lower version of its stack that is not in the trash."""
    if output.version_number is None:
        return None
    stack = StackVersion.objects.filter(output=output.pk).values("stack")
    lower = Output.objects.filter(
        version__stack__in=stack, version_number__lt=output.version_number
    )
    return lower.kept().select_related("media").order_by("-version_number").first()


def open_on(before: Output, output: Output) -> QuerySet[Comment]:
    """Open comments of one version that were not carried over to the other yet."""
    carried = Comment.objects.filter(output=output.pk, carried_from=OuterRef("pk"))
    rows = Comment.objects.filter(
        output=before.pk, parent=None, deleted_at=None, state=CommentState.OPEN
    )
    return rows.filter(~Exists(carried)).select_related("author")


@transaction.atomic
def carry_over(comment: Comment, output: Output) -> Comment | None:
    """Write it at the version `output`, too, as a link to the one it stands for, which stays as it
    is. Once: None where it is there already, is no longer open, or is of no version before."""
    row = hold(output.pk)
    before = version_before(row)
    found = open_on(before, row).filter(pk=comment.pk).first() if before else None
    if row.trashed_at or found is None:
        return None
    version = StackVersion.objects.get(output=row.pk)
    copy = Comment.objects.create(
        team_id=row.team_id, output=row, stack_id=version.stack_id, version_number=version.number,
        carried_from=found, author_id=found.author_id, visitor_id=found.visitor_id,
        link_id=found.link_id, by_guest=found.by_guest, name_then=found.name_then,
        body=found.body, frame=found.frame, end_frame=found.end_frame, at_ms=found.at_ms,
        end_ms=found.end_ms, point_x=found.point_x, point_y=found.point_y, drawing=found.drawing,
        audience=found.audience, created_at=found.created_at,
    )  # fmt: skip
    copy.mentions.set(found.mentions.all())
    count_open(row.pk)
    return copy
