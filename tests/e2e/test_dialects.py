"""The same real photograph through the three dialects, and what the wires carried."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Person
from tests.e2e.test_first_minutes import READY, first_result, generate

PHOTO = Path(__file__).parent / "photo.jpg"
WIRES = {
    "vidu": ("/vidu/ent/v2/reference2image", "Token"),
    "kkiai": ("/kkiai/ent/v2/reference2image", "Bearer"),
    "vtrix": ("/vtrix/model/v1/generation", "Bearer"),
}


def flat(provider: str, body: dict) -> tuple[str, dict]:
    """Model and parameters, from the shape each document prints."""
    if provider == "vtrix":
        assert set(body) == {"model", "input"}
        return body["model"], body["input"][0]["params"]
    return body["model"], {name: value for name, value in body.items() if name != "model"}


@pytest.mark.parametrize("provider", WIRES)
def test_a_photograph_becomes_a_reference_at_every_provider(person: Person, studio, provider):
    person.add_key(provider)
    page = person.goto("/create/image/")
    page.locator("input[type=file]").set_input_files(PHOTO)
    page.locator("[name=images]").first.wait_for(state="attached")
    prompt = f"The same bottle on a beach, for {person.email}"  # what a rerun does not find
    generate(page, prompt)
    first_result(page).wait_for(timeout=READY)
    path, scheme = WIRES[provider]
    (sent,) = [
        row for row in studio.simulate(f"/_sim/requests?path={path}&method=POST")
        if prompt in row["body"]
    ]  # fmt: skip
    model, values = flat(provider, sent["json"])
    marker = values.pop("payload")
    images = values.pop("images")
    assert sent["scheme"] == scheme
    assert model == ("viduq2_reference2image" if provider == "vtrix" else "viduq2")
    assert values == {"prompt": prompt, "resolution": "1080p", "aspect_ratio": "16:9"}
    assert marker.startswith("vs-")
    assert [one.partition(",")[0] for one in images] == ["data:image/jpeg;base64"]
    page = person.goto("/library/")
    assert page.locator(".justified .card").count() == 1
