"""Stacks of versions: putting outputs on one, taking them off, naming it, and which is on top.

Numbers are given under a lock on the stack's row and counted there, so that none is given twice,
whoever is quicker and whatever was deleted. A stack is locked before any of its outputs, all of
those at once, and their team after them, as by everybody who changes outputs.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from generation.engine.review_state import keep_approval
from generation.engine.reviews import new_version
from generation.models import MediaKind, Output, ShareLink, Stack, StackVersion, User, Verb, audit
from generation.models.media import hold_versions, set_heads, tell_teams
from generation.models.stacks import MOST_VERSIONS

TRIES = 3


class CannotStack(Exception):
    """It becomes no version of that: `sentence` says why. Nothing was changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Moved(Exception):
    """Somebody put it into a stack, or took it out, while this waited: look again."""


def stack_of(output: Output) -> Stack | None:
    return Stack.objects.filter(versions__output=output.pk).first()


def head_of(stack: Stack) -> Output | None:
    """The highest version that is not in the trash; None when all are."""
    return kept_versions(stack).order_by("-version_number").first()


def kept_versions(stack: Stack) -> QuerySet[Output]:
    return Output.objects.filter(version__stack=stack).kept()


def add_version(
    onto: Stack | Output, output: Output, user: User | None, note: str = ""
) -> StackVersion:
    """Make `output` the next version of a stack, or of an output, which then is v1 of a new one.

    Raises CannotStack. The caller has seen that the person may do this to both.
    """
    for _attempt in range(TRIES):
        try:
            with transaction.atomic():
                return put_on(onto, output, user, note)
        except Moved:
            continue
    raise CannotStack(_("Somebody else is changing these versions. Try again."))


def put_on(onto: Stack | Output, output: Output, user: User | None, note: str) -> StackVersion:
    stack = onto if isinstance(onto, Stack) else stack_of(onto)
    if stack is not None:
        stack = lock(stack.pk)
        if stack is None:
            raise gone_or_moved(onto)
    first = None if isinstance(onto, Stack) else onto.pk
    pks = [output.pk, first] if first else [output.pk]
    hold_versions([stack.pk] if stack else [], Output.objects.filter(pk__in=pks))
    rows = kept_outputs(pks)
    row, below = rows.get(output.pk), rows.get(first) if first else None
    if row is None or (first and below is None):
        raise CannotStack(_("It is in the trash or deleted."))
    if below is not None and of_row(below) != (stack.pk if stack else None):
        raise Moved
    check_kinds(stack, below, row)
    if stack is None and below is not None:
        stack = Stack.objects.create(team=below.team, project=below.project, created_by=user)
        place(stack, below, below.user, "")
    return place_and_tell(stack, row, user, note)  # type: ignore[arg-type]


def gone_or_moved(onto: Stack | Output) -> Exception:
    if isinstance(onto, Stack):
        return CannotStack(_("This stack was dissolved."))
    return Moved()


def lock(stack_id: int) -> Stack | None:
    rows = Stack.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("team", "project")
    return rows.filter(pk=stack_id).first()


def kept_outputs(pks: list[int]) -> dict[int, Output]:
    """Those of them that are not in the trash."""
    rows = Output.objects.kept().select_related("team", "project", "user")
    return rows.in_bulk(pks)


def of_row(output: Output) -> int | None:
    """The number of the stack that it is in by now."""
    return StackVersion.objects.filter(output=output).values_list("stack", flat=True).first()


def check_kinds(stack: Stack | None, below: Output | None, row: Output) -> None:
    """Raises CannotStack where these do not belong together."""
    team = stack.team_id if stack else below and below.team_id
    if row.team_id != team:
        raise CannotStack(_("Both must be of the same team."))
    if below is not None and below.pk == row.pk:
        raise CannotStack(_("Choose another result: this is the same one."))
    own = StackVersion.objects.filter(output=row).first()
    if own is not None and stack is not None and own.stack_id == stack.pk:
        raise CannotStack(_("It is a version of this already."))
    if own is not None:
        raise CannotStack(_("It is a version of something else. Take it out of that stack first."))
    kind = below.kind if below else kind_of(stack) if stack else ""
    if kind and kind != row.kind:
        facts = {"kind": MediaKind(row.kind).label, "other": MediaKind(kind).label}
        raise CannotStack(
            _("Versions are of one kind: this is %(kind)s, the other %(other)s.") % facts
        )
    if stack is not None and stack.versions.count() >= MOST_VERSIONS:
        raise CannotStack(_("A stack holds at most %(count)d versions.") % {"count": MOST_VERSIONS})


def kind_of(stack: Stack) -> str:
    return stack.versions.values_list("output__kind", flat=True).first() or ""


