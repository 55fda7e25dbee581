"""A video from words alone, at official Vidu and kkiai."""

from generation.catalogue.offers.common import (
    FIVE_RATIOS,
    FIVE_SECONDS,
    MARKS,
    MOVEMENT,
    NEEDS_MARK,
    NO_MUSIC_WHEN_LONG,
    NO_STYLE,
    ON,
    ONLY_1080,
    Q2_REASONS,
    Q3_REASONS,
    SILENT_REASONS,
    STYLE,
    SWITCH,
    THREE_RATIOS,
    TO_1080,
    WITH_SEED,
    Family,
    at_every_vidu,
    at_kkiai,
    prompt_limit,
    seconds,
)
from generation.catalogue.types import gettext_noop

SHARED = {"prompt": prompt_limit(5_000), "off_peak": SWITCH, **MARKS, **WITH_SEED}
text_video = Family("text-video", SHARED, (NEEDS_MARK,), {"style": NO_STYLE})
Q3 = {"duration": seconds(1, 16), "resolution": TO_1080, "aspect_ratio": FIVE_RATIOS, "audio": ON}
ROWS = (
    text_video(
        "viduq3-turbo",
        "Vidu Q3 Turbo",
        gettext_noop("Quick, with speech and effects, to 16 s"),
        Q3,
        Q3_REASONS,
    ),
    text_video(
        "viduq3-pro",
        "Vidu Q3 Pro",
        gettext_noop("The finest picture, with speech and effects, to 16 s"),
        Q3,
        Q3_REASONS,
    ),
    text_video(
        "viduq2",
        "Vidu Q2",
        gettext_noop("Lively movement, silent or with music, to 10 s"),
        {
            "duration": seconds(1, 10),
            "resolution": TO_1080,
            "aspect_ratio": FIVE_RATIOS,
            "bgm": SWITCH,
        },
        {**Q2_REASONS, **SILENT_REASONS},
        (NO_MUSIC_WHEN_LONG,),
    ),
    text_video(
        "viduq1",
        "Vidu Q1",
        gettext_noop("Clear and steady, general or anime, 5 s"),
        {
            "duration": FIVE_SECONDS,
            "resolution": ONLY_1080,
            "aspect_ratio": THREE_RATIOS,
            "bgm": SWITCH,
            "style": STYLE,
            "movement_amplitude": MOVEMENT,
        },
        SILENT_REASONS,
    ),
)
ALL = (*at_every_vidu(ROWS), *at_kkiai(ROWS, 2_000))
