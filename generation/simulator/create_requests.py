"""Create requests: everything the documents refuse is refused here, the rest is accepted."""

import asyncio
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from generation.catalogue import estimate, rules
from generation.catalogue.modes import MODES
from generation.catalogue.offers import ALL, OFFERS
from generation.catalogue.types import Invalid, Offer, Problem
from generation.simulator import (
    fields,
    ignored,
    inputs,
    mentioned,
    plans,
    prompt_triggers,
    references,
    uploads,
)
from generation.simulator.faults import CREATING
from generation.simulator.fields import Given
from generation.simulator.forms import Form
from generation.simulator.inputs import Found
from generation.simulator.plans import Plan
from generation.simulator.simulator import Simulator
from generation.simulator.tasks import CheckedRequest, Task
from generation.simulator.wire import HttpReply, Refusal, Request
from generation.simulator.world import World

MOST_SEED = 2_147_483_647
# Vtrix publishes no prices: the official model that does the same work.
OFFICIAL_NAMES = {
    "viduq2_reference2image": "viduq2",
    "viduq2_pro_reference": "viduq2-pro",
    "viduq3_i2v_reference": "viduq3",
    "viduq2_i2v_reference": "viduq2",
    "viduq2_pro_fast_reference2video": "viduq2",
    "viduq2_pro_fast_text2video": "viduq2",
    "viduq2_pro_start_end2video": "viduq2-pro",
    "viduq2_turbo_img2video": "viduq2-turbo",
    "viduq1_text2video": "viduq1",
    "viduq2_pro_extend": "viduq2-pro",
    "viduq2_turbo_extend": "viduq2-turbo",
    "vidu-cn-reference2video-vidu2.0": "vidu2.0",
}
UNPRICED = 20  # credits, where no price was ever published


async def read_request(
    sim: Simulator, request: Request, form: Form, model: Any, wire: Mapping[str, Any]
) -> CheckedRequest:
    """Check one create request; raises Refusal."""
    offer = find_offer(request.dialect, form, model)
    given = fields.parse_fields(form, wire, request.dialect)
    if form.mode == "multiframe" and "start_image" not in wire:
        raise Refusal(400, "FieldLacking", "start_image is missing", "start_image")
    found = await inputs.read_inputs(sim.world, request, offer, given)
    found = await with_subjects(sim, request, offer, given, found)
    ignored.set_aside(offer, given, found.counts())
    clean = check_offer(offer, form, given, found)
    plan = await asyncio.to_thread(plans.planned, offer, form.makes, clean, found)
    text = texts_of(clean)
    return CheckedRequest(
        model=offer.model_name,
        prompt=text,
        images=tuple(reference.echo for reference in found.images),
        aspect_ratio=str(clean.get("aspect_ratio", "")),
        resolution=str(clean.get("resolution", "")),
        size=plan.size,
        seed=clean.get("seed") or random.SystemRandom().randint(1, MOST_SEED),
        payload=clean.get("payload", ""),
        callback_url=clean.get("callback_url", ""),
        credits=credits_for(sim.world, offer, clean, found.counts()),
        inline=plan.inline,
        traits=moderated(sim, request, text),
        details=details(sim.world, form, given, found, clean, plan),
        source=plan.source,
    )


async def with_subjects(
    sim: Simulator, request: Request, offer: Offer, given: Given, found: Found
) -> Found:
    if not given.subjects:
        return found
    if "subjects" not in offer.limits:
        raise Refusal(400, "FieldUnwanted", "subjects: not of this model", "subjects")
    if given.media.get("images"):
        raise Refusal(400, "FieldUnwanted", "images: not together with subjects", "images")
    facts, images = await mentioned.read_mentioned(sim.world, request, offer, given.subjects)
    return replace(found, subjects=facts, shown=images)


def texts_of(values: Mapping[str, Any]) -> str:
    """All texts of a request: what its result is made from, and what can make it fail."""
    rows = [*values.get("frames", ()), *values.get("cues", ())]
    texts = [values.get(name) for name in ("prompt", "text", "template", "story")]
    texts += [row.get("prompt") for row in rows]
    return " ".join(text for text in texts if text)


def details(
    world: World, form: Form, given: Given, found: Found, clean: Mapping[str, Any], plan: Plan
) -> dict[str, Any]:
    """What a task keeps besides its columns: what it makes and what its replies echo."""
    kept: dict[str, Any] = {"makes": form.makes, "kind": form.kind, **plan.facts}
    if form.instant:
        kept["instant"] = True
    kept |= {name: True for name in ("off_peak", "bgm", "watermark") if clean.get(name)}
    if form.mode != "image":
        kept["echo"] = echo(form, found, given, clean)
    if plan.source:
        source = world.task(plan.source)
        scene = {"prompt": source.prompt, "seed": source.seed}
        kept["looks"] = source.details.get("looks") or scene
    return kept


