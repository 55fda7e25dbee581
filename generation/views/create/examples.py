"""First things to try, for an empty feed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from generation.forms.labels import value_label


@dataclass(frozen=True)
class Example:
    """Words for a mode's box, and the settings that suit them. `box` "": the settings are all.
    `image` is a file of static/img/examples."""

    title: Any
    text: Any
    settings: Mapping[str, Any] = field(default_factory=dict)
    box: str = "prompt"
    image: str = "wave.svg"

    @property
    def values(self) -> dict[str, Any]:
        values: dict[str, Any] = {self.box: str(self.text)} if self.box else {}
        if "cues" in self.settings:
            rows = self.settings["cues"]
            values["cues"] = [{**row, "prompt": str(row["prompt"])} for row in rows]
        return {**self.settings, **values}

    @property
    def facts(self) -> str:
        """The settings in short: 16:9 · 5 s."""
        shown = ("aspect_ratio", "duration")
        return " · ".join(value_label(n, self.settings[n]) for n in shown if n in self.settings)


def cue(start: float, end: float, text: Any) -> dict[str, Any]:
    return {"from": start, "to": end, "prompt": text}


WIDE, SQUARE, TALL = ({"aspect_ratio": ratio} for ratio in ("16:9", "1:1", "9:16"))
IMAGES = (
    Example(
        _("A place"),
        _(
            "Layered mountain ridges at first light, thin fog in the valleys, a pale sun low over "
            "the horizon, muted violet and apricot, wide aerial view."
        ),
        WIDE,
        image="ridge.webp",
    ),
    Example(
        _("A product"),
        _(
            "A small amber perfume bottle on a slab of dark basalt, soft window light from the "
            "left, a fine shadow, warm grey background, studio still life."
        ),
        SQUARE,
        image="flacon.webp",
    ),
    Example(
        _("A portrait"),
        _(
            "Portrait of a ceramic artist in her workshop, clay on her hands, mustard wool coat, "
            "terracotta wall behind, soft daylight, medium format."
        ),
        {"aspect_ratio": "3:4"},
        image="odilet.webp",
    ),
)
VIDEOS = (
    Example(
        _("A landscape"),
        _(
            "Wide aerial over dunes at dusk, wind drawing fine sand over the crests, slow push "
            "forward, warm low sun, long shadows."
        ),
        {**WIDE, "duration": 8},
        image="dunes.webp",
    ),
    Example(
        _("A product"),
        _(
            "An amber perfume bottle turns slowly on dark basalt, a band of soft light wanders "
            "over the glass, macro lens, calm."
        ),
        {**SQUARE, "duration": 5},
        image="flaconw.webp",
    ),
    Example(
        _("A street"),
        _(
            "Rain on a harbour bridge at night, neon reflections in the puddles, a cyclist passes "
            "from left to right, handheld."
        ),
        {**TALL, "duration": 5},
        image="city2.webp",
    ),
)
FROM_IMAGE = (
    Example(
        _("A slow push in"),
        _("The camera moves slowly towards the subject. Hair and cloth stir in a light wind."),
        {"duration": 5},
        image="mira.webp",
    ),
    Example(
        _("A turn"),
        _("She turns her head, looks into the camera and smiles a little. The light stays soft."),
        {"duration": 5},
        image="odile.webp",
    ),
    Example(
        _("A place comes alive"),
        _("Clouds drift, water glitters, grass moves in the wind. The camera stands still."),
        {"duration": 8},
        image="tealsea.webp",
    ),
)
BETWEEN = (
    Example(
        _("Day becomes night"),
        _("Time passes quickly: the sun sets, windows light up one after another."),
        {"duration": 5},
        image="dawn.webp",
    ),
    Example(
        _("One object becomes another"),
        _("The first object melts into the second, one smooth movement, same light throughout."),
        {"duration": 5},
        image="robow.webp",
    ),
    Example(
        _("From far to near"),
        _("The camera flies from the wide view down to the detail, without a cut."),
        {"duration": 5},
        image="alpine.webp",
    ),
)
WITH_REFERENCES = (
    Example(
        _("Someone in a place"),
        _("The person of the first image walks through the place of the second, slow dolly in."),
        {**WIDE, "duration": 5},
        image="miraw.webp",
    ),
    Example(
        _("A product in a hand"),
        _("A hand lifts the product from the table and turns it towards the light, macro lens."),
        {**SQUARE, "duration": 5},
        image="flaconw.webp",
    ),
    Example(
        _("Two who talk"),
        _("Two people sit in a cafe, rain behind the window. One leans forward and whispers."),
        {**TALL, "duration": 8},
        image="kenji.webp",
    ),
)
LONGER = (
    Example(
        _("Pull back"),
        _("The camera pulls back slowly and shows the whole place."),
        image="salt.webp",
    ),
    Example(
        _("Follow"),
        _("The camera follows the movement to the right until it comes to rest."),
        image="dunes2.webp",
    ),
    Example(
        _("An ending"),
        _("Everything slows down, the light fades, the image holds still."),
        image="ridge.webp",
    ),
)
AUDIOS = (
    Example(_("A forest"), _("A forest at dawn: a few birds, light wind in dry leaves, no music.")),
    Example(_("A street"), _("Rain on a tin roof, a tram passing in the distance, wet tyres.")),
    Example(_("A door"), _("A heavy wooden door opens slowly and closes with a dull thud.")),
)
IN_TIME = (
    Example(
        _("Someone comes home"),
        _("Steps on gravel, a key in a lock, a door that closes."),
        {
            "cues": [
                cue(0, 4, _("Steps on gravel")), cue(4, 6, _("A key in a lock")),
                cue(6, 8, _("A door closes")),
            ]
        },
        box="",
    ),
    Example(
        _("A storm"),
        _("Rain all the time, and thunder twice."),
        {
            "cues": [
                cue(0, 10, _("Heavy rain")), cue(2, 5, _("Distant thunder")),
                cue(7, 10, _("Thunder")),
            ]
        },
        box="",
    ),
    Example(
        _("A kitchen"),
        _("A tap runs, a knife on a board, oil in a hot pan."),
        {
            "cues": [
                cue(0, 3, _("A tap runs")), cue(3, 6, _("A knife on a wooden board")),
                cue(6, 10, _("Oil in a hot pan")),
            ]
        },
        box="",
    ),
)  # fmt: skip
SPOKEN = (
    Example(_("A greeting"), _("Good morning. It is good to have you here."), box="text"),
    Example(
        _("A line for a video"),
        _("We waited a whole year for this light. Do not move. Just look."),
        box="text",
    ),
    Example(
        _("An instruction"),
        _("Open the box, take out the bottle, and keep it away from direct sunlight."),
        box="text",
    ),
)
BY_MODE = {
    "image": IMAGES, "text-video": VIDEOS, "image-video": FROM_IMAGE, "start-end": BETWEEN,
    "reference": WITH_REFERENCES, "extend": LONGER, "lip-sync": SPOKEN, "speech": SPOKEN,
    "sound": AUDIOS, "timed-sound": IN_TIME,
}  # fmt: skip
TO_BEGIN = {
    "image-video": _("Add the first frame and write what happens. Or begin with one of these."),
    "start-end": _("Add two frames and write what happens between. Or begin with one of these."),
    "reference": _("Add images or subjects and write what happens. Or begin with one of these."),
    "extend": _("Choose a video and write how it goes on. Or begin with one of these."),
    "lip-sync": _("Add the speaker and type the text to speak. Or begin with one of these."),
    "speech": _("Type the text to speak and press Generate. Or begin with one of these."),
    "sound": _("Write what you want to hear and press Generate. Or begin with one of these."),
    "timed-sound": _("Write what is heard and when. Or begin with one of these."),
}
WRITE = _("Write what you want to see and press Generate. Or begin with one of these.")


def examples_of(mode: str) -> tuple[Example, ...]:
    """What can be tried in a mode; empty where nothing is written."""
    return BY_MODE.get(mode, ())


def how_to_begin(mode: str) -> Any:
    return TO_BEGIN.get(mode, WRITE)
