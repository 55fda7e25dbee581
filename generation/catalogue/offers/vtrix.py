"""What Vtrix offers besides images: one model name for each mode and model."""

from generation.catalogue.offers import audio, common, extend, vtrix_reference
from generation.catalogue.types import Limit, Offer, Variant, gettext_noop


def vtrix(
    mode: str,
    model_name: str,
    label: str,
    strength: str,
    limits: dict[str, Limit],
    variants: tuple[Variant, ...] = (),
    reasons: dict[str, str] | None = None,
) -> Offer:
    return Offer(
        provider="vtrix",
        mode=mode,
        model_name=model_name,
        label=label,
        strength=strength,
        limits=limits,
        variants=variants,
        reasons=reasons or {},
        source=f"{common.VTRIX_PAGES} {model_name}",
    )


SHORT = common.prompt_limit(2_000)
NO_OFF_PEAK = {"off_peak": common.UNAVAILABLE}
TEXT_VIDEO = (
    vtrix(
        "text-video",
        "viduq2_pro_fast_text2video",
        "Vidu Q2 Pro Fast",
        gettext_noop("Cheap and quick, for many tries, to 8 s"),
        {
            "prompt": SHORT,
            "duration": common.seconds(1, 8),
            "resolution": common.HD,
            "aspect_ratio": common.FIVE_RATIOS,
            "bgm": common.SWITCH,
            "off_peak": common.OFF,
            **common.MARKS,
            **common.WITH_SEED,
        },
        (common.NEEDS_MARK,),
        NO_OFF_PEAK,
    ),
    vtrix(
        "text-video",
        "viduq1_text2video",
        "Vidu Q1",
        gettext_noop("Clear and steady, general or anime, 5 s"),
        {
            "prompt": SHORT,
            "duration": common.FIVE_SECONDS,
            "resolution": common.ONLY_1080,
            "aspect_ratio": common.THREE_RATIOS,
            "bgm": common.SWITCH,
            "off_peak": common.OFF,
            "style": common.STYLE,
            "movement_amplitude": common.MOVEMENT,
            **common.WITH_SEED,
        },
        (),
        NO_OFF_PEAK,
    ),
    vtrix(
        "text-video",
        "vidu_15",
        "Vidu 1.5",
        gettext_noop("The oldest, small sizes, general or anime, 4 or 8 s"),
        {
            "prompt": SHORT,
            "duration": Limit(allowed=(4, 8), default=4),
            "resolution": Limit(allowed=("360p", "720p", "1080p"), default="360p"),
            "aspect_ratio": common.THREE_RATIOS,
            "bgm": common.SWITCH,
            "style": common.STYLE,
            **common.WITH_SEED,
        },
        (
            Variant(
                {"duration": (8,)},
                {"resolution": Limit(allowed=("360p", "720p"), default="720p")},
                gettext_noop("8 s come only in 360p and 720p."),
            ),
        ),
    ),
)
FROM_IMAGES = (
    vtrix(
        "image-video",
        "viduq2_turbo_img2video",
        "Vidu Q2 Turbo",
        gettext_noop("Good and quick, audio on request, to 10 s"),
        {
            "images": common.ONE_IMAGE,
            "prompt": common.prompt_limit(2_000, required=False),
            "duration": common.seconds(1, 10),
            "resolution": common.TO_1080,
            "audio": common.SWITCH,
            "voice_id": common.VOICE,
            "bgm": common.SWITCH,
            "is_rec": common.SWITCH,
            **common.WITH_SEED,
        },
        (common.NEEDS_VOICE, common.NO_MUSIC_WHEN_LONG, common.PROMPT_IS_IGNORED),
    ),
    vtrix(
        "start-end",
        "viduq2_pro_start_end2video",
        "Vidu Q2 Pro",
        gettext_noop("Rich detail, silent, to 8 s"),
        {
            "images": common.TWO_IMAGES,
            "prompt": common.prompt_limit(2_000, required=False),
            "duration": common.seconds(1, 8),
            "resolution": common.TO_1080,
            "movement_amplitude": common.MOVEMENT,
            "is_rec": common.SWITCH,
            **common.WITH_SEED,
        },
        (common.PROMPT_IS_IGNORED,),
    ),
)
EXTEND = tuple(
    vtrix(
        "extend",
        f"{name.replace('-', '_')}_extend",
        label,
        strength,
        {**extend.EXTEND, "watermark": common.SWITCH, "wm_url": common.MARKS["wm_url"]},
        (common.NEEDS_MARK_FOR_IMAGE,),
    )
    for name, label, strength in common.VIDEO_Q2_MODELS
)
VOICES = (
    vtrix(
        "speech",
        "vidu-cn-audio-tts",
        "Vidu Speech",
        gettext_noop("Reads a text in any voice"),
        {"text": audio.SPOKEN, "voice_id": audio.VOICE, "speed": audio.SPEED},
    ),
    vtrix(
        "voice",
        "vidu-cn-audio-clone",
        "Vidu Voice",
        gettext_noop("A voice of your own from a recording of 10 s to 5 min"),
        {name: audio.CLONE.limits[name] for name in ("sounds", "voice_name", "voice_id", "text")},
    ),
)
ALL = (*TEXT_VIDEO, *FROM_IMAGES, *vtrix_reference.ROWS, *EXTEND, *VOICES)
