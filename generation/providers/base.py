"""The contract between the engine and one provider. All names here are canonical."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

import httpx

from generation.providers import map_errors
from generation.providers.errors import KeyRejected, OutOfCredit, Throttled
from generation.providers.http import Deadlines, Http
from generation.providers.parse import identity
from generation.providers.reply import Reply
from generation.providers.secret import Secret


class RemoteState(StrEnum):
    """A task's state at the provider. States only move forward; an unknown one is RUNNING."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


@dataclass(frozen=True)
class InputFile:
    """One input: an address the provider fetches, or bytes with their type.

    `creation_id` is the provider's own id where it made the file itself; `name` is what a person
    calls the file, for refusals.
    """

    url: str = ""
    data: bytes = field(default=b"", repr=False)
    mime: str = ""
    creation_id: str = ""
    name: str = ""


@dataclass(frozen=True)
class InputSubject:
    """One subject: known to the provider by `server_id`, or shown by its own files."""

    name: str
    server_id: str = ""
    images: tuple[InputFile, ...] = ()
    videos: tuple[InputFile, ...] = ()
    voice_id: str = ""
    style: str = ""
    description: str = ""


@dataclass(frozen=True)
class GenerationRequest:
    """One create request. `values` is what `catalogue.rules.check` returned, with the prompt's
    mentions as the model reads them. `inputs` holds files by parameter name, in order. With
    `subjects` the request is in the subject form and images stand in the subjects.
    """

    mode: str
    model_name: str
    values: Mapping[str, Any]
    inputs: Mapping[str, Sequence[InputFile]] = field(default_factory=dict)
    subjects: Sequence[InputSubject] = ()


@dataclass(frozen=True)
class Prepared:
    """A create request ready to be sent once: path below the base URL and the JSON body.

    `is_slow` tells that the provider does the work before it answers.
    """

    path: str
    body: bytes = field(repr=False)
    is_slow: bool = False


@dataclass(frozen=True)
class Result:
    """One generated file at the provider. `url` expires; `cover_url` may be empty."""

    url: str
    remote_id: str = ""
    cover_url: str = ""
    watermarked_url: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What the provider says of one task now.

    `credits` counts the provider's credits (0 is a legal charge, None unknown), `cost` is in
    US dollars. `error_code` and `error` hold a failure as the provider reports it, `error_field`
    the canonical parameter that its code speaks of.
    """

    remote_id: str
    state: RemoteState
    results: tuple[Result, ...] = ()
    credits: int | None = None
    cost: Decimal | None = None
    seed: int | None = None
    payload: str = ""
    progress: float | None = None
    error_code: str = ""
    error: str = ""
    error_field: str = ""
    model_name: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True)
class ListedTask:
    """One row of the provider's list of tasks. What is empty or None, the list does not tell."""

    remote_id: str
    payload: str = ""
    prompt: str = ""
    model_name: str = ""
    created_at: datetime | None = None
    credits: int | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Balance:
    """What a key has left; None where the provider does not tell. `tested` False means that
    this provider offers no free way to test a key."""

    credits: int | None = None
    concurrency_limit: int | None = None
    concurrency_used: int | None = None
    tested: bool = True


@dataclass(frozen=True)
class SubjectSnapshot:
    """What the provider says of one subject in its library.

    `server_id` is empty until it is kept. Where making or editing one is a task (Vtrix),
    `remote_id` is that task's id, to be asked for with `fetch_subject`; elsewhere it is empty.
    Done without a `server_id` means that the provider did not say which subject it made: its
    list does. `images` are addresses that expire.
    """

    state: RemoteState
    server_id: str = ""
    remote_id: str = ""
    name: str = ""
    images: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    voice_id: str = ""
    style: str = ""
    description: str = ""
    credits: int | None = None
    cost: Decimal | None = None
    error: str = ""
    error_code: str = ""


@dataclass(frozen=True)
class Suggestion:
    """One idea for a prompt; `template` names the effect where it is one."""

    prompt: str
    kind: str = ""
    template: str = ""


