"""What a server takes and does not heed: its pages say "no effect", where the studio asks for a
choice. A reply repeats it as it came."""

from collections.abc import Mapping

from generation.catalogue import rules
from generation.catalogue.check_values import is_empty
from generation.catalogue.offers.common import (
    AUDIO_FIRST,
    MARK_FIRST,
    NO_AUDIO_KINDS,
    NO_MOVEMENT,
    NO_MUSIC,
    NO_STYLE,
    NO_VOICE,
    PROMPT_REPLACED,
    TOO_LONG_FOR_MUSIC,
)
from generation.catalogue.offers.lip_sync import RECORDING_WINS
from generation.catalogue.types import Offer
from generation.simulator.fields import Given

WITHOUT_EFFECT = {
    MARK_FIRST, NO_MOVEMENT, NO_MUSIC, NO_AUDIO_KINDS, NO_STYLE, NO_VOICE, PROMPT_REPLACED,
    RECORDING_WINS, AUDIO_FIRST, TOO_LONG_FOR_MUSIC,
}  # fmt: skip


def is_ignored(offer: Offer, name: str, given: Given, counts: Mapping[str, int]) -> bool:
    if offer.provider == "vtrix" and name not in offer.limits:  # each model has a page of its own
        return False
    return rules.why_off(offer, name, given.values, counts) in WITHOUT_EFFECT


def set_aside(offer: Offer, given: Given, counts: Mapping[str, int]) -> None:
    """Take what has no effect out of the values, so that only the rest is judged."""
    found = [name for name in given.values if is_ignored(offer, name, given, counts)]
    for name in found:
        value = given.values.pop(name)
        if not is_empty(value):
            given.ignored[name] = value
