"""References at Vtrix: images, videos and subjects."""

from generation.catalogue.offers import common
from generation.catalogue.offers.reference import (
    IMAGES,
    NAMED,
    NEEDS_IMAGE,
    PLAIN,
    VIDEOS,
    WITH_VIDEOS,
)
from generation.catalogue.types import (
    AudioLimits,
    Limit,
    Offer,
    SubjectLimits,
    Variant,
    gettext_noop,
)

NOT_YET = gettext_noop("Audio files are reserved for later: not yet supported here.")
SAVE_AS_SUBJECT = gettext_noop(
    "With subjects no other images can be sent here. Save the image as a subject."
)
CALL_IT = gettext_noop(
    "%(model)s works from subjects. Name the image in the prompt, such as @image1."
)


SHORT = common.prompt_limit(2_000)


def vtrix_reference_offer(
    model_name: str,
    label: str,
    strength: str,
    limits: dict[str, Limit],
    variants: tuple[Variant, ...] = (),
    reasons: dict[str, str] | None = None,
    mention: str = "",
    subjects_inline: bool = False,
) -> Offer:
    return Offer(
        provider="vtrix",
        mode="reference",
        model_name=model_name,
        label=label,
        strength=strength,
        limits=limits,
        variants=variants,
        reasons=reasons or {},
        mention=mention,
        subjects_inline=subjects_inline,
        source=f"{common.VTRIX_PAGES} {model_name}",
    )


ROWS = (
    vtrix_reference_offer(
        "viduq3_i2v_reference",
        "Vidu Q3",
        gettext_noop("Keeps subjects alike over several shots, with audio, to 16 s"),
        {
            "subjects": Limit(minimum=0, maximum=7, subject=SubjectLimits()),
            "images": Limit(minimum=0, maximum=7, image=common.IMAGE),
            "sounds": Limit(minimum=0, maximum=7, audio=AudioLimits(), off=True),
            "prompt": common.prompt_limit(5_000),
            "duration": common.seconds(3, 16),
            "resolution": common.HD,
            "aspect_ratio": common.ANY_RATIO,
            "audio": common.ON,
            "off_peak": common.SWITCH,
            **common.MARKS,
            **common.WITH_SEED,
        },
        (
            Variant(NAMED, {"images": common.OFF}, SAVE_AS_SUBJECT),
            NEEDS_IMAGE,
            common.OFF_PEAK_HAS_AUDIO,
            common.NEEDS_MARK,
        ),
        {"sounds": NOT_YET, "bgm": common.NO_MUSIC},
        "[@{name}]",
    ),
    vtrix_reference_offer(
        "viduq2_pro_reference",
        "Vidu Q2 Pro",
        gettext_noop("Works from videos too: edit and replace in a video, to 10 s"),
        {
            "images": IMAGES,
            "videos": VIDEOS,
            "prompt": common.prompt_limit(5_000),
            "duration": common.seconds(0, 10),
            "resolution": common.TO_1080,
            "aspect_ratio": common.FIVE_RATIOS,
            "bgm": common.SWITCH,
            "off_peak": common.OFF,
            **common.MARKS,
            **common.WITH_SEED,
        },
        (*WITH_VIDEOS, common.NO_MUSIC_WHEN_LONG, common.NEEDS_MARK),
        {"off_peak": common.UNAVAILABLE},
    ),
    vtrix_reference_offer(
        "viduq2_i2v_reference",
        "Vidu Q2",
        gettext_noop("Lively movement and fine detail, to 10 s"),
        {
            "images": IMAGES,
            "prompt": SHORT,
            "duration": common.seconds(1, 10),
            "resolution": common.TO_1080,
            "aspect_ratio": common.FIVE_RATIOS,
            "audio": common.SWITCH,
            "voice_id": common.VOICE,
            **common.WITH_SEED,
        },
        (common.NEEDS_VOICE,),
    ),
    vtrix_reference_offer(
        "viduq2_pro_fast_reference2video",
        "Vidu Q2 Pro Fast",
        gettext_noop("Cheap and quick, from named subjects, to 8 s"),
        {
            "subjects": Limit(minimum=0, maximum=7, subject=SubjectLimits(images=7, together=7)),
            "images": Limit(minimum=0, maximum=7, image=common.IMAGE),
            "prompt": SHORT,
            "duration": common.seconds(1, 8),
            "resolution": common.HD,
            "aspect_ratio": common.THREE_RATIOS,
            "audio": common.SWITCH,
            **common.WITH_SEED,
        },
        (
            Variant(
                {**PLAIN, "images": (0,)},
                {"subjects": Limit(minimum=1, maximum=7, subject=SubjectLimits())},
                CALL_IT,
            ),
            Variant(PLAIN, {"images": common.OFF}, CALL_IT),
        ),
        {},
        "@{name}",
        subjects_inline=True,
    ),
    vtrix_reference_offer(
        "vidu-cn-reference2video-vidu2.0",
        "Vidu 2.0",
        gettext_noop("The quickest, small sizes, 4 s"),
        {
            "images": IMAGES,
            "prompt": SHORT,
            "duration": Limit(allowed=(4,), default=4),
            "resolution": Limit(allowed=("360p", "720p"), default="360p"),
            **common.SENT_ALONG,
        },
    ),
)
