"""What rows share: limits that are the same everywhere, and sentences that say why."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from generation.catalogue.modes import MODES
from generation.catalogue.types import ImageLimits, Limit, Offer, PairLimits, Variant, gettext_noop

CN_PAGES = "platform.vidu.cn, 2026-05"
COM_PAGES = "platform.vidu.com, 2026"
KKIAI_PAGES = "docs.kkiai.com"
VTRIX_PAGES = "doc.vtrix.ai"

# The demo is the simulator, which speaks as api.vidu.com does.
OFFICIAL = ("vidu", "vidu-cn", "demo")

PAYLOAD = Limit(maximum=1_048_576)
ADDRESS = Limit(maximum=2_048)
# No document gives bounds; a signed 32-bit number is what public clients send.
SEED = Limit(minimum=0, maximum=2_147_483_647)
META_DATA = Limit(maximum=10_000)  # no document gives a bound
SWITCH = Limit(default=False)
ON = Limit(default=True)
OFF = Limit(off=True)
IMAGE = ImageLimits()
ONE_IMAGE = Limit(minimum=1, maximum=1, image=IMAGE)
TWO_IMAGES = Limit(minimum=2, maximum=2, image=IMAGE, pair=PairLimits())
VOICE = Limit(maximum=256)
MOVEMENT = Limit(allowed=("auto", "small", "medium", "large"), default="auto")
STYLE = Limit(allowed=("general", "anime"), default="general")
AUDIO_KINDS = Limit(allowed=("all", "speech_only", "sound_effect_only"), default="all")

SENT_ALONG = {"payload": PAYLOAD, "callback_url": ADDRESS}
WITH_SEED = {"seed": SEED, **SENT_ALONG}
MARKS = {
    "watermark": SWITCH,
    "wm_position": Limit(allowed=(1, 2, 3, 4), default=3),
    "wm_url": ADDRESS,
    "meta_data": META_DATA,
}

THREE_RATIOS = Limit(allowed=("16:9", "9:16", "1:1"), default="16:9")
FIVE_RATIOS = Limit(allowed=("16:9", "9:16", "3:4", "4:3", "1:1"), default="16:9")
ANY_RATIO = Limit(allowed=("auto", *FIVE_RATIOS.allowed), default="16:9")
TO_1080 = Limit(allowed=("540p", "720p", "1080p"), default="720p")
HD = Limit(allowed=("720p", "1080p"), default="720p")
ONLY_1080 = Limit(allowed=("1080p",), default="1080p")
FOUR_OR_EIGHT = Limit(allowed=(4, 8), default=4)
OLD_SIZES = Limit(allowed=("360p", "720p", "1080p"), default="360p")
FIVE_SECONDS = Limit(allowed=(5,), default=5)

# Multiframe and extend take the same two models.
VIDEO_Q2_MODELS = (
    ("viduq2-turbo", "Vidu Q2 Turbo", gettext_noop("Good and quick")),
    ("viduq2-pro", "Vidu Q2 Pro", gettext_noop("Rich detail")),
)

NO_MUSIC = gettext_noop("%(model)s makes its own audio. Background music has no effect on it.")
NO_STYLE = gettext_noop("Only Vidu Q1 follows a style.")
NO_MOVEMENT = gettext_noop("%(model)s chooses the movement itself. Describe it in the prompt.")
NO_VOICE = gettext_noop("%(model)s chooses its voices itself.")
NO_AUDIO_KINDS = gettext_noop("%(model)s always makes speech and effects together.")
NO_AUDIO = gettext_noop("%(model)s makes silent videos in this mode.")
NO_OFF_PEAK = gettext_noop("%(model)s has no off-peak price.")
UNAVAILABLE = gettext_noop("Off-peak is temporarily unavailable at this provider.")

MARK_FIRST = gettext_noop("Switch the watermark on first.")
NEEDS_MARK = Variant({"watermark": (False,)}, {"wm_position": OFF, "wm_url": OFF}, MARK_FIRST)
NEEDS_MARK_FOR_IMAGE = replace(NEEDS_MARK, limits={"wm_url": OFF})
AUDIO_FIRST = gettext_noop("Switch the audio on first.")
NEEDS_AUDIO = Variant({"audio": (False,)}, {"audio_type": OFF, "voice_id": OFF}, AUDIO_FIRST)
NEEDS_VOICE = replace(NEEDS_AUDIO, limits={"voice_id": OFF})
NEEDS_AUDIO_FOR_KINDS = replace(NEEDS_AUDIO, limits={"audio_type": OFF})
TOO_LONG_FOR_MUSIC = gettext_noop("At 9 and 10 s background music has no effect. Choose up to 8 s.")
NO_MUSIC_WHEN_LONG = Variant(
    when={"duration": (9, 10)}, limits={"bgm": OFF}, reason=TOO_LONG_FOR_MUSIC
)
OFF_PEAK_IS_SILENT = Variant(
    when={"audio": (True,)},
    limits={"off_peak": OFF},
    reason=gettext_noop("Off-peak works only without audio here. Switch one of them off."),
)
OFF_PEAK_HAS_AUDIO = Variant(
    when={"audio": (False,)},
    limits={"off_peak": OFF},
    reason=gettext_noop("Off-peak works only with audio here. Switch the audio on."),
)
PROMPT_REPLACED = gettext_noop(
    "The recommended prompt replaces yours. Clear it or switch that off."
)
PROMPT_IS_IGNORED = Variant(
    when={"is_rec": (True,)}, limits={"prompt": OFF}, reason=PROMPT_REPLACED
)
EIGHT_SECONDS_ARE_720 = Variant(
    when={"duration": (8,)},
    limits={"resolution": Limit(allowed=("720p",), default="720p")},
    reason=gettext_noop("8 s come only in 720p."),
)

# Why a parameter of the mode does not exist for a family of models.
Q3_REASONS = {
    "bgm": NO_MUSIC,
    "movement_amplitude": NO_MOVEMENT,
    "voice_id": NO_VOICE,
    "audio_type": NO_AUDIO_KINDS,
}
Q2_REASONS = {"movement_amplitude": NO_MOVEMENT}
SILENT_REASONS = {"audio": NO_AUDIO, "audio_type": NO_AUDIO, "voice_id": NO_AUDIO}


def seconds(first: int, last: int, default: int = 5) -> Limit:
    """Whole seconds from the first to the last."""
    return Limit(allowed=tuple(range(first, last + 1)), default=default)


def reasons_for(mode: str, reasons: Mapping[str, str]) -> dict[str, str]:
    """The reasons of a family of models, as far as the mode has these parameters."""
    return {name: why for name, why in reasons.items() if name in MODES[mode].params}


@dataclass(frozen=True)
class Family:
    """What the models of a mode have in common on Vidu's own pages. Called, it makes a row."""

    mode: str
    shared: Mapping[str, Limit]
    variants: tuple[Variant, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __call__(
        self,
        model_name: str,
        label: str,
        strength: str,
        limits: Mapping[str, Limit],
        reasons: Mapping[str, str],
        variants: tuple[Variant, ...] = (),
    ) -> Offer:
        return Offer(
            provider="vidu",
            mode=self.mode,
            model_name=model_name,
            label=label,
            strength=strength,
            limits={**self.shared, **limits},
            variants=(*variants, *self.variants),
            reasons=reasons_for(self.mode, {**self.reasons, **reasons}),
            source=CN_PAGES,
        )


def prompt_limit(most: int, required: bool = True) -> Limit:
    return Limit(required=required, maximum=most)


def at_every_vidu(rows: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """The rows at every provider that speaks as official Vidu does."""
    return tuple(replace(row, provider=name) for name in OFFICIAL for row in rows)


def at_kkiai(rows: tuple[Offer, ...], most: int) -> tuple[Offer, ...]:
    """The rows at kkiai, whose pages print a shorter prompt."""
    return tuple(
        replace(
            row,
            provider="kkiai",
            source=KKIAI_PAGES,
            limits=shorter(row.limits, most),
            variants=tuple(replace(one, limits=shorter(one.limits, most)) for one in row.variants),
        )
        for row in rows
    )


def shorter(limits: Mapping[str, Limit], most: int) -> dict[str, Limit]:
    """The same limits with a prompt of at most so many characters."""
    return {
        name: replace(one, maximum=most) if name == "prompt" and not one.off else one
        for name, one in limits.items()
    }


def but(row: Offer, changes: Mapping[str, Limit], **rest: Any) -> Offer:
    """The row with some limits changed."""
    return replace(row, limits={**row.limits, **changes}, **rest)
