"""All that is known of one task, as lines to read in a terminal. No key, no address, no path."""

import re
import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from generation.models import Output, ProviderSilence, Status, Task
from generation.web.log_redaction import without_keys

WIDTH, LABEL = 98, 18
ADDRESS = re.compile(r"\bhttps?://\S+", re.IGNORECASE)
Facts = list[tuple[str, Any]]
S = Status


def find_tasks(name: str) -> list[Task]:
    """By its number, its provider's id, or the marker that was sent with it."""
    rows = Task.objects.select_related("batch")
    by_number = rows.filter(pk=int(name)) if name.isascii() and name.isdecimal() else rows.none()
    return list(by_number) or list(rows.filter(remote_id=name) or rows.filter(marker=name))


def story_of(task: Task, *, with_prompt: bool) -> Iterator[str]:
    yield f"Task {task.pk}: {task.status}, {task.provider} {task.mode} {task.model_name}"
    yield from paragraph("Next", next_step(task, timezone.now()))
    for title, facts in sections(task):
        known = [(label, value) for label, value in facts if value not in ("", None)]
        if known:
            yield from ["", title]
            for label, value in known:
                yield from paragraph(label, value)
    yield from prompt_lines(task, with_prompt)
    yield from ["", "Results"]
    outputs = task.outputs.select_related("media").order_by("position")
    for output in outputs:
        yield from paragraph(f"output {output.pk}", output_label(output))
        yield from paragraph("sha256", output.media.sha256)
    if not outputs:
        yield "  none"
    yield from ["", "Log"]
    for event in task.events.all():
        moved = event.from_status != event.to_status
        state = f"{event.from_status or 'new'} -> {event.to_status}" if moved else event.to_status
        yield from paragraph(moment(event.at), f"{state:26}{event.note or ''}", 21)
    yield from ["", "Callbacks"]
    callbacks = [f"  {moment(callback.at)}" for callback in task.callbacks.order_by("pk")]
    yield from callbacks or ["  none"]


def sections(task: Task) -> Iterator[tuple[str, Facts]]:
    retries = ", ".join(str(pk) for pk in task.retries.order_by("pk").values_list("pk", flat=True))
    yield (
        "Who asked",
        [
            ("user, team", f"{task.user_id or 'deleted'}, {task.team_id}"),
            ("project, batch", f"{task.project_id}, {task.batch_id}"),
            ("web request", task.request_id),
            ("retry of", task.retry_of_id),
            ("tried again as", retries),
        ],
    )
    yield (
        "When",
        [
            ("made", moment(task.created_at)),
            ("sent", since(task.created_at, task.sent_at)),
            ("accepted", since(task.created_at, task.accepted_at)),
            ("finished", since(task.created_at, task.finished_at)),
        ],
    )
    yield (
        "Sending",
        [
            ("requests sent", task.sends),
            ("marker", task.marker),
            ("claim", task.claim),
            ("claimed until", moment(task.deadline)),
            ("not before", moment(task.not_before)),
            ("held since", moment(task.held_since)),
            ("let go", moment(task.send_asked_at)),
            ("waits because", task.waiting_for),
        ],
    )
    yield (
        "At the provider",
        [
            ("its id", task.remote_id),
            ("its state", task.remote_state),
            ("progress", task.progress),
            ("next poll", moment(task.next_poll_at)),
            ("failed polls", task.poll_failures or None),
            ("polls without file", task.empty_polls or None),
            ("silent since", moment(task.unreachable_since)),
            ("our own failures", task.code_failures or None),
            ("cancel asked", moment(task.cancel_asked_at)),
            ("listings without", task.listings or None),
            ("next look", moment(task.next_look_at)),
        ],
    )
    yield (
        "Storing",
        [
            ("links", len(task.results) or None),
            ("they expire", moment(task.results_expire_at)),
            ("tries", task.store_tries or None),
            ("next try", moment(task.next_store_at)),
        ],
    )
    yield (
        "Charge",
        [
            ("estimate", "not known" if task.estimate is None else f"{task.estimate} credits"),
            ("charged", "not known" if task.credits is None else f"{task.credits} credits"),
            ("cost", task.cost),
        ],
    )
    yield (
        "What went wrong",
        [
            ("error", task.error),
            ("code", task.error_code),
            ("field", task.error_field),
            ("advice", task.advice),
        ],
    )


def next_step(task: Task, now: datetime) -> str:
    """What happens without anybody, or who has to do what."""
    steps = {
        S.QUEUED: send_step,
        S.SUBMITTING: sending_step,
        S.RUNNING: poll_step,
        S.STORING: store_step,
        S.UNCERTAIN: look_step,
        S.FAILED: failed_step,
    }
    step = steps.get(Status(task.status))
    return step(task, now) if step else "Nothing: this is its end."


