"""What an output can become: links into Create, by its kind."""

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from generation.catalogue import rules
from generation.catalogue.types import Limit, gettext_noop
from generation.models import MediaKind, Output


@dataclass(frozen=True)
class NextStep:
    """One way on from an output."""

    label: str
    icon: str
    href: str


# By kind, the usual first: the mode, the parameter it becomes there, what a link says, its icon.
WAYS = {
    MediaKind.IMAGE: (
        ("image-video", "images", gettext_noop("To video"), "clapperboard"),
        ("image", "images", gettext_noop("Use as reference"), "image-plus"),
        ("start-end", "images", gettext_noop("As start frame"), "step-forward"),
        ("reference", "images", gettext_noop("Reference for a video"), "film"),
    ),
    MediaKind.VIDEO: (
        ("extend", "videos", gettext_noop("Extend"), "chevrons-right"),
        ("upscale", "videos", gettext_noop("Upscale"), "scaling"),
        ("lip-sync", "videos", gettext_noop("Lip sync"), "mic"),
        ("reference", "videos", gettext_noop("Use as reference"), "film"),
    ),
    MediaKind.AUDIO: (
        ("lip-sync", "sounds", gettext_noop("Lip sync"), "mic"),
        ("reference", "sounds", gettext_noop("Use as reference"), "film"),
        ("voice", "sounds", gettext_noop("Clone this voice"), "audio-lines"),
    ),
}


@cache
def offered_steps(kind: str) -> tuple[tuple[str, str, str], ...]:
    """Those that some model offers: what the link says, its icon, the address of the form."""
    return tuple(
        (label, icon, reverse("create", args=[mode]))
        for mode, role, label, icon in WAYS[MediaKind(kind)]
        if any(takes(row.limits.get(role)) for row in rules.offers(mode=mode))
    )


def takes(limit: Limit | None) -> bool:
    return limit is not None and not limit.off


def uses_of(output: Output) -> list[NextStep]:
    """Every way on from this output, the usual one first."""
    return usual_uses(output, len(offered_steps(output.kind)) + 1)


def usual_uses(output: Output, most: int) -> list[NextStep]:
    """Only so many of them, the usual ones, for where there is little room."""
    steps = [
        NextStep(_(label), icon, f"{form}?ref={output.pk}#compose")
        for label, icon, form in offered_steps(output.kind)
    ]
    return [*spoken_with(output), *steps][:most]


def spoken_with(output: Output) -> list[NextStep]:
    """To speak with the voice that was cloned, with the provider that knows it."""
    voice = output.task.values.get("voice_id") if output.task.mode == "voice" else ""
    offer = next(iter(rules.offers(output.task.provider, "speech")), None) if voice else None
    if offer is None:
        return []
    asked = urlencode({"voice_id": voice, "model": rules.name_of(offer)})
    href = f"{reverse('create', args=['speech'])}?{asked}#compose"
    return [NextStep(_("Speak with this voice"), "volume-2", href)]
