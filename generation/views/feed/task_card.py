"""What the card of one task says. Nothing here asks the database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.catalogue.modes import MODES
from generation.catalogue.offers import OFFERS
from generation.catalogue.params import PARAMS
from generation.forms.generate import new_intent
from generation.forms.labels import param_label, value_label
from generation.forms.voices import name_of_voice
from generation.models import Media, Output, Status, Task
from generation.models.tasks import NOT_BEGUN
from generation.views.feed.next_steps import NextStep, usual_uses
from generation.views.feed.progress import NextTry, Progress, Times, progress_of
from generation.views.feed.source_title import mode_label, task_title

S = Status
# The classes of the spaces that results take.
RATIOS = {
    "a219": 21 / 9, "a169": 16 / 9, "a32": 3 / 2, "a43": 4 / 3, "a11": 1.0, "a34": 3 / 4,
    "a23": 2 / 3, "a916": 9 / 16,
}  # fmt: skip
WIDE = "a169"


@dataclass(frozen=True)
class Card:
    """One task as a person sees it. `note` is what there is to know beside its state: a feed has
    more room for it in the head of the batch."""

    task: Task
    state: str
    title: str
    sentence: str = ""
    progress: Progress | None = None
    outputs: Sequence[Output] = ()
    charge: str = ""
    note: str = ""
    next_try: NextTry | None = None
    in_trash: bool = False  # where nothing of it is left: whether it can be restored

    @property
    def name(self) -> str:
        return task_title(self.task)

    @property
    def voice(self) -> str:
        return name_of_voice(self.task.values)

    @property
    def ratio(self) -> str:
        return expected_ratio(self.task, result_kind(self.task))

    @property
    def shape(self) -> str:
        """The class of the space that it takes now."""
        return media_ratio(self.outputs[0].media) if self.outputs else self.ratio

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
    if values.get("template"):
        labels.append(value_label("template", values["template"]))
    if values.get("voice_id"):
        labels.append(name_of_voice(values))
    switches = {"audio": _("Audio"), "off_peak": _("Off-peak")}
    return labels + [label for name, label in switches.items() if values.get(name) is True]


def model_label(task: Task) -> str:
    """The model's name; a model that left the catalogue keeps the name it was sent with."""
    row = OFFERS.get((task.provider, task.mode, task.model_name))
    return row.label if row else task.model_name


def result_kind(task: Task) -> str:
    """image, video or audio."""
    return MODES[task.mode].makes if task.mode in MODES else "image"


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
        note = _("It is looked for at the provider first, and sent if it is not there.")
        return Card(task, "queued", _("In queue"), note=note)
    if task.is_held:
        note = _("The studio was away. It is not sent until you decide.")
        return Card(task, "queued", _("Waiting for your decision"), note=note)
    note = str(task.waiting_for)
    calm = "" if note else _("You can leave this page.")
    return Card(task, "queued", _("In queue"), calm, note=note)


def sending(task: Task, **_known: Any) -> Card:
    return Card(task, "sending", _("Sending"))


def running_card(task: Task, times: Times, now: datetime, **_known: Any) -> Card:
    note = ""
    if task.unreachable_since:
        note = _("%(provider)s does not answer now. Nothing is lost, we keep asking.")
    elif task.cancel_asked_at:
        note = _("%(provider)s was asked to cancel it.")
    elif times.stuck:
        note = _("This takes far longer than usual. We keep asking %(provider)s once a minute.")
    note = note % {"provider": task.get_provider_display()} if note else ""
    progress = progress_of(task, times.usual, now, times.patience)
    if task.remote_state in NOT_BEGUN:
        title = _("Queued at %(provider)s") % {"provider": task.get_provider_display()}
        return Card(task, "waiting", title, progress=progress, note=note)
    return Card(task, "rendering", _("Generating"), progress=progress, note=note)


def storing(task: Task, now: datetime, **_known: Any) -> Card:
    if not task.error:
        return Card(task, "saving", _("Saving"))
    note, next_try = str(task.error), NextTry.of(task, now)
    return Card(task, "saving", _("Saving failed"), note=note, next_try=next_try)


def ready(task: Task, in_trash: bool = False, **_known: Any) -> Card:
    """With what is left of it: all of it may lie in the trash, or be deleted."""
    kept = list(task.outputs.all())
    state = "ready" if kept else "gone"
    return Card(task, state, _("Ready"), outputs=kept, in_trash=in_trash)


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


def card_of(task: Task, times: Times, now: datetime, in_trash: bool = False) -> Card:
    return CARDS[task.status](task, times=times, now=now, in_trash=in_trash)


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
