"""What the card of one task says. Nothing here asks the database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from generation.catalogue.modes import MODES
from generation.catalogue.offers import OFFERS
from generation.catalogue.params import PARAMS
from generation.forms.generate import new_intent
from generation.forms.labels import param_label, value_label
from generation.models import Media, Output, Status, Task
from generation.views.feed.next_steps import NextStep, usual_uses

S = Status
# The classes of the spaces that results take.
RATIOS = {
    "a219": 21 / 9, "a169": 16 / 9, "a32": 3 / 2, "a43": 4 / 3, "a11": 1.0, "a34": 3 / 4,
    "a23": 2 / 3, "a916": 9 / 16,
}  # fmt: skip
WIDE = "a169"
MOST_SHOWN = 0.95  # of the bar: the end comes from the provider, never from the clock


@dataclass(frozen=True)
class Times:
    """What others like this one took in seconds, and whether this one takes far longer; after how
    many seconds a person may stop waiting for it."""

    usual: int | None = None
    stuck: bool = False
    patience: int | None = None


@dataclass(frozen=True)
class Progress:
    """Time since it was sent, against the usual time. `share` None: nobody can say."""

    elapsed: int
    usual: int | None
    share: float | None
    patience: int | None = None

    @property
    def may_stop(self) -> bool:
        return self.patience is not None and self.elapsed >= self.patience

    @property
    def over(self) -> bool:
        return self.usual is not None and self.elapsed > self.usual

    @property
    def percent(self) -> int | None:
        return None if self.share is None else round(100 * self.share)

    @property
    def pattern(self) -> str:
        """The words around %e, the elapsed time, for the page to count on."""
        return _("%%e of about %(usual)s") % {"usual": clock(self.usual)} if self.usual else "%e"

    @property
    def late(self) -> str:
        return _("%e, longer than usual")

    @property
    def text(self) -> str:
        return (self.late if self.over else self.pattern).replace("%e", clock(self.elapsed))


@dataclass(frozen=True)
class Card:
    """One task as a person sees it."""

    task: Task
    state: str
    title: str
    sentence: str = ""
    progress: Progress | None = None
    outputs: Sequence[Output] = ()
    charge: str = ""

    @property
    def name(self) -> str:
        return task_title(self.task)

    @property
    def ratio(self) -> str:
        return expected_ratio(self.task, result_kind(self.task))

    @property
    def reference(self) -> str:
        """The picture behind the bar while there is no result."""
        seen = first_seen(self.task)
        return reverse("media", args=[seen.pk, "thumb"]) if seen else ""

    @property
    def tiles(self) -> list[tuple[Output, str, list[NextStep]]]:
        """The outputs, each with the class of the space it takes and its usual uses."""
        return [(one, media_ratio(one.media), usual_uses(one, 2)) for one in self.outputs]

    @property
    def intent(self) -> str:
        return new_intent()


def clock(seconds: int | None) -> str:
    minutes, rest = divmod(max(0, seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


# Where the label only says what it begins with, which is enough beside "Video" on the form.
LABELS = {
    "text-video": gettext_noop("Text to video"),
    "image-video": gettext_noop("Image to video"),
}


def mode_label(name: str) -> str:
    """What the work is called; a mode that left the catalogue keeps its name."""
    if name in LABELS:
        return _(LABELS[name])
    return _(MODES[name].label) if name in MODES else name


def work_of(task: Task) -> list[str]:
    """What kind of work it is, and how much it was given to work from."""
    given = len(task.inputs.all())
    references = ngettext("%d reference", "%d references", given) % given
    if task.mode == "image":
        return [references if given else _("Text")]
    return [mode_label(task.mode), references] if given > 1 else [mode_label(task.mode)]


def short_settings(task: Task) -> list[str]:
    values, labels = task.values, []
    if values.get("duration") is not None:
        labels.append(value_label("duration", values["duration"]))
    labels += [
        value_label(name, values[name])
        for name in ("resolution", "aspect_ratio")
        if values.get(name)
    ]
    switches = {"audio": _("Audio"), "off_peak": _("Off-peak")}
    return labels + [label for name, label in switches.items() if values.get(name) is True]


def task_title(task: Task) -> str:
    """What was asked for in words, else what kind of work it is."""
    return task.prompt or mode_label(task.mode)


def model_label(task: Task) -> str:
    """The model's name; a model that left the catalogue keeps the name it was sent with."""
    row = OFFERS.get((task.provider, task.mode, task.model_name))
    return row.label if row else task.model_name


def result_kind(task: Task) -> str:
    """image, video or audio."""
    return MODES[task.mode].makes if task.mode in MODES else "image"


def progress_of(
    task: Task, usual: int | None, now: datetime, patience: int | None = None
) -> Progress:
    elapsed = max(0, int((now - (task.sent_at or task.created_at)).total_seconds()))
    share = task.progress
    if share is None and usual:
        share = min(elapsed / usual, MOST_SHOWN)
    return Progress(elapsed, usual, share, patience)


