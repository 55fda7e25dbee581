"""References that a video keeps to: subjects, images and videos, at official Vidu and kkiai.

A request either shows images (the plain form) or names its subjects (the subject form).
"""

from dataclasses import replace

from generation.catalogue.offers import common
from generation.catalogue.types import (
    Limit,
    Offer,
    SubjectLimits,
    Variant,
    VideoLimits,
    gettext_noop,
)

# A video that a subject is made from; only for Vidu Q2 Pro.
SUBJECT_VIDEO = VideoLimits(max_seconds=5)

IMAGES = Limit(minimum=1, maximum=7, image=common.IMAGE)
MAYBE_IMAGES = Limit(minimum=0, maximum=7, image=common.IMAGE)
SUBJECTS = Limit(minimum=0, maximum=7, subject=SubjectLimits(together=7))
# Subjects with videos count among the four; of the videos sent one may become a subject.
Q2_PRO_SUBJECTS = Limit(minimum=0, maximum=4, subject=SubjectLimits(videos=2, together=4))

NO_VIDEOS = gettext_noop("Only Vidu Q2 Pro works from videos.")
NO_SUBJECTS = gettext_noop("%(model)s works from images alone. Choose another model for subjects.")
VOICE_OF_SUBJECT = gettext_noop("A voice belongs to a subject. Set it there.")
NO_AUDIO = gettext_noop("%(model)s takes no audio files.")
REASONS = {"voice_id": VOICE_OF_SUBJECT, "sounds": NO_AUDIO, "videos": NO_VIDEOS}

NAMED, PLAIN = {"subject_form": (True,)}, {"subject_form": (False,)}
NEEDS_IMAGE = Variant(
    PLAIN,
    {"images": IMAGES},
    gettext_noop("Without subjects this model works from 1 to 7 images."),
)
NO_SEARCH = Variant(
    PLAIN,
    {"auto_subjects": common.OFF},
    gettext_noop("This needs subjects. Name one in the prompt."),
)
NO_MUSIC_FOR_SUBJECTS = Variant(
    NAMED,
    {"bgm": common.OFF},
    gettext_noop("A request that names subjects gets no background music."),
)
# The documents of Q2, Q1 and 2.0 have no sound in the plain form.
NO_AUDIO_WHEN_PLAIN = Variant(
    PLAIN,
    {"audio": common.OFF, "audio_type": common.OFF},
    gettext_noop("%(model)s makes audio only for named subjects. Name one in the prompt."),
)
SUBJECT_RULES = (NEEDS_IMAGE, NO_SEARCH)
Q2_RULES = (
    *SUBJECT_RULES,
    NO_MUSIC_FOR_SUBJECTS,
    common.NO_MUSIC_WHEN_LONG,
    NO_AUDIO_WHEN_PLAIN,
    common.NEEDS_AUDIO_FOR_KINDS,
    common.OFF_PEAK_IS_SILENT,
)
OLD_RULES = tuple(one for one in Q2_RULES if one is not common.NO_MUSIC_WHEN_LONG)
NAMED_VIDEO = (
    Variant(
        NAMED,
        {
            "images": replace(MAYBE_IMAGES, maximum=4),
            "videos": Limit(minimum=0, maximum=1, video=SUBJECT_VIDEO),
        },
        gettext_noop("With named subjects only one video of up to 5 s can be added."),
    ),
)
WITH_VIDEOS = (
    Variant(
        {"videos": (1, 2)},
        {"images": replace(IMAGES, maximum=4)},
        gettext_noop("With a video 1 to 4 images are allowed."),
    ),
    Variant(
        {"videos": (2,)},
        {"videos": Limit(minimum=0, maximum=2, video=VideoLimits(max_seconds=5))},
        gettext_noop("Two videos may last 5 s each, one may last 8 s."),
    ),
)
VIDEOS = Limit(minimum=0, maximum=2, video=VideoLimits(max_seconds=8))

BASE = {
    "images": MAYBE_IMAGES,
    "prompt": common.prompt_limit(5_000),
    **common.MARKS,
    **common.WITH_SEED,
}
WITH_SUBJECTS = {
    **BASE,
    "subjects": SUBJECTS,
    "auto_subjects": common.SWITCH,
    "off_peak": common.SWITCH,
}
Q3 = {
    **WITH_SUBJECTS,
    "duration": common.seconds(3, 16),
    "resolution": common.TO_1080,
    "aspect_ratio": common.ANY_RATIO,
    "audio": common.ON,
}
SILENT = {
    **WITH_SUBJECTS,
    "audio": common.SWITCH,
    "audio_type": common.AUDIO_KINDS,
    "bgm": common.SWITCH,
}
Q2 = {**SILENT, "resolution": common.TO_1080, "aspect_ratio": common.ANY_RATIO}


