"""A video from words alone, at official Vidu and kkiai."""

from generation.catalogue.offers import common
from generation.catalogue.types import gettext_noop

SHARED = {
    "prompt": common.prompt_limit(5_000),
    "off_peak": common.SWITCH,
    **common.MARKS,
    **common.WITH_SEED,
}
text_video = common.Family("text-video", SHARED, (common.NEEDS_MARK,), {"style": common.NO_STYLE})
Q3 = {
    "duration": common.seconds(1, 16),
    "resolution": common.TO_1080,
    "aspect_ratio": common.FIVE_RATIOS,
    "audio": common.ON,
}
ROWS = (
    text_video(
        "viduq3-turbo",
        "Vidu Q3 Turbo",
        gettext_noop("Quick, with speech and effects, to 16 s"),
        Q3,
        common.Q3_REASONS,
    ),
    text_video(
        "viduq3-pro",
        "Vidu Q3 Pro",
        gettext_noop("The finest image, with speech and effects, to 16 s"),
        Q3,
        common.Q3_REASONS,
    ),
    text_video(
        "viduq2",
        "Vidu Q2",
        gettext_noop("Lively movement, silent or with music, to 10 s"),
        {
            "duration": common.seconds(1, 10),
            "resolution": common.TO_1080,
            "aspect_ratio": common.FIVE_RATIOS,
            "bgm": common.SWITCH,
        },
        {**common.Q2_REASONS, **common.SILENT_REASONS},
        (common.NO_MUSIC_WHEN_LONG,),
    ),
    text_video(
        "viduq1",
        "Vidu Q1",
        gettext_noop("Clear and steady, general or anime, 5 s"),
        {
            "duration": common.FIVE_SECONDS,
            "resolution": common.ONLY_1080,
            "aspect_ratio": common.THREE_RATIOS,
            "bgm": common.SWITCH,
            "style": common.STYLE,
            "movement_amplitude": common.MOVEMENT,
        },
        common.SILENT_REASONS,
    ),
)
ALL = (*common.at_every_vidu(ROWS), *common.at_kkiai(ROWS, 2_000))
