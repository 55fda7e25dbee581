"""What a composer is to hold: from an address, a task to reuse, or a form that was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from generation.catalogue import rules
from generation.catalogue.params import PARAMS
from generation.catalogue.rules import name_of
from generation.catalogue.types import Counts, Offer
from generation.engine.start import inputs_of as inputs_of_task
from generation.forms.create_scope import CreateScope, media_inputs
from generation.forms.fields import BIG, off_reason, values_in
from generation.forms.generate import GenerateForm, input_names, setting_names
from generation.forms.labels import param_label, value_label
from generation.forms.parsing import parse_id
from generation.models import Media, Output, ProviderName, Subject, Task
from generation.views.create.examples import examples_of
from generation.web.shortcuts import StudioRequest, find

LAST = "create"  # in the session: the mode, models and project of the last start
ASKED = ("from", "ref", "example", "model", "preset")  # an address that fills the form itself
KEPT = (*BIG, "frames", "cues")  # typed work: it stays whatever a model says to it


@dataclass
class Prefill:
    """What a form is to hold, before a model's limits are laid on it."""

    model: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, list[Media]] = field(default_factory=dict)
    cast: list[Subject] = field(default_factory=list)
    last: str = ""  # the model used last, when none is asked for: nobody is told when it is gone
    given: bool = False  # by the address or a form that was sent: no draft goes over it
    said: list[str] = field(default_factory=list)
    fitting: bool = False  # from another mode: what does not fit is left behind

    def add(self, name: str, media: Media) -> None:
        self.files.setdefault(name, []).append(media)

    @property
    def counts(self) -> Counts:
        return {name: len(many) for name, many in self.files.items()} | {"subjects": len(self.cast)}


def prefill_from(request: StudioRequest, desk: CreateScope) -> Prefill:
    """From the address: a task to reuse, an output to start from, an example, or plain settings."""
    wanted, last = request.GET, request.session.get(LAST, {})
    wish = Prefill(last=last.get("models", {}).get(desk.mode, ""))
    wish.values["project"] = last.get("project", "")
    wish.given = any(name in wanted for name in (*ASKED, *input_names(desk.mode)))
    if "from" in wanted:
        reuse(wish, task_named(request, desk, wanted["from"]), desk)
    examples = examples_of(desk.mode)
    if parse_id(wanted.get("example", "")) in range(1, len(examples) + 1):
        wish.values |= examples[parse_id(wanted["example"]) - 1].values
    if "ref" in wanted:
        use_output(request, desk, wish)
    wish.values |= values_in(setting_names(desk.mode), wanted)
    wish.values |= {name: wanted[name] for name in ("key", "count", "project") if name in wanted}
    found = desk.files({name: wanted.getlist(name) for name in media_inputs(desk.mode)})
    for name, many in found.items():
        wish.files.setdefault(name, []).extend(one for one in many if one is not None)
    named = desk.cast(wanted.getlist("subjects"), str(wish.values.get("prompt", "")))
    wish.cast += [one for one in named if one and one.pk not in {each.pk for each in wish.cast}]
    wish.model, wish.fitting = wanted.get("model", wish.model), "carry" in wanted
    return wish


def use_output(request: StudioRequest, desk: CreateScope, wish: Prefill) -> None:
    """Put an output where the address says, or where the mode takes its kind."""
    rows = Output.objects.visible_to(request.user).filter(team=desk.team).kept()
    output = find(rows.select_related("media"), pk=parse_id(request.GET["ref"]))
    fitting = [n for n, kind in media_inputs(desk.mode).items() if kind == output.media.kind]
    wanted = request.GET.get("as", "")
    name = wanted if wanted in fitting else next(iter(fitting), "")
    if name:
        wish.add(name, output.media)
    else:
        wish.said.append(_("This mode cannot use that file. Choose another mode above."))


def task_named(request: StudioRequest, desk: CreateScope, name: str) -> Task:
    rows = Task.objects.visible_to(request.user).filter(team=desk.team, mode=desk.mode)
    return find(rows.select_related("project"), pk=parse_id(name))


def reuse(wish: Prefill, task: Task, desk: CreateScope) -> None:
    """Everything of a task: its values, inputs and subjects."""
    wish.model = f"{task.provider}/{task.model_name}"
    wish.values |= task.values
    wish.files = inputs_of_task(task)
    ids = list(task.cast.values_list("subject_id", flat=True))
    wish.cast = [one for one in desk.cast([str(pk) for pk in ids], "") if one is not None]
    if len(wish.cast) < len(ids):
        wish.said.append(_("A subject of this task is no longer there. It is left out."))
    if desk.project(task.project.slug):
        wish.values["project"] = task.project.slug


