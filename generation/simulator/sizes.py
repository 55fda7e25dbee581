"""Pixel sizes of resolutions and aspect ratios."""

WIDEST = 21 / 9
SHORT_SIDE = {
    "360p": 360, "540p": 540, "720p": 720, "1080p": 1080, "2K": 1440, "4K": 2160, "8K": 4320,
}  # fmt: skip


def pixel_size(
    aspect_ratio: str, resolution: str, auto: tuple[int, int] = (16, 9)
) -> tuple[int, int]:
    """Width and height, both even; a ratio of "auto" is that of `auto`."""
    wide, high = map(float, auto if aspect_ratio == "auto" else aspect_ratio.split(":"))
    short = float(SHORT_SIDE[resolution])
    ratio = max(wide, high) / min(wide, high)
    if ratio > WIDEST:  # keep the area of the widest ratio
        short *= (WIDEST / ratio) ** 0.5
    near, far = even(short), even(short * ratio)
    return (far, near) if wide >= high else (near, far)


def even(value: float) -> int:
    return max(2, round(value / 2) * 2)
