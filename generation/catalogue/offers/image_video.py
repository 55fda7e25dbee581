"""An image that becomes the first frame, at official Vidu and kkiai."""

from generation.catalogue.offers.common import (
    AUDIO_KINDS,
    EIGHT_SECONDS_ARE_720,
    FIVE_SECONDS,
    FOUR_OR_EIGHT,
    HD,
    MARKS,
    MOVEMENT,
    NEEDS_AUDIO,
    NEEDS_MARK,
    NO_MUSIC_WHEN_LONG,
    OFF_PEAK_IS_SILENT,
    OLD_SIZES,
    ON,
    ONE_IMAGE,
    ONLY_1080,
    PROMPT_IS_IGNORED,
    Q2_REASONS,
    Q3_REASONS,
    SWITCH,
    TO_1080,
    VOICE,
    WITH_SEED,
    Family,
    at_every_vidu,
    at_kkiai,
    prompt_limit,
    seconds,
)
from generation.catalogue.types import gettext_noop

SHARED = {
    "images": ONE_IMAGE,
    "prompt": prompt_limit(5_000, required=False),
    "off_peak": SWITCH,
    "is_rec": SWITCH,
    **MARKS,
    **WITH_SEED,
}
Q3 = {"duration": seconds(1, 16), "audio": ON}
SOUNDING = {"audio": SWITCH, "audio_type": AUDIO_KINDS, "voice_id": VOICE, "bgm": SWITCH}
Q2 = {"duration": seconds(1, 10), **SOUNDING}
Q1 = {
    "duration": FIVE_SECONDS,
    "resolution": ONLY_1080,
    "movement_amplitude": MOVEMENT,
    **SOUNDING,
}
V2 = {
    "duration": FOUR_OR_EIGHT,
    "resolution": OLD_SIZES,
    "movement_amplitude": MOVEMENT,
    **SOUNDING,
}
SPOKEN = (NEEDS_AUDIO, OFF_PEAK_IS_SILENT)
Q2_RULES = (*SPOKEN, NO_MUSIC_WHEN_LONG)
image_video = Family("image-video", SHARED, (PROMPT_IS_IGNORED, NEEDS_MARK))
ROWS = (
    image_video(
        "viduq3-turbo",
        "Vidu Q3 Turbo",
        gettext_noop("Quick, with speech and effects, to 16 s"),
        {**Q3, "resolution": TO_1080},
        Q3_REASONS,
    ),
    image_video(
        "viduq3-pro",
        "Vidu Q3 Pro",
        gettext_noop("The finest picture, with speech and effects, to 16 s"),
        {**Q3, "resolution": TO_1080},
        Q3_REASONS,
    ),
    image_video(
        "viduq3-pro-fast",
        "Vidu Q3 Pro Fast",
        gettext_noop("Close to Pro and sooner, with speech and effects"),
        {**Q3, "resolution": HD},
        Q3_REASONS,
    ),
    image_video(
        "viduq2-pro",
        "Vidu Q2 Pro",
        gettext_noop("Rich detail, sound on request, to 10 s"),
        {**Q2, "resolution": TO_1080},
        Q2_REASONS,
        Q2_RULES,
    ),
    image_video(
        "viduq2-turbo",
        "Vidu Q2 Turbo",
        gettext_noop("Good and quick, sound on request, to 10 s"),
        {**Q2, "resolution": TO_1080},
        Q2_REASONS,
        Q2_RULES,
    ),
    image_video(
        "viduq2-pro-fast",
        "Vidu Q2 Pro Fast",
        gettext_noop("Cheap and quick, for many tries, to 10 s"),
        {**Q2, "resolution": HD},
        Q2_REASONS,
        Q2_RULES,
    ),
    image_video(
        "viduq1",
        "Vidu Q1",
        gettext_noop("Clear picture and steady camera, 5 s"),
        Q1,
        {},
        SPOKEN,
    ),
    image_video(
        "viduq1-classic",
        "Vidu Q1 Classic",
        gettext_noop("Smooth cuts and more camera movement, 5 s"),
        Q1,
        {},
        SPOKEN,
    ),
    image_video(
        "vidu2.0",
        "Vidu 2.0",
        gettext_noop("The quickest, small sizes, 4 or 8 s"),
        V2,
        {},
        (EIGHT_SECONDS_ARE_720, *SPOKEN),
    ),
)
ALL = (*at_every_vidu(ROWS), *at_kkiai(ROWS, 2_000))
