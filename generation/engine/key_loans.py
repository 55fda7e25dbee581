"""Keys lent to a team: lent, used within the number of the week, and ended at once.

Whoever holds several of these rows takes them in this order: person, loan, task, team. A batch
that is started and the end of its loan both hold the loan first, so that the batch either sees the
end, or is seen by it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.catalogue.prices import SUBJECT_CREDITS
from generation.engine.loan_use import used_this_week
from generation.engine.registration.requests import has_library
from generation.models import (
    Act,
    ApiKey,
    KeyLoan,
    Membership,
    Registration,
    RegistrationState,
    Status,
    Subject,
    Task,
    TaskSubject,
    Team,
    User,
    Verb,
    audit,
)
from generation.models.key_loans import KeyLoanQuerySet, week_of


class LoanRefused(Exception):
    """Nothing was started with a key of somebody else; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class CannotLend(Exception):
    """Rights, the key or the team have changed since the page was drawn."""


# --- Using one ------------------------------------------------------------------------------------


def take(
    key: ApiKey | None, user: User, team: Team, credits: int | None, subjects: Sequence[Subject]
) -> tuple[KeyLoan | None, int]:
    """The loan under which this person may use this key now, held until the transaction ends, and
    what the subjects may cost. No loan is needed for one's own key. `credits` None: nobody knows.

    Raises LoanRefused. Call it where the tasks are written.
    """
    if key is None or key.user_id == user.pk:
        return None, 0
    rows = KeyLoan.objects.open_to(user, team).select_related("key__user")
    loan = rows.select_for_update(of=("self",), no_key=True).filter(key=key).first()
    if loan is None:
        raise LoanRefused(
            gettext("This key is not lent to your team now. Choose another. Nothing was started.")
        )
    extra = SUBJECT_CREDITS * unregistered(subjects, key)
    if loan.weekly_credits is not None:
        check_week(loan, loan.weekly_credits, credits, extra)
    return loan, extra


def check_week(loan: KeyLoan, most: int, credits: int | None, extra: int) -> None:
    name = {"name": loan.lender_name}
    if credits is None:
        raise LoanRefused(
            gettext(
                "The price of this is not known, and %(name)s's key has a weekly limit. Choose "
                "another model or key, or ask %(name)s. Nothing was started."
            )
            % name
        )
    left, needed = max(0, most - used_this_week(loan)), credits + extra
    if needed <= left:
        return
    _monday, turns = week_of(timezone.now())
    facts = name | {"left": left, "needed": needed, "turns": week_turn(turns)}
    text = ngettext(
        "%(name)s's key has %(left)d credit left for the team this week, and this needs "
        "%(needed)d. The week turns on %(turns)s; until then ask %(name)s. Nothing was started.",
        "%(name)s's key has %(left)d credits left for the team this week, and this needs "
        "%(needed)d. The week turns on %(turns)s; until then ask %(name)s. Nothing was started.",
        left,
    )
    raise LoanRefused(text % facts)


def week_turn(turns: datetime) -> str:
    """By the clock of the studio, which is the one that counts."""
    zone = timezone.get_default_timezone()
    local = timezone.localtime(turns, zone)
    parts = (date_format(local, "l"), date_format(local, "DATE_FORMAT"), date_format(local, "H:i"))
    return f"{', '.join(parts)} ({local.tzname()})"


def unregistered(subjects: Sequence[Subject], key: ApiKey) -> int:
    """How many of them this key's library does not know as they are now."""
    if not subjects or not has_library(key.provider):
        return 0
    rows = Registration.objects.filter(subject__in=subjects, provider=key.provider, key=key)
    known = {row.subject_id for row in rows.select_related("subject") if row.is_current}
    return sum(one.pk not in known for one in subjects)


def is_lent(task: Task) -> bool:
    """Whether the key of this task is its person's own, or lent to its team now."""
    if task.key is None or task.key.user_id == task.user_id:
        return True
    rows = KeyLoan.objects.usable().filter(team=task.team_id, key=task.key_id)
    return task.loan_id is not None and rows.filter(pk=task.loan_id).exists()


def may_claim(task: Task) -> Q:
    """The same for the claim itself, which asks for the row that it writes."""
    if task.loan_id is None:
        return Q()
    return Q(Exists(KeyLoan.objects.live().filter(pk=OuterRef("loan_id"))))


# --- Lending and ending ---------------------------------------------------------------------------


