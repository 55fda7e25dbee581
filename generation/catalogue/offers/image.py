"""Text to image, editing and reference to image: one endpoint, images decide."""

from dataclasses import replace

from generation.catalogue.offers import common
from generation.catalogue.types import Limit, Offer, Variant, gettext_noop

Q1_RATIOS = ("16:9", "9:16", "1:1", "3:4", "4:3")
Q2_RATIOS = (*Q1_RATIOS, "21:9", "2:3", "3:2")
PAGE = "platform.vidu.com/docs reference2image"

AUTO_NEEDS_IMAGE = Variant(
    when={"images": (0,)},
    limits={"aspect_ratio": Limit(allowed=Q2_RATIOS, default="16:9")},
    reason=gettext_noop("Auto takes the ratio of the first image. Add one or choose a ratio."),
)
IMAGE_Q2 = Offer(
    provider="vidu",
    mode="image",
    model_name="viduq2",
    label="Vidu Q2",
    strength=gettext_noop("Text, editing and up to 7 references, to 4K"),
    limits={
        "images": Limit(minimum=0, maximum=7, image=common.IMAGE),
        "prompt": common.prompt_limit(2_000),
        "resolution": Limit(allowed=("1080p", "2K", "4K"), default="1080p"),
        "aspect_ratio": Limit(allowed=("auto", *Q2_RATIOS), default="16:9"),
        **common.WITH_SEED,
    },
    variants=(AUTO_NEEDS_IMAGE,),
    source=PAGE,
)
IMAGE_Q1 = Offer(
    provider="vidu",
    mode="image",
    model_name="viduq1",
    label="Vidu Q1",
    strength=gettext_noop("From 1 to 7 references, 1080p"),
    limits={
        "images": Limit(minimum=1, maximum=7, image=common.IMAGE),
        "prompt": common.prompt_limit(2_000),
        "resolution": Limit(allowed=("1080p",), default="1080p"),
        "aspect_ratio": Limit(allowed=Q1_RATIOS, default="16:9"),
        **common.WITH_SEED,
    },
    source=PAGE,
)

KKIAI_PAGE = "docs.kkiai.com create-image-generation-task"
ALL = (
    *common.at_every_vidu((IMAGE_Q2, IMAGE_Q1)),
    replace(IMAGE_Q2, provider="kkiai", source=KKIAI_PAGE),
    replace(IMAGE_Q1, provider="kkiai", source=KKIAI_PAGE),
    # Its code table asks for at least one image, its parameter text for 0 to 7: trust the text.
    replace(
        IMAGE_Q2,
        provider="vtrix",
        model_name="viduq2_reference2image",
        source="doc.vtrix.ai viduq2_reference2image",
    ),
)
