"""One input that a person gives, as a file or by a web address: checked, then stored."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from math import inf
from pathlib import PurePath
from urllib.parse import unquote

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from generation import outbound
from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.types import AudioLimits, ImageLimits, Limit, Offer, VideoLimits
from generation.media import audio, hls, images, storage, videos
from generation.media.audio import ANY_AUDIO
from generation.media.filenames import clean_name
from generation.media.images import ANY_IMAGE
from generation.media.motion import moves
from generation.media.storage import NoSpace, Stored, Unfit
from generation.media.videos import ANY_VIDEO
from generation.models import Media, MediaKind
from generation.web.lanes import FILES, LINKS, busy
from generation.web.shortcuts import StudioRequest, find

Limits = ImageLimits | VideoLimits | AudioLimits
Given = "UploadedFile[bytes] | str"
LONGEST_URL = 2_048
FETCH_SECONDS = 10.0
MOST_FETCHED = 100 * 1024 * 1024
SMALLER = 2_048  # pixels of the longer side of a smaller copy
SMALLER_BYTES = 3 * 1024 * 1024  # seven of them still fit into one request
MAKERS = {"images": images, "videos": videos, "sounds": audio}


class Busy(Unfit):
    """Nothing was looked at: the lane that this needs has no room now."""


def limits_for(data: Mapping[str, str], name: str) -> Limits:
    """The limits of the form's model: `data` has mode, and model as "provider/name"."""
    return limits_in(rules.offer_named(data.get("mode", ""), data.get("model", "")), name)


def limits_in(offer: Offer | None, name: str) -> Limits:
    limit = offer.limits.get(name, Limit()) if offer else Limit()
    match PARAMS[name].kind:
        case "videos":
            return limit.video or ANY_VIDEO
        case "sounds":
            return limit.audio or ANY_AUDIO
    return limit.image or ANY_IMAGE


def with_any_shape(limits: Limits, mode: str) -> Limits:
    """What a form of Create takes in: an image of a wrong shape can be cropped there."""
    if not isinstance(limits, ImageLimits) or mode not in MODES:
        return limits
    return replace(limits, min_ratio=0.0, max_ratio=inf)


def original_name(given: "UploadedFile[bytes] | str") -> str:
    """What it is called: the file's name, or the last part of the address."""
    if isinstance(given, str):
        return clean_name(unquote(given[:LONGEST_URL].partition("?")[0].partition("#")[0]))
    return clean_name(given.name or "")


def lane_of_inputs(request: HttpRequest) -> str:
    """The lane for a form with files, or with addresses to fetch; "" when it has neither."""
    names = [name for name in request.POST if name == "url" or name.endswith("_url")]
    if any(request.POST[name].strip() for name in names):
        return LINKS
    return FILES if request.FILES else ""


def store_upload(
    request: StudioRequest,
    given: "UploadedFile[bytes] | str",
    name: str = "images",
    limits: Limits | None = None,
) -> Media:
    """Store what a person gave for the input `name`. Raises Unfit."""
    if sentence := busy(request, LINKS if isinstance(given, str) else FILES):
        raise Busy(sentence)
    limits = limits or limits_in(None, name)
    maker = MAKERS[PARAMS[name].kind]
    if isinstance(given, str):
        (stored, moving), source = fetch_link(given, maker, limits), given
    else:
        stored, source, moving = maker.take_file(given, limits), "", moves(given)
    media = create_media(request, stored, original_name(given), source)
    media.lost_motion = moving and stored.kind == MediaKind.IMAGE
    return media


def create_media(
    request: StudioRequest,
    stored: Stored,
    name: str,
    source: str = "",
    cropped_from: Media | None = None,
) -> Media:
    try:
        return Media.objects.create(
            team=request.member.team,
            created_by=request.user,
            uploaded=True,
            name=name,
            source_url=source,
            cropped_from=cropped_from,
            **asdict(stored),
        )
    except BaseException:
        delete_files(stored)
        raise


def fetch_link(url: str, maker: object, limits: Limits) -> tuple[Stored, bool]:
    """A rewritten copy of a foreign file: nothing foreign is ever shown or stored. And whether it
    was a picture that moves."""
    if len(url) > LONGEST_URL:
        raise Unfit(_("This address is too long. Upload the file instead."))
    most = min(limits.max_bytes, MOST_FETCHED)
    if not storage.enough_space(most):
        raise NoSpace
    with storage.scratch() as path:
        try:
            with path.open("wb") as file:
                outbound.fetch(
                    url,
                    into=file,
                    max_bytes=most,
                    allowed=settings.OUTBOUND_PRIVATE_HOSTS,
                    deadline=FETCH_SECONDS,
                )
        except outbound.OutboundError as error:
            raise Unfit(error.sentence) from None
        if isinstance(limits, VideoLimits) and hls.FORMAT in limits.formats and hls.is_list(path):
            return hls.take_file(path, limits), False
        with path.open("rb") as file:
            moving = moves(file)
        return maker.take_file(path, limits), moving  # type: ignore[attr-defined]


def smaller_copy(request: StudioRequest, media_id: int) -> Media:
    """A smaller copy of an image of this team, named as one. Raises Unfit."""
    if sentence := busy(request, FILES):
        raise Busy(sentence)
    rows = Media.objects.visible_to(request.user).filter(team=request.member.team)
    media = find(rows.filter(kind=MediaKind.IMAGE), pk=media_id)
    side = min(SMALLER, max(media.width, media.height))
    stored = images.shrink_image(media.path, side, SMALLER_BYTES)
    label = _("Smaller copy, %(side)s px") % {"side": max(stored.width, stored.height)}
    stem = PurePath(media.name).stem
    return create_media(request, stored, f"{label}: {stem}"[:200] if stem else label)


def smaller_size(media: Media) -> str:
    """The size of a smaller copy of an image: 2048 x 1152."""
    scale = min(1.0, SMALLER / max(media.width, media.height))
    return f"{round(media.width * scale)} x {round(media.height * scale)}"


def delete_files(files: Stored | Media) -> None:
    storage.delete(files.path, files.thumb_path, files.preview_path)