def charge_known(task: Task) -> str:
    """What is known of the charge. Silence means that nobody has said."""
    if task.was_stopped:  # its end would tell
        return ""
    if task.credits == 0 or (task.credits is None and not task.sends and not task.remote_id):
        return _("No credits were charged.")
    if task.credits:
        spent = ngettext("%d credit was charged.", "%d credits were charged.", task.credits)
        return spent % task.credits
    return ""


def queued(task: Task, **_known: Any) -> Card:
    if task.is_held and task.send_asked_at:
        sentence = _("It is looked for at the provider first, and sent if it is not there.")
        return Card(task, "queued", _("In queue"), sentence)
    if task.is_held:
        sentence = _("The studio was away. It is not sent until you decide.")
        return Card(task, "queued", _("Waiting for your decision"), sentence)
    calm = _("You can leave this page.")
    return Card(task, "queued", _("In queue"), str(task.waiting_for) or calm)


def sending(task: Task, **_known: Any) -> Card:
    return Card(task, "sending", _("Sending"), _("You can leave this page."))


def running_card(task: Task, times: Times, now: datetime) -> Card:
    sentence = ""
    if task.unreachable_since:
        sentence = _("%(provider)s does not answer now. Nothing is lost, we keep asking.")
    elif task.cancel_asked_at:
        sentence = _("%(provider)s was asked to cancel it.")
    elif times.stuck:
        sentence = _("This takes far longer than usual. We keep asking %(provider)s once a minute.")
    sentence = sentence % {"provider": task.get_provider_display()} if sentence else ""
    progress = progress_of(task, times.usual, now, times.patience)
    if task.remote_state in ("created", "queued"):
        title = _("Queued at %(provider)s") % {"provider": task.get_provider_display()}
        return Card(task, "waiting", title, sentence, progress)
    return Card(task, "rendering", _("Rendering"), sentence, progress)


def storing(task: Task, **_known: Any) -> Card:
    return Card(task, "saving", _("Saving"), str(task.error))


def ready(task: Task, **_known: Any) -> Card:
    """With what is left of it: all of it may lie in the trash."""
    kept = list(task.outputs.all())
    return Card(task, "ready" if kept else "gone", _("Ready"), outputs=kept)


def failed(task: Task, **_known: Any) -> Card:
    title, sentence = str(task.error) or _("This did not work."), str(task.advice)
    if task.error_field in PARAMS and sentence:
        known = {"setting": param_label(task.error_field), "advice": sentence}
        sentence = _("%(setting)s: %(advice)s") % known
    return Card(task, "failed", title, sentence, charge=charge_known(task))


def cancelled(task: Task, **_known: Any) -> Card:
    return Card(task, "cancelled", _("Cancelled"), charge=charge_known(task))


def uncertain(task: Task, **_known: Any) -> Card:
    known = {"provider": task.get_provider_display()}
    if task.next_look_at is None:
        sentence = _(
            "%(provider)s did not confirm this job. It may be running and may be charged. "
            "Checking again is free."
        )
        sentence = sentence % known
        return Card(task, "decide", _("Your decision is needed"), sentence)
    sentence = _(
        "%(provider)s did not confirm this job. It may be running and may be charged. We are "
        "checking, which is free: do not send it again."
    )
    return Card(task, "checking", _("Checking"), sentence % known)


CARDS: dict[str, Callable[..., Card]] = {
    S.QUEUED: queued, S.SUBMITTING: sending, S.RUNNING: running_card, S.STORING: storing,
    S.SUCCEEDED: ready, S.FAILED: failed, S.CANCELLED: cancelled, S.UNCERTAIN: uncertain,
}  # fmt: skip


def card_of(task: Task, times: Times, now: datetime) -> Card:
    return CARDS[task.status](task, times=times, now=now)


# --- The space that a result takes -------------------------------------------------------------


def nearest_ratio(ratio: float) -> str:
    return min(RATIOS, key=lambda name: abs(RATIOS[name] / ratio - 1))


def media_ratio(media: Media) -> str:
    """As it is; a sound is shown as a wide waveform."""
    return nearest_ratio(media.width / media.height) if media.width and media.height else WIDE


def first_seen(task: Task) -> Media | None:
    """The first picture or video that the task works from."""
    return next((one.media for one in task.inputs.all() if one.media.width), None)


def expected_ratio(task: Task, makes: str) -> str:
    """Of a result that is not there yet: as asked, else like what it is made from."""
    name = f"a{str(task.values.get('aspect_ratio', '')).replace(':', '')}"
    seen = first_seen(task)
    if name in RATIOS:
        return name
    return media_ratio(seen) if seen and makes != "audio" else WIDE
