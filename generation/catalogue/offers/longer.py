"""Key frames, a longer video, more pixels: what official Vidu makes of what is there."""

from generation.catalogue.offers.common import (
    COM_PAGES,
    MARKS,
    NEEDS_MARK,
    SENT_ALONG,
    TO_1080,
    at_every_vidu,
    prompt_limit,
    seconds,
)
from generation.catalogue.types import (
    MEGABYTE,
    ImageLimits,
    Limit,
    Offer,
    VideoLimits,
    gettext_noop,
)

TURBO = gettext_noop("Good and quick")
PRO = gettext_noop("Rich detail")
MODELS = (("viduq2-turbo", "Vidu Q2 Turbo", TURBO), ("viduq2-pro", "Vidu Q2 Pro", PRO))

# The first picture is the start, each of the others a key frame with a row of its own.
FRAME_PICTURES = Limit(minimum=3, maximum=10, picture=ImageLimits(max_bytes=10 * MEGABYTE))
FRAMES = Limit(
    required=True,
    minimum=2,
    maximum=9,
    row={"prompt": Limit(maximum=2_000), "duration": seconds(2, 7)},
)
MULTIFRAME = {
    "images": FRAME_PICTURES,
    "frames": FRAMES,
    "resolution": TO_1080,
    **MARKS,
    "wm_position": Limit(allowed=(1, 2, 3, 4), default=4),
    **SENT_ALONG,
}
EXTENDED_CLIP = Limit(
    minimum=1, maximum=1, clip=VideoLimits(min_seconds=4, max_seconds=60, max_bytes=5 * 1024**3)
)
END_PICTURE = Limit(minimum=0, maximum=1, picture=ImageLimits())
EXTEND = {
    "videos": EXTENDED_CLIP,
    "images": END_PICTURE,
    "prompt": prompt_limit(2_000, required=False),
    "duration": seconds(1, 7),
    "resolution": TO_1080,
    **SENT_ALONG,
}
NO_MARKS = gettext_noop("Vidu marks no video that is made longer.")
# HLS is a list of other files: it can only be given by its address.
ENLARGED_CLIP = VideoLimits(
    formats=("mp4", "mov", "webm", "mkv", "flv", "ts", "mxf", "hls"),
    min_side=1,
    max_side=8_192,
    min_ratio=0.01,
    max_ratio=100,
    max_bytes=5 * 1024**3,
    max_seconds=300,
    max_fps=60,
)

ROWS = (
    *(
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
        for name, label, strength in MODELS
    ),
    *(
        Offer(
            provider="vidu",
            mode="extend",
            model_name=name,
            label=label,
            strength=strength,
            limits=EXTEND,
            reasons={"watermark": NO_MARKS, "wm_url": NO_MARKS},
            source=COM_PAGES,
        )
        for name, label, strength in MODELS
    ),
    Offer(
        provider="vidu",
        mode="upscale",
        model_name="upscale-new",
        label="Vidu Upscale",
        strength=gettext_noop("The same video in up to 8K"),
        limits={
            "videos": Limit(minimum=1, maximum=1, clip=ENLARGED_CLIP),
            "resolution": Limit(
                allowed=("1080p", "2K", "4K", "8K"), default="1080p", enlarges=True
            ),
            **SENT_ALONG,
        },
        source=COM_PAGES,
    ),
)
ALL = at_every_vidu(ROWS)
