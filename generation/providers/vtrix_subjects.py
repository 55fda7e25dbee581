"""Vtrix's library of subjects: models like any other, whose answer is JSON as text."""

import asyncio
from typing import Any

from generation.catalogue.types import gettext_noop
from generation.providers.base import InputSubject, Prepared, RemoteState, SubjectSnapshot
from generation.providers.error_texts import explain
from generation.providers.errors import OutcomeUnknown, Refused
from generation.providers.parse import first_text, rows
from generation.providers.request_body import Fields
from generation.providers.subjects import kept_subject, subject_of, subject_words
from generation.providers.vtrix import VtrixTasks, wrapped
from generation.providers.vtrix_replies import snapshot, told_object

CREATE = "vidu_create_subjects"
EDIT = "vidu_edit_subjects"
GET = "vidu_get_subjects"
NEW_NEEDED = "NewSubjectNeeded"
PAGE = 100
MOST_PAGES = 100


class Vtrix(VtrixTasks):
    """Adds subjects that stay."""

    can_keep_subjects = True
    pause = 1.0  # seconds between two looks at a list that is being made
    most_looks = 20

    async def prepare_subject(self, subject: InputSubject) -> Prepared:
        return wrapped(CREATE, kept_subject(subject))

    async def submit_subject(self, prepared: Prepared) -> SubjectSnapshot:
        return subject_task(*await self.create(prepared))

    async def fetch_subject(self, remote_id: str) -> SubjectSnapshot:
        return subject_task(await self.task(remote_id), remote_id)

    async def edit_subject(self, server_id: str, subject: InputSubject) -> SubjectSnapshot:
        """The edit is a task: `fetch_subject` tells how it went."""
        if subject.images or subject.videos:
            sentence = gettext_noop("Vtrix cannot change the pictures of a subject.")
            advice = gettext_noop("Register it there again; that costs as much as a new one.")
            raise Refused(sentence, code=NEW_NEEDED, field="images", advice=advice)
        prepared = wrapped(EDIT, {"id": server_id, **subject_words(subject)})
        return subject_task(*await self.create(prepared))

    async def list_subjects(self) -> list[SubjectSnapshot]:
        found: dict[str, SubjectSnapshot] = {}
        seen: set[str] = set()
        token = ""
        for _page in range(MOST_PAGES):
            told = await self.page(token)
            listed = [subject_of(row) for row in rows(told.get("subjects"))]
            if not all(one.server_id for one in listed):
                break
            found |= {one.server_id: one for one in listed}
            seen.add(token)
            token = first_text(told, "next_page_token")
            if not token:
                return list(found.values())
            if token in seen:
                break
        raise incomplete()

    async def page(self, token: str) -> Fields:
        query: Fields = {"ownership": "private", "count": PAGE}
        query |= {"next_page_token": token} if token else {}
        data, remote_id = await self.create(wrapped(GET, query))
        for _look in range(self.most_looks):
            seen = snapshot(data, remote_id)
            if seen.state == RemoteState.FAILED:
                sentence, advice = explain(seen.error_code, seen.error)
                raise Refused(sentence, code=seen.error_code, advice=advice)
            if seen.state == RemoteState.SUCCESS:
                told = told_object(data)
                if told is None or not isinstance(told.get("subjects"), list | None):
                    break
                return told
            await asyncio.sleep(self.pause)
            data = await self.task(remote_id)
        raise incomplete()


def subject_task(data: dict[str, Any], remote_id: str) -> SubjectSnapshot:
    """The task that makes or edits a subject, and once it is done the subject."""
    seen = snapshot(data, remote_id)
    told = told_object(data) or {} if seen.state == RemoteState.SUCCESS else {}
    facts: Fields = {
        "state": seen.state,
        "remote_id": remote_id,
        "cost": seen.cost,
        "error": seen.error,
        "error_code": seen.error_code,
    }
    return subject_of(told, **facts)


def incomplete() -> OutcomeUnknown:
    return OutcomeUnknown(gettext_noop("The provider's library could not be read to its end."))
