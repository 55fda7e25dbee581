"""The documents' own numbers for each offer: documents.json and the facts of their prose.

Nothing here is taken from the catalogue's rows, but the row that is asked about.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generation.catalogue import rules
from generation.catalogue.types import ImageFacts, Invalid

DOCUMENTS = json.loads(Path(__file__).with_name("documents.json").read_text())
MODES = {
    "text2video": "text-video",
    "img2video": "image-video",
    "start-end2video": "start-end",
    "reference2video": "reference",
    "reference2image": "image",
}
VTRIX_MODES = {"viduq2_reference2image": "image"}
OFFICIAL = ("vidu", "vidu-cn", "demo")
GOOD = ImageFacts(512, 512, "png", 1_000)
FIVE = ["16:9", "9:16", "3:4", "4:3", "1:1"]
THREE = ["16:9", "9:16", "1:1"]
MOVING = ("viduq1", "viduq1-classic", "vidu2.0")  # the only ones with a movement


@dataclass
class Transcript:
    """One offer and what the documents say of it."""

    provider: str
    mode: str
    model: str
    facts: dict[str, Any]
    inputs: dict[str, Any] = field(default_factory=dict)

    @property
    def row(self):
        return rules.offer(self.provider, self.mode, self.model)

    @property
    def named(self) -> bool:
        """Whether this row also has the form that names subjects."""
        return bool(self.facts.get("subjects"))

    @property
    def durations(self) -> list[int]:
        if "dur_set" in self.facts:
            return self.facts["dur_set"]
        low, high = self.facts.get("dur", (0, -1))
        return list(range(low, high + 1))

    def resolutions(self, duration: int | None) -> list[str]:
        by_duration = self.facts.get("res_by_dur")
        return by_duration[str(duration)] if by_duration else self.facts["res"]

    @property
    def images(self) -> tuple[int, int]:
        given = self.facts.get("images", (0, 0))
        return (given, given) if isinstance(given, int) else tuple(given)

    @property
    def ratios(self) -> list[str]:
        if "ar" in self.facts:
            return self.facts["ar"]
        if self.mode != "reference":
            return []
        if self.model in ("viduq1", "vidu2.0"):
            return THREE
        return FIVE if self.provider == "kkiai" else [*FIVE, "auto"]

    @property
    def prompt_most(self) -> int:
        if self.provider == "vtrix":
            return self.facts["prompt_max"]
        if self.provider == "kkiai" or self.mode == "image":
            return 2_000
        return 2_000 if (self.provider, self.mode) == ("vidu-cn", "reference") else 5_000

    def refused(self, values: dict[str, Any], **inputs: Any) -> set[str]:
        given = {"images": [GOOD] * max(self.images[0], 1)} if self.images[1] else {}
        given_values = {"prompt": "A cat"} | values
        try:
            rules.check(self.row, given_values, given | inputs)
        except Invalid as invalid:
            return {problem.param for problem in invalid.problems}
        return set()

    def sent(self, values: dict[str, Any]) -> dict[str, Any]:
        given = {"images": [GOOD] * max(self.images[0], 1)} if self.images[1] else {}
        return rules.check(self.row, {"prompt": "A cat"} | values, given)


def transcripts() -> list[Transcript]:
    found = [
        Transcript(provider, MODES[page], model, facts)
        for page, models in DOCUMENTS["official"].items()
        for model, facts in models.items()
        for provider in (*OFFICIAL, "kkiai")
    ]
    for model, facts in DOCUMENTS["vtrix"].items():
        found.append(Transcript("vtrix", VTRIX_MODES.get(model, "reference"), model, facts))
    return found


ALL = transcripts()


def each(items: list[Transcript]) -> Callable[[Callable[[Transcript], None]], Callable[[], None]]:
    """One test over many offers: thousands of items of their own would cost more than the work."""

    def over(test: Callable[[Transcript], None]) -> Callable[[], None]:
        def run() -> None:
            for one in items:
                try:
                    test(one)
                except AssertionError as found:
                    found.add_note(f"{one.provider} {one.mode} {one.model}")
                    raise

        run.__name__ = test.__name__
        return run

    return over


every = each(ALL)
videos = each([one for one in ALL if one.mode != "image"])
named = each([one for one in ALL if one.named])
