"""The limits of every image offer, at the edge, inside and outside, as the seeds print them."""

import pytest

from generation.catalogue import rules
from generation.catalogue.types import ImageFacts, Invalid

Q1_RATIOS = {"16:9", "9:16", "1:1", "3:4", "4:3"}
Q2_RATIOS = {*Q1_RATIOS, "21:9", "2:3", "3:2", "auto"}
Q2 = {"images": (0, 7), "resolution": {"1080p", "2K", "4K"}, "aspect_ratio": Q2_RATIOS}
Q1 = {"images": (1, 7), "resolution": {"1080p"}, "aspect_ratio": Q1_RATIOS}
# Written down from the seeds, apart from the catalogue's own tables.
SEEDS = {
    ("vidu", "image", "viduq2"): Q2,
    ("vidu", "image", "viduq1"): Q1,
    ("vidu-cn", "image", "viduq2"): Q2,
    ("vidu-cn", "image", "viduq1"): Q1,
    ("kkiai", "image", "viduq2"): Q2,
    ("kkiai", "image", "viduq1"): Q1,
    ("vtrix", "image", "viduq2_reference2image"): Q2,
    ("demo", "image", "viduq2"): Q2,
    ("demo", "image", "viduq1"): Q1,
}
OFFERS = [pytest.param(rules.offer(*key), facts, id="-".join(key)) for key, facts in SEEDS.items()]
every_offer = pytest.mark.parametrize(("offer", "facts"), OFFERS)


def wrong_verdicts(offer, cases):
    """Each case whose refused parameters are not the wanted ones, with what was refused."""
    wrong = []
    for given, images, wanted in cases:
        found = refused(offer, PROMPT | given, images)
        if found != wanted:
            shown = {name: repr(value)[:40] for name, value in given.items()}
            wrong.append((shown, images, wanted, found))
    return wrong


GOOD = ImageFacts(512, 512, "png", 1_000)
PROMPT = {"prompt": "A cat"}


def refused(offer, values, images=(GOOD,)):
    """Which parameters are refused; empty when the request is legal."""
    try:
        rules.check(offer, values, {"images": images})
    except Invalid as invalid:
        return [problem.param for problem in invalid.problems]
    return []


def test_every_image_offer_is_documented():
    assert {offer.key for offer in rules.offers(mode="image")} == set(SEEDS)


@every_offer
def test_the_defaults_are_the_documented_ones(offer, facts):
    values = rules.check(offer, PROMPT, {"images": [GOOD]})
    assert values == {"prompt": "A cat", "resolution": "1080p", "aspect_ratio": "16:9"}


@every_offer
def test_exactly_the_documented_resolutions(offer, facts):
    for value in ("360p", "540p", "720p", "1080p", "2K", "4K", "8K", "2k"):
        wanted = [] if value in facts["resolution"] else ["resolution"]
        assert refused(offer, PROMPT | {"resolution": value}) == wanted


@every_offer
def test_exactly_the_documented_ratios(offer, facts):
    for value in (*Q2_RATIOS, "4:1", "1:4", "16:10", "AUTO"):
        wanted = [] if value in facts["aspect_ratio"] else ["aspect_ratio"]
        assert refused(offer, PROMPT | {"aspect_ratio": value}) == wanted


@every_offer
def test_the_number_of_images(offer, facts):
    low, high = facts["images"]
    for count in range(10):
        wanted = [] if low <= count <= high else ["images"]
        assert refused(offer, PROMPT, [GOOD] * count) == wanted


PROMPTS = [
    ("", False),
    (" \n", False),
    ("x", True),
    ("猫" * 2_000, True),
    ("x" * 2_001, False),
    (7, False),
]


@every_offer
def test_the_length_of_the_prompt(offer, facts):
    cases = [({"prompt": one}, (GOOD,), [] if legal else ["prompt"]) for one, legal in PROMPTS]
    assert wrong_verdicts(offer, cases) == []


NUMBERS = [
    (0, True),
    (1, True),
    (2**31 - 1, True),
    (2**31, False),
    (-1, False),
    (1.5, False),
    ("7", False),
    (True, False),
]


