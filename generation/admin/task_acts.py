"""What an operator may do about a task: what people can do on its card, as far as it is free."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from generation.engine import overdue, reconcile, record_outcome, store, suspend
from generation.models import Status, Task, Verb, audit
from generation.web.shortcuts import StudioRequest

S = Status


@dataclass(frozen=True)
class SafeAct:
    """What people can do themselves on the card of a task, and what never costs anything."""

    label: Any
    explained: Any
    done: Any
    may: Callable[[Task], bool]
    do: Callable[[Task], bool]
    verb: Verb
    decision: str = ""
    stops: bool = False

    def carry_out(self, request: StudioRequest, task: Task, reason: str) -> bool:
        """Done and written down; both or neither."""
        with transaction.atomic():
            suspend.lock_operators(request.user)
            done = self.do(task)
            if done:
                changes = {"decision": self.decision} if self.decision else {}
                name = task.project.name
                audit(
                    self.verb, team=task.team, actor=request.user, target=task, name=name,
                    changes=changes | {"reason": reason},
                )  # fmt: skip
        return done


def may_stop(task: Task) -> bool:
    since = overdue.may_stop_from(task)
    return since is not None and since <= timezone.now()


ACTS = {
    "check-again": SafeAct(
        gettext_lazy("Check again"),
        gettext_lazy("The provider's list is looked through again for this task. It is free."),
        gettext_lazy("Asking the provider again."),
        lambda task: task.status == S.UNCERTAIN,
        reconcile.check_again,
        Verb.TASK_CHECKED,
    ),
    "find-results": SafeAct(
        gettext_lazy("Look for it again"),
        gettext_lazy("The provider is asked once more for the result. It is free."),
        gettext_lazy("Asking the provider again."),
        lambda task: task.may_find_results,
        record_outcome.find_results,
        Verb.TASK_CHECKED,
    ),
    "download-again": SafeAct(
        gettext_lazy("Download again"),
        gettext_lazy("The result is downloaded once more. It is free."),
        gettext_lazy("The result is being downloaded again."),
        lambda task: task.may_download_again,
        store.download_again,
        Verb.TASK_CHECKED,
    ),
    "stop-waiting": SafeAct(
        gettext_lazy("Stop waiting"),
        gettext_lazy("The task counts as failed. If its result comes all the same, it is kept."),
        gettext_lazy("Stopped waiting. What still comes is kept."),
        may_stop,
        overdue.stop_waiting,
        Verb.TASK_DECIDED,
        "stopped",
        stops=True,
    ),
    "give-up": SafeAct(
        gettext_lazy("Mark as failed"),
        gettext_lazy("The task counts as failed. If it turns up all the same, its result is kept."),
        gettext_lazy("Marked as failed."),
        lambda task: task.status == S.UNCERTAIN,
        reconcile.give_up,
        Verb.TASK_DECIDED,
        "failed",
        stops=True,
    ),
}
