"""What one task is expected to cost."""

from collections.abc import Callable, Mapping
from typing import Any

from generation.catalogue import rules
from generation.catalogue.check_values import is_empty
from generation.catalogue.prices import ALL, FREE, PriceRow
from generation.catalogue.types import Counts, Offer, Price

REC_CREDITS = 10
Q2_AUDIO_CREDITS = 15
AUDIO_COSTS_MORE = ("image-video", "reference")


def estimate(row: Offer, values: Mapping[str, Any], counts: Counts) -> Price:
    """Expected credits of one task; unknown where no price was ever published."""
    if row.provider in FREE:
        return Price(0, free=True)

    def value(name: str) -> Any:
        return expected_value(row, name, values, counts)

    for price in ALL:
        if price.speaks_of(row) and is_meant(price, counts, value("duration")):
            credits = credits_of(price, value("resolution"), value("duration"), value("off_peak"))
            if credits is not None:
                return Price(credits + extras(row, value), price.source)
    return Price(None)


def expected_value(row: Offer, name: str, values: Mapping[str, Any], counts: Counts) -> Any:
    """The value a task will have: what is set, else the default of the limit in force."""
    if name in row.limits and is_empty(values.get(name)):
        return rules.limit(row, name, values, counts).default
    return rules.known(row, name, values, counts)


def is_meant(price: PriceRow, counts: Counts, seconds: Any) -> bool:
    fewest, most = price.images
    return fewest <= counts.get("images", 0) <= most and (
        not price.seconds or seconds in price.seconds
    )


def credits_of(price: PriceRow, resolution: Any, seconds: Any, off_peak: bool) -> int | None:
    table = price.off_peak if off_peak else price.credits
    return table[resolution].total(seconds) if resolution in table else None


def extras(row: Offer, value: Callable[[str], Any]) -> int:
    """What is charged on top, whatever the length."""
    found = REC_CREDITS if value("is_rec") else 0
    has_paid_audio = row.model_name.startswith("viduq2") and row.mode in AUDIO_COSTS_MORE
    return found + (Q2_AUDIO_CREDITS if has_paid_audio and value("audio") else 0)
