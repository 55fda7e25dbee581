"""Subjects as they are sent, and as providers list them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from generation.catalogue.message import Message
from generation.catalogue.types import gettext_noop
from generation.providers.base import InputFile, InputSubject, RemoteState, SubjectSnapshot
from generation.providers.errors import OutcomeUnknown, Refused
from generation.providers.parse import first_text, identity, parse_count, rows, text, web_url
from generation.providers.request_body import Fields, placed

NOT_KEPT = "SubjectNotKept"
PAGE = 100
MOST_PAGES = 100


def named_subject(one: InputSubject, key: str, *, shown: bool, voices: bool) -> Fields:
    """One subject of a request: by its id in the library, else by its own files."""
    if one.server_id:
        return {key: one.name, "server_id": one.server_id}
    if not shown or not (one.images or one.videos):
        sentence = gettext_noop("The provider does not have the subject %(name)s yet.")
        advice = gettext_noop("Register it with this provider, then send it again.")
        named = Message(sentence, name=one.name)
        raise Refused(named, code=NOT_KEPT, field="subjects", advice=advice)
    found = {key: one.name, **subject_files(one)}
    return found | ({"voice_id": one.voice_id} if one.voice_id and voices else {})


def subject_files(one: InputSubject) -> Fields:
    both: dict[str, tuple[Sequence[InputFile], str]] = {
        "images": (one.images, "image"),
        "videos": (one.videos, "video"),
    }
    return {name: placed(given, "subjects", kind) for name, (given, kind) in both.items() if given}


def kept_subject(one: InputSubject) -> Fields:
    """The fields of the request that makes a subject; style and description are edits."""
    return {
        "name": one.name,
        **subject_files(one),
        **({"voice_id": one.voice_id} if one.voice_id else {}),
    }


def subject_texts(one: InputSubject) -> Fields:
    """The fields of the request that edits a subject, apart from its files."""
    texts = {
        "name": one.name,
        "style": one.style,
        "description": one.description,
        "voice_id": one.voice_id,
    }
    return {name: text for name, text in texts.items() if text}


def subject_of(row: dict[str, Any], **facts: Any) -> SubjectSnapshot:
    """One subject as a library shows it; `facts` are known from elsewhere and count more."""
    fields: Fields = {
        "state": RemoteState.SUCCESS,
        "server_id": identity(row.get("id")) or identity(row.get("server_id")),
        "name": text(row.get("name")),
        "images": web_urls(row.get("images")),
        "videos": web_urls(row.get("videos")),
        "voice_id": text(row.get("voice_id")),
        "style": text(row.get("style")),
        "description": text(row.get("description")),
        "credits": parse_count(row.get("credits")),
    }
    return SubjectSnapshot(**{**fields, **facts})


def web_urls(value: Any) -> tuple[str, ...]:
    """The addresses of a list, which may hold them bare or in objects."""
    found = value if isinstance(value, list) else []
    bare = (first_text(one, "url") if isinstance(one, dict) else one for one in found)
    return tuple(url for one in bare if (url := web_url(one)))


async def read_library(page: Callable[[str], Awaitable[Fields]]) -> list[SubjectSnapshot]:
    """Every subject of a library, by its pages; OutcomeUnknown when it may be incomplete."""
    found: dict[str, SubjectSnapshot] = {}
    seen: set[str] = set()
    token = ""
    for _page in range(MOST_PAGES):
        data = await page(token)
        listed = [subject_of(row) for row in rows(data.get("subjects"))]
        if not all(one.server_id for one in listed):
            break
        found |= {one.server_id: one for one in listed}
        seen.add(token)
        token = first_text(data, "next_page_token")
        if not token:
            return list(found.values())
        if token in seen:
            break
    raise incomplete_library()


def incomplete_library() -> OutcomeUnknown:
    return OutcomeUnknown(gettext_noop("The provider's library could not be read to its end."))
