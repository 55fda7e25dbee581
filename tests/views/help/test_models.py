"""The page that tells every model's limits."""

import gzip

import pytest

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from tests.markup import compact

PAGE = "/help/models/"


def shown(client, mode):
    return client.get(PAGE, {"mode": mode}).content.decode()


@pytest.mark.parametrize("mode", MODES)
def test_every_offer_of_a_mode_has_its_row(client, mode):
    page = shown(client, mode)
    for row in rules.offers(mode=mode):
        if row.provider != "demo":
            assert f"<code>{row.model_name}</code>" in page
            assert f'<h2 id="{row.provider}">' in page
    anchors = [part.split('"')[0] for part in page.split('<tr id="')[1:]]
    assert len(anchors) == len(set(anchors))
    assert len(anchors) == sum(row.provider != "demo" for row in rules.offers(mode=mode))


@pytest.mark.parametrize("mode", MODES)
def test_the_page_stays_light(client, mode):
    assert len(gzip.compress(client.get(PAGE, {"mode": mode}).content)) <= 25 * 1024


def cells(page, provider, model):
    row = page.split(f'<tr id="{provider}-{model}">')[1].split("</tr>")[0]
    return [" ".join(cell.split("</td>")[0].split()) for cell in row.split("<td")[1:]]


def cell_text(cell):
    return cell.replace("<span>", "").replace("</span>", "").split(">", 1)[1].strip()


def test_the_limits_are_those_of_the_rows(client):
    texts = [cell_text(cell) for cell in cells(shown(client, "reference"), "vidu", "viduq2-pro")]
    assert texts[:8] == [
        "0–4 subjects 0–7 images 0–2 videos, to 8 s", "5,000", "0–10 s 0 lets Vidu choose",
        "540p 720p 1080p", "Auto, 16:9, 9:16 3:4, 4:3, 1:1",
        "on request", "on request", "on request",
    ]  # fmt: skip
    assert texts[8] == "unknown"
    assert "Off-peak: Off-peak works only without audio here." in texts[9]


@pytest.mark.parametrize(
    ("mode", "provider", "model", "price"),
    [
        ("image", "vidu", "viduq2", "1080p 6–10 2K 8–16 4K 10–30"),
        ("image", "kkiai", "viduq2", "1080p 6"),
        ("text-video", "vidu", "viduq3-pro", "540p 45 720p 100 1080p 120 for 5 s"),
        ("image-video", "vidu-cn", "viduq3-pro-fast", "720p 60 1080p 75 for 5 s"),
        ("upscale", "vidu", "upscale-new", "unknown"),
    ],
)
def test_prices(client, mode, provider, model, price):
    assert price in [cell_text(cell) for cell in cells(shown(client, mode), provider, model)]


def test_what_a_model_lacks_has_a_reason_and_no_value(client):
    texts = [
        cell_text(cell) for cell in cells(shown(client, "text-video"), "vtrix", "viduq1_text2video")
    ]
    assert "Off-peak is temporarily unavailable at this provider." in texts[-2]
    assert texts[5:8] == ["on request", "–", "unknown"]  # music, off-peak, price


def test_the_first_mode_is_shown_and_marked_without_asking(client):
    page = compact(client.get(PAGE).content.decode())
    assert '<a class="chip" href="?mode=image" aria-current="page">' in page
    assert page.count('aria-current="page">Image') == 1
    assert page.count("<h1>") == 1


def test_a_mode_that_does_not_exist_is_not_found(client):
    assert client.get(PAGE, {"mode": "hologram"}).status_code == 404


def test_the_page_asks_for_a_log_in(visitor, db):
    assert visitor.get(PAGE).url == f"/login/?next={PAGE}"