def reference_offer(
    model_name: str,
    label: str,
    strength: str,
    limits: dict[str, Limit],
    reasons: dict[str, str],
    variants: tuple[Variant, ...],
) -> Offer:
    return Offer(
        provider="vidu",
        mode="reference",
        model_name=model_name,
        label=label,
        strength=strength,
        limits=limits,
        variants=(*variants, common.NEEDS_MARK),
        reasons={**REASONS, **reasons},
        mention="@{name}",
        subjects_inline=True,
        source=common.CN_PAGES,
    )


ROWS = (
    reference_offer(
        "viduq3",
        "Vidu Q3",
        gettext_noop("Keeps subjects alike over several shots, with audio, to 16 s"),
        Q3,
        common.Q3_REASONS,
        (*SUBJECT_RULES, common.OFF_PEAK_HAS_AUDIO),
    ),
    reference_offer(
        "viduq3-turbo",
        "Vidu Q3 Turbo",
        gettext_noop("Quick and cheap, with audio, to 16 s"),
        Q3,
        common.Q3_REASONS,
        (*SUBJECT_RULES, common.OFF_PEAK_HAS_AUDIO),
    ),
    replace(
        reference_offer(
            "viduq3-mix",
            "Vidu Q3 Mix",
            gettext_noop("The richest look, from images, with audio, to 16 s"),
            {
                **BASE,
                "images": IMAGES,
                "duration": common.seconds(3, 16),
                "resolution": common.HD,
                "aspect_ratio": common.ANY_RATIO,
                "audio": common.ON,
            },
            {
                **common.Q3_REASONS,
                "off_peak": common.NO_OFF_PEAK,
                "subjects": NO_SUBJECTS,
                "auto_subjects": NO_SUBJECTS,
            },
            (),
        ),
        mention="",
        subjects_inline=False,
    ),
    reference_offer(
        "viduq2-pro",
        "Vidu Q2 Pro",
        gettext_noop("Works from videos too: edit and replace in a video, to 10 s"),
        {**Q2, "subjects": Q2_PRO_SUBJECTS, "videos": VIDEOS, "duration": common.seconds(0, 10)},
        common.Q2_REASONS,
        (*NAMED_VIDEO, *WITH_VIDEOS, *Q2_RULES),
    ),
    reference_offer(
        "viduq2",
        "Vidu Q2",
        gettext_noop("Lively movement and fine detail, to 10 s"),
        {**Q2, "duration": common.seconds(1, 10)},
        common.Q2_REASONS,
        Q2_RULES,
    ),
    reference_offer(
        "viduq1",
        "Vidu Q1",
        gettext_noop("Clear image and steady camera, 5 s"),
        {
            **SILENT,
            "duration": common.FIVE_SECONDS,
            "resolution": common.ONLY_1080,
            "aspect_ratio": common.THREE_RATIOS,
            "movement_amplitude": common.MOVEMENT,
        },
        {},
        OLD_RULES,
    ),
    reference_offer(
        "vidu2.0",
        "Vidu 2.0",
        gettext_noop("The quickest, small sizes, 4 s"),
        {
            **SILENT,
            "duration": Limit(allowed=(4,), default=4),
            "resolution": Limit(allowed=("360p", "720p"), default="360p"),
            "aspect_ratio": common.THREE_RATIOS,
            "movement_amplitude": common.MOVEMENT,
        },
        {},
        OLD_RULES,
    ),
)

SHORT_WHEN_PLAIN = Variant(
    PLAIN,
    {"prompt": common.prompt_limit(2_000)},
    gettext_noop("Without named subjects a prompt may have 2,000 characters. Shorten it."),
)


def in_china(row: Offer) -> Offer:
    """The page of the mainland host prints 2,000 characters for the plain form."""
    if "subjects" not in row.limits:
        return common.but(row, {"prompt": common.prompt_limit(2_000)})
    return replace(row, variants=(SHORT_WHEN_PLAIN, *row.variants))


def in_five_ratios(row: Offer) -> Offer:
    """kkiai's pages do not have "auto"."""
    changes = (
        {"aspect_ratio": common.FIVE_RATIOS}
        if row.limits["aspect_ratio"] is common.ANY_RATIO
        else {}
    )
    return common.but(row, changes, mention="[@{name}]" if row.mention else "")


ALL = (
    *(in_china(row) if row.provider == "vidu-cn" else row for row in common.at_every_vidu(ROWS)),
    *(in_five_ratios(row) for row in common.at_kkiai(ROWS, 2_000)),
)
