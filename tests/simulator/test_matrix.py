"""Every limit of every model, at it and on both sides, gets the catalogue's verdict here too."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generation.catalogue import rules
from generation.catalogue.offers import ALL
from generation.simulator import dialects
from generation.simulator.app import App
from generation.simulator.config import Config
from generation.simulator.wire import Refusal, Request
from tests.catalogue.matrix import Case, representative_cases
from tests.simulator.asking import headers
from tests.simulator.wiring import Files, endpoint, wired

PROVIDERS = sorted({row.provider for row in ALL})
# Beginnings of the reasons of everything that the documents call without effect.
WITHOUT_EFFECT = (
    "has no effect", "follows a style", "chooses the movement itself", "chooses its voices itself",
    "makes speech and effects together", "Switch the watermark on", "Switch the audio on",
    "The recommended prompt replaces yours", "The recording is used as it is",
)  # fmt: skip


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    return Files(monkeypatch)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    app = App(Config(tmp_path / "simulator.sqlite3"))
    app.sim.world.options.change({"credits": 10**9})
    monkeypatch.setattr(app.sim.cache, "expect", str)  # nothing is fetched here
    yield app
    app.sim.world.store.close()


def some_of(provider: str) -> Iterator[Case]:
    """Every edge but the same long text for each model, and what kkiai takes on purpose."""
    long = set()
    for case in representative_cases(provider):
        name = (case.mode, case.reason)
        if (case.heavy and name in long) or (provider == "kkiai" and case.reason == "seed: text"):
            continue
        long |= {name} if case.heavy else set()
        yield case


async def refusal(app: App, case: Case, address: str, body: Any) -> Refusal | None:
    """Why the simulator does not take the request, or None."""
    raw = json.dumps(body).encode()
    scheme = headers(case.provider)["Authorization"]
    request = Request(
        "POST", address, "", {"authorization": scheme}, raw, "http://x", {"path": address}, len(raw)
    )
    dialect = dialects.enter(request)
    try:
        await app.dispatch(dialect, request)
    except Refusal as error:
        return error
    return None


def agreed(case: Case, error: Refusal | None) -> bool:
    """The same verdict on the same field; what has no effect is taken all the same."""
    row = rules.offer(case.provider, case.mode, case.model_name)
    if error is None and case.verdict in {**row.limits, **row.reasons}:
        return without_effect(case)
    if error is None or case.verdict is None:
        return error is None and case.verdict is None
    fields = {wire for wire, name in endpoint(row)[1].fields.items() if name == case.verdict}
    # In the subject form images and videos are subjects; a key frame's row has its image.
    if case.verdict in ("images", "videos") and "subjects" in row.limits:
        fields.add("subjects")
    if case.mode == "multiframe":
        fields |= {"image_settings", "images", "start_image"}
    return error.field in fields | {case.verdict}


def without_effect(case: Case) -> bool:
    """Whether a page says of the refused value that it has no effect there."""
    row = rules.offer(case.provider, case.mode, case.model_name)
    counts = {name: len(given) for name, given in case.inputs.items()}
    why = rules.why_off(row, str(case.verdict), case.values, counts)
    return any(reason in why for reason in WITHOUT_EFFECT)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_simulator_agrees_with_the_catalogue(app: App, files: Files, provider: str) -> None:
    async def judge() -> tuple[int, int, list[str]]:
        wrong, asked, skipped = [], 0, 0
        for case in some_of(provider):
            sent = wired(case, files)
            if sent is None:
                skipped += 1
                continue
            asked += 1
            error = await refusal(app, case, *sent)
            if not agreed(case, error):
                label = f"{case.mode} {case.model_name} {case.reason}"
                wrong.append(
                    f"{label}: wanted {case.verdict}, got {error} at {error and error.field}"
                )
        return asked, skipped, wrong

    asked, skipped, wrong = asyncio.run(judge())
    assert not wrong, "\n".join([f"{len(wrong)} of {asked}", *wrong[:40]])
    assert asked > 300
    assert skipped < asked / 20
