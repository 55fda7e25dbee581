"""The classes of the spaces that pictures, videos and sounds take."""

from generation.models import Media, Task

RATIOS = {
    "a219": 21 / 9, "a169": 16 / 9, "a32": 3 / 2, "a43": 4 / 3, "a11": 1.0, "a34": 3 / 4,
    "a23": 2 / 3, "a916": 9 / 16,
}  # fmt: skip
WIDE = "a169"


def nearest_ratio(ratio: float) -> str:
    return min(RATIOS, key=lambda name: abs(RATIOS[name] / ratio - 1))


def media_ratio(media: Media) -> str:
    """As it is; a sound is shown as a wide waveform."""
    return nearest_ratio(media.width / media.height) if media.width and media.height else WIDE


def first_seen(task: Task) -> Media | None:
    """The first picture or video that the task works from."""
    return next((one.media for one in task.inputs.all() if one.media.width), None)


def expected_ratio(task: Task, makes: str) -> str:
    """Of a result that is not there yet: as asked, else like what it is made from."""
    name = f"a{str(task.values.get('aspect_ratio', '')).replace(':', '')}"
    seen = first_seen(task)
    if name in RATIOS:
        return name
    return media_ratio(seen) if seen and makes != "audio" else WIDE
