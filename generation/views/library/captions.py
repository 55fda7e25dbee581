"""Captions of a video that was given a text to speak."""

import re

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from generation.models import Act
from generation.views.library.viewer import find_output
from generation.web.shortcuts import StudioRequest, studio_view

LONGEST = 84  # characters: two lines
SENTENCE = re.compile(r"[^.!?。！？…\n]+[.!?。！？…]*\s*")


@require_safe
@studio_view(Act.SEE)
def captions(request: StudioRequest, output_id: int) -> HttpResponse:
    """The text that was asked for, spread over the length: no provider sends timings."""
    found = find_output(request, output_id)
    text = str(found.task.values.get("text") or "")
    body = "WEBVTT\n\n" + "\n".join(cues(text, found.media.seconds or 0.0))
    return HttpResponse(body, content_type="text/vtt; charset=utf-8")


def cues(text: str, seconds: float) -> list[str]:
    parts = [
        part for sentence in SENTENCE.findall(text) for part in caption_lines(sentence.strip())
    ]
    total, spoken, found = sum(map(len, parts)), 0, []
    for part in parts:
        start, spoken = spoken, spoken + len(part)
        span = f"{vtt_time(seconds * start / total)} --> {vtt_time(seconds * spoken / total)}"
        found.append(f"{span}\n{harmless(part)}\n")
    return found


def caption_lines(sentence: str) -> list[str]:
    """Not longer than two lines, parted between words where there are any."""
    found = []
    while len(sentence) > LONGEST:
        end = sentence.rfind(" ", 1, LONGEST) if " " in sentence[1:LONGEST] else LONGEST
        found.append(sentence[:end].strip())
        sentence = sentence[end:].strip()
    return [*found, sentence] if sentence else found


def harmless(text: str) -> str:
    """A caption knows marks of its own, which begin with these."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def vtt_time(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02}:{minutes:02}:{rest:06.3f}"
