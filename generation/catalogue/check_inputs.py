"""What is wrong with one input, or with all of them together."""

from collections.abc import Iterable, Sequence
from typing import Any

from generation.catalogue.types import (
    MEGABYTE,
    AudioFacts,
    AudioLimits,
    ImageFacts,
    ImageLimits,
    Input,
    Inputs,
    Limit,
    Param,
    Problem,
    SubjectFacts,
    SubjectLimits,
    VideoFacts,
    VideoLimits,
    gettext_noop,
)

TOO_MANY = {
    "images": gettext_noop("%(count)s images are too many. Remove some, %(most)s are allowed."),
    "videos": gettext_noop("%(count)s videos are too many. Remove some, %(most)s are allowed."),
    "sounds": gettext_noop("%(count)s audio files are too many. %(most)s are allowed."),
    "subjects": gettext_noop("%(count)s subjects are too many. Remove some, %(most)s are allowed."),
}
TOO_FEW = {
    "images": gettext_noop("This model works from images. Add at least %(least)s."),
    "videos": gettext_noop("This works from a video. Add one."),
    "sounds": gettext_noop("This works from an audio file. Add one."),
    "subjects": gettext_noop("This model works from subjects. Add at least %(least)s."),
}
NAMES = {"mp4": "MP4", "mov": "MOV", "avi": "AVI", "png": "PNG", "jpeg": "JPEG", "webp": "WebP"}


def check_inputs(param: Param, rule: Limit, given: Sequence[Input]) -> list[Problem]:
    """Everything wrong with the inputs of one parameter."""
    count, low, high = len(given), int(rule.minimum or 0), int(rule.maximum or 0)
    problems = []
    if count > high:
        problems.append(Problem(param.name, TOO_MANY[param.kind], {"count": count, "most": high}))
    elif count < low:
        problems.append(Problem(param.name, TOO_FEW[param.kind], {"least": low}))
    for position, one in enumerate(given):
        found = input_problem(param.name, rule, one)
        if found:
            problems.append(Problem(param.name, found.message, found.values, position))
    if not problems:
        problems += check_totals(param, rule, given)
    return problems


def input_problem(name: str, rule: Limit, one: Input) -> Problem | None:
    """The first thing wrong with one input, or None."""
    match one:
        case ImageFacts():
            return image_problem(rule.image or ImageLimits(), one, name)
        case VideoFacts():
            return video_problem(rule.video or VideoLimits(), one, name)
        case AudioFacts():
            return audio_problem(rule.audio or AudioLimits(), one, name)
    return subject_problem(rule.subject or SubjectLimits(), one, name)


def check_totals(param: Param, rule: Limit, given: Sequence[Input]) -> Iterable[Problem]:
    if rule.pair and len(given) == 2:
        first, second = given
        if isinstance(first, ImageFacts) and isinstance(second, ImageFacts):
            yield from pair_problem(param.name, rule, first, second)
    if param.kind == "subjects" and rule.subject:
        yield from subjects_problem(param.name, rule.subject, given)


def pair_problem(
    name: str, rule: Limit, first: ImageFacts, second: ImageFacts
) -> Iterable[Problem]:
    assert rule.pair  # noqa: S101  (the caller looked)
    ratio = (first.width * second.height) / max(first.height * second.width, 1)
    pixels = (first.width * first.height) / max(second.width * second.height, 1)
    if not rule.pair.least <= ratio <= rule.pair.most:
        sentence = gettext_noop("The two images differ too much in shape. Crop one like the other.")
        yield Problem(name, sentence, {}, 1)
    elif not rule.pair.least <= pixels <= rule.pair.most:
        sentence = gettext_noop(
            "The two images differ too much in size: %(first)s and %(second)s pixels. Use two"
            " of about the same size."
        )
        sizes = {"first": f"{first.width} x {first.height}"}
        yield Problem(name, sentence, {**sizes, "second": f"{second.width} x {second.height}"}, 1)


