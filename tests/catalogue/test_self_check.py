"""The tables agree with themselves, and a slip in one of them is seen."""

from dataclasses import replace
from types import ModuleType

import pytest
from django.core.checks import run_checks

from generation.catalogue import rules, self_check
from generation.catalogue.offers import OFFERS
from generation.catalogue.offers.image import IMAGE_Q2
from generation.catalogue.prices import ALL as PRICES
from generation.catalogue.prices import FREE, Rate
from generation.catalogue.types import ImageLimits, Limit, Variant

REFERENCE_Q2 = rules.offer("vidu", "reference", "viduq2")
KEY_FRAMES = rules.offer("vidu", "multiframe", "viduq2-pro")
V2 = rules.offer("vidu", "image-video", "vidu2.0")


def test_the_tables_are_coherent():
    assert self_check.incoherent() == []


def changed(name, offer=IMAGE_Q2, **limit):
    return replace(offer, limits=offer.limits | {name: replace(offer.limits[name], **limit)})


def varied(when=None, row=IMAGE_Q2, reason="why", **limits):
    return replace(row, variants=(Variant(when or {"images": (0,)}, limits, reason),))


FRAME_ROW = KEY_FRAMES.limits["frames"].row
SLIPS = [
    (replace(IMAGE_Q2, mode="hologram"), "no such mode"),
    (replace(IMAGE_Q2, limits=IMAGE_Q2.limits | {"zoom": Limit()}), "zoom is no parameter"),
    (replace(IMAGE_Q2, limits=IMAGE_Q2.limits | {"bgm": Limit()}), "bgm is no parameter"),
    (replace(IMAGE_Q2, reasons={"bgm": "none"}), "a reason for bgm"),
    (changed("resolution", default="720p"), "default of resolution"),
    (changed("aspect_ratio", allowed=("1:1",)), "default of aspect_ratio"),
    (changed("duration", REFERENCE_Q2, default=11), "default of duration"),
    (changed("audio", REFERENCE_Q2, default="yes"), "default of audio"),
    (
        changed("frames", KEY_FRAMES, row={**FRAME_ROW, "duration": Limit((2, 3), default=5)}),
        "default of duration in frames",
    ),
    (changed("images", minimum=8), "bounds of images are crossed"),
    (changed("images", image=None), "images has no bounds"),
    (changed("prompt", maximum=None), "prompt has no bounds"),
    (changed("seed", off=True), "seed is off without a reason"),
    (varied(resolution=Limit(allowed=("8K",), default="8K")), "widens resolution"),
    (varied(resolution=Limit(default=None)), "widens resolution"),
    (varied(prompt=Limit(maximum=2_001)), "widens prompt"),
    (varied(images=Limit(minimum=0, image=ImageLimits())), "widens images"),
    (varied(resolution=Limit(allowed=("2K",), default="4K")), "default of resolution"),
    (varied(reason="", seed=Limit(off=True)), "without a reason"),
    (varied({"audio": (True,)}, seed=Limit(off=True)), "looks at audio"),
    (varied({"subject_form": (True,)}, seed=Limit(off=True)), "looks at subjects"),
    (varied({"images": (8,)}, seed=Limit(off=True)), "images that cannot be"),
    (varied({"duration": (6,)}, V2, seed=Limit(off=True)), "duration that cannot be"),
    (varied({"audio": (1,)}, V2, seed=Limit(off=True)), "audio that cannot be"),
    (replace(IMAGE_Q2, mention="@{name}"), "how they are mentioned"),
    (replace(REFERENCE_Q2, mention=""), "how they are mentioned"),
    (replace(REFERENCE_Q2, mention="@name"), "how they are mentioned"),
]


@pytest.mark.parametrize(("offer", "fault"), SLIPS, ids=range(len(SLIPS)))
def test_a_slip_in_an_offer_is_seen(offer, fault):
    assert any(fault in found for found in self_check.offer_faults(offer))


