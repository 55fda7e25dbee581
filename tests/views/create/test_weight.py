"""What Create and the library weigh on the wire, with work on them, packed as they are sent."""

import pytest
from django.middleware.gzip import GZipMiddleware

from generation.catalogue.modes import MODES
from generation.models import Project
from tests.factories import make_key, make_media, make_output, make_task, project_of

VIDEO = {"kind": "video", "mime": "video/mp4", "seconds": 4.5, "width": 1280, "height": 720}
PACKS = {"Accept-Encoding": "gzip"}
PROMPTS = (
    "A lighthouse at dusk, slow push in, gulls far away",
    "Two boats cross the harbour in the first light of a cold morning",
    "An amber perfume bottle on basalt, one hard light from the left, droplets run down the glass",
    "A courier on a bicycle passes under a viaduct; handheld, grainy, one long take",
)
MOST = {"create": 12 * 1024, "library": 15 * 1024}


@pytest.fixture
def worker(user):
    """Somebody with a key of each provider, three projects and a feed of batches of two."""
    for provider in ("vidu", "vidu-cn", "kkiai", "vtrix"):
        make_key(user, provider)
    home = project_of(user)
    for name in ("Autumn campaign", "Winter windows"):
        Project.objects.create(team=home.team, name=name, created_by=user)
    for number in range(12):
        prompt = f"{PROMPTS[number % 4]}, take {number}"
        task = make_task(user, status="succeeded", prompt=prompt)
        for place in range(2):
            media = make_media(user, uploaded=False, **VIDEO)
            make_output(user, task, media=media, position=place)
    return user


@pytest.fixture(autouse=True)
def _pack_without_padding(monkeypatch):
    """Django adds up to 100 random bytes to what it packs."""
    monkeypatch.setattr(GZipMiddleware, "max_random_bytes", 0)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_create_weighs_at_most_12_kb_in_every_mode(client, worker, language):
    spoken = PACKS | {"Accept-Language": language}
    pages = {mode: client.get(f"/create/{mode}/", headers=spoken) for mode in MODES}
    assert {page["Content-Encoding"] for page in pages.values()} == {"gzip"}
    weights = {mode: len(page.content) for mode, page in pages.items()}
    assert {mode: n for mode, n in weights.items() if n > MOST["create"]} == {}


def test_a_full_page_of_the_library_weighs_at_most_15_kb(client, user):
    for number in range(70):
        task = make_task(user, status="succeeded", prompt=f"{PROMPTS[number % 4]}, take {number}")
        make_output(user, task)
    page = client.get("/library/", headers=PACKS)
    assert len(page.content) <= MOST["library"]
