"""Builds the input zones of a form, with what lies in them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from generation.catalogue import rules
from generation.catalogue.check_inputs import check_inputs
from generation.catalogue.crops import misfits
from generation.catalogue.params import PARAMS
from generation.catalogue.types import Limit
from generation.forms.consents import warning_for
from generation.forms.fields import off_reason, sentence
from generation.forms.generate import GenerateForm
from generation.forms.row_fields import rows_for_images
from generation.models.consents import studio_today
from generation.views.files.input_zones import (
    SHARED_ZONE_MODES,
    CropOffer,
    FrameRow,
    InputSlot,
    InputTile,
    InputZone,
    SmallerCopy,
)
from generation.views.files.store_upload import smaller_size


def zones_of(form: GenerateForm) -> list[InputZone]:
    """The zones of this form, in the order of the page."""
    slots = [slot_of(form, name) for name in form.inputs if is_offered(form, name)]
    groups = [slots] if form.scope.mode in SHARED_ZONE_MODES else [[one] for one in slots]
    return [build_zone(form, group) for group in groups if group]


def is_offered(form: GenerateForm, name: str) -> bool:
    """Whether any model of the mode takes this input, or this one says that it will."""
    rows = rules.offers(mode=form.scope.mode)
    taken = any(name in row.limits and not row.limits[name].off for row in rows)
    return taken or name in form.shown_offer.limits


def slot_of(form: GenerateForm, name: str) -> InputSlot:
    offer, values, counts = form.shown_offer, form.raw, form.counts
    off = off_reason(offer, name, values, counts)
    rule = rules.limit(offer, name, values, counts) if name in offer.limits else Limit()
    return InputSlot(name, rule, counts[name], off, form.scope.mode)


def build_zone(form: GenerateForm, slots: Sequence[InputSlot]) -> InputZone:
    names = [one.name for one in slots]
    errors = [str(one) for name in names if form.is_bound for one in form[name].errors]
    refused = [] if form.is_bound else [one for name in names for one in form.refused.get(name, ())]
    warnings = [] if errors else [one for slot in slots for one in input_warnings(form, slot)]
    if "subjects" in names:
        warnings += consent_warnings(form)
    smaller = (
        [SmallerCopy(one, smaller_size(one)) for one in form.heavy] if "images" in names else []
    )
    tiles = input_tiles(form, names)
    crops = [one for slot in slots for one in crop_offers(form, slot)]
    return InputZone(form.scope.mode, slots, tiles, warnings, errors, refused, smaller, crops)


def crop_offers(form: GenerateForm, slot: InputSlot) -> list[CropOffer]:
    """A crop for each image whose shape is not taken. Of two that have to agree, either one."""
    if slot.kind != "images" or slot.off:
        return []
    given, files = form.facts[slot.name], form.chosen.get(slot.name, [])
    found = misfits(slot.name, slot.rule, given)
    ends = (_("Crop the start frame to match"), _("Crop the end frame to match"))
    return [
        CropOffer(
            slot.name,
            files[one.position],
            ends[one.position]
            if one.like is not None
            else _("Crop image %(number)s to fit") % {"number": one.position + 1},
        )
        for one in found
    ]


def input_warnings(form: GenerateForm, slot: InputSlot) -> list[str]:
    """What is wrong with the present inputs; missing ones are reported on Generate."""
    given = form.facts[slot.name]
    if not given or len(given) < (slot.rule.minimum or 0):
        return []
    if slot.off:
        return [slot.off]
    found = check_inputs(PARAMS[slot.name], slot.rule, given)
    return list(dict.fromkeys(sentence(one) for one in found))


def consent_warnings(form: GenerateForm) -> list[str]:
    """Of the subjects that are named or chosen: nothing is refused for it."""
    today = studio_today()
    return [line for one in form.subjects if (line := warning_for(one, today))]


def input_tiles(form: GenerateForm, names: Sequence[str]) -> list[InputTile]:
    tiles = [
        InputTile(name, one, place=place, mode=form.scope.mode)
        for name in names
        for place, one in enumerate(form.given(name), 1)
    ]
    if "frames" not in form.names:
        return tiles
    rule = form.setting("frames").rule.row
    rows = rows_for_images(form.raw.get("frames") or [], len(tiles))
    errors = form.row_errors.get("frames", {})
    return [
        replace(tile, row=frame_row(rule, row, errors.get(place - 1, "")), place=0)
        for place, (tile, row) in enumerate(zip(tiles, rows, strict=True))
    ]


def frame_row(rule: Any, row: Any, error: str = "") -> FrameRow:
    duration = row.get("duration") or rule["duration"].default
    return FrameRow(row.get("prompt") or "", duration, rule["duration"].allowed, error)
