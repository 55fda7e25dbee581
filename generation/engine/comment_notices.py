"""Who hears of a member's comment: who is named in it, who is answered, whose work it is."""

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.engine.notices import notify
from generation.models import Comment, NoticeKind, Output, User

MENTIONED = _("%(name)s mentions you in a comment in %(project)s.")
COMMENTED = _("%(name)s commented on your work in %(project)s.")
COMMENTED_MORE = _("%(count)s new comments on your work in %(project)s.")
ANSWERED = _("%(name)s answered your comment in %(project)s.")


def tell_of_comment(comment: Comment, output: Output, author: User) -> None:
    """In the transaction that writes it. Each person hears once: by name, as who is answered, or as
    the maker of the output."""
    project = output.project.name
    named = set(comment.mentions.values_list("pk", flat=True))
    answered = {comment.parent.author_id} - named if comment.parent else set()
    makers = {output.user_id} - named - answered
    url, target = f"{output.get_absolute_url()}?c={comment.pk}", f"output:{output.pk}"
    facts = {"name": comment.name_then, "project": project}
    notify(
        NoticeKind.MENTION, comment.team, named, Message(MENTIONED.text, **facts),
        url=url, target=target, actor=author,
    )  # fmt: skip
    notify(
        NoticeKind.COMMENT_NEW, comment.team, answered, Message(ANSWERED.text, **facts),
        url=url, target=target, actor=author,
    )  # fmt: skip
    notify(
        NoticeKind.COMMENT_NEW, comment.team, makers, Message(COMMENTED.text, **facts),
        many=Message(COMMENTED_MORE.text, project=project), url=url, target=target,
        group=f"comments:{output.pk}", actor=author,
    )  # fmt: skip