def prefill_of_form(form: GenerateForm) -> Prefill:
    """What a form holds, not yet asked whether it is right."""
    plain = {name: form.shown(name) for name in ("intent", "model", "project", "key", "count")}
    typed = {name: value for name, value in form.raw.items() if value is not None}
    return Prefill(str(plain.pop("model") or ""), plain | typed, form.chosen, form.cast, given=True)


def carried(form: GenerateForm, mode: str) -> Prefill:
    """What a form holds that also fits another mode: words, settings, and inputs by their kind."""
    wish = prefill_of_form(form)
    wish.model, names = "", set(setting_names(mode))
    for words, other in (BIG, BIG[::-1]):
        if words not in names and other in names and not wish.values.get(other):
            wish.values[other] = wish.values.get(words, "")
    everywhere = ("intent", "project", "count")
    wish.values = {n: v for n, v in wish.values.items() if n in names or n in everywhere}
    free = [media for many in form.chosen.values() for media in many]
    wish.files = {
        name: [media for media in free if media.kind == kind]
        for name, kind in first_of_each(mode).items()
    }
    wish.cast = form.cast if "subjects" in input_names(mode) else []
    wish.fitting = True
    return wish


def first_of_each(mode: str) -> dict[str, str]:
    """The first input of a mode for each kind of file."""
    found: dict[str, str] = {}
    for name, kind in media_inputs(mode).items():
        if kind not in found.values():
            found[name] = kind
    return found


def initial_form(
    desk: CreateScope, wish: Prefill, refused: Mapping[str, Sequence[str]] | None = None
) -> GenerateForm:
    """A form that asks nothing illegal; `wish.said` tells what had to be changed."""
    offer = desk.offer(wish.model) or desk.offer(wish.last) or desk.default_offer
    if wish.fitting:
        leave_behind(wish, offer or rules.offers(mode=desk.mode)[0])
    held = {"files": wish.files, "cast": wish.cast}
    if offer is None:
        return GenerateForm(desk=desk, offer=None, initial=wish.values | held)
    if wish.model and wish.model != name_of(offer):
        wish.said.append(other_model_note(wish.model, offer))
    snapped = fitted(offer, wish)
    initial = wish.values | snapped | held | {"model": name_of(offer)}
    return GenerateForm(desk=desk, offer=offer, initial=initial, refused=refused)


def leave_behind(wish: Prefill, offer: Offer) -> None:
    """Only as many inputs come along from another mode as this one takes."""
    for name, many in wish.files.items():
        rule = offer.limits.get(name)
        most = int(rule.maximum or 0) if rule and not rule.off else 0
        if len(many) > most:
            wish.said.append(_("Not everything that was added fits here; the rest is left out."))
            wish.files[name] = many[:most]


def fitted(offer: Offer, wish: Prefill) -> dict[str, Any]:
    """The settings as the model can have them; `wish.said` hears what was changed."""
    typed = {name: value for name, value in wish.values.items() if name in PARAMS}
    settings = {n: v for n, v in typed.items() if n not in KEPT and v not in (None, "")}
    kept, changed = rules.snap(offer, settings, wish.counts)
    for name, _old, new in changed:
        if new is None or new is False:
            wish.said.append(left_out(name, off_reason(offer, name, typed, wish.counts)))
        else:
            wish.said.append(changed_words(offer, name, new))
    gone = [name for name in settings if name not in kept]
    told = [name for name in gone if settings[name] is not False]
    wish.said += [left_out(n, off_reason(offer, n, typed, wish.counts)) for n in told]
    return {name: kept.get(name) for name in settings}


def other_model_note(wanted: str, offer: Offer) -> str:
    provider, _model = rules.split_name(wanted)
    names = dict(ProviderName.choices)
    return _("You cannot use %(wanted)s now. %(model)s of %(provider)s is chosen instead.") % {
        "wanted": names.get(provider, _("this model")),
        "model": offer.label,
        "provider": names[offer.provider],
    }


def left_out(name: str, reason: str) -> str:
    words = {"label": param_label(name), "reason": reason}
    return _("%(label)s is left out. %(reason)s") % words


def changed_words(offer: Offer, name: str, new: Any) -> str:
    """One line on what a model change did to a setting."""
    words = {"label": param_label(name), "model": offer.label, "new": value_label(name, new)}
    allowed = offer.limits[name].allowed
    if PARAMS[name].kind == "number" and allowed and new == max(allowed):
        return _("%(label)s set to %(new)s, the maximum of %(model)s.") % words
    if new != offer.limits[name].default:
        return _("%(label)s set to %(new)s, the nearest of %(model)s.") % words
    return _("%(label)s set to %(new)s, the default of %(model)s.") % words