@transaction.atomic
def lend(key: ApiKey, member_id: int, weekly_credits: int | None) -> KeyLoan:
    """Let the others of the team use this key. Asked twice, the first loan stays as it is."""
    User.objects.select_for_update(no_key=True).get(pk=key.user_id)
    rows = Membership.objects.select_related("team", "user").filter(user=key.user_id, pk=member_id)
    member = rows.first()
    if member is None:
        raise CannotLend
    member.team.lock_members()
    member, fresh = rows.first(), ApiKey.objects.usable().filter(pk=key.pk).first()
    if member is None or fresh is None or not member.may(Act.LEND_KEY):
        raise CannotLend
    known = KeyLoan.objects.live().filter(key=fresh, team=member.team).first()
    if known is not None:
        return known
    loan = KeyLoan.objects.create(key=fresh, team=member.team, weekly_credits=weekly_credits)
    audit_loan(Verb.KEY_LENT, loan, member.user, {"weekly credits": ["", weekly_credits or ""]})
    return loan


@transaction.atomic
def change_weekly(loan: KeyLoan, weekly_credits: int | None) -> bool:
    """Another number for all that is started from now on."""
    row = locked(KeyLoan.objects.filter(pk=loan.pk)).first()
    if row is None:
        return False
    before = row.weekly_credits
    if before != weekly_credits:
        KeyLoan.objects.filter(pk=row.pk).update(weekly_credits=weekly_credits)
        changes = {"weekly credits": [shown_number(before), shown_number(weekly_credits)]}
        audit_loan(Verb.KEY_LOAN_CHANGED, row, row.lender, changes)
    return True


def shown_number(number: int | None) -> int | str:
    return "" if number is None else number


@transaction.atomic
def end(loans: KeyLoanQuerySet, actor: User | None, note: Message | None = None) -> int:
    """End them at once: what is queued with them is cancelled, what is sent is finished.

    Returns how many tasks were cancelled.
    """
    cancelled, now = 0, timezone.now()
    found = hold(loans)
    for loan in found:
        KeyLoan.objects.filter(pk=loan.pk).update(ended_at=now, ended_by=actor)
    for loan in found:
        done = cancel_queued(loan, note)
        audit_loan(Verb.KEY_LOAN_ENDED, loan, actor, {"cancelled": done} if done else {})
        cancelled += done
    return cancelled


def hold(loans: KeyLoanQuerySet, more: Q | None = None) -> list[KeyLoan]:
    """Hold the live ones of these and what is queued with them, before the team is held: a batch
    that is being started, and a task that is being claimed, hold theirs first as well. With them
    `more` tasks, all by their numbers."""
    found = list(locked(loans))
    wanted = Q(loan__in=[one.pk for one in found], status=Status.QUEUED)
    tasks = Task.objects.filter(wanted if more is None else wanted | more)
    list(tasks.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    return found


def locked(loans: KeyLoanQuerySet) -> KeyLoanQuerySet:
    rows = loans.live().select_related("key__user", "team").order_by("pk")
    return rows.select_for_update(of=("self",), no_key=True)


def cancel_queued(loan: KeyLoan, note: Message | None) -> int:
    sentence = note or _("%(name)s no longer lends this key.", name=loan.lender_name)
    tasks = list(Task.objects.filter(loan=loan, status=Status.QUEUED).order_by("pk"))
    cancelled = sum(
        task.move(
            Status.CANCELLED, sentence, finished_at=timezone.now(), credits=0, held_since=None,
            next_look_at=None,
        )
        for task in tasks
    )  # fmt: skip
    stop_registrations(loan, sentence)
    return cancelled


def stop_registrations(loan: KeyLoan, sentence: Message) -> None:
    """What only tasks of this loan asked for is not paid for any more."""
    still = Task.objects.filter(key=loan.key_id, status=Status.QUEUED)
    needed = TaskSubject.objects.filter(task__in=still).values("subject")
    rows = Registration.objects.filter(
        key=loan.key_id, state=RegistrationState.WAITING, sent_at=None,
        subject__in=TaskSubject.objects.filter(task__loan=loan).values("subject"),
    ).exclude(subject__in=needed)  # fmt: skip
    for row in rows.select_related("subject"):
        row.step(RegistrationState.FAILED, error=sentence, next_look_at=None)


def audit_loan(
    verb: Verb, loan: KeyLoan, actor: User | None, changes: Mapping[str, object]
) -> None:
    audit(
        verb, team=loan.team, actor=actor, target=loan, name=loan.key_name,
        changes={"provider": loan.key.provider, "lender": loan.lender_name, **changes},
    )  # fmt: skip