def test_an_offer_that_is_there_twice_is_seen(monkeypatch):
    monkeypatch.setattr(self_check, "ALL", (*OFFERS.values(), replace(IMAGE_Q2)))
    assert self_check.incoherent() == [f"{IMAGE_Q2.key} is there twice"]


def test_a_parameter_that_nobody_offers_is_seen(monkeypatch):
    rest = [row for row in OFFERS.values() if row.mode != "image"]
    monkeypatch.setattr(self_check, "ALL", [*rest, replace(IMAGE_Q2, limits={})])
    assert "image: nobody offers seed" in self_check.incoherent()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"models": ("viduq2", "viduq9")}, "a price for viduq9, which nobody offers"),
        ({"providers": ("vtrix",)}, "a price at vtrix, which nobody offers"),
        ({"modes": ("image", "speech")}, "a price of speech, which nobody offers"),
        ({"credits": {"8K": Rate(1)}}, "a price for 8K, a resolution"),
        ({"off_peak": {"1080p": Rate(1)}}, "an off-peak price"),
        ({"seconds": (5,)}, "a price for a length"),
    ],
)
def test_a_slip_in_a_price_is_seen(monkeypatch, change, fault):
    monkeypatch.setattr(self_check, "PRICES", (replace(PRICES[0], **change),))
    assert any(fault in found for found in self_check.incoherent())


def test_a_second_price_for_the_same_is_seen(monkeypatch):
    monkeypatch.setattr(self_check, "PRICES", (PRICES[0], replace(PRICES[0])))
    assert any("priced twice" in found for found in self_check.incoherent())


def test_a_model_without_a_price_is_seen(monkeypatch):
    monkeypatch.setattr(self_check, "ALL", (*OFFERS.values(), replace(IMAGE_Q2, model_name="new")))
    assert "('vidu', 'image', 'new') has no row in prices.py" in self_check.incoherent()


def test_every_exception_from_having_a_price_is_needed(monkeypatch):
    def lacking(name, without):
        with monkeypatch.context() as planted:
            planted.setattr(self_check, name, without)
            return list(self_check.unpriced())

    priced = self_check.PRICED_PROVIDERS
    for one in {row.provider for row in self_check.ALL} - {*priced, *FREE}:
        assert lacking("PRICED_PROVIDERS", (*priced, one)), one
    for name in ("UNPRICED_MODES", "UNPRICED_MODELS"):
        exempt = getattr(self_check, name)
        for one in exempt:
            assert lacking(name, tuple(other for other in exempt if other != one)), one


def test_an_offer_that_no_list_has_is_seen():
    module = ModuleType("offers.planted")
    module.LISTED = IMAGE_Q2
    module.FORGOTTEN = replace(IMAGE_Q2, model_name="new")
    module.ROWS = (replace(IMAGE_Q2, model_name="newer"),)
    assert list(self_check.unlisted(module)) == [
        "('vidu', 'image', 'new') stands in offers.planted as FORGOTTEN, but no list has it",
        "('vidu', 'image', 'newer') stands in offers.planted as ROWS, but no list has it",
    ]


def test_every_mode_file_is_looked_through(monkeypatch):
    monkeypatch.setattr(self_check, "ALL", ())
    names = {module.__name__.rpartition(".")[2] for module in self_check.mode_files()}
    assert {"audio", "image", "text_video", "start_end"} <= names
    faults = [fault for module in self_check.mode_files() for fault in self_check.unlisted(module)]
    assert any("viduq2" in fault and "offers.image as ALL" in fault for fault in faults)


def test_a_text_without_translation_is_seen(monkeypatch):
    def warned():
        return [one.msg for one in run_checks() if one.id == "generation.W004"]

    assert warned() == []
    planted = replace(IMAGE_Q2, model_name="new", strength="Knows no Chinese")
    monkeypatch.setattr(self_check, "ALL", (*OFFERS.values(), planted))
    assert warned() == ["'Knows no Chinese' has no translation to zh-hans."]
