"""Every offer x every limit, at it and on both sides of it, with the verdict of the rows.

`cases()` is for whoever has to agree with the catalogue: the rules, the form, the simulator.
Whether the rows agree with the documents is asked by test_documents.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.types import Input, Invalid, Limit, Offer, Variant, VideoFacts
from tests.catalogue.edges import input_edges, value_edges
from tests.catalogue.good import IMAGE, Request, an_input, named, rows_for, smallest, some

HEAVY = 100_000


@dataclass(frozen=True)
class Case:
    """One request and the verdict on it: the one refused parameter, or None."""

    provider: str
    mode: str
    model_name: str
    values: dict[str, Any]
    inputs: dict[str, list[Input]]
    verdict: str | None
    reason: str

    @property
    def heavy(self) -> bool:
        """Whether it holds a text so long that sending it takes time."""
        return any(isinstance(one, str) and len(one) > HEAVY for one in self.values.values())


def cases(provider: str | None = None, mode: str | None = None) -> Iterator[Case]:
    for row in rules.offers(provider, mode):
        yield from cases_of(row)


def representative_cases(provider: str | None = None, mode: str | None = None) -> Iterator[Case]:
    """Each parameter at each of its edges once a mode, whichever offer has it.

    For whoever applies the catalogue's rules: that they hold for every offer is asked of all
    cases by test_matrix here.
    """
    seen = set()
    for one in cases(provider, mode):
        known = (one.mode, one.reason, one.verdict)
        if known not in seen:
            seen.add(known)
            yield one


def cases_of(row: Offer) -> Iterator[Case]:
    least = smallest(row)
    yield case(row, least, None, "the smallest request")
    for name in MODES[row.mode].params:
        if name in row.limits:
            yield from around(row, name, least)
            opened = opening(row, name, least)
            if opened:
                yield from around(row, name, opened)
        else:
            yield absent(row, name, least)
    for variant in row.variants:
        yield from within(row, variant, least)
    yield from crossings(row, least)


def case(row: Offer, request: Request, verdict: str | None, reason: str) -> Case:
    return Case(*row.key, request.values, request.inputs, verdict, reason)


def around(row: Offer, name: str, request: Request) -> Iterator[Case]:
    """One parameter at its limits while all else is as in `request`."""
    rule = request.limit(row, name)
    if rule.off:
        yield forbidden(row, name, request)
    elif PARAMS[name].is_input:
        yield from counted(row, name, rule, request)
        yield from facts(row, name, rule, request)
    else:
        for value, legal, what in value_edges(name, rule, row):
            given = settled(row, request.with_value(name, value), name)
            yield case(row, given, None if legal else name, f"{name}: {what}")


def settled(row: Offer, request: Request, kept: str) -> Request:
    """Without the text that the one value under test does away with."""
    off = [n for n in request.values if n != kept and request.limit(row, n).off]
    return replace(request, values={n: v for n, v in request.values.items() if n not in off})


def counted(row: Offer, name: str, rule: Limit, request: Request) -> Iterator[Case]:
    low, high = int(rule.minimum or 0), int(rule.maximum or 0)
    for count in {low - 1, low, low + 1, high - 1, high, high + 1} - {-1}:
        given = tied(row, request.with_inputs(name, some(name, rule, count)), name)
        given = settled(row, given, name)
        if given.limit(row, name) != rule:
            continue  # another limit holds for this many: a variant's cases have them
        legal = low <= count <= high and not crowded(row, given)
        yield case(row, given, None if legal else name, f"{name}: {count}")


def crowded(row: Offer, request: Request) -> bool:
    """Whether subjects, images and videos are too many together."""
    subject = row.limits.get("subjects", Limit()).subject
    if not subject or not subject.together or not request.counts["subjects"]:
        return False
    count = sum(request.counts.get(name, 0) for name in ("subjects", "images", "videos"))
    return count > subject.together


def tied(row: Offer, request: Request, name: str) -> Request:
    """Key frames need a row for each image after the first; subjects share their number."""
    if name == "subjects" and request.counts["subjects"]:
        return request.with_inputs("images", [])
    if "frames" in row.limits and name == "images" and request.counts["images"] > 1:
        count = min(max(request.counts["images"] - 1, 2), 9)
        return request.with_value("frames", rows_for(row, "frames", count))
    return request


def facts(row: Offer, name: str, rule: Limit, request: Request) -> Iterator[Case]:
    count = max(int(rule.minimum or 0), request.counts.get(name, 0), 1)
    usual = some(name, rule, count)
    for one, legal, what in input_edges(name, rule):
        given = [one] * count if rule.pair else [*usual[:-1], one]
        complete = settled(row, tied(row, request.with_inputs(name, given), name), name)
        yield case(row, complete, None if legal else name, f"{name}: {what}")


def sample(row: Offer, name: str) -> Any:
    """A value that somebody must have set: legal somewhere, and not the default."""
    rule = row.limits.get(name, Limit())
    match PARAMS[name].kind:
        case "switch":
            return True
        case "choice" | "number" if rule.allowed:
            return next(one for one in reversed(rule.allowed) if one != rule.default)
        case "url":
            return "https://a.example/x"
        case "text" | "choice":
            return "words"
        case "frames" | "cues":
            return rows_for(row, name, 2)
    return 1.25 if PARAMS[name].kind == "decimal" else 2


def forbidden(row: Offer, name: str, request: Request) -> Case:
    if PARAMS[name].is_input:
        given = request.with_inputs(name, [an_input(name, row.limits[name])])
    else:
        given = request.with_value(name, sample(row, name))
    return case(row, given, name, f"{name}: not now")


def absent(row: Offer, name: str, request: Request) -> Case:
    if PARAMS[name].is_input:
        given = request.with_inputs(name, [an_input(name, Limit())])
    else:
        given = request.with_value(name, sample(row, name))
    return case(row, given, name, f"{name}: not of this model")


def contexts(row: Offer, least: Request) -> Iterator[Request]:
    """Requests in which what is off by itself may be on."""
    yield least.with_value("watermark", True)
    if "subjects" in row.limits:
        yield named(row)
        yield named(row).with_value("audio", True)
    yield least.with_value("audio", True)
    yield least.with_value("audio", False)
    for template in ("exotic_princess", "beast_companion"):
        yield least.with_value("template", template)


def opening(row: Offer, name: str, least: Request) -> Request | None:
    """A legal request in which a parameter may be set that is off in the smallest one."""
    if not least.limit(row, name).off or row.limits[name].off:
        return None
    for request in contexts(row, least):
        if is_legal(row, request) and not request.limit(row, name).off:
            return request
    return None


def is_legal(row: Offer, request: Request) -> bool:
    try:
        rules.check(row, request.values, request.inputs)
    except Invalid:
        return False
    return True


def within(row: Offer, variant: Variant, least: Request) -> Iterator[Case]:
    """What a variant narrows, while it is in force."""
    request = forced(row, variant, least)
    if request is None:
        return
    for name in variant.limits:
        yield from around(row, name, request)


def forced(row: Offer, variant: Variant, least: Request) -> Request | None:
    """A legal request in which the variant is in force."""
    request = named(row) if variant.when.get("subject_form") == (True,) else least
    for name, wanted in variant.when.items():
        if name == "subject_form":
            continue
        if PARAMS[name].is_input:
            rule = request.with_inputs(name, some(name, Limit(), wanted[0])).limit(row, name)
            request = request.with_inputs(name, some(name, rule, wanted[0]))
        else:
            request = request.with_value(name, wanted[0])
    for name in variant.unless:
        if PARAMS[name].is_input:
            request = request.with_inputs(name, some(name, row.limits[name], 1))
    request = settled(row, request, "")
    if not rules.in_force(row, variant, request.values, request.counts):
        return None
    return request if is_legal(row, request) else None


def crossings(row: Offer, least: Request) -> Iterator[Case]:
    """What is wrong only of several things together."""
    subject = row.limits["subjects"].subject if "subjects" in row.limits else None
    if subject:
        nothing = least.with_inputs("images", []).with_inputs("subjects", [])
        verdict = "subjects" if nothing.limit(row, "images").off else "images"
        yield case(row, nothing, verdict, "neither pictures nor subjects")
    if subject and subject.together:
        yield from crowd(row, subject.together)
    if row.limits.get("images", Limit()).pair:
        yield from pairs(row, least)
    if "resolution" in row.limits and row.limits["resolution"].enlarges:
        yield from enlargements(row, least)
    if "cues" in row.limits:
        yield from timings(row, least)
    if "frames" in row.limits:
        three = least.with_value("frames", rows_for(row, "frames", 3))
        yield case(row, three, "frames", "frames: a row too many for the pictures")


def crowd(row: Offer, most: int) -> Iterator[Case]:
    for images in (most - 1, most):
        given = named(row).with_inputs("images", [IMAGE] * images)
        verdict = None if images + 1 <= most else "images"
        yield case(row, given, verdict, f"a subject and {images} pictures")
    subjects = some("subjects", row.limits["subjects"], most)
    yield case(row, named(row).with_inputs("subjects", subjects), None, f"{most} subjects")


def pairs(row: Offer, least: Request) -> Iterator[Case]:
    for width, height, legal in (
        (1_250, 1_000, True), (1_251, 1_000, False), (800, 1_000, True), (799, 1_000, False),
        (1_000, 1_000, True), (1_200, 1_200, False), (900, 900, True), (850, 850, False),
    ):  # fmt: skip
        second = replace(IMAGE, width=width, height=height)
        first = replace(IMAGE, width=1_000, height=1_000)
        given = least.with_inputs("images", [first, second])
        yield case(row, given, None if legal else "images", f"a pair with {width} x {height}")


def enlargements(row: Offer, least: Request) -> Iterator[Case]:
    usual = least.inputs["videos"][0]
    assert isinstance(usual, VideoFacts)
    for width, height, resolution, legal in (
        (1_918, 1_078, "1080p", True), (1_920, 1_080, "1080p", False), (1_080, 1_920, "4K", True),
        (3_840, 2_160, "4K", False), (3_840, 2_160, "8K", True),
    ):  # fmt: skip
        given = least.with_inputs("videos", [replace(usual, width=width, height=height)])
        given = given.with_value("resolution", resolution)
        verdict = None if legal else "resolution"
        yield case(row, given, verdict, f"{width} x {height} to {resolution}")


def timings(row: Offer, least: Request) -> Iterator[Case]:
    for start, end, total, legal in (
        (0, 2, 2, True), (0, 2.5, 2, False), (1, 1, 2, False), (9, 10, 10, True),
        (0.5, 1.5, 2.5, True), (2, 1, 5, False),
    ):  # fmt: skip
        cues = [{"from": 0, "to": 2, "prompt": "Rain"}, {"from": start, "to": end, "prompt": "A"}]
        given = least.with_value("cues", cues).with_value("duration", total)
        yield case(row, given, None if legal else "cues", f"cues: {start}-{end} of {total} s")
