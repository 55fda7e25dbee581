"""From a first image to a last one, at official Vidu and kkiai."""

from generation.catalogue.offers import common
from generation.catalogue.types import gettext_noop

SHARED = {
    "images": common.TWO_IMAGES,
    "prompt": common.prompt_limit(5_000, required=False),
    "off_peak": common.SWITCH,
    "is_rec": common.SWITCH,
    **common.MARKS,
    **common.WITH_SEED,
}
Q3 = {"duration": common.seconds(1, 16), "resolution": common.TO_1080, "audio": common.ON}
Q2 = {"duration": common.seconds(1, 8), "bgm": common.SWITCH}
Q1 = {
    "duration": common.FIVE_SECONDS,
    "resolution": common.ONLY_1080,
    "bgm": common.SWITCH,
    "movement_amplitude": common.MOVEMENT,
}
SILENT_Q2 = {**common.SILENT_REASONS, **common.Q2_REASONS}
start_end = common.Family("start-end", SHARED, (common.PROMPT_IS_IGNORED, common.NEEDS_MARK))
ROWS = (
    start_end(
        "viduq3-turbo",
        "Vidu Q3 Turbo",
        gettext_noop("Quick, with speech and effects, to 16 s"),
        Q3,
        common.Q3_REASONS,
    ),
    start_end(
        "viduq3-pro",
        "Vidu Q3 Pro",
        gettext_noop("The finest image, with speech and effects, to 16 s"),
        Q3,
        common.Q3_REASONS,
    ),
    start_end(
        "viduq2-pro",
        "Vidu Q2 Pro",
        gettext_noop("Rich detail, silent or with music, to 8 s"),
        {**Q2, "resolution": common.TO_1080},
        SILENT_Q2,
    ),
    start_end(
        "viduq2-turbo",
        "Vidu Q2 Turbo",
        gettext_noop("Good and quick, silent or with music, to 8 s"),
        {**Q2, "resolution": common.TO_1080},
        SILENT_Q2,
    ),
    start_end(
        "viduq2-pro-fast",
        "Vidu Q2 Pro Fast",
        gettext_noop("Cheap and quick, for many tries, to 8 s"),
        {**Q2, "resolution": common.HD},
        SILENT_Q2,
    ),
    start_end(
        "viduq1",
        "Vidu Q1",
        gettext_noop("Clear image and steady camera, 5 s"),
        Q1,
        common.SILENT_REASONS,
    ),
    start_end(
        "viduq1-classic",
        "Vidu Q1 Classic",
        gettext_noop("Smooth cuts and more camera movement, 5 s"),
        Q1,
        common.SILENT_REASONS,
    ),
    start_end(
        "vidu2.0",
        "Vidu 2.0",
        gettext_noop("The quickest, small sizes, 4 or 8 s"),
        {
            "duration": common.FOUR_OR_EIGHT,
            "resolution": common.OLD_SIZES,
            "bgm": common.SWITCH,
            "movement_amplitude": common.MOVEMENT,
        },
        common.SILENT_REASONS,
        (common.EIGHT_SECONDS_ARE_720,),
    ),
)
ALL = (*common.at_every_vidu(ROWS), *common.at_kkiai(ROWS, 2_000))
