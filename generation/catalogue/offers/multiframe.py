"""Multiframe at official Vidu: a video through given key frames."""

from generation.catalogue.offers.common import (
    MARKS,
    NEEDS_MARK,
    SENT_ALONG,
    TO_1080,
    VIDEO_Q2_MODELS,
    at_every_vidu,
    seconds,
)
from generation.catalogue.types import MEGABYTE, ImageLimits, Limit, Offer

# The first image is the start, each of the others a key frame with a row of its own.
FRAME_IMAGES = Limit(minimum=3, maximum=10, image=ImageLimits(max_bytes=10 * MEGABYTE))
FRAMES = Limit(
    required=True,
    minimum=2,
    maximum=9,
    row={"prompt": Limit(maximum=2_000), "duration": seconds(2, 7)},
)
MULTIFRAME = {
    "images": FRAME_IMAGES,
    "frames": FRAMES,
    "resolution": TO_1080,
    **MARKS,
    "wm_position": Limit(allowed=(1, 2, 3, 4), default=4),
    **SENT_ALONG,
}

ALL = at_every_vidu(
    tuple(
        Offer(
            provider="vidu",
            mode="multiframe",
            model_name=name,
            label=label,
            strength=strength,
            limits=MULTIFRAME,
            variants=(NEEDS_MARK,),
            source="platform.vidu.cn, 2026-04",
        )
        for name, label, strength in VIDEO_Q2_MODELS
    )
)
