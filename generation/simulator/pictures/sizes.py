"""Real pixel sizes of what is asked for."""

SHORT_SIDE = {"1080p": 1080, "2K": 1440, "4K": 2160}
WIDEST = 21 / 9


def pixels(aspect_ratio: str, resolution: str, first: tuple[int, int]) -> tuple[int, int]:
    """Width and height for a ratio such as 16:9; `auto` takes the shape of the first picture."""
    if aspect_ratio == "auto":
        wide, high = first
    else:
        wide, high = (int(part) for part in aspect_ratio.split(":"))
    short = SHORT_SIDE[resolution]
    longest = short * WIDEST
    long = short * max(wide, high) / min(wide, high)
    if long > longest:  # a strip: keep it within the area of the widest ratio
        scale = (longest / long) ** 0.5
        short, long = even(short * scale), even(long * scale)
    else:
        long = even(long)
    return (long, short) if wide >= high else (short, long)


def even(value: float) -> int:
    return max(2, round(value / 2) * 2)
