"""What a task is expected to cost, against the published lists."""

import pytest

from generation.catalogue import estimate, rules
from generation.catalogue.types import Price

VIDU_Q2 = rules.offer("vidu", "image", "viduq2")
VIDU_Q1 = rules.offer("vidu", "image", "viduq1")


@pytest.mark.parametrize("provider", ["vidu", "vidu-cn"])
@pytest.mark.parametrize(
    ("images", "resolution", "credits"),
    [
        (0, "1080p", 6), (0, "2K", 8), (0, "4K", 10),
        (1, "1080p", 8), (1, "2K", 12), (3, "4K", 20),
        (4, "1080p", 10), (4, "2K", 16), (7, "4K", 30),
    ],
)  # fmt: skip
def test_the_published_prices_of_q2(provider, images, resolution, credits):
    offer = rules.offer(provider, "image", "viduq2")
    assert (
        estimate.estimate(offer, {"resolution": resolution}, {"images": images}).credits == credits
    )


def test_the_price_of_q1_and_of_the_default_resolution():
    assert estimate.estimate(VIDU_Q1, {"resolution": "1080p"}, {"images": 7}).credits == 20
    assert estimate.estimate(VIDU_Q2, {}, {"images": 0}).credits == 6
    assert estimate.estimate(VIDU_Q2, {}, {"images": 0}).source


def test_an_unpublished_price_is_unknown_and_never_guessed():
    vtrix = rules.offer("vtrix", "image", "viduq2_reference2image")
    kkiai = rules.offer("kkiai", "image", "viduq2")
    assert estimate.estimate(vtrix, {"resolution": "1080p"}, {"images": 0}) == Price(None)
    assert estimate.estimate(kkiai, {"resolution": "1080p"}, {"images": 0}).credits == 6
    assert estimate.estimate(kkiai, {"resolution": "4K"}, {"images": 0}) == Price(None)
    assert estimate.estimate(kkiai, {"resolution": "1080p"}, {"images": 1}) == Price(None)


def test_the_demo_is_free():
    for offer in rules.offers("demo"):
        assert estimate.estimate(offer, {"resolution": "1080p"}, {"images": 7}) == Price(
            0, free=True
        )


def credits(mode, model, seconds, resolution, provider="vidu", **values):
    offer = rules.offer(provider, mode, model)
    wanted = {"duration": seconds, "resolution": resolution, **values}
    return estimate.estimate(offer, wanted, {"images": 1}).credits


# Written down from the price lists, as totals.
TOTALS = [
    ("text-video", "viduq3-pro", 5, "540p", 45), ("text-video", "viduq3-pro", 16, "1080p", 384),
    ("image-video", "viduq3-turbo", 5, "1080p", 65), ("start-end", "viduq3-turbo", 1, "540p", 7),
    ("reference", "viduq3-mix", 3, "720p", 72), ("reference", "viduq3", 16, "1080p", 240),
    ("reference", "viduq3-turbo", 5, "540p", 20),
    ("image-video", "viduq2-turbo", 1, "720p", 8), ("image-video", "viduq2-turbo", 2, "720p", 10),
    ("start-end", "viduq2-turbo", 3, "720p", 20), ("image-video", "viduq2-turbo", 5, "540p", 14),
    ("image-video", "viduq2-pro", 1, "540p", 8), ("image-video", "viduq2-pro", 2, "540p", 10),
    ("image-video", "viduq2-pro", 5, "540p", 25), ("start-end", "viduq2-pro", 8, "1080p", 160),
    ("image-video", "viduq2-pro-fast", 5, "720p", 16),
    ("text-video", "viduq2", 10, "1080p", 110), ("reference", "viduq2", 5, "720p", 45),
    ("text-video", "viduq1", 5, "1080p", 80), ("start-end", "viduq1-classic", 5, "1080p", 80),
    ("image-video", "vidu2.0", 4, "720p", 40), ("image-video", "vidu2.0", 8, "720p", 100),
    ("image-video", "vidu2.0", 8, None, 100), ("reference", "vidu2.0", 4, "360p", 80),
    # Found nowhere, or not known before: unknown.
    ("reference", "viduq2-pro", 5, "720p", None), ("reference", "viduq3", 0, "720p", None),
    ("start-end", "viduq2-pro-fast", 5, "720p", None), ("image-video", "vidu2.0", 8, "1080p", None),
]  # fmt: skip


@pytest.mark.parametrize("provider", ["vidu", "vidu-cn"])
@pytest.mark.parametrize(("mode", "model", "seconds", "resolution", "total"), TOTALS)
def test_the_published_prices_of_videos(provider, mode, model, seconds, resolution, total):
    assert credits(mode, model, seconds, resolution, provider) == total


@pytest.mark.parametrize(
    ("mode", "model", "resolution", "vidu", "china"),
    [
        ("text-video", "viduq3-turbo", "720p", 55, 60),
        ("image-video", "viduq3-pro-fast", "720p", 100, 60),
        ("image-video", "viduq3-pro-fast", "1080p", 125, 75),
    ],
)
def test_where_the_two_hosts_differ(mode, model, resolution, vidu, china):
    assert credits(mode, model, 5, resolution) == vidu
    assert credits(mode, model, 5, resolution, "vidu-cn") == china


@pytest.mark.parametrize(
    ("mode", "model", "seconds", "resolution", "total"),
    [
        ("text-video", "viduq3-pro", 5, "720p", 50), ("image-video", "viduq3-turbo", 5, "540p", 20),
        ("reference", "viduq3", 4, "1080p", 28), ("text-video", "viduq1", 5, "1080p", 40),
        ("image-video", "vidu2.0", 4, "360p", 10), ("image-video", "vidu2.0", 8, "720p", 50),
        ("text-video", "viduq2", 5, "720p", None), ("reference", "vidu2.0", 4, "360p", None),
    ],
)  # fmt: skip
def test_off_peak(mode, model, seconds, resolution, total):
    assert credits(mode, model, seconds, resolution, off_peak=True) == total


def test_what_is_charged_on_top():
    assert credits("image-video", "viduq2-pro", 5, "720p") == 55
    assert credits("image-video", "viduq2-pro", 5, "720p", audio=True) == 70
    assert credits("image-video", "viduq2-pro", 5, "720p", audio=True, is_rec=True) == 80
    assert credits("reference", "viduq2", 5, "720p", audio=True) == 60
    assert credits("image-video", "viduq3-pro", 5, "720p", audio=True) == 100
    assert credits("text-video", "viduq3-pro", 5, "720p", is_rec=True) == 100


@pytest.mark.parametrize(
    ("mode", "model"),
    [("multiframe", "viduq2-pro"), ("extend", "viduq2-turbo"), ("upscale", "upscale-new"),
     ("lip-sync", "lip-sync"), ("template", "template"), ("speech", "audio-tts"),
     ("voice", "audio-clone"), ("sound", "audio1.0"), ("timed-sound", "audio1.0")],
)  # fmt: skip
def test_prices_of_low_trust_are_unknown(mode, model):
    assert estimate.estimate(rules.offer("vidu", mode, model), {}, {}) == Price(None)
