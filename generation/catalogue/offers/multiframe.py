"""Multiframe at official Vidu: a video through given key frames."""

from generation.catalogue.offers import common
from generation.catalogue.types import MEGABYTE, ImageLimits, Limit, Offer

# The first image is the start, each of the others a key frame with a row of its own.
FRAME_IMAGES = Limit(minimum=3, maximum=10, image=ImageLimits(max_bytes=10 * MEGABYTE))
FRAMES = Limit(
    required=True,
    minimum=2,
    maximum=9,
    row={"prompt": Limit(maximum=2_000), "duration": common.seconds(2, 7)},
)
MULTIFRAME = {
    "images": FRAME_IMAGES,
    "frames": FRAMES,
    "resolution": common.TO_1080,
    **common.MARKS,
    "wm_position": Limit(allowed=(1, 2, 3, 4), default=4),
    **common.SENT_ALONG,
}

ALL = common.at_every_vidu(
    tuple(
        Offer(
            provider="vidu",
            mode="multiframe",
            model_name=name,
            label=label,
            strength=strength,
            limits=MULTIFRAME,
            variants=(common.NEEDS_MARK,),
            source="platform.vidu.cn, 2026-04",
        )
        for name, label, strength in common.VIDEO_Q2_MODELS
    )
)
