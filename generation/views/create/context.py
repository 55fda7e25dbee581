"""What the composer shows beside and in its fields."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings as studio
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.types import Mode
from generation.engine.prompt_ideas import can_suggest
from generation.forms.create_scope import CreateScope
from generation.forms.fields import Missing, Setting
from generation.forms.generate import GenerateForm
from generation.models import Collection, ProviderName
from generation.models.keys import keyless_providers
from generation.views.create.library_picker import PickerPage
from generation.views.create.prefill import Prefill, presets_on
from generation.views.create.price import choices, cost_context
from generation.views.files.crop import CropTool
from generation.views.files.input_zone_builder import zones_of
from generation.views.files.input_zones import InputZone


@dataclass
class OpenPanel:
    """What a button of the form opened on the page: library files, a crop, ideas for a prompt."""

    picker: PickerPage | None = None
    crop: CropTool | None = None
    ideas: dict[str, Any] = field(default_factory=dict)
    collections: list[Collection] | None = None  # that the results may come into


@dataclass(frozen=True)
class Notice:
    """Why a press started nothing new; with `again`, a button that starts it all the same."""

    text: str
    again: bool = False


@dataclass(frozen=True)
class OutputKind:
    """One kind of result, and the mode that its switch leads to."""

    name: str
    label: str
    mode: str
    current: bool


def output_kinds(scope: CreateScope) -> list[OutputKind]:
    """Image, video, audio: each leads to its first mode."""
    labels = {"image": _("Image"), "video": _("Video"), "audio": _("Audio")}
    first: dict[str, str] = {}
    for mode in scope.modes:
        first.setdefault(mode.makes, mode.name)
    now = MODES[scope.mode].makes
    return [OutputKind(name, labels[name], mode, name == now) for name, mode in first.items()]


def siblings(scope: CreateScope) -> list[Mode]:
    """The modes that make the same as this one."""
    return [mode for mode in scope.modes if mode.makes == MODES[scope.mode].makes]


def action_label(form: GenerateForm, zones: list[InputZone]) -> str:
    """What the composer does now, beside the prompt's label."""
    mode = form.scope.mode
    if mode == "image":
        images = form.counts["images"]
        if not images:
            return _("Text to image")
        return ngettext("Works from your image", "Works from your images", images)
    return _("Type @ to add a subject") if any(zone.named for zone in zones) else ""


def text_context(form: GenerateForm, zones: list[InputZone]) -> dict[str, Any]:
    """The texts with a box of their own: how long they may be, or why they are not used."""
    notes = {}
    for name in ("prompt", "text"):
        field_ = form.fields.get(name)
        if isinstance(field_, Setting):
            notes[name] = field_.off
    return {"kind": action_label(form, zones), "notes": notes}


def missing(form: GenerateForm, zones: list[InputZone]) -> list[Missing]:
    """What cannot be had now, inputs and settings, each with its reason."""
    slots = (slot for zone in zones for slot in zone.slots if slot.off)
    return [*(Missing(_(PARAMS[one.name].label), one.off) for one in slots), *form.missing_settings]


def use_now(form: GenerateForm) -> tuple[str, str] | None:
    """A provider to be used instead of the demo: its name, and what it is called."""
    own, chosen = form.scope.working_provider, form.offer
    if not own or chosen is None or chosen.provider not in keyless_providers():
        return None
    return own, str(ProviderName(own).label)


def may_suggest(form: GenerateForm) -> bool:
    return (
        form.scope.mode == "image-video"
        and form.offer is not None
        and can_suggest(form.offer.provider)
    )


def composer_context(
    form: GenerateForm, prefill: Prefill, action: str, open_panel: OpenPanel | None = None
) -> dict[str, Any]:
    """What generation/create/_composer.html and its parts show; `action` takes the form."""
    groups, zones = choices(form), zones_of(form)
    chosen = next((one for group in groups.values() for one in group if one.chosen), None)
    return (
        cost_context(form)
        | text_context(form, zones)
        | {
            "form": form,
            "mode": form.scope.mode,
            "mode_row": MODES[form.scope.mode],
            "modes": siblings(form.scope),
            "output_kinds": output_kinds(form.scope),
            "groups": groups,
            "chosen": chosen,
            "only_demo": not form.scope.keys and studio.SIMULATOR_OFFERED,
            "use_now": use_now(form),
            "notes": list(dict.fromkeys(prefill.notes)),
            "fresh": not prefill.given,
            "zones": zones,
            "missing": missing(form, zones),
            "presets": presets_on(form),
            "may_suggest": may_suggest(form),
            "open_panel": open_panel or OpenPanel(),
            "action": action,
        }
    )
