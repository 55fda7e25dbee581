"""Upscale at official Vidu: the same video with more pixels."""

from generation.catalogue.offers import common
from generation.catalogue.types import Limit, Offer, VideoLimits, gettext_noop

# HLS is a list of other files: it can only be given by its address.
ENLARGED_VIDEO = VideoLimits(
    formats=("mp4", "mov", "webm", "mkv", "flv", "ts", "mxf", "hls"),
    min_side=1,
    max_side=8_192,
    min_ratio=0.01,
    max_ratio=100,
    max_bytes=5 * 1024**3,
    max_seconds=300,
    max_fps=60,
)
UPSCALE = Offer(
    provider="vidu",
    mode="upscale",
    model_name="upscale-new",
    label="Vidu Upscale",
    strength=gettext_noop("The same video in up to 8K"),
    limits={
        "videos": Limit(minimum=1, maximum=1, video=ENLARGED_VIDEO),
        "resolution": Limit(allowed=("1080p", "2K", "4K", "8K"), default="1080p", enlarges=True),
        **common.SENT_ALONG,
    },
    source=common.COM_PAGES,
)
ALL = common.at_every_vidu((UPSCALE,))
