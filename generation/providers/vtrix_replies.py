"""Replies of Vtrix in all the shapes its pages print."""

import json
from typing import Any

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.providers.base import RemoteState, Result, Snapshot
from generation.providers.error_texts import field_of, known_code
from generation.providers.parse import (
    MOST_SEED,
    first_text,
    identity,
    money,
    parse_count,
    rows,
    share,
    text,
    web_url,
    when,
)

STATES = {
    **dict.fromkeys(("in_queue", "pending", "created", "queueing", "queued"), RemoteState.QUEUED),
    **dict.fromkeys(("in_progress", "processing"), RemoteState.RUNNING),
    **dict.fromkeys(("completed", "success", "done"), RemoteState.SUCCESS),
    **dict.fromkeys(("failed", "canceled", "cancelled"), RemoteState.FAILED),
}
FORWARD = list(RemoteState)
KINDS = {
    **dict.fromkeys(("png", "jpg", "jpeg", "webp", "gif", "avif"), "image"),
    **dict.fromkeys(("mp4", "mov", "webm", "avi", "mkv"), "video"),
    **dict.fromkeys(("mp3", "wav", "m4a", "aac", "ogg"), "audio"),
}


def state_names(data: dict[str, Any]) -> list[str]:
    """The states: the task's own, then those inside of its output."""
    found = [text(data.get("status"))] + [text(row.get("status")) for row in outputs(data)]
    return [word.lower() for word in found if word]


def outputs(data: dict[str, Any]) -> list[dict[str, Any]]:
    return rows(data.get("output"))


def state_of(data: dict[str, Any], has_results: bool) -> RemoteState:
    """One state out of several: what was made counts, then the worst, then the furthest."""
    found = [STATES.get(word, RemoteState.RUNNING) for word in state_names(data)]
    if not found and data.get("error"):
        return RemoteState.FAILED
    if not found:  # what answers at once may leave the state out
        return RemoteState.SUCCESS if has_results else RemoteState.QUEUED
    if has_results and RemoteState.SUCCESS in found:
        return RemoteState.SUCCESS
    return RemoteState.FAILED if RemoteState.FAILED in found else max(found, key=FORWARD.index)


def snapshot(data: dict[str, Any], remote_id: str) -> Snapshot:
    made = results(data)
    state = state_of(data, bool(made))
    code, message = error_of(data) if state == RemoteState.FAILED else ("", "")
    usage = data["usage"] if isinstance(data.get("usage"), dict) else {}
    return Snapshot(
        remote_id=remote_id,
        state=state,
        results=tuple(made) if state == RemoteState.SUCCESS else (),
        cost=money(usage.get("cost")),
        seed=parse_count(data.get("seed"), MOST_SEED),
        payload=data["payload"] if isinstance(data.get("payload"), str) else "",
        progress=share(data.get("progress")),
        error_code=code,
        error=message,
        error_field=field_of(code),
        model_name=first_text(data, "model"),
        created_at=when(data.get("created_at")),
    )


def error_of(data: dict[str, Any]) -> tuple[str, str]:
    """Code and message of the three shapes an error comes in: two kinds of object, or a text."""
    error = data.get("error")
    if not isinstance(error, dict):
        return "", text(error) or first_text(data, "message")
    code = error.get("code")
    code = str(code) if type(code) is int else text(code)
    return known_code(code), first_text(error, "message", "error_message")


def results(data: dict[str, Any]) -> list[Result]:
    """The files of the kind that the model makes; all of them when none is of that kind.

    A row may have only the file with the watermark: that is then the result.
    """
    content = [row for output in outputs(data) for row in rows(output.get("content"))]
    urls = [web_url(row.get("url")) or web_url(row.get("watermarked_url")) for row in content]
    pairs = [(row, url) for row, url in zip(content, urls, strict=True) if url]
    found = [(kind_of(row, url), row, url) for row, url in pairs]
    wanted = kind_made_by(first_text(data, "model"))
    if wanted in [kind for kind, _row, _url in found]:
        found = [one for one in found if one[0] in (wanted, "")]
    return [
        Result(
            url,
            remote_id=result_id(row),
            watermarked_url=web_url(row.get("watermarked_url")),
        )
        for _kind, row, url in found
    ]


def kind_of(row: dict[str, Any], url: str) -> str:
    """Image, video or audio: the address is a better sign than `type`, which is often wrong."""
    ending = url.split("?")[0].rpartition(".")[2].lower()
    stated = first_text(row, "type").lower()
    return KINDS.get(ending) or next((it for it in ("image", "video", "audio") if it in stated), "")


def kind_made_by(model_name: str) -> str:
    modes = (row.mode for row in rules.offers("vtrix") if row.model_name == model_name)
    return next((MODES[mode].makes for mode in modes), "")


def result_id(row: dict[str, Any]) -> str:
    names = ("jobId", "id", "img_id")
    return next((found for name in names if (found := identity(row.get(name)))), "")


def result_ids(data: dict[str, Any]) -> list[str]:
    return [one.remote_id for one in results(data) if one.remote_id]


def text_answer(data: dict[str, Any]) -> dict[str, Any] | None:
    """The answer of a task that makes no file: JSON as text. None when it cannot be read."""
    content = [row for output in outputs(data) for row in rows(output.get("content"))]
    for row in content:
        answer = row.get("text")
        try:
            answer = json.loads(answer) if isinstance(answer, str) else answer
        except (ValueError, RecursionError):
            continue
        if isinstance(answer, dict):
            return answer
    return None
