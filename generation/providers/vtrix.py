"""Vtrix: one path for every model, wrapped parameters, and replies in several shapes."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from generation.catalogue.types import gettext_noop
from generation.providers import map_errors
from generation.providers.base import (
    Balance,
    GenerationRequest,
    InputSubject,
    Prepared,
    Provider,
    RemoteState,
    Snapshot,
    SubjectSnapshot,
    checked,
    untested,
)
from generation.providers.error_texts import explain
from generation.providers.errors import Refused
from generation.providers.payloads import AT_ONCE, Dialect, fields_of
from generation.providers.request_body import Body, Fields
from generation.providers.subjects import (
    PAGE,
    incomplete_library,
    kept_subject,
    read_library,
    subject_of,
    subject_texts,
)
from generation.providers.vtrix_replies import (
    result_ids,
    results,
    snapshot,
    state_names,
    text_answer,
)

PATH = "/model/v1/generation"
# Its library is made of models like any other, whose answer is JSON as text.
CREATE_SUBJECT = "vidu_create_subjects"
EDIT_SUBJECT = "vidu_edit_subjects"
GET_SUBJECTS = "vidu_get_subjects"
NEW_NEEDED = "NewSubjectNeeded"
NOBODYS_TASK = "vidu-studio-key-test"
# Models of the domestic pages that want the maker's own name beside their parameters.
UPSTREAM = {"vidu-cn-reference2video-vidu2.0": "vidu2.0"}


class Vtrix(Provider):
    """Create, poll and subjects; no list, no cancel, no upload and no free test of a key."""

    name = "vtrix"
    scheme = "Bearer"
    id_names = ("id", "task_id")
    can_keep_subjects = True
    library_first = False  # models that take the files of a subject get those
    # Its ids of results are those of tasks further on: an address says more.
    dialect = Dialect(
        subject_keys={"viduq2_pro_fast_reference2video": "id"},
        library_only=("viduq3_i2v_reference",),
        own_ids_first=False,
    )
    pause = 1.0  # seconds between two polls of a list that is being made
    most_polls = 20

    async def prepare(self, request: GenerationRequest) -> Prepared:
        upstream = UPSTREAM.get(request.model_name)
        model = {"model": upstream} if upstream else {}
        params = {**model, **fields_of(request, self.dialect)}
        return wrapped(request.model_name, params, is_slow=request.mode in AT_ONCE)

    async def submit(self, prepared: Prepared) -> Snapshot:
        data, remote_id = await self.create(prepared)
        return snapshot(data, remote_id)

    async def create(self, prepared: Prepared) -> tuple[dict[str, Any], str]:
        """The reply and the task's id."""
        reply = await self.http.submit(prepared.path, prepared.body, is_slow=prepared.is_slow)
        data = checked(reply, creating=True)
        remote_id = next(iter(self.ids_in(data)), "")
        if not remote_id:
            raise map_errors.failure_within(reply, creating=True)
        return data, remote_id

    @classmethod
    def ids_in(cls, data: Mapping[str, Any]) -> list[str]:
        """What answers at once may have only the maker's ids of its results."""
        return [*super().ids_in(data), *result_ids(dict(data))]

    async def fetch(self, remote_id: str) -> Snapshot:
        return snapshot(await self.task(remote_id), remote_id)

    async def task(self, remote_id: str) -> dict[str, Any]:
        reply = await self.http.call("GET", task_path(remote_id))
        data = checked(reply)
        if not (state_names(data) or data.get("error") or results(data)):
            raise map_errors.failure_within(reply)
        self.check_id(reply, remote_id)
        return data

    async def balance(self) -> Balance:
        """A wrong key is noticed; a right one looks like a host that asks for none."""
        return untested(await self.http.call("GET", task_path(NOBODYS_TASK)))

    async def prepare_subject(self, subject: InputSubject) -> Prepared:
        return wrapped(CREATE_SUBJECT, kept_subject(subject))

    async def submit_subject(self, prepared: Prepared) -> SubjectSnapshot:
        return subject_task(*await self.create(prepared))

    async def fetch_subject(self, remote_id: str) -> SubjectSnapshot:
        return subject_task(await self.task(remote_id), remote_id)

    async def edit_subject(self, server_id: str, subject: InputSubject) -> SubjectSnapshot:
        """The edit is a task: `fetch_subject` says how it went."""
        if subject.images or subject.videos:
            sentence = gettext_noop("Vtrix cannot change the images of a subject.")
            advice = gettext_noop("Register it there again; that costs as much as a new one.")
            raise Refused(sentence, code=NEW_NEEDED, field="images", advice=advice)
        prepared = wrapped(EDIT_SUBJECT, {"id": server_id, **subject_texts(subject)})
        return subject_task(*await self.create(prepared))

    async def list_subjects(self) -> list[SubjectSnapshot]:
        return await read_library(self.subjects_page)

    async def subjects_page(self, token: str) -> Fields:
        query: Fields = {"ownership": "private", "count": PAGE}
        query |= {"next_page_token": token} if token else {}
        data, remote_id = await self.create(wrapped(GET_SUBJECTS, query))
        for _poll in range(self.most_polls):
            seen = snapshot(data, remote_id)
            if seen.state == RemoteState.FAILED:
                sentence, advice = explain(seen.error_code, seen.error)
                raise Refused(sentence, code=seen.error_code, advice=advice)
            if seen.state == RemoteState.SUCCESS:
                page = text_answer(data)
                if page is None or not isinstance(page.get("subjects"), list | None):
                    break
                return page
            await asyncio.sleep(self.pause)
            data = await self.task(remote_id)
        raise incomplete_library()


def wrapped(model_name: str, params: Fields, is_slow: bool = False) -> Prepared:
    body = Body.of({"model": model_name, "input": [{"params": params}]})
    return Prepared(PATH, body.encode(), is_slow)


def task_path(remote_id: str) -> str:
    return f"{PATH}/task/{quote(remote_id, safe='')}"


def subject_task(data: dict[str, Any], remote_id: str) -> SubjectSnapshot:
    """The task that makes or edits a subject, and once it is done the subject."""
    seen = snapshot(data, remote_id)
    subject = text_answer(data) or {} if seen.state == RemoteState.SUCCESS else {}
    facts: Fields = {
        "state": seen.state,
        "remote_id": remote_id,
        "cost": seen.cost,
        "error": seen.error,
        "error_code": seen.error_code,
    }
    return subject_of(subject, **facts)