def due(what: str, at: datetime, now: datetime) -> str:
    if at > now:
        return f"It is due for {what} at {moment(at)}, in {seconds_label(at, now)}."
    return f"It is due for {what} since {moment(at)}, {seconds_label(now, at)} ago."


def send_step(task: Task, now: datetime) -> str:
    if task.is_held and task.send_asked_at:
        return "It is looked for at the provider first, and sent if it is not there."
    if task.is_held:
        return "A person decides in the banner whether it is sent: the studio was away or copied."
    sentence = due("sending", task.not_before or task.created_at, now)
    silence = ProviderSilence.objects.filter(provider=task.provider).first()
    if task.waiting_for:
        return f"{sentence} It waits because: {task.waiting_for}"
    if silence and silence.is_closed:
        return f"{sentence} It waits because the provider does not answer."
    if task.not_before is None or task.not_before <= now:
        return f"{sentence} It waits for its turn: a free worker, and room for its key."
    return sentence


def sending_step(task: Task, now: datetime) -> str:
    if task.sent_at is None:
        end = "goes back to the queue, as nothing was sent"
    else:
        end = "becomes uncertain"
    sentence = f"A worker sends it. Without an outcome by {moment(task.deadline)} it {end}."
    late = task.deadline is not None and task.deadline < now
    return f"{sentence} That is over: the next round of polls sees to it." if late else sentence


def poll_step(task: Task, now: datetime) -> str:
    if task.next_poll_at is None:
        return "Parked: the studio failed on it again and again. The log has the reason."
    return due("a poll", task.next_poll_at, now)


def store_step(task: Task, now: datetime) -> str:
    if task.deadline is not None and task.deadline > now:
        return f"A worker downloads it, and has it until {moment(task.deadline)}."
    return due("a download", task.next_store_at or now, now)


def look_step(task: Task, now: datetime) -> str:
    if task.next_look_at is None:
        return "A person decides on its card: check again, it failed, or send again."
    return due("a look at the provider", task.next_look_at, now)


def failed_step(task: Task, now: datetime) -> str:
    if task.next_look_at is not None:
        return due("a look whether it ended after all", task.next_look_at, now)
    if task.may_download_again:
        return "Nothing by itself. Download again on its card costs nothing."
    if task.may_find_results:
        return "Nothing by itself. Look for it again on its card costs nothing."
    return "Nothing: this is its end. A person may try it again as a new task."


def prompt_lines(task: Task, with_prompt: bool) -> Iterator[str]:
    yield from ["", "Request"]
    if with_prompt:
        yield from paragraph("prompt", task.prompt or "none")
    else:
        yield from paragraph("prompt", f"{len(task.prompt):,} characters, shown with --prompt")
    for one in task.inputs.select_related("media"):
        facts = f"{one.media.kind} {one.media_id}, {one.media.bytes:,} bytes"
        yield from paragraph(f"{one.role} {one.position}", facts)


def output_label(output: Output) -> str:
    media = output.media
    size = f"{media.width}x{media.height}" if media.width else ""
    length = f"{media.seconds:.1f} s" if media.seconds else ""
    there = "stored" if default_storage.exists(media.path) else "FILE MISSING"
    gone = f"in the trash since {moment(output.trashed_at)}" if output.trashed_at else ""
    mark = "with watermark" if output.marked else ""
    facts = (media.mime, size, length, f"{media.bytes:,} bytes", there, mark, gone)
    return ", ".join(fact for fact in facts if fact)


def paragraph(label: str, value: Any, width: int = LABEL) -> list[str]:
    """A label and what it holds, within the width of a terminal."""
    text = shown_safely(str(value))
    lines = textwrap.wrap(text, WIDTH - width - 4, break_on_hyphens=False) or [""]
    first, *others = (line.rstrip() for line in lines)
    return [f"  {label:{width}}  {first}".rstrip(), *(f"{'':{width + 4}}{one}" for one in others)]


def shown_safely(text: str) -> str:
    """A provider's own words may hold addresses, keys, or what a terminal obeys."""
    clean = without_keys(ADDRESS.sub("[address]", text))
    return "".join(sign if sign.isprintable() else " " for sign in clean)


def moment(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def since(start: datetime, at: datetime | None) -> str:
    return f"{moment(at)}  {(at - start).total_seconds():+,.1f} s" if at else ""


def seconds_label(later: datetime, earlier: datetime) -> str:
    return f"{(later - earlier).total_seconds():,.0f} s"
