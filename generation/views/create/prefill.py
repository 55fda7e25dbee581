"""What a composer is to hold: from an address, a task, a form that was sent, or a preset."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from generation.catalogue import estimate, rules
from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.rules import name_of
from generation.catalogue.types import Counts, Offer
from generation.engine.start import inputs_of as inputs_of_task
from generation.forms.create_scope import CreateScope, media_inputs
from generation.forms.fields import BIG, off_reason, resolution_height, values_in
from generation.forms.generate import GenerateForm, input_names, setting_names
from generation.forms.labels import param_label, value_label
from generation.forms.parsing import parse_id
from generation.forms.picks import NEW
from generation.forms.team_defaults import defaults_for
from generation.models import Media, Output, ProviderName, Subject, Task
from generation.views.create.examples import examples_of
from generation.web.choice import LAST
from generation.web.shortcuts import StudioRequest, find

ASKED = (
    "from",
    "ref",
    "subject",
    "example",
    "model",
    "preset",
)  # an address that fills the form itself
GOES_TO = ("version_of", "as_version", "into")  # a stack, and a collection for the results
KEPT = (*BIG, "frames", "cues", "voice_name")  # typed work: it stays whatever a model says to it


@dataclass
class Prefill:
    """What a form is to hold, before a model's limits are laid on it."""

    model: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, list[Media]] = field(default_factory=dict)
    subjects: list[Subject] = field(default_factory=list)
    last: str = ""  # the model used last, when none is asked for: no note when it is gone
    given: bool = False  # by the address or a form that was sent: no draft goes over it
    notes: list[str] = field(default_factory=list)
    fitting: bool = False  # from another mode: what does not fit is left behind

    def add(self, name: str, media: Media) -> None:
        self.files.setdefault(name, []).append(media)

    @property
    def counts(self) -> Counts:
        return {name: len(many) for name, many in self.files.items()} | {
            "subjects": len(self.subjects)
        }


def prefill_from(request: StudioRequest, scope: CreateScope) -> Prefill:
    """From the address: a task to reuse, an output to start from, an example, or plain settings."""
    wanted, last = request.GET, request.session.get(LAST, {})
    prefill = Prefill(last=last.get("models", {}).get(scope.mode, ""))
    prefill.values |= {name: last.get(name, "") for name in ("project", "into")}
    prefill.given = any(name in wanted for name in (*ASKED, *input_names(scope.mode)))
    if "from" in wanted:
        reuse(prefill, task_named(request, scope, wanted["from"]), scope)
    examples = examples_of(scope.mode)
    if parse_id(wanted.get("example", "")) in range(1, len(examples) + 1):
        prefill.values |= examples[parse_id(wanted["example"]) - 1].values
    if "ref" in wanted:
        use_output(request, scope, prefill)
    if "subject" in wanted:
        use_subject(scope, prefill, wanted["subject"])
    prefill.values |= values_in(setting_names(scope.mode), wanted)
    plain = ("key", "count", "project", *GOES_TO)
    prefill.values |= {name: wanted[name] for name in plain if name in wanted}
    found = scope.files({name: wanted.getlist(name) for name in media_inputs(scope.mode)})
    for name, many in found.items():
        prefill.files.setdefault(name, []).extend(one for one in many if one is not None)
    named = scope.subjects(wanted.getlist("subjects"), str(prefill.values.get("prompt", "")))
    prefill.subjects += [
        one for one in named if one and one.pk not in {each.pk for each in prefill.subjects}
    ]
    prefill.model, prefill.fitting = wanted.get("model", prefill.model), "carry" in wanted
    return prefill


def use_output(request: StudioRequest, scope: CreateScope, prefill: Prefill) -> None:
    """Put an output where the address says, or where the mode takes its kind."""
    rows = Output.objects.visible_to(request.user).filter(team=scope.team).kept()
    output = find(rows.select_related("media"), pk=parse_id(request.GET["ref"]))
    fitting = [n for n, kind in media_inputs(scope.mode).items() if kind == output.media.kind]
    wanted = request.GET.get("as", "")
    name = wanted if wanted in fitting else next(iter(fitting), "")
    if name:
        prefill.add(name, output.media)
    else:
        prefill.notes.append(_("This mode cannot use that file. Choose another mode above."))


def use_subject(scope: CreateScope, prefill: Prefill, asked: str) -> None:
    """Name a subject in the prompt, for a model that knows subjects."""
    subject = next(iter(scope.subjects([asked], "")), None)
    if subject is None:
        prefill.notes.append(_("This subject is in the archive or gone. Type @ to choose another."))
        return
    prefill.subjects.append(subject)
    prefill.values["prompt"] = f"{subject} "
    usual = scope.offer(prefill.last) or scope.default_offer
    if usual is None or takes_inputs(usual, prefill):
        return
    fitting = (offer for offer in scope.offers if takes_inputs(offer, prefill))
    prefill.model = name_of(next(fitting, usual))


