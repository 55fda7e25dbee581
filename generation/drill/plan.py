"""What a drill is to do, as it is handed from the command to the process that does it."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class DrillPlan:
    """`seconds` is how long the trouble lasts, `patience` how long the calm after it may."""

    tasks: int = 300
    kills: int = 30
    seconds: float = 600.0
    patience: float = 300.0
    naive: bool = False
    seed: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)
    outages: list[float] = field(default_factory=list)  # of the provider, each so many seconds

    def as_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "DrillPlan":
        return cls(**json.loads(text))
