"""Sounds, speech and voices, at official Vidu and, for sounds, kkiai."""

from dataclasses import replace

from generation.catalogue.offers import common
from generation.catalogue.types import MEGABYTE, AudioLimits, Limit, Offer, gettext_noop

AUDIO = Offer(
    provider="vidu",
    mode="sound",
    model_name="audio1.0",
    label="Vidu Audio 1.0",
    strength=gettext_noop("One sound effect or a soundscape, to 10 s"),
    limits={
        "prompt": common.prompt_limit(1_500),
        "duration": common.seconds(2, 10, default=10),
        "seed": common.SEED,
        "callback_url": common.ADDRESS,
    },
    source=common.COM_PAGES,
)
TIMED = Offer(
    provider="vidu",
    mode="timed-sound",
    model_name="audio1.0",
    label="Vidu Audio 1.0",
    strength=gettext_noop("Several sound effects at their times, overlapping if you like, to 10 s"),
    limits={
        "cues": Limit(
            required=True,
            minimum=1,
            maximum=20,  # no document gives a bound
            row={
                "from": Limit(required=True, minimum=0, maximum=10),
                "to": Limit(required=True, minimum=0, maximum=10),
                "prompt": Limit(required=True, maximum=1_500),
            },
        ),
        "duration": Limit(minimum=2, maximum=10, default=10),
        "seed": common.SEED,
        "callback_url": common.ADDRESS,
    },
    source=common.COM_PAGES,
)
EMOTIONS = ("happy", "sad", "angry", "fearful", "disgusted", "surprised", "calm")
SPOKEN = Limit(required=True, maximum=9_999)
VOICE = Limit(required=True, maximum=256)
SPEED = Limit(minimum=0.5, maximum=2, default=1.0)
SPEECH = Offer(
    provider="vidu",
    mode="speech",
    model_name="audio-tts",
    label="Vidu Speech",
    strength=gettext_noop("Reads a text in any voice, with feeling"),
    limits={
        "text": SPOKEN,
        "voice_id": VOICE,
        "emotion": Limit(allowed=EMOTIONS),
        "speed": SPEED,
        "volume": Limit(minimum=0, maximum=10, default=0),
        "pitch": Limit(minimum=-12, maximum=12, default=0),
        "pronunciation": Limit(maximum=2_000),  # no document gives a bound
        "payload": common.PAYLOAD,
    },
    source=common.COM_PAGES,
)
LEARNT = AudioLimits(
    formats=("mp3", "m4a", "wav"),
    max_bytes=20 * MEGABYTE,
    min_seconds=10,
    max_seconds=300,
)
NEW_VOICE = Limit(
    required=True, minimum=8, maximum=256, pattern=r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
)
CLONE = Offer(
    provider="vidu",
    mode="voice",
    model_name="audio-clone",
    label="Vidu Voice",
    strength=gettext_noop("A voice of your own from a recording of 10 s to 5 min"),
    limits={
        "sounds": Limit(minimum=1, maximum=1, audio=LEARNT),
        "voice_id": NEW_VOICE,
        "voice_name": Limit(maximum=60),
        "text": Limit(required=True, maximum=1_000),
        "prompt_sound": Limit(
            minimum=0, maximum=1, audio=replace(LEARNT, min_seconds=0, max_seconds=8, between=True)
        ),
        "prompt_text": Limit(maximum=1_000),  # no document gives a bound
        "payload": common.PAYLOAD,
    },
    source=common.COM_PAGES,
)
ALL = (
    *common.at_every_vidu((AUDIO, TIMED, SPEECH, CLONE)),
    replace(AUDIO, provider="kkiai", source=common.KKIAI_PAGES),
)
