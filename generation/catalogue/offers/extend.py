"""Extend at official Vidu: a longer video."""

from generation.catalogue.offers import common
from generation.catalogue.types import ImageLimits, Limit, Offer, VideoLimits, gettext_noop

EXTENDED_VIDEO = Limit(
    minimum=1, maximum=1, video=VideoLimits(min_seconds=4, max_seconds=60, max_bytes=5 * 1024**3)
)
END_IMAGE = Limit(minimum=0, maximum=1, image=ImageLimits())
EXTEND = {
    "videos": EXTENDED_VIDEO,
    "images": END_IMAGE,
    "prompt": common.prompt_limit(2_000, required=False),
    "duration": common.seconds(1, 7),
    "resolution": common.TO_1080,
    **common.SENT_ALONG,
}
NO_MARKS = gettext_noop("Vidu marks no video that is made longer.")

ALL = common.at_every_vidu(
    tuple(
        Offer(
            provider="vidu",
            mode="extend",
            model_name=name,
            label=label,
            strength=strength,
            limits=EXTEND,
            reasons={"watermark": NO_MARKS, "wm_url": NO_MARKS},
            source=common.COM_PAGES,
        )
        for name, label, strength in common.VIDEO_Q2_MODELS
    )
)
