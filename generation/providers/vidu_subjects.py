"""Official Vidu's library of subjects, and its ideas for prompts."""

from typing import Any
from urllib.parse import quote

from generation.providers import map_errors
from generation.providers.base import InputFile, InputSubject, Prepared, SubjectSnapshot, Suggestion
from generation.providers.base_client import Client
from generation.providers.parse import first_text, identity, rows
from generation.providers.request_body import placed
from generation.providers.subjects import (
    PAGE,
    kept_subject,
    subject_files,
    subject_of,
    subject_words,
    whole_library,
)

PATH = "/ent/v2/subjects"
IDEAS_PATH = "/ent/v2/img2video-prompt-recommendation"
MOST_IDEAS = 10


class ViduSubjects(Client):
    """Mixed in: subjects that stay, and prompt ideas."""

    async def prepare_subject(self, subject: InputSubject) -> Prepared:
        return Prepared(PATH, await self.packed(kept_subject(subject)), is_slow=True)

    async def submit_subject(self, prepared: Prepared) -> SubjectSnapshot:
        reply = await self.http.submit(prepared.path, prepared.body, is_slow=prepared.is_slow)
        data = map_errors.checked(reply, creating=True)
        made = subject_of(data)
        if not made.server_id:
            raise map_errors.failure_within(reply, creating=True)
        return made

    async def edit_subject(self, server_id: str, subject: InputSubject) -> SubjectSnapshot:
        """Pictures that are given replace those that are there; what is empty stays as it is."""
        body = await self.packed({**subject_words(subject), **subject_files(subject)})
        path = f"{PATH}/{quote(server_id, safe='')}"
        reply = await self.http.call("PUT", path, body=body, deadline=self.http.deadlines.slow)
        data = map_errors.checked(reply)
        if data.get("code") and not identity(data.get("id")):
            raise map_errors.failure_within(reply)
        return subject_of(data, server_id=server_id)

    async def list_subjects(self) -> list[SubjectSnapshot]:
        return await whole_library(self.subjects_page)

    async def subjects_page(self, token: str) -> dict[str, Any]:
        """The page prints these fields as a body, which a GET has not: they go into the query."""
        query = {"ownership": "private", "count": str(PAGE)}
        query |= {"next_page_token": token} if token else {}
        reply = await self.http.call("GET", PATH, params=query)
        data = map_errors.checked(reply)
        if data.get("subjects") is None and "count" in data:
            return data | {"subjects": []}
        if not isinstance(data.get("subjects"), list):
            raise map_errors.failure_within(reply)
        return data

    async def suggest(self, image: InputFile, count: int = 5) -> list[Suggestion]:
        body = await self.packed(
            {
                "images": placed([image], "images", "image"),
                "type": ["img2video"],
                "count": min(max(count, 1), MOST_IDEAS),
            }
        )
        reply = await self.http.submit(IDEAS_PATH, body)
        data = map_errors.checked(reply, creating=True)
        if not isinstance(data.get("prompts"), list):
            raise map_errors.failure_within(reply, creating=True)
        return [idea for row in rows(data["prompts"]) if (idea := suggestion(row)).prompt]


def suggestion(row: dict[str, Any]) -> Suggestion:
    """Ideas for a picture have their words in `content`; effects have a prompt beside it."""
    return Suggestion(
        prompt=first_text(row, "prompt", "content"),
        kind=first_text(row, "type"),
        template=first_text(row, "template"),
    )
