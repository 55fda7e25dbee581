"""Why a person may not do what they see: one sentence that names whom to ask."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.models import Act, Membership, Team
from generation.models.permissions import WHILE_LEAVING, Reach

# To none of the team's rows.
ROLE_TEXTS = {
    Act.CREATE: gettext_lazy("Viewers cannot generate or add anything."),
    Act.EDIT_SUBJECT: gettext_lazy("Viewers cannot change subjects."),
    Act.EDIT_PROJECT: gettext_lazy("Viewers cannot change projects."),
    Act.CONTROL_TASK: gettext_lazy("Viewers cannot cancel, repeat or decide tasks."),
    Act.TRASH_OUTPUT: gettext_lazy("Viewers cannot move anything to the trash."),
    Act.SHARE: gettext_lazy("Viewers cannot share anything by link."),
    Act.INVITE: gettext_lazy("Only owners and admins invite people."),
    Act.READ_AUDIT: gettext_lazy("Only owners and admins read the audit log."),
    Act.MANAGE_TEAM: gettext_lazy("Only owners change the settings of the team."),
}
# To this row, which is another's.
ROW_TEXTS = {
    Act.EDIT_PROJECT: gettext_lazy("Only {maker}, or an admin, can change this project."),
    Act.CONTROL_TASK: gettext_lazy("Only {maker}, or an admin, can decide over this task."),
    Act.TRASH_OUTPUT: gettext_lazy("Only {maker}, or an admin, can move this to the trash."),
}
ORPHAN_TEXTS = {
    Act.EDIT_PROJECT: gettext_lazy("Only an admin can change this project."),
    Act.CONTROL_TASK: gettext_lazy("Only an admin can decide over this task."),
    Act.TRASH_OUTPUT: gettext_lazy("Only an admin can move this to the trash."),
}


def reason_against(member: Membership, act: Act, maker: str = "", owner: str = "") -> str:
    """`maker` is whose row it is, where rows are told apart; `owner` owns the team."""
    if member.team.leaving_since and act not in WHILE_LEAVING:
        sentence = _("This team is being deleted: everything in it can only be looked at.")
    elif member.reach(act) is Reach.OWN:
        return str(ROW_TEXTS[act] if maker else ORPHAN_TEXTS[act]).format(maker=maker)
    else:
        sentence = str(ROLE_TEXTS[act])
    if not owner:
        return sentence
    ask = _("Ask {owner}, who owns this team.").format(owner=owner)
    return _("{sentence} {ask}").format(sentence=sentence, ask=ask)


def owner_to_ask(team: Team) -> str:
    """Who has owned the team for longest."""
    owner = team.owners.select_related("user").order_by("joined_at", "id").first()
    return owner.user.shown_name if owner else ""