def task_named(request: StudioRequest, scope: CreateScope, name: str) -> Task:
    rows = Task.objects.visible_to(request.user).filter(team=scope.team, mode=scope.mode)
    return find(rows.select_related("project", "batch"), pk=parse_id(name))


def reuse(prefill: Prefill, task: Task, scope: CreateScope) -> None:
    """Everything of a task: its values, inputs and subjects."""
    prefill.model = f"{task.provider}/{task.model_name}"
    prefill.values |= {n: v for n, v in task.values.items() if keeps_value(task.mode, n)}
    prefill.files = inputs_of_task(task)
    ids = list(task.mentioned_subjects.values_list("subject_id", flat=True))
    prefill.subjects = [
        one for one in scope.subjects([str(pk) for pk in ids], "") if one is not None
    ]
    if len(prefill.subjects) < len(ids):
        prefill.notes.append(_("A subject of this task is no longer there. It is left out."))
    if scope.project(task.project.slug):
        prefill.values["project"] = task.project.slug
    prefill.values["into"] = str(task.batch.collection_id or "")


def keeps_value(mode: str, name: str) -> bool:
    """Whether a task that is made again has it, too: each new voice gets an id of its own."""
    is_own = name not in PARAMS or PARAMS[name].sent or name in MODES[mode].params
    return is_own and (mode, name) not in NEW


def prefill_of_form(form: GenerateForm) -> Prefill:
    """What a form holds, not yet asked whether it is right."""
    plain = {name: form.shown(name) for name in ("intent", "model", "project", "key", "count")}
    plain |= {name: form.shown(name) for name in GOES_TO}
    plain |= {"as_text": form.as_text_keys, "every_voice": form.asks_for_every_voice}
    typed = {name: value for name, value in form.raw.items() if value is not None}
    return Prefill(
        str(plain.pop("model") or ""), plain | typed, form.chosen, form.subjects, given=True
    )


def carried(form: GenerateForm, mode: str) -> Prefill:
    """What a form holds that also fits another mode: words, settings, and inputs by their kind."""
    prefill = prefill_of_form(form)
    prefill.model, names = "", set(setting_names(mode))
    for name, other in (BIG, BIG[::-1]):
        if name not in names and other in names and not prefill.values.get(other):
            prefill.values[other] = prefill.values.get(name, "")
    everywhere = ("intent", "project", "count", "as_text", *GOES_TO)
    prefill.values = {n: v for n, v in prefill.values.items() if n in names or n in everywhere}
    free = [media for many in form.chosen.values() for media in many]
    prefill.files = {
        name: [media for media in free if media.kind == kind]
        for name, kind in first_of_each(mode).items()
    }
    prefill.subjects = form.subjects if "subjects" in input_names(mode) else []
    prefill.fitting = True
    return prefill


def first_of_each(mode: str) -> dict[str, str]:
    """The first input of a mode for each kind of file."""
    found: dict[str, str] = {}
    for name, kind in media_inputs(mode).items():
        if kind not in found.values():
            found[name] = kind
    return found


def initial_form(
    scope: CreateScope, prefill: Prefill, refused: Mapping[str, Sequence[str]] | None = None
) -> GenerateForm:
    """A form that asks nothing illegal; `prefill.notes` tells what had to be changed."""
    offer = scope.offer(prefill.model) or scope.offer(prefill.last) or scope.default_offer
    if prefill.fitting:
        leave_behind(prefill, offer or rules.offers(mode=scope.mode)[0])
    held = {"files": prefill.files, "subjects": prefill.subjects}
    if offer is None:
        return GenerateForm(scope=scope, offer=None, initial=prefill.values | held)
    if prefill.model and prefill.model != name_of(offer):
        prefill.notes.append(other_model_note(prefill.model, offer))
    snapped = fitted(offer, prefill)
    usual = {} if prefill.given else usual_settings(scope, prefill, offer)
    initial = usual | prefill.values | snapped | held | {"model": name_of(offer)}
    return GenerateForm(scope=scope, offer=offer, initial=initial, refused=refused)


def usual_settings(scope: CreateScope, prefill: Prefill, offer: Offer) -> dict[str, Any]:
    """What the team starts with, where nobody asked for anything."""
    return defaults_for(scope.team, offer, prefill.values, prefill.counts)


def leave_behind(prefill: Prefill, offer: Offer) -> None:
    """Only as many inputs come along from another mode as this one takes."""
    for name, many in prefill.files.items():
        rule = offer.limits.get(name)
        most = int(rule.maximum or 0) if rule and not rule.off else 0
        if len(many) > most:
            prefill.notes.append(
                _("Not everything that was added fits here; the rest is left out.")
            )
            prefill.files[name] = many[:most]


