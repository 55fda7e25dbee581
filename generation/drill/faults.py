"""What goes wrong at the provider during a drill; the simulator's faults.py lists the kinds."""

import json
from pathlib import Path
from typing import Any

Fault = dict[str, Any]
CREATES: Fault = {"method": "POST"}
POLLS: Fault = {"method": "GET", "path": "/task"}
FILES: Fault = {"method": "GET", "path": "/results/"}


def fault(kind: str, probability: float, match: Fault, **fields: Any) -> Fault:
    return {"kind": kind, "probability": probability, "match": match, **fields}


# About one create request in nine gets no clear answer, accepted or not.
STANDARD: list[Fault] = [
    fault("delay", 0.2, CREATES, seconds=0.7, when="after"),
    fault("drop", 0.02, CREATES, when="before"),
    fault("drop", 0.03, CREATES, when="after"),
    fault("status", 0.015, CREATES, status=500, when="before"),
    fault("status", 0.015, CREATES, status=503, when="after"),
    fault("gateway", 0.01, CREATES, status=303),
    fault("gateway", 0.01, CREATES, status=307),
    fault("gateway", 0.01, CREATES, status=502),
    fault("half", 0.015, CREATES),
    fault("garbage", 0.01, CREATES),
    fault("delay", 0.1, POLLS, seconds=0.3),
    fault("drop", 0.03, POLLS),
    fault("status", 0.03, POLLS, status=503),
    fault("half", 0.02, POLLS),
    fault("html", 0.01, POLLS, status=502),
    fault("expired", 0.03, POLLS),
    fault("drip", 0.1, FILES, bytes=2_048, seconds=0.1),
    fault("drop", 0.03, FILES),
    fault("truncated", 0.04, FILES),
    fault("empty", 0.01, FILES),
    fault("page", 0.01, FILES),
    fault("format", 0.01, FILES),
]
SLOW_ANSWER = fault("delay", 1.0, CREATES, seconds=1.0, when="after")
OUTAGE: list[Fault] = [{"kind": "drop", "when": "before"}]


def outages_for(seconds: float) -> list[float]:
    """How long each outage lasts: about one a minute, and no more than a tenth of the time."""
    count = max(1, int(seconds // 120))
    return [round(min(8.0, seconds / 10 / count), 1)] * count


def read_faults(name: str, seconds: float) -> tuple[list[Fault], list[float]]:
    """The faults and outages of a name or a file. ValueError or OSError where there is none."""
    if name == "none":
        return [], []
    if name == "standard":
        return STANDARD, outages_for(seconds)
    found = json.loads(Path(name).read_text())
    if not isinstance(found, list):
        raise ValueError("it holds no list of faults")
    return found, []
