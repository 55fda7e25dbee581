"""Templates and stories at official Vidu."""

from generation.catalogue import templates
from generation.catalogue.offers import common
from generation.catalogue.types import Limit, Offer, Variant, gettext_noop

COUNTRIES = (
    "auto", "denmark", "uk", "africa", "china", "mexico", "switzerland", "russia", "italy",
    "korea", "thailand", "india", "japan",
)  # fmt: skip
BEASTS = ("auto", "bear", "tiger", "elk", "snake", "lion", "wolf")
STORIES = ("love_story", "workday_feels", "monkey_king", "pigsy", "monk_tang", "one_shot")
# The template says how many images it takes; no endpoint takes more than seven.
IMAGES = Limit(minimum=1, maximum=7, image=common.IMAGE)
TAKES = {
    (1, 1): gettext_noop("This template takes one image."),
    (1, 2): gettext_noop("This template takes one or two images."),
    (3, 3): gettext_noop("This template takes three images."),
}


def taking(least: int, most: int) -> Variant:
    """How many images the templates take that are alike in it."""
    alike = [one.name for one in templates.ALL if (one.least, one.most) == (least, most)]
    limit = Limit(minimum=least, maximum=most, image=common.IMAGE)
    return Variant({"template": tuple(alike)}, {"images": limit}, TAKES[least, most])


TEMPLATE = Offer(
    provider="vidu",
    mode="template",
    model_name="template",
    label="Vidu Template",
    strength=gettext_noop("One effect, ready to use"),
    limits={
        "template": Limit(required=True, maximum=128),
        "images": IMAGES,
        "prompt": common.prompt_limit(2_000, required=False),
        "area": Limit(allowed=COUNTRIES, default="auto"),
        "beast": Limit(allowed=BEASTS, default="auto"),
        "aspect_ratio": Limit(allowed=("16:9", "9:16"), default="16:9"),
        "bgm": common.SWITCH,
        **common.MARKS,
        **common.WITH_SEED,
    },
    variants=(
        *(taking(least, most) for least, most in TAKES),
        Variant(
            {},
            {"prompt": common.prompt_limit(2_000)},
            gettext_noop("This template needs a prompt."),
            unless={"template": templates.WITHOUT_PROMPT},
        ),
        Variant(
            {},
            {"area": common.OFF},
            gettext_noop("Only the template exotic_princess takes a country."),
            unless={"template": ("exotic_princess",)},
        ),
        Variant(
            {},
            {"beast": common.OFF},
            gettext_noop("Only the template beast_companion takes an animal."),
            unless={"template": ("beast_companion",)},
        ),
        common.NEEDS_MARK,
    ),
    reasons={"story": gettext_noop("A story is chosen with the model Vidu Story.")},
    source="platform.vidu.cn, 2026-04",
)
NO_SETTING = gettext_noop("A story brings all this with it.")
STORY = Offer(
    provider="vidu",
    mode="template",
    model_name="template-story",
    label="Vidu Story",
    strength=gettext_noop("A ready-made story with your image"),
    limits={
        "story": Limit(allowed=STORIES, required=True),
        "images": IMAGES,
        **common.SENT_ALONG,
    },
    reasons={
        **dict.fromkeys(("prompt", "area", "beast", "aspect_ratio", "bgm", "seed"), NO_SETTING),
        **dict.fromkeys(common.MARKS, NO_SETTING),
        "template": gettext_noop("A template is chosen with the model Vidu Template."),
    },
    source="platform.vidu.cn, 2026-04",
)


def with_squares(row: Offer) -> Offer:
    """Only the page of the international host has 1:1."""
    if row.model_name != "template" or row.provider == "vidu-cn":
        return row
    return common.but(row, {"aspect_ratio": Limit(allowed=("16:9", "9:16", "1:1"), default="16:9")})


ALL = tuple(with_squares(row) for row in common.at_every_vidu((TEMPLATE, STORY)))
