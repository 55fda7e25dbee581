"""Lip sync at official Vidu."""

from generation.catalogue.offers import common
from generation.catalogue.types import (
    MEGABYTE,
    AudioLimits,
    Limit,
    Offer,
    Variant,
    VideoLimits,
    gettext_noop,
)

SPEAKER = VideoLimits(
    formats=("mp4", "mov", "avi"),
    codecs=("h264",),
    min_side=360,
    max_side=4_096,
    min_ratio=0.01,
    max_ratio=100,
    max_bytes=5 * 1024**3,
    min_seconds=1,
    max_seconds=600,
)
RECORDING = AudioLimits(
    formats=("wav", "mp3", "wma", "m4a", "aac", "ogg"),
    max_bytes=100 * MEGABYTE,
    min_seconds=1,
    max_seconds=600,
    between=True,
)
SPOKEN_TEXT = Limit(minimum=4, maximum=2_000, han=(2, 1_000))
RECORDING_WINS = gettext_noop("The recording is used as it is. Remove it to have a text spoken.")
LIP_SYNC = Offer(
    provider="vidu",
    mode="lip-sync",
    model_name="lip-sync",
    label="Vidu Lip Sync",
    strength=gettext_noop("A recording or a typed text on the lips of one person"),
    limits={
        "videos": Limit(minimum=1, maximum=1, video=SPEAKER),
        "sounds": Limit(minimum=0, maximum=1, audio=RECORDING),
        "text": SPOKEN_TEXT,
        "voice_id": common.VOICE,
        "images": Limit(minimum=0, maximum=1, image=common.IMAGE),
        "speed": Limit(minimum=0.5, maximum=1.5, default=1.0),
        "volume": Limit(minimum=0, maximum=10, default=0),
        "language": Limit(maximum=64),
        **common.SENT_ALONG,
    },
    variants=(
        Variant(
            {"sounds": (0,)},
            {"text": Limit(required=True, minimum=4, maximum=2_000, han=(2, 1_000))},
            gettext_noop("Type the text to speak, or add a recording."),
        ),
        Variant(
            {},
            dict.fromkeys(("text", "voice_id", "speed", "volume", "language"), common.OFF),
            RECORDING_WINS,
            unless={"sounds": (0,)},
        ),
    ),
    source=common.COM_PAGES,
)
ALL = common.at_every_vidu((LIP_SYNC,))