@every_offer
def test_the_seed(offer, facts):
    cases = [({"seed": one}, (GOOD,), [] if legal else ["seed"]) for one, legal in NUMBERS]
    assert wrong_verdicts(offer, cases) == []


LENGTHS = [
    (1, True),
    (1_048_576, True),
    (1_048_577, False),
]


@every_offer
def test_the_length_of_the_payload(offer, facts):
    cases = [
        ({"payload": "x" * length}, (GOOD,), [] if legal else ["payload"])
        for length, legal in LENGTHS
    ]
    assert wrong_verdicts(offer, cases) == []


CALLBACKS = [
    ("https://a.example.org/cb?x=1", True),
    ("http://10.0.0.1:8000", True),
    ("ftp://a.org", False),
    ("a.org/cb", False),
    ("https://", False),
    ("http://[half", False),
    ("javascript:1", False),
]


@every_offer
def test_the_callback_address(offer, facts):
    cases = [
        ({"callback_url": one}, (GOOD,), [] if legal else ["callback_url"])
        for one, legal in CALLBACKS
    ]
    assert wrong_verdicts(offer, cases) == []


MB = 1024 * 1024


IMAGES = [
    (ImageFacts(128, 128, "png", 1), True),
    (ImageFacts(127, 128, "png", 1), False),
    (ImageFacts(128, 127, "png", 1), False),
    (ImageFacts(512, 128, "png", 1), True),
    (ImageFacts(128, 512, "png", 1), True),
    (ImageFacts(513, 128, "png", 1), False),
    (ImageFacts(128, 513, "png", 1), False),
    (ImageFacts(512, 512, "jpeg", 1), True),
    (ImageFacts(512, 512, "webp", 1), True),
    (ImageFacts(512, 512, "gif", 1), False),
    (ImageFacts(512, 512, "", 1), False),
    (ImageFacts(512, 512, "png", 50 * MB), True),
    (ImageFacts(512, 512, "png", 50 * MB + 1), False),
]


@every_offer
def test_images_at_and_beyond_the_edge(offer, facts):
    cases = [({}, (GOOD, one), [] if legal else ["images"]) for one, legal in IMAGES]
    assert wrong_verdicts(offer, cases) == []


@every_offer
def test_the_place_of_a_bad_image_is_reported(offer, facts):
    with pytest.raises(Invalid) as caught:
        rules.check(offer, PROMPT, {"images": [GOOD, ImageFacts(20, 20, "png", 1), GOOD]})
    assert [problem.position for problem in caught.value.problems] == [1]


def test_auto_needs_a_image():
    offer = rules.offer("vidu", "image", "viduq2")
    assert refused(offer, PROMPT | {"aspect_ratio": "auto"}, []) == ["aspect_ratio"]
    assert refused(offer, PROMPT | {"aspect_ratio": "auto"}, [GOOD]) == []


@every_offer
def test_what_an_offer_does_not_take_is_refused_and_never_dropped(offer, facts):
    assert refused(offer, PROMPT | {"duration": 5}) == ["duration"]
    assert refused(offer, PROMPT | {"duration": "", "bgm": False}) == []


@every_offer
def test_every_problem_is_reported_at_once_in_the_order_of_the_form(offer, facts):
    bad = {"prompt": "", "seed": -1, "resolution": "9K", "aspect_ratio": "9:9", "payload": 1}
    found = refused(offer, bad, [GOOD] * 8)
    assert found == ["images", "prompt", "resolution", "aspect_ratio", "seed", "payload"]


@every_offer
def test_every_refusal_is_a_sentence_with_its_places_filled(offer, facts):
    bad = {"seed": -1, "resolution": "9K", "aspect_ratio": "9:9", "payload": 1, "x": 1}
    with pytest.raises(Invalid) as caught:
        rules.check(offer, bad, {"images": [ImageFacts(20, 20, "gif", 1)]})
    for problem in caught.value.problems:
        assert str(problem).endswith(".")
        assert "%(" not in str(problem)
