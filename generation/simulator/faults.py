"""Faults on demand, set through the control API. A fault is a JSON object:

{"kind": ..., "match": {"path", "method", "prompt", "dialect"}, "count": n, "probability": p, ...}

`path` and `prompt` match as a part, `count` ends it after so many times (absent: never).
Kinds and their own fields, with defaults:

| kind           | what happens                                                                  |
|----------------|-------------------------------------------------------------------------------|
| status         | `status` 500 with `reason`, `message` or a whole `body`; `retry_after` seconds |
|                | (`retry_form`: seconds or date); `when` before or after acceptance            |
| delay          | waits `seconds` 1; `when` before or after acceptance                          |
| drop           | closes the connection without an answer; `when` before or after acceptance    |
| half           | half of the reply, then the connection closes                                 |
| garbage, html  | bytes, or a web page, in place of the reply (`status` 200)                    |
| drip           | the reply in pieces of `bytes` 64, a pause of `seconds` 0.2 between them      |
| echo           | `status` 400 and an error message that repeats the Authorization header       |
| moderation     | `when` create: refused; `when` late: accepted, then failed; `reason`          |
| stuck          | a created task never ends                                                     |
| state          | polls answer the state `word`                                                 |
| expired        | polls give an address that has expired; fetching it answers `status` 403      |
| evil           | polls give `url` as the result's address                                      |
| truncated      | result: the announced length is longer than the data                          |
| empty          | result: no bytes                                                              |
| page           | result: a web page with the name of a picture                                 |
| format         | result: a GIF with the name of a PNG                                          |
| endless        | result: data without end (`bytes` 2 GB)                                       |
| shape          | Vtrix replies take the other fields of the fault (see vtrix.Shape)            |
"""

import random
from collections.abc import Iterator
from typing import Any

from generation.simulator.store import Store
from generation.simulator.wire import Request

CREATING = ("moderation", "stuck")
POLLING = ("state", "expired", "evil", "shape")
RESULTS = ("truncated", "empty", "page", "format", "endless")
ANY = ("status", "delay", "drop", "half", "garbage", "html", "drip", "echo")
KINDS = (*CREATING, *POLLING, *RESULTS, *ANY)
MATCHES = ("path", "method", "prompt", "dialect")
Fault = dict[str, Any]


class Faults:
    """The active faults, kept in the store so that they outlive a restart."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.active: list[Fault] = store.recall("faults", [])
        self.dice = random.Random()  # noqa: S311  which request is hit, nothing secret

    def set(self, faults: list[Fault], seed: int | None = None) -> None:
        """Put these in place of all others; ValueError says what is wrong with one."""
        for fault in faults:
            validate(fault)
        self.active = [dict(fault) for fault in faults]
        if seed is not None:
            self.dice.seed(seed)
        self.store.remember("faults", self.active)

    def take(self, request: Request, kinds: tuple[str, ...], prompt: str) -> Iterator[Fault]:
        """Every fault of these kinds that hits this request now, each counted as used."""
        for fault in list(self.active):
            if fault["kind"] in kinds and self.hits(fault, request, prompt):
                self.use(fault)
                yield fault

    def first(self, request: Request, kinds: tuple[str, ...], prompt: str) -> Fault | None:
        return next(self.take(request, kinds, prompt), None)

    def hits(self, fault: Fault, request: Request, prompt: str) -> bool:
        match = fault.get("match") or {}
        return (
            match.get("path", "") in request.scope["path"]
            and match.get("method", request.method).upper() == request.method
            and match.get("dialect", request.dialect) == request.dialect
            and match.get("prompt", "") in prompt
            and self.dice.random() < fault.get("probability", 1)
        )

    def use(self, fault: Fault) -> None:
        if fault.get("count") is None:
            return
        fault["count"] -= 1
        if fault["count"] <= 0:
            self.active.remove(fault)
        self.store.remember("faults", self.active)


def validate(fault: Fault) -> None:
    if not isinstance(fault, dict) or fault.get("kind") not in KINDS:
        raise ValueError(f"a fault's kind is one of {', '.join(KINDS)}")
    unknown = set(fault.get("match") or {}) - set(MATCHES)
    if unknown:
        raise ValueError(f"a fault cannot match {', '.join(sorted(unknown))}")
    if fault.get("when", "before") not in ("before", "after", "create", "late"):
        raise ValueError("a fault's when is before, after, create or late")
