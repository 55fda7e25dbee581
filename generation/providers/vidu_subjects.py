"""Official Vidu's library of subjects, and its ideas for prompts."""

from typing import Any
from urllib.parse import quote

from generation.catalogue.types import gettext_noop
from generation.providers import map_errors
from generation.providers.base import InputFile, InputSubject, Prepared, SubjectSnapshot, Suggestion
from generation.providers.ent_v2 import EntV2
from generation.providers.errors import OutcomeUnknown
from generation.providers.parse import first_text, identity, rows
from generation.providers.request_body import placed
from generation.providers.subjects import kept_subject, subject_files, subject_of, subject_words

PATH = "/ent/v2/subjects"
IDEAS_PATH = "/ent/v2/img2video-prompt-recommendation"
PAGE = 100
MOST_PAGES = 100
MOST_IDEAS = 10


class Library(EntV2):
    """Adds subjects that stay, and prompt ideas."""

    can_keep_subjects = can_suggest = True

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
        found: dict[str, SubjectSnapshot] = {}
        seen: set[str] = set()
        token = ""
        for _page in range(MOST_PAGES):
            data = await self.subjects_page(token)
            page = [subject_of(row) for row in rows(data["subjects"])]
            if not all(one.server_id for one in page):
                break
            found |= {one.server_id: one for one in page}
            seen.add(token)
            token = first_text(data, "next_page_token")
            if not token:
                return list(found.values())
            if token in seen:
                break
        raise incomplete()

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

    async def suggest(self, picture: InputFile, count: int = 5) -> list[Suggestion]:
        body = await self.packed(
            {
                "images": placed([picture], "images", "image"),
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


def incomplete() -> OutcomeUnknown:
    return OutcomeUnknown(gettext_noop("The provider's library could not be read to its end."))
