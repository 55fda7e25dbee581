"""Real pixel sizes of the video resolutions."""

from generation.simulator.pictures.sizes import WIDEST, even

SHORT_SIDE = {
    "360p": 360, "540p": 540, "720p": 720, "1080p": 1080, "2K": 1440, "4K": 2160, "8K": 4320,
}  # fmt: skip


def pixels_of(aspect_ratio: str, resolution: str) -> tuple[int, int]:
    """Width and height; both even, as the codec needs them."""
    wide, high = (float(part) for part in aspect_ratio.split(":"))
    short = SHORT_SIDE[resolution]
    ratio = max(wide, high) / min(wide, high)
    if ratio > WIDEST:  # a strip: keep it within the area of the widest ratio
        short = even(short * (WIDEST / ratio) ** 0.5)
    long = even(short * ratio)
    return (long, short) if wide >= high else (short, long)