def place(stack: Stack, output: Output, user: User | None, note: str) -> StackVersion:
    """Give it the next number. The stack is locked, or nobody else knows it yet."""
    numbers = stack.versions.order_by("-number").values_list("number", flat=True)
    stack.last_number = max(stack.last_number, numbers.first() or 0) + 1
    Stack.objects.filter(pk=stack.pk).update(last_number=stack.last_number)
    version = StackVersion.objects.create(
        stack=stack, number=stack.last_number, output=output, made_by=user, note=note
    )
    output.version_number = version.number
    Output.objects.filter(pk=output.pk).update(version_number=version.number, superseded=False)
    return version


def place_and_tell(stack: Stack, output: Output, user: User | None, note: str) -> StackVersion:
    """The next number, and what follows from it in the same transaction."""
    before = head_of(stack)
    version = place(stack, output, user, note)
    set_heads([stack.pk])
    keep_approval(version)
    if before is not None:
        new_version(before, output, stack, by=user)
    tell_teams(Output.objects.filter(pk=version.output_id))
    audit(
        Verb.VERSION_ADDED, team=stack.team, actor=user, target=stack, name=name_of(stack),
        changes={"version": version.number},
    )  # fmt: skip
    return version


def name_of(stack: Stack) -> str:
    """As the audit log calls it: never by a prompt."""
    return stack.name or stack.project.name


def hold_stack(stack_id: int | None) -> None:
    """Call it before a new row refers to the team: who takes a member out holds versions, and
    waits for the team."""
    if stack_id is not None and lock(stack_id) is not None:
        hold_versions([stack_id])


def join_stored(stack_id: int | None, output: Output, user: User | None) -> StackVersion | None:
    """Make a result that was just stored the next version of the stack that was chosen before it
    was made. Call it in the transaction that stores it. None: that stack is gone, full, or of
    another kind by now, and the result stands for itself; so does a copy with a watermark."""
    if stack_id is None or output.marked:
        return None
    stack = lock(stack_id)
    if stack is None or stack.team_id != output.team_id:
        return None
    if kind_of(stack) not in ("", output.kind) or stack.versions.count() >= MOST_VERSIONS:
        return None
    hold_versions([stack.pk])
    return place_and_tell(stack, output, user, "")


@transaction.atomic
def take_out(output: Output, user: User) -> bool:
    """Make it an output of its own again; its number is not given again. False when it was none.

    What is left of two is no stack any more, unless a link shows it.
    """
    found = stack_of(output)
    stack = lock(found.pk) if found else None
    version = StackVersion.objects.filter(output=output, stack=stack).first() if stack else None
    if stack is None or version is None:
        return False
    hold_versions([stack.pk])
    version.delete()
    Output.objects.filter(pk=output.pk).update(version_number=None, superseded=False)
    tell_teams(Output.objects.filter(pk=output.pk))
    audit(
        Verb.VERSION_REMOVED, team=stack.team, actor=user, target=stack, name=name_of(stack),
        changes={"version": version.number},
    )  # fmt: skip
    set_heads([stack.pk])
    left = stack.versions.count()
    if left == 0 or (left == 1 and not ShareLink.objects.filter(stack=stack).exists()):
        end_stack(stack)
    return True


@transaction.atomic
def dissolve(stack: Stack, user: User) -> bool:
    """Each version is an output of its own again. Links to the stack end with it."""
    row = lock(stack.pk)
    if row is None:
        return False
    hold_versions([row.pk])
    audit(
        Verb.STACK_DISSOLVED, team=row.team, actor=user, target=row, name=name_of(row),
        changes={"count": row.versions.count()},
    )  # fmt: skip
    end_stack(row)
    return True


def end_stack(stack: Stack) -> None:
    """The stack and its versions are held."""
    pks = list(stack.versions.values_list("output", flat=True))
    rows = Output.objects.filter(pk__in=pks)
    tell_teams(rows)
    rows.update(version_number=None, superseded=False)
    stack.delete()


@transaction.atomic
def change(stack: Stack, user: User, *, name: str, ask_again: bool) -> None:
    """Its name, and whether those who were asked about a version are asked about the next."""
    row = lock(stack.pk)
    if row is None or (row.name, row.ask_again) == (name, ask_again):
        return
    changes: dict[str, list[object]] = {}
    if row.name != name:
        changes["name"] = [row.name, name]
    if row.ask_again != ask_again:
        changes["ask again"] = [row.ask_again, ask_again]
    Stack.objects.filter(pk=row.pk).update(name=name, ask_again=ask_again)
    audit(
        Verb.STACK_CHANGED, team=row.team, actor=user, target=row,
        name=name or row.project.name, changes=changes,
    )  # fmt: skip


def end_if_empty(stack: Stack) -> None:
    """After an output was deleted for good: the head is another one anyway, and numbers that are
    gone stay gone."""
    row = lock(stack.pk)
    if row is not None and not row.versions.exists():
        row.delete()
