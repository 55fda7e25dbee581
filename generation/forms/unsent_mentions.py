"""The words after @ that no subject goes out for, and what the person decided about each."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from generation.catalogue import mentions, rules
from generation.catalogue.signs import key_of
from generation.catalogue.types import Counts, Offer
from generation.forms.fields import BIG

LONGEST_SHOWN = 42
MOST_WORDS = 20  # decided about in one form


@dataclass(frozen=True)
class UnsentMention:
    """One such word. `known`: a subject is called so, but this model takes none."""

    text: str
    known: bool
    as_text: bool

    @property
    def key(self) -> str:
        return key_of(self.text)

    @property
    def shown(self) -> str:
        cut = self.text[:LONGEST_SHOWN]
        return f"@{cut}" if cut == self.text else f"@{cut}…"

    @property
    def sentence(self) -> str:
        if self.known:
            text = _("This model takes no subjects. Choose another, or send %(word)s as text.")
        else:
            text = _("%(word)s is no subject. Choose one or send it as text.")
        return text % {"word": self.shown}


def unsent_mentions(
    offer: Offer,
    values: Mapping[str, Any],
    counts: Counts,
    names: Iterable[str],
    as_text: Collection[str],
) -> list[UnsentMention]:
    """Where subjects count, every word that is none; elsewhere, every word that is one."""
    texts = list(texts_in(values))
    takes = takes_subjects(offer, values, counts)
    if takes:
        known = [*names, *(rules.handles(counts) if offer.subjects_inline else ())]
        found = [word for text in texts for word in mentions.unknown_mentions(text, known)]
    else:
        found = [word for text in texts for word in mentions.mentioned_names(text, names)]
    each = {key_of(word): word for word in reversed(found)}
    shown = sorted(each.items(), key=lambda pair: found.index(pair[1]))
    return [UnsentMention(word, not takes, key in as_text) for key, word in shown]


def texts_in(values: Mapping[str, Any]) -> Iterable[str]:
    """What may name somebody: the prompt, the text, and the prompts of pictures and sounds."""
    rows = [*(values.get("frames") or ()), *(values.get("cues") or ())]
    given = [*(values.get(name) for name in BIG), *(row.get("prompt") for row in rows)]
    return (text for text in given if isinstance(text, str) and mentions.has_at(text))


def takes_subjects(offer: Offer, values: Mapping[str, Any], counts: Counts) -> bool:
    return "subjects" in offer.limits and not rules.limit(offer, "subjects", values, counts).off


def keys_as_text(given: Iterable[str]) -> list[str]:
    """The words that a form says are to be sent as they are typed."""
    return [key_of(word) for word in list(given)[:MOST_WORDS]]
