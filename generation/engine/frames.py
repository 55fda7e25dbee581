"""Exact frames of videos that were stored before anybody looked for them."""

from django.core.files.storage import default_storage

from generation.media import videos
from generation.media.storage import Unfit
from generation.models import Media, MediaKind

NOT_KNOWN = {"constant_rate": False}


def lacks_frames(media: Media) -> bool:
    """Whether nobody has looked yet; one that was looked at in vain is not looked at again."""
    return media.kind == MediaKind.VIDEO and media.constant_rate is None and media.format != "hls"


def find_frames(media: Media) -> None:
    """Have a limited child process look, once, and keep what it finds on the row and on `media`."""
    if not lacks_frames(media):
        return
    if not default_storage.exists(media.path):
        return  # it may be back for the next one who asks
    try:
        facts = videos.read_frame_facts(media.path)
    except Unfit:
        facts = NOT_KNOWN
    Media.objects.filter(pk=media.pk).update(**facts)
    for name, value in facts.items():
        setattr(media, name, value)
