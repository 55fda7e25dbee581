"""Whether the files of a request fit into it, where a provider has no other way to take them."""

from collections.abc import Mapping, Sequence

from generation.catalogue.types import MEGABYTE, Offer
from generation.models import Media, MediaKind
from generation.providers.registry import PROVIDERS
from generation.providers.request_body import MOST_BODY

AROUND = 64 * 1024  # what a request has besides its files; a long payload counts for itself
SMALL = MEGABYTE  # what a smaller copy would hardly make lighter


def sent_size(media: Media) -> int:
    """Bytes in the request: as text, or nothing where an address is sent instead."""
    return 0 if media.source_url else 4 * -(-media.bytes // 3)


def too_much(offer: Offer, files: Mapping[str, Sequence[Media]]) -> int:
    """How many bytes the files of a request have together, if that is too much; else 0."""
    if PROVIDERS[offer.provider].can_upload:  # pictures go ahead of the request there
        return 0
    size = AROUND + sum(sent_size(media) for many in files.values() for media in many)
    return size if size > MOST_BODY else 0


def heavy(files: Mapping[str, Sequence[Media]]) -> list[Media]:
    """The pictures that a smaller copy would make lighter, the heaviest first."""
    images = [one for many in files.values() for one in many if one.kind == MediaKind.IMAGE]
    found = [one for one in images if sent_size(one) > SMALL]
    return sorted(found, key=sent_size, reverse=True)