class Provider:
    """One wire protocol at one base URL with one key. Every method may raise ProviderError.

    The flags say what exists beyond create and poll: calling what does not exist is a bug. Engine,
    models and forms read the flags and never a provider's name.
    """

    name: str
    scheme: str  # what stands before the key in its header
    id_names: tuple[str, ...] = ("task_id", "id")  # of a task, in its replies and callbacks
    key_optional = False
    # Whether what it makes falls under the Chinese rules of labelling (GB 45438-2025).
    chinese_rules = False
    can_find = False
    can_cancel = False
    can_upload = False
    can_keep_subjects = False
    library_first = True  # even where a model also takes subjects with their files
    can_suggest = False
    takes_own_ids = False  # of a video it made, in place of an address
    unnamed_models: tuple[str, ...] = ()  # those that requests and replies do not name
    signs_callbacks = False

    def __init__(self, http: Http) -> None:
        self.http = http

    @classmethod
    def connect(
        cls,
        base_url: str,
        secret: str,
        transport: httpx.AsyncBaseTransport | None = None,
        deadlines: Deadlines | None = None,
    ) -> Self:
        """A client for one key at one address; nothing is sent yet. Use it as `async with`.

        `base_url` may carry a path and a slash at its end.
        """
        key = Secret(secret)
        del secret  # a frame that an error report prints shows only what hides itself
        http = Http(
            base_url,
            cls.scheme,
            key,
            key_optional=cls.key_optional,
            transport=transport,
            deadlines=deadlines,
        )
        return cls(http)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.http.close()

    @classmethod
    def ids_in(cls, data: Mapping[str, Any]) -> list[str]:
        """The ids that a reply or a callback gives its task, the best first."""
        return [found for name in cls.id_names if (found := identity(data.get(name)))]

    def check_id(self, reply: Reply, remote_id: str) -> None:
        """OutcomeUnknown where the reply to a poll speaks of another task than was asked for."""
        named = any(identity(reply.data.get(name)) for name in self.id_names)
        if named and remote_id not in self.ids_in(reply.data):
            raise map_errors.wrong_task(reply)

    @staticmethod
    def verify_callback(
        method: str, path: str, query: str, headers: Mapping[str, str], key: str, now: datetime
    ) -> str:
        """Return the nonce, to be remembered by the caller. Raises InvalidSignature.

        `path` and `query` are those of the callback address as the provider was given it.
        """
        raise NotImplementedError

    async def prepare(self, request: GenerationRequest) -> Prepared:
        """Build the body; upload images first where that is needed. Free, may be repeated.

        Raises TooLarge when the body stays over 18 MB.
        """
        raise NotImplementedError

    async def submit(self, prepared: Prepared) -> Snapshot:
        """POST once: fresh connection, no redirects, no retries, connect 5 s, total 30 s, or 45 s
        where the provider does the work before it answers. Then the result is in the reply."""
        raise NotImplementedError

    async def fetch(self, remote_id: str) -> Snapshot:
        """One poll."""
        raise NotImplementedError

    async def cancel(self, remote_id: str) -> None:
        """Ask to cancel; Refused when it is too late."""
        raise NotImplementedError

    async def balance(self) -> Balance:
        """Test the key for free. KeyRejected when it is wrong."""
        raise NotImplementedError

    async def answers(self) -> bool:
        """Whether the host answers at all, with whatever. Free."""
        reply = await self.http.call("GET", "/")
        return reply.status < 500

    def list_tasks(
        self, since: datetime, until: datetime
    ) -> AsyncGenerator[list[ListedTask], None]:
        """The tasks created in the window, a page at a time.

        Ends by itself only when all of them were shown; otherwise an error follows the last page.
        """
        raise NotImplementedError

    async def prepare_subject(self, subject: InputSubject) -> Prepared:
        """Build the request that makes a subject; uploads first where needed. Free."""
        raise NotImplementedError

    async def submit_subject(self, prepared: Prepared) -> SubjectSnapshot:
        """POST once, like `submit`: it may be charged. The request has no place for style and
        description: an edit adds them."""
        raise NotImplementedError

    async def fetch_subject(self, remote_id: str) -> SubjectSnapshot:
        """Poll the task that makes or edits a subject (Vtrix)."""
        raise NotImplementedError

    async def edit_subject(self, server_id: str, subject: InputSubject) -> SubjectSnapshot:
        """Change a subject that is there; what is empty stays as it is. Free, may be repeated.

        Raises Refused with the code "NewSubjectNeeded" where images cannot be changed.
        """
        raise NotImplementedError

    async def list_subjects(self) -> list[SubjectSnapshot]:
        """Every own subject in the provider's library; complete or an error. Free."""
        raise NotImplementedError

    async def suggest(self, image: InputFile, count: int = 5) -> list[Suggestion]:
        """Ideas for a prompt that suits one image, for the mode "image-video"."""
        raise NotImplementedError


def checked(reply: Reply, *, creating: bool = False) -> dict[str, Any]:
    """The JSON object of a good reply; raises what any other reply means.

    `creating` marks the one request that costs money: there, only what proves a refusal is one
    (see `refusals.py`).
    """
    if not 200 <= reply.status < 300:
        raise map_errors.failure(reply, creating=creating)
    if not isinstance(reply.data, dict):
        raise map_errors.unclear(reply)
    return reply.data


def untested(reply: Reply) -> Balance:
    """Nothing was learnt about the key, unless the reply speaks of the key itself."""
    if reply.status >= 400:
        error = map_errors.failure(reply)
        if isinstance(error, KeyRejected | OutOfCredit | Throttled):
            raise error
    return Balance(tested=False)
