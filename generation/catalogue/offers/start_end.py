"""From a first image to a last one, at official Vidu and kkiai."""

from generation.catalogue.offers.common import (
    EIGHT_SECONDS_ARE_720,
    FIVE_SECONDS,
    FOUR_OR_EIGHT,
    HD,
    MARKS,
    MOVEMENT,
    NEEDS_MARK,
    OLD_SIZES,
    ON,
    ONLY_1080,
    PROMPT_IS_IGNORED,
    Q2_REASONS,
    Q3_REASONS,
    SILENT_REASONS,
    SWITCH,
    TO_1080,
    TWO_IMAGES,
    WITH_SEED,
    Family,
    at_every_vidu,
    at_kkiai,
    prompt_limit,
    seconds,
)
from generation.catalogue.types import gettext_noop

SHARED = {
    "images": TWO_IMAGES,
    "prompt": prompt_limit(5_000, required=False),
    "off_peak": SWITCH,
    "is_rec": SWITCH,
    **MARKS,
    **WITH_SEED,
}
Q3 = {"duration": seconds(1, 16), "resolution": TO_1080, "audio": ON}
Q2 = {"duration": seconds(1, 8), "bgm": SWITCH}
Q1 = {
    "duration": FIVE_SECONDS,
    "resolution": ONLY_1080,
    "bgm": SWITCH,
    "movement_amplitude": MOVEMENT,
}
SILENT_Q2 = {**SILENT_REASONS, **Q2_REASONS}
start_end = Family("start-end", SHARED, (PROMPT_IS_IGNORED, NEEDS_MARK))
ROWS = (
    start_end(
        "viduq3-turbo",
        "Vidu Q3 Turbo",
        gettext_noop("Quick, with speech and effects, to 16 s"),
        Q3,
        Q3_REASONS,
    ),
    start_end(
        "viduq3-pro",
        "Vidu Q3 Pro",
        gettext_noop("The finest picture, with speech and effects, to 16 s"),
        Q3,
        Q3_REASONS,
    ),
    start_end(
        "viduq2-pro",
        "Vidu Q2 Pro",
        gettext_noop("Rich detail, silent or with music, to 8 s"),
        {**Q2, "resolution": TO_1080},
        SILENT_Q2,
    ),
    start_end(
        "viduq2-turbo",
        "Vidu Q2 Turbo",
        gettext_noop("Good and quick, silent or with music, to 8 s"),
        {**Q2, "resolution": TO_1080},
        SILENT_Q2,
    ),
    start_end(
        "viduq2-pro-fast",
        "Vidu Q2 Pro Fast",
        gettext_noop("Cheap and quick, for many tries, to 8 s"),
        {**Q2, "resolution": HD},
        SILENT_Q2,
    ),
    start_end(
        "viduq1",
        "Vidu Q1",
        gettext_noop("Clear picture and steady camera, 5 s"),
        Q1,
        SILENT_REASONS,
    ),
    start_end(
        "viduq1-classic",
        "Vidu Q1 Classic",
        gettext_noop("Smooth cuts and more camera movement, 5 s"),
        Q1,
        SILENT_REASONS,
    ),
    start_end(
        "vidu2.0",
        "Vidu 2.0",
        gettext_noop("The quickest, small sizes, 4 or 8 s"),
        {
            "duration": FOUR_OR_EIGHT,
            "resolution": OLD_SIZES,
            "bgm": SWITCH,
            "movement_amplitude": MOVEMENT,
        },
        SILENT_REASONS,
        (EIGHT_SECONDS_ARE_720,),
    ),
)
ALL = (*at_every_vidu(ROWS), *at_kkiai(ROWS, 2_000))
