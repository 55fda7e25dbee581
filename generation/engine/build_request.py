"""A task's request as its provider gets it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.files.storage import default_storage
from django.urls import reverse

from generation.catalogue import mentions, rules
from generation.catalogue.types import Input, Offer, SubjectFacts
from generation.engine.mail_setup import link_to, public_origin
from generation.engine.registration import requests as registration_requests
from generation.media.filenames import with_extension
from generation.models import Media, MediaKind, Subject, Task, TaskInput
from generation.providers.base import GenerationRequest, InputFile, InputSubject
from generation.providers.registry import PROVIDERS

# These fields take an address and nothing else.
BY_ADDRESS = {
    "extend": ("videos",),
    "upscale": ("videos",),
    "lip-sync": ("videos", "sounds", "images"),
    "voice": ("sounds", "prompt_sound"),
}
LINK_SALT = "input"
LINK_SECONDS = 3 * 24 * 3600  # off-peak work may begin two days later
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def build_request(task: Task) -> GenerationRequest:
    """With our marker and address where those are free. `registrations.NotReady` when a subject
    is not in the provider's library yet."""
    offer, values = task.offer, dict(task.values)
    if "payload" in offer.limits:
        values.setdefault("payload", task.marker)
    if settings.PUBLIC_URL and "callback_url" in offer.limits:
        path = reverse("callback", args=[task.pk, task.callback_token])
        values.setdefault("callback_url", link_to(path))
    places = list(task.inputs.select_related("media"))
    mentioned = [
        (one.name, one.subject) for one in task.mentioned_subjects.select_related("subject")
    ]
    facts = facts_of(places, mentioned)
    prompt = str(values.get("prompt", ""))
    files = files_of(task, places)
    subjects: tuple[InputSubject, ...] = ()
    if rules.names_subjects(offer, prompt, rules.count_inputs(facts)):
        subjects = (
            *(subject_of(task, offer, name, subject) for name, subject in mentioned),
            *temporary_subjects(files),
        )
        files = {role: given for role, given in files.items() if role not in ("images", "videos")}
    if prompt:
        values["prompt"] = rules.wire_text(offer, prompt, facts)
    return GenerationRequest(task.mode, task.model_name, values, files, subjects)


def facts_of(
    places: list[TaskInput], mentioned: list[tuple[str, Subject]]
) -> dict[str, list[Input]]:
    found: dict[str, list[Input]] = {}
    for one in places:
        found.setdefault(one.role, []).append(one.media.facts)
    if mentioned:
        found["subjects"] = [SubjectFacts(name) for name, _subject in mentioned]
    return found


def files_of(task: Task, places: list[TaskInput]) -> dict[str, list[InputFile]]:
    found: dict[str, list[InputFile]] = {}
    for one in places:
        by_address = one.role in BY_ADDRESS.get(task.mode, ())
        found.setdefault(one.role, []).append(file_of(task, one.media, by_address))
    return found


def file_of(task: Task, media: Media, by_address: bool = False) -> InputFile:
    """By its own address where a person gave one, by a link of ours where only an address is
    taken, else with its bytes."""
    if media.source_url:
        return InputFile(url=media.source_url, mime=media.mime, name=media.name)
    if by_address:
        url, known = input_link(task, media), creation_of(task, media)
        return InputFile(url=url, mime=media.mime, creation_id=known, name=media.name)
    return input_file(media)


def creation_of(task: Task, media: Media) -> str:
    """The provider's own id of a video that it made under the same key."""
    output = getattr(media, "output", None)
    if output is None or media.kind != MediaKind.VIDEO:
        return ""
    if not PROVIDERS[task.provider].takes_own_ids:
        return ""
    same = output.task.provider == task.provider and output.task.key_id == task.key_id
    return output.remote_id if same else ""


def input_link(task: Task, media: Media) -> str:
    """An address for the provider alone, for a few days; empty when none can reach us."""
    base = public_origin()
    if urlsplit(settings.PROVIDER_URLS[task.provider]).hostname in LOOPBACK:
        base = settings.LOCAL_URL or base
    if not base:
        return ""
    name = with_extension(media.name or media.kind, media.format)
    return f"{base}{reverse('input', args=[signing.dumps(media.pk, salt=LINK_SALT), name])}"


def subject_of(task: Task, offer: Offer, name: str, subject: Subject) -> InputSubject:
    """By its id in the provider's library where there is one, else with its own files."""
    if registration_requests.keeps(offer):
        row = registration_requests.current_registration(subject, task.provider, task.key)
        return InputSubject(name, server_id=row.server_id)
    return subject_with_files(subject, name)


def subject_with_files(subject: Subject, name: str) -> InputSubject:
    """A subject with all that a provider gets of it."""
    files = [(one.kind, input_file(one)) for one in subject.files]
    return InputSubject(
        name,
        images=tuple(file for kind, file in files if kind == MediaKind.IMAGE),
        videos=tuple(file for kind, file in files if kind == MediaKind.VIDEO),
        voice_id=subject.voice_id,
        style=subject.style,
        description=subject.description,
    )


def input_file(media: Media) -> InputFile:
    with default_storage.open(media.path) as file:
        return InputFile(data=file.read(), mime=media.mime, name=media.name)


def temporary_subjects(files: dict[str, list[InputFile]]) -> list[InputSubject]:
    """Images and videos that only this request has, under the handles of its prompt."""
    images = [
        InputSubject(f"{mentions.IMAGE}{place + 1}", images=(file,))
        for place, file in enumerate(files.get("images", ()))
    ]
    videos = [
        InputSubject(f"{mentions.VIDEO}{place + 1}", videos=(file,))
        for place, file in enumerate(files.get("videos", ()))
    ]
    return [*images, *videos]


def media_id_of(token: str) -> Any:
    """The media id behind a link; `signing.BadSignature` when it is wrong or too old."""
    return signing.loads(token, salt=LINK_SALT, max_age=LINK_SECONDS)