def echo(form: Form, found: Found, given: Given, clean: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a reply repeats, under their wire names."""
    media = {name: [one.echo for one in some] for name, some in found.media.items()}
    media["images"] = [one.echo for one in [*found.images, *found.shown]]
    values = {**echoed_defaults(form, clean), **clean, **given.ignored}
    body: dict[str, Any] = {}
    for wire, name in form.fields.items():
        if media.get(name):
            body[wire] = media[name] if wire == name else media[name][0]
        elif name in values and name not in ("seed", "payload", "callback_url", "frames"):
            body[wire] = values[name]
    if given.subjects:
        shown = ("name", "id", "server_id", "voice_id")
        body["subjects"] = [
            {key: one[key] for key in shown if key in one} for one in given.subjects
        ]
    return body


def echoed_defaults(form: Form, clean: Mapping[str, Any]) -> dict[str, Any]:
    """What replies repeat although nobody asked for it and the model does not heed it."""
    params = MODES[form.mode].params
    found = {"movement_amplitude": "auto"} if "movement_amplitude" in params else {}
    has_sound = "audio_type" in params and clean.get("audio")
    return found | ({"audio_type": "all"} if has_sound else {})


def moderated(sim: Simulator, request: Request, prompt: str) -> dict[str, Any]:
    """What the prompt's triggers and the faults say will go wrong; raises Refusal for some."""
    traits = prompt_triggers.traits(prompt)
    for fault in sim.faults.take(request, CREATING, prompt):
        if fault["kind"] == "stuck":
            traits["stuck"] = True
        elif fault.get("when") == "late":
            traits["late"] = fault.get("reason", "CreationPolicyViolation")
        else:
            traits["refuse"] = fault.get("reason", "AuditSubmitIllegal")
    reason = traits.get("refuse")
    if reason:
        status = 500 if reason == "InternalServiceFailure" else 400
        raise Refusal(status, reason, "this request is not acceptable", "prompt")
    return traits


async def accept_request(sim: Simulator, request: Request, checked: CheckedRequest) -> Task:
    """Accept the request; from here on it is in the ledger, whatever becomes of the answer."""
    copies = await asyncio.to_thread(plans.small_copies, checked.inline)
    task = sim.world.accept(request, checked)
    keep_inputs(sim.world, task, checked.source, copies)
    sim.caller.expect(task, request.key)
    sim.cache.expect(task)
    return task


def keep_inputs(world: World, task: Task, source: str, copies: Sequence[bytes]) -> None:
    """What the result is made from: the source's images, then the request's own."""
    shared = world.inputs_of(source) if source else []
    for position, path in enumerate(shared):
        shutil.copyfile(path, world.input_of(task.id, position))
    for position, copy in enumerate(copies, start=len(shared)):
        uploads.write_upload(world.input_of(task.id, position), copy)


def remember_reply(task: Task, reply: HttpReply) -> HttpReply:
    if task.traits.get("lost"):
        reply.ending = "drop"
    return reply


def find_offer(dialect: str, form: Form, model: Any) -> Offer:
    model = form.model or model
    if not isinstance(model, str) or not model:
        raise Refusal(400, "FieldLacking", "model is missing", "model")
    try:
        return rules.offer(dialect, form.mode, model)
    except KeyError:
        raise Refusal(400, "ModelUnavailable", f"there is no model {model[:80]}", "model") from None


def mode_of(dialect: str, model: Any) -> str:
    """The mode of a model, where the address does not tell it; empty when there is no such one."""
    return next(
        (row.mode for row in ALL if row.provider == dialect and row.model_name == model), ""
    )


def check_offer(offer: Offer, form: Form, given: Given, found: Found) -> dict[str, Any]:
    """The catalogue's verdict; a first problem is refused with the official reason."""
    facts = found.facts()
    try:
        return rules.check(offer, given.values, facts)
    except Invalid as error:
        problem = error.problems[0]
    if problem.param == "images" and problem.position is not None and "images" in offer.limits:
        limits = rules.limit(offer, "images", given.values, found.counts()).image
        raise references.reference_refusal(found.images[problem.position], limits) or refusal_for(
            problem, form, offer, given
        )
    raise refusal_for(problem, form, offer, given)


def refusal_for(problem: Problem, form: Form, offer: Offer, given: Given) -> Refusal:
    name = problem.param
    wire = next((one for one, other in form.fields.items() if other == name), name)
    is_input = name in ("images", "videos", "sounds", "subjects", "prompt_sound")
    lacking = not str(given.values.get(name) or "").strip()
    if name not in offer.limits:
        reason = "FieldUnwanted"
    elif is_input:
        reason = "FieldInvalid" if problem.position is not None else "FieldItemCountOutOfRange"
    else:
        reason = "FieldLacking" if lacking else "FieldInvalid"
    refusal = Refusal(400, reason, f"{wire}: {problem}", wire)
    refusal.is_empty = not given.media.get(name) and not given.subjects
    return refusal


def credits_for(
    world: World, offer: Offer, values: Mapping[str, Any], counts: Mapping[str, int]
) -> int:
    """Credits from the price list; where a provider publishes none, the official ones."""
    if world.options.price is not None:
        return world.options.price
    if values.get("duration") == 0:
        values = {**values, "duration": plans.AUTO}
    credits = estimate.estimate(offer, values, counts).credits
    if credits is None:
        name = OFFICIAL_NAMES.get(offer.model_name, offer.model_name)
        other = OFFERS.get(("vidu", offer.mode, name))
        credits = estimate.estimate(other, values, counts).credits if other else None
    return UNPRICED if credits is None else credits
