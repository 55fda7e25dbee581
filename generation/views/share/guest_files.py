"""Which file a guest is given for a variant of an output: what the link allows, and no more."""

from dataclasses import dataclass, field, replace
from pathlib import PurePath

from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from generation.engine.delivery import wanted_of_guests
from generation.engine.renditions import find_rendition
from generation.engine.share_terms import zone_of
from generation.media.clean_image import NotClean, Part, kept_parts, size_of_parts
from generation.media.filenames import clean_name
from generation.media.provenance.parts import marked_parts
from generation.models import (
    DeliveryRules,
    Downloads,
    Media,
    MediaKind,
    Output,
    RenditionKind,
    RenditionState,
    ReviewState,
    ShareLink,
    Visitor,
)

IMAGES = {"thumb": RenditionKind.THUMB, "poster": RenditionKind.POSTER}


class NotGiven(Exception):
    """The link does not give this."""


class NotReady(Exception):
    """It is being made."""


class NotMade(Exception):
    """It could not be made."""


@dataclass(frozen=True)
class GuestFile:
    """A stored file, or those parts of it that are given."""

    path: str
    mime: str
    size: int
    parts: list[Part] = field(default_factory=list)
    marks: str = ""  # what it carries that the stored file lacks

    @property
    def extension(self) -> str:
        return PurePath(self.path).suffix[1:]


def may_download(link: ShareLink, output: Output, variant: str) -> bool:
    if link.approved_only and output.review != ReviewState.APPROVED:
        return False
    allowed = {"original": {Downloads.ORIGINAL}, "preview": {Downloads.ORIGINAL, Downloads.PREVIEW}}
    return link.downloads in allowed.get(variant, set())


def watermark_of(link: ShareLink, visitor: Visitor | None) -> str:
    """The link's text with the day and the guest's name in it; empty: none."""
    if not link.watermark_text:
        return ""
    today = timezone.localdate(timezone=zone_of(link.team))
    with override("en"):  # the same for all guests, whatever language they read
        day = date_format(today, "Y-m-d", use_l10n=False)
    name = clean_name(visitor.name) if visitor else ""
    text = link.watermark_text.replace("{date}", day).replace("{name}", name or _("Guest"))
    return " ".join(text.split())[:200]


def guest_file(link: ShareLink, visitor: Visitor | None, output: Output, variant: str) -> GuestFile:
    """Raises NotGiven, NotReady or NotMade; never gives what is not marked for what is."""
    media = output.media
    if variant == "original":
        if not may_download(link, output, variant):
            raise NotGiven
        return clean_original(media)
    text = watermark_of(link, visitor)
    if variant == "preview" and media.kind != MediaKind.IMAGE:
        spoken = text if media.kind == MediaKind.VIDEO else ""
        return derived(media, RenditionKind.PLAY, link, spoken)
    kind = IMAGES["thumb" if variant == "thumb" else "poster"]
    if text:
        return derived(media, kind, link, text)
    path = media.thumb_path if variant == "thumb" else media.preview_path
    return stored_file(path, "image/webp")


def saved_file(link: ShareLink, visitor: Visitor | None, output: Output, variant: str) -> GuestFile:
    """The same for saving: it carries what the team has its files carry when they leave."""
    file = guest_file(link, visitor, output, variant)
    wanted = wanted_of_guests(DeliveryRules.of(link.team), output)
    if wanted is None:
        return file
    with default_storage.open(file.path) as opened:
        parts = marked_parts(opened, file.parts or [(0, file.size)], wanted)
    return replace(file, parts=parts, size=size_of_parts(parts), marks=repr(wanted))


def social_file(link: ShareLink, output: Output) -> GuestFile:
    return derived(output.media, RenditionKind.SOCIAL, link, watermark_of(link, None))


def clean_original(media: Media) -> GuestFile:
    """Its streams or pixels, byte for byte, and none of its metadata."""
    if media.kind != MediaKind.IMAGE:
        return derived(media, RenditionKind.CLEAN)
    try:
        with default_storage.open(media.path) as file:
            parts = kept_parts(file)
    except (FileNotFoundError, NotClean):
        raise NotMade from None
    return GuestFile(media.path, media.mime, size_of_parts(parts), parts)


def derived(
    media: Media, kind: RenditionKind, link: ShareLink | None = None, text: str = ""
) -> GuestFile:
    row = find_rendition(media, kind, link, text)
    if row is None or row.state == RenditionState.WANTED:
        raise NotReady
    if row.state == RenditionState.FAILED:
        raise NotMade
    return GuestFile(row.path, row.mime, row.bytes)


def stored_file(path: str, mime: str) -> GuestFile:
    if not path or not default_storage.exists(path):
        raise NotMade
    return GuestFile(path, mime, default_storage.size(path))
