"""References at Vtrix: images, videos and subjects."""

from generation.catalogue.offers.common import (
    ANY_RATIO,
    FIVE_RATIOS,
    HD,
    IMAGE,
    MARKS,
    NEEDS_MARK,
    NEEDS_VOICE,
    NO_MUSIC,
    NO_MUSIC_WHEN_LONG,
    OFF,
    OFF_PEAK_HAS_AUDIO,
    ON,
    SENT_ALONG,
    SWITCH,
    THREE_RATIOS,
    TO_1080,
    UNAVAILABLE,
    VOICE,
    VTRIX_PAGES,
    WITH_SEED,
    prompt_limit,
    seconds,
)
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

NOT_YET = gettext_noop("Sound files are reserved for later: not yet supported here.")
SAVE_AS_SUBJECT = gettext_noop(
    "With subjects no loose pictures can be sent here. Save the picture as a subject."
)
CALL_IT = gettext_noop(
    "%(model)s works from subjects. Name the picture in the prompt, such as @image1."
)


SHORT = prompt_limit(2_000)


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
        source=f"{VTRIX_PAGES} {model_name}",
    )


ROWS = (
    vtrix_reference_offer(
        "viduq3_i2v_reference",
        "Vidu Q3",
        gettext_noop("Keeps subjects alike over several shots, with sound, to 16 s"),
        {
            "subjects": Limit(minimum=0, maximum=7, subject=SubjectLimits()),
            "images": Limit(minimum=0, maximum=7, image=IMAGE),
            "sounds": Limit(minimum=0, maximum=7, audio=AudioLimits(), off=True),
            "prompt": prompt_limit(5_000),
            "duration": seconds(3, 16),
            "resolution": HD,
            "aspect_ratio": ANY_RATIO,
            "audio": ON,
            "off_peak": SWITCH,
            **MARKS,
            **WITH_SEED,
        },
        (
            Variant(NAMED, {"images": OFF}, SAVE_AS_SUBJECT),
            NEEDS_IMAGE,
            OFF_PEAK_HAS_AUDIO,
            NEEDS_MARK,
        ),
        {"sounds": NOT_YET, "bgm": NO_MUSIC},
        "[@{name}]",
    ),
    vtrix_reference_offer(
        "viduq2_pro_reference",
        "Vidu Q2 Pro",
        gettext_noop("Works from videos too: edit and replace in a clip, to 10 s"),
        {
            "images": IMAGES,
            "videos": VIDEOS,
            "prompt": prompt_limit(5_000),
            "duration": seconds(0, 10),
            "resolution": TO_1080,
            "aspect_ratio": FIVE_RATIOS,
            "bgm": SWITCH,
            "off_peak": OFF,
            **MARKS,
            **WITH_SEED,
        },
        (*WITH_VIDEOS, NO_MUSIC_WHEN_LONG, NEEDS_MARK),
        {"off_peak": UNAVAILABLE},
    ),
    vtrix_reference_offer(
        "viduq2_i2v_reference",
        "Vidu Q2",
        gettext_noop("Lively movement and fine detail, to 10 s"),
        {
            "images": IMAGES,
            "prompt": SHORT,
            "duration": seconds(1, 10),
            "resolution": TO_1080,
            "aspect_ratio": FIVE_RATIOS,
            "audio": SWITCH,
            "voice_id": VOICE,
            **WITH_SEED,
        },
        (NEEDS_VOICE,),
    ),
    vtrix_reference_offer(
        "viduq2_pro_fast_reference2video",
        "Vidu Q2 Pro Fast",
        gettext_noop("Cheap and quick, from named subjects, to 8 s"),
        {
            "subjects": Limit(minimum=0, maximum=7, subject=SubjectLimits(images=7, together=7)),
            "images": Limit(minimum=0, maximum=7, image=IMAGE),
            "prompt": SHORT,
            "duration": seconds(1, 8),
            "resolution": HD,
            "aspect_ratio": THREE_RATIOS,
            "audio": SWITCH,
            **WITH_SEED,
        },
        (
            Variant(
                {**PLAIN, "images": (0,)},
                {"subjects": Limit(minimum=1, maximum=7, subject=SubjectLimits())},
                CALL_IT,
            ),
            Variant(PLAIN, {"images": OFF}, CALL_IT),
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
            **SENT_ALONG,
        },
    ),
)
