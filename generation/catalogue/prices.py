"""What a task costs, in the provider's own credits, each row with its source and date."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from generation.catalogue.types import Offer


@dataclass(frozen=True)
class Rate:
    """Credits: `flat` for the whole, `first` for the first seconds, `second` for each one more."""

    flat: int = 0
    first: tuple[int, ...] = ()  # the price of 1 s, of 2 s, ... as totals
    second: int = 0

    def total(self, seconds: object) -> int | None:
        """None where the length is not known before (0 is chosen by the provider)."""
        if not self.first and not self.second:
            return self.flat
        if not isinstance(seconds, int) or seconds < 1:
            return None
        if seconds <= len(self.first):
            return self.first[seconds - 1]
        start = self.first[-1] if self.first else 0
        return self.flat + start + self.second * (seconds - len(self.first))


Rates = Mapping[str, Rate]  # by resolution


@dataclass(frozen=True)
class PriceRow:
    """Rates per resolution for some models in some modes, a range of image counts, some lengths.

    No `seconds` means any length.
    """

    providers: tuple[str, ...]
    modes: tuple[str, ...]
    models: tuple[str, ...]
    credits: Rates
    source: str
    off_peak: Rates = field(default_factory=dict)
    images: tuple[int, int] = (0, 99)
    seconds: tuple[int, ...] = ()

    def speaks_of(self, row: Offer) -> bool:
        return (
            row.provider in self.providers
            and row.mode in self.modes
            and row.model_name in self.models
        )


def flat(**credits: int) -> dict[str, Rate]:
    """One price for each resolution; names begin with r because they begin with digits."""
    return {name.removeprefix("r"): Rate(flat=each) for name, each in credits.items()}


def second(**credits: int) -> dict[str, Rate]:
    """So many credits a second."""
    return {name.removeprefix("r"): Rate(second=each) for name, each in credits.items()}


def steps(**credits: tuple[int, ...]) -> dict[str, Rate]:
    """The totals of the first seconds, then what each further one costs."""
    return {
        name.removeprefix("r"): Rate(first=each[:-1], second=each[-1])
        for name, each in credits.items()
    }


COM, CN, OFFICIAL = ("vidu",), ("vidu-cn",), ("vidu", "vidu-cn")
LIST = "platform.vidu.com price list, read 2026-08-13"
CN_LIST = "platform.vidu.cn price list, 2026"
CLIENT = "the price table of a public client, late 2025"

IMAGE = (
    PriceRow(
        OFFICIAL, ("image",), ("viduq2",), flat(r1080p=6, r2K=8, r4K=10), LIST, images=(0, 0)
    ),
    PriceRow(
        OFFICIAL, ("image",), ("viduq2",), flat(r1080p=8, r2K=12, r4K=20), LIST, images=(1, 3)
    ),
    PriceRow(
        OFFICIAL, ("image",), ("viduq2",), flat(r1080p=10, r2K=16, r4K=30), LIST, images=(4, 7)
    ),
    PriceRow(OFFICIAL, ("image",), ("viduq1",), flat(r1080p=20), LIST, images=(1, 7)),
    PriceRow(
        ("kkiai",), ("image",), ("viduq2",), flat(r1080p=6), "kkiai sample reply, 2026-01-20",
        images=(0, 0),
    ),
)  # fmt: skip

MOVING = ("text-video", "image-video", "start-end")
FROM_IMAGES = ("image-video", "start-end")
Q3 = (
    PriceRow(
        OFFICIAL, MOVING, ("viduq3-pro",), second(r540p=9, r720p=20, r1080p=24), LIST,
        second(r540p=5, r720p=10, r1080p=12),
    ),
    # The two hosts print different numbers.
    PriceRow(
        COM, MOVING, ("viduq3-turbo",), second(r540p=7, r720p=11, r1080p=13), LIST,
        second(r540p=4, r720p=6, r1080p=7),
    ),
    PriceRow(
        CN, MOVING, ("viduq3-turbo",), second(r540p=7, r720p=12, r1080p=13), CN_LIST,
        second(r540p=4, r720p=6, r1080p=7),
    ),
    PriceRow(
        COM, ("image-video",), ("viduq3-pro-fast",), second(r720p=20, r1080p=25), LIST,
        second(r720p=10, r1080p=13),
    ),
    PriceRow(
        CN, ("image-video",), ("viduq3-pro-fast",), second(r720p=12, r1080p=15), CN_LIST,
        second(r720p=6, r1080p=8),
    ),
    PriceRow(OFFICIAL, ("reference",), ("viduq3-mix",), second(r720p=24, r1080p=29), LIST),
    PriceRow(
        OFFICIAL, ("reference",), ("viduq3-turbo",), second(r540p=4, r720p=10, r1080p=13), LIST,
        second(r540p=2, r720p=5, r1080p=7),
    ),
    PriceRow(
        OFFICIAL, ("reference",), ("viduq3",), second(r540p=7, r720p=12, r1080p=15), LIST,
        second(r540p=4, r720p=6, r1080p=7),
    ),
)  # fmt: skip

# Off-peak is documented as about half, which is no number. The first second of references with
# Vidu Q2 Pro and all of start-end with Vidu Q2 Pro Fast were found nowhere.
Q2 = (
    PriceRow(
        OFFICIAL, FROM_IMAGES, ("viduq2-turbo",),
        steps(r540p=(6, 2), r720p=(8, 10, 10), r1080p=(35, 10)), CLIENT,
    ),
    PriceRow(
        OFFICIAL, FROM_IMAGES, ("viduq2-pro",),
        steps(r540p=(8, 10, 5), r720p=(15, 10), r1080p=(55, 15)), CLIENT,
    ),
    PriceRow(
        OFFICIAL, ("image-video",), ("viduq2-pro-fast",), steps(r720p=(8, 2), r1080p=(16, 4)),
        CLIENT,
    ),
    PriceRow(
        OFFICIAL, ("text-video",), ("viduq2",),
        steps(r540p=(10, 2), r720p=(15, 5), r1080p=(20, 10)), CLIENT,
    ),
    PriceRow(
        OFFICIAL, ("reference",), ("viduq2",),
        steps(r540p=(15, 5), r720p=(25, 5), r1080p=(75, 10)), CLIENT,
    ),
)  # fmt: skip

OLDER = (
    PriceRow(
        OFFICIAL, (*MOVING, "reference"), ("viduq1", "viduq1-classic"), flat(r1080p=80), LIST,
        flat(r1080p=40),
    ),
    PriceRow(
        OFFICIAL, FROM_IMAGES, ("vidu2.0",), flat(r360p=20, r720p=40, r1080p=100), LIST,
        flat(r360p=10, r720p=20, r1080p=50), seconds=(4,),
    ),
    PriceRow(
        OFFICIAL, FROM_IMAGES, ("vidu2.0",), flat(r720p=100), LIST, flat(r720p=50), seconds=(8,)
    ),
    PriceRow(OFFICIAL, ("reference",), ("vidu2.0",), flat(r360p=80, r720p=80), LIST),
)  # fmt: skip

ALL = (*IMAGE, *Q3, *Q2, *OLDER)
FREE = ("demo",)
SUBJECT_CREDITS = 5  # one new subject in a provider's library; third-party page, 2026
