"""What all providers have in common, whatever they speak."""

from datetime import datetime
from types import TracebackType
from typing import Self

from generation.providers import map_errors
from generation.providers.base import (
    Balance,
    InputFile,
    InputSubject,
    Prepared,
    Snapshot,
    SubjectSnapshot,
    Suggestion,
)
from generation.providers.errors import KeyRejected, OutOfCredit, Throttled
from generation.providers.http import Http, Reply
from generation.providers.request_body import Body, Fields


class Client:
    """One key at one address. The flags say what exists beyond create and poll.

    A registered class says all of its own in one place; what a capability does stands in a mixin
    or in the class itself. Engine, models and forms read the flags and never a provider's name.
    """

    name: str
    scheme: str
    key_optional = False
    can_find = False
    can_cancel = False
    can_upload = False
    can_keep_subjects = False
    library_first = True  # even where a model also takes subjects with their files
    can_suggest = False
    takes_own_ids = False  # of a video it made, in place of an address
    signs_callbacks = False

    def __init__(self, http: Http) -> None:
        self.http = http

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.http.close()

    async def packed(self, whole: Fields) -> bytes:
        body = Body.of(whole)
        return (await self.lighten(body) if body.excess > 0 else body).encode()

    async def lighten(self, body: Body) -> Body:
        """Make a body that is too large smaller, where the provider has a way for that."""
        return body

    async def cancel(self, remote_id: str) -> None:
        raise NotImplementedError(f"{self.name} cannot cancel {remote_id}")

    async def find(self, marker: str, since: datetime, until: datetime) -> list[Snapshot]:
        raise NotImplementedError(f"{self.name} has no list to find {marker} in")

    async def prepare_subject(self, subject: InputSubject) -> Prepared:
        raise NotImplementedError(f"{self.name} keeps no subjects, so not {subject.name}")

    async def submit_subject(self, prepared: Prepared) -> SubjectSnapshot:
        raise NotImplementedError(f"{self.name} keeps no subjects at {prepared.path}")

    async def fetch_subject(self, remote_id: str) -> SubjectSnapshot:
        raise NotImplementedError(f"{self.name} makes no subject as the task {remote_id}")

    async def edit_subject(self, server_id: str, subject: InputSubject) -> SubjectSnapshot:
        raise NotImplementedError(f"{self.name} cannot edit {server_id} to {subject.name}")

    async def list_subjects(self) -> list[SubjectSnapshot]:
        raise NotImplementedError(f"{self.name} has no library")

    async def suggest(self, image: InputFile, count: int = 5) -> list[Suggestion]:
        raise NotImplementedError(f"{self.name} has no {count} ideas for {image.name}")


def untested(reply: Reply) -> Balance:
    """Nothing was learnt about the key, unless the reply speaks of the key itself."""
    if reply.status >= 400:
        error = map_errors.failure(reply)
        if isinstance(error, KeyRejected | OutOfCredit | Throttled):
            raise error
    return Balance(tested=False)