def fitted(offer: Offer, prefill: Prefill) -> dict[str, Any]:
    """The settings as the model can have them; `prefill.notes` hears what was changed."""
    typed = {name: value for name, value in prefill.values.items() if name in PARAMS}
    settings = {n: v for n, v in typed.items() if n not in KEPT and v not in (None, "")}
    kept, changed = rules.snap(offer, settings, prefill.counts)
    for name, _old, new in changed:
        if new is None or new is False:
            prefill.notes.append(
                left_out_note(name, off_reason(offer, name, typed, prefill.counts))
            )
        else:
            prefill.notes.append(change_note(offer, name, new))
    gone = [name for name in settings if name not in kept]
    given_up = [name for name in gone if settings[name] is not False]
    prefill.notes += [
        left_out_note(n, off_reason(offer, n, typed, prefill.counts)) for n in given_up
    ]
    return {name: kept.get(name) for name in settings}


def other_model_note(wanted: str, offer: Offer) -> str:
    provider, _model = rules.split_name(wanted)
    names = dict(ProviderName.choices)
    return _("You cannot use %(wanted)s now. %(model)s of %(provider)s is chosen instead.") % {
        "wanted": names.get(provider, _("this model")),
        "model": offer.label,
        "provider": names[offer.provider],
    }


def left_out_note(name: str, reason: str) -> str:
    facts = {"label": param_label(name), "reason": reason}
    return _("%(label)s is left out. %(reason)s") % facts


def change_note(offer: Offer, name: str, new: Any) -> str:
    """One line on what a model change did to a setting."""
    facts = {"label": param_label(name), "model": offer.label, "new": value_label(name, new)}
    allowed = offer.limits[name].allowed
    if PARAMS[name].kind == "number" and allowed and new == max(allowed):
        return _("%(label)s set to %(new)s, the maximum of %(model)s.") % facts
    if new != offer.limits[name].default:
        return _("%(label)s set to %(new)s, the nearest of %(model)s.") % facts
    return _("%(label)s set to %(new)s, the default of %(model)s.") % facts


# --- Presets: a draft at the lowest price, and the final at full size ----------------------------


def preset(scope: CreateScope, prefill: Prefill, name: str, now: Offer | None) -> None:
    """Lay a preset on what the form holds; `prefill.notes` tells what it did."""
    if name == "draft":
        own = [one for one in scope.offers if now is not None and one.provider == now.provider]
        lay(prefill, cheapest(own, prefill), _("Draft: the lowest price here."))
    elif name == "final" and now is not None:
        best = max(preset_sizes(now, prefill), key=resolution_height, default="")
        lay(prefill, (now, best), _("Final: the full size of this model."))


def presets_on(form: GenerateForm) -> list[str]:
    """The presets that the form is set to already."""
    now, held = form.offer, prefill_of_form(form)
    if now is None or "resolution" not in form.fields:
        return []
    size = form.raw["resolution"]
    own = [one for one in form.scope.offers if one.provider == now.provider]
    found = {
        "draft": cheapest(own, held) == (now, size),
        "final": size == max(preset_sizes(now, held), key=resolution_height, default=""),
    }
    return [name for name, is_on in found.items() if is_on]


def lay(prefill: Prefill, found: tuple[Offer, str] | None, note: str) -> None:
    if found is None:
        prefill.notes.append(_("No price is known for this mode. Choose the settings yourself."))
        return
    offer, size = found
    prefill.model = name_of(offer)
    if size:
        prefill.values["resolution"] = size
    prefill.notes.insert(0, note)


def cheapest(offers: Iterable[Offer], prefill: Prefill) -> tuple[Offer, str] | None:
    """The model and resolution with the lowest known price among those that take these inputs."""
    found = []
    for offer in offers:
        if not takes_inputs(offer, prefill):
            continue
        for size in preset_sizes(offer, prefill):
            price = estimate.estimate(
                offer, fitting_values(offer, prefill, size), prefill.counts
            ).credits
            if price is not None:
                found.append((price, resolution_height(size), offer, size))
    best = min(found, key=lambda one: one[:2], default=None)
    return best and (best[2], best[3])


def preset_sizes(offer: Offer, prefill: Prefill) -> Iterable[str]:
    if "resolution" not in offer.limits:
        return ("",)
    return rules.limit(offer, "resolution", prefill.values, prefill.counts).allowed


def takes_inputs(offer: Offer, prefill: Prefill) -> bool:
    """Whether as many inputs as there are may be used, and as few."""
    for name, count in prefill.counts.items():
        rule = offer.limits.get(name)
        most = 0 if rule is None or rule.off else int(rule.maximum or 0)
        if count > most:
            return False
    return True


def fitting_values(offer: Offer, prefill: Prefill, size: str) -> dict[str, Any]:
    typed = {name: value for name, value in prefill.values.items() if name in PARAMS}
    kept, _changed = rules.snap(offer, typed | {"resolution": size}, prefill.counts)
    return kept