def image_problem(limits: ImageLimits, image: ImageFacts, name: str = "images") -> Problem | None:
    """The first thing wrong with one image, or None."""
    if image.format not in limits.formats:
        return Problem(
            name,
            gettext_noop("This is a %(format)s. Use PNG, JPEG or WebP."),
            {"format": image.format.upper() or gettext_noop("file of an unknown kind")},
        )
    if image.bytes > limits.max_bytes:
        sentence = gettext_noop("This image has %(size)s MB. Use one of up to %(most)s MB.")
        return Problem(name, sentence, size_facts(image.bytes, limits.max_bytes))
    if min(image.width, image.height) < limits.min_side:
        return Problem(
            name,
            gettext_noop(
                "This image is %(width)s x %(height)s pixels. Use one of at least %(least)s x "
                "%(least)s."
            ),
            {"width": image.width, "height": image.height, "least": limits.min_side},
        )
    if not fits_limits(image, limits):
        return Problem(
            name,
            gettext_noop(
                "This image is too long and narrow. Crop it to a ratio between 1:4 and 4:1."
            ),
        )
    return None


def fits_limits(one: ImageFacts | VideoFacts, limits: ImageLimits | VideoLimits) -> bool:
    return limits.min_ratio <= one.width / max(one.height, 1) <= limits.max_ratio


