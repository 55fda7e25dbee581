"""An image that becomes the first frame, at official Vidu and kkiai."""

from generation.catalogue.offers import common
from generation.catalogue.types import gettext_noop

SHARED = {
    "images": common.ONE_IMAGE,
    "prompt": common.prompt_limit(5_000, required=False),
    "off_peak": common.SWITCH,
    "is_rec": common.SWITCH,
    **common.MARKS,
    **common.WITH_SEED,
}
Q3 = {"duration": common.seconds(1, 16), "audio": common.ON}
SOUNDING = {
    "audio": common.SWITCH,
    "audio_type": common.AUDIO_KINDS,
    "voice_id": common.VOICE,
    "bgm": common.SWITCH,
}
Q2 = {"duration": common.seconds(1, 10), **SOUNDING}
Q1 = {
    "duration": common.FIVE_SECONDS,
    "resolution": common.ONLY_1080,
    "movement_amplitude": common.MOVEMENT,
    **SOUNDING,
}
V2 = {
    "duration": common.FOUR_OR_EIGHT,
    "resolution": common.OLD_SIZES,
    "movement_amplitude": common.MOVEMENT,
    **SOUNDING,
}
SPOKEN = (common.NEEDS_AUDIO, common.OFF_PEAK_IS_SILENT)
Q2_RULES = (*SPOKEN, common.NO_MUSIC_WHEN_LONG)
image_video = common.Family("image-video", SHARED, (common.PROMPT_IS_IGNORED, common.NEEDS_MARK))
ROWS = (
    image_video(
        "viduq3-turbo",
        "Vidu Q3 Turbo",
        gettext_noop("Quick, with speech and effects, to 16 s"),
        {**Q3, "resolution": common.TO_1080},
        common.Q3_REASONS,
    ),
    image_video(
        "viduq3-pro",
        "Vidu Q3 Pro",
        gettext_noop("The finest image, with speech and effects, to 16 s"),
        {**Q3, "resolution": common.TO_1080},
        common.Q3_REASONS,
    ),
    image_video(
        "viduq3-pro-fast",
        "Vidu Q3 Pro Fast",
        gettext_noop("Close to Pro and sooner, with speech and effects"),
        {**Q3, "resolution": common.HD},
        common.Q3_REASONS,
    ),
    image_video(
        "viduq2-pro",
        "Vidu Q2 Pro",
        gettext_noop("Rich detail, audio on request, to 10 s"),
        {**Q2, "resolution": common.TO_1080},
        common.Q2_REASONS,
        Q2_RULES,
    ),
    image_video(
        "viduq2-turbo",
        "Vidu Q2 Turbo",
        gettext_noop("Good and quick, audio on request, to 10 s"),
        {**Q2, "resolution": common.TO_1080},
        common.Q2_REASONS,
        Q2_RULES,
    ),
    image_video(
        "viduq2-pro-fast",
        "Vidu Q2 Pro Fast",
        gettext_noop("Cheap and quick, for many tries, to 10 s"),
        {**Q2, "resolution": common.HD},
        common.Q2_REASONS,
        Q2_RULES,
    ),
    image_video(
        "viduq1",
        "Vidu Q1",
        gettext_noop("Clear image and steady camera, 5 s"),
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
        (common.EIGHT_SECONDS_ARE_720, *SPOKEN),
    ),
)
ALL = (*common.at_every_vidu(ROWS), *common.at_kkiai(ROWS, 2_000))