def size_facts(bytes_: int, most: int) -> dict[str, int]:
    return {"size": -(-bytes_ // MEGABYTE), "most": most // MEGABYTE}


def format_names(formats: Sequence[str]) -> str:
    return ", ".join(NAMES.get(one, one.upper()) for one in formats)


# Of a list of files elsewhere only so much is known as it tells; 0 is nothing.
UNSEEN = ("hls",)


def video_problem(limits: VideoLimits, video: VideoFacts, name: str = "videos") -> Problem | None:
    """The first thing wrong with one video, or None."""
    facts: dict[str, Any]
    if video.format not in limits.formats:
        sentence = gettext_noop("This is a %(format)s file. Use one of %(formats)s.")
        facts = {"format": video.format.upper() or "?", "formats": format_names(limits.formats)}
        return Problem(name, sentence, facts)
    if limits.codecs and video.codec not in limits.codecs:
        sentence = gettext_noop("This video is coded as %(codec)s. Save it as H.264.")
        return Problem(name, sentence, {"codec": video.codec.upper() or "?"})
    if video.bytes > limits.max_bytes:
        sentence = gettext_noop("This video has %(size)s MB. Use one of up to %(most)s MB.")
        return Problem(name, sentence, size_facts(video.bytes, limits.max_bytes))
    return (
        sides_problem(limits, video, name)
        or rate_problem(limits, video, name)
        or length_problem(limits, video, name)
    )


def sides_problem(limits: VideoLimits, video: VideoFacts, name: str) -> Problem | None:
    facts = {"width": video.width, "height": video.height}
    if video.format in UNSEEN and not any(facts.values()):
        return None
    if min(video.width, video.height) < limits.min_side:
        sentence = gettext_noop(
            "This video is %(width)s x %(height)s pixels. "
            "Use one of at least %(least)s x %(least)s."
        )
        return Problem(name, sentence, facts | {"least": limits.min_side})
    if max(video.width, video.height) > limits.max_side:
        sentence = gettext_noop(
            "This video is %(width)s x %(height)s pixels. Use one of at most %(most)s a side."
        )
        return Problem(name, sentence, facts | {"most": limits.max_side})
    if not fits_limits(video, limits):
        sentence = gettext_noop("This video is too long and narrow. Use a ratio from 1:4 to 4:1.")
        return Problem(name, sentence)
    return None


def rate_problem(limits: VideoLimits, video: VideoFacts, name: str) -> Problem | None:
    if not limits.max_fps or video.fps < limits.max_fps:
        return None
    sentence = gettext_noop("This video has %(fps)s frames a second. Use fewer than %(most)s.")
    return Problem(name, sentence, {"fps": round(video.fps), "most": round(limits.max_fps)})


def audio_problem(limits: AudioLimits, audio: AudioFacts, name: str = "sounds") -> Problem | None:
    """The first thing wrong with one sound file, or None."""
    if audio.format not in limits.formats:
        sentence = gettext_noop("This is a %(format)s file. Use one of %(formats)s.")
        facts = {"format": audio.format.upper() or "?", "formats": format_names(limits.formats)}
        return Problem(name, sentence, facts)
    if audio.bytes > limits.max_bytes:
        sentence = gettext_noop("This file has %(size)s MB. Use one of up to %(most)s MB.")
        return Problem(name, sentence, size_facts(audio.bytes, limits.max_bytes))
    return length_problem(limits, audio, name)


# A video cut to five seconds has a frame more now and then; nobody means that.
SLACK = 0.1


def length_problem(
    limits: VideoLimits | AudioLimits, one: VideoFacts | AudioFacts, name: str
) -> Problem | None:
    low, high = limits.min_seconds, limits.max_seconds
    between = isinstance(limits, AudioLimits) and limits.between
    if low < one.seconds < high if between else low <= one.seconds < high + SLACK:
        return None
    facts = {"seconds": f"{one.seconds:.1f}", "low": f"{low:g}", "high": f"{high:g}"}
    if low and between:
        sentence = gettext_noop(
            "This is %(seconds)s s long. It has to last more than %(low)s and less than %(high)s s."
        )
    elif low:
        sentence = gettext_noop("This is %(seconds)s s long. It has to last %(low)s to %(high)s s.")
    elif between:
        sentence = gettext_noop("This is %(seconds)s s long. Cut it to less than %(high)s s.")
    else:
        sentence = gettext_noop("This is %(seconds)s s long. Cut it to at most %(high)s s.")
    return Problem(name, sentence, facts)


def subject_problem(limits: SubjectLimits, subject: SubjectFacts, name: str) -> Problem | None:
    """The first thing wrong with one subject: its images and its video."""
    if subject.videos and not limits.videos:
        sentence = gettext_noop("@%(name)s is made from a video, which this model cannot use.")
        return Problem(name, sentence, {"name": subject.name})
    if len(subject.images) + len(subject.videos) > limits.images_each:
        sentence = gettext_noop("@%(name)s has too many images, %(most)s are allowed.")
        return Problem(name, sentence, {"name": subject.name, "most": limits.images_each})
    return None


def subjects_problem(name: str, limits: SubjectLimits, given: Sequence[Input]) -> Iterable[Problem]:
    subjects = [one for one in given if isinstance(one, SubjectFacts)]
    videos = sum(1 for one in subjects if one.videos)
    if limits.videos and videos > limits.videos:
        sentence = gettext_noop("At most %(most)s subjects made from videos can be used together.")
        yield Problem(name, sentence, {"most": limits.videos})


def across(limits: SubjectLimits, inputs: Inputs) -> Iterable[Problem]:
    """What is too much of subjects and loose images taken together."""
    subjects = [one for one in inputs.get("subjects", ()) if isinstance(one, SubjectFacts)]
    images, videos = len(inputs.get("images", ())), len(inputs.get("videos", ()))
    field = "images" if images else "videos" if videos else "subjects"
    count = len(subjects) + images + videos
    image_count = sum(len(one.images) for one in subjects) + images
    if limits.together is not None and count > limits.together:
        sentence = gettext_noop(
            "Subjects, images and videos are %(count)s together, %(most)s are allowed. Remove some."
        )
        yield Problem(field, sentence, {"count": count, "most": limits.together})
    elif limits.images is not None and image_count > limits.images:
        sentence = gettext_noop(
            "Together the subjects have %(count)s images, %(most)s are allowed. Remove some."
        )
        yield Problem(field, sentence, {"count": image_count, "most": limits.images})


# The short side of a video of this name.
LINES = {
    "360p": 360,
    "540p": 540,
    "720p": 720,
    "1080p": 1_080,
    "2K": 1_440,
    "4K": 2_160,
    "8K": 4_320,
}


def enlarged(resolution: Any, videos: Sequence[Input]) -> Iterable[Problem]:
    """A video can only be given more pixels than it has."""
    for video in videos:
        if isinstance(video, VideoFacts) and min(video.width, video.height) >= LINES[resolution]:
            sentence = gettext_noop(
                "The video already has %(width)s x %(height)s pixels. Choose a larger size."
            )
            yield Problem("resolution", sentence, {"width": video.width, "height": video.height})
