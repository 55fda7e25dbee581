"""The contract between the engine and one provider. All names here are canonical."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import TracebackType
from typing import Any, Protocol, Self


class RemoteState(StrEnum):
    """A task's state at the provider. States only move forward; an unknown word is RUNNING."""

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
    `subjects` the request is in the subject form and pictures stand in the subjects.
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
    US dollars. `error_code` and `error` hold the provider's own words of a failure.
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
    model_name: str = ""
    created_at: datetime | None = None


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


class Provider(Protocol):
    """One wire protocol at one base URL with one key. Every method may raise ProviderError.

    Built by `registry.connect(provider, base_url, secret, transport=None)`; use it as an async
    context manager. Capability flags say what exists: calling what does not exist is a bug.
    """

    name: str
    can_find: bool
    can_cancel: bool
    can_upload: bool
    can_keep_subjects: bool
    library_first: bool
    can_suggest: bool
    takes_own_ids: bool
    signs_callbacks: bool

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def prepare(self, request: GenerationRequest) -> Prepared:
        """Build the body; upload pictures first where that is needed. Free, may be repeated.

        Raises TooLarge when the body stays over 18 MB.
        """

    async def submit(self, prepared: Prepared) -> Snapshot:
        """POST once: fresh connection, no redirects, no retries, connect 5 s, total 30 s, or 45 s
        where the provider does the work before it answers. Then the result is in the reply."""

    async def fetch(self, remote_id: str) -> Snapshot:
        """One poll."""

    async def cancel(self, remote_id: str) -> None:
        """Ask to cancel; Refused when it is too late."""

    async def balance(self) -> Balance:
        """Test the key for free. KeyRejected when it is wrong."""

    async def find(self, marker: str, since: datetime, until: datetime) -> list[Snapshot]:
        """All tasks created in the window whose payload is `marker`; complete or an error."""

    async def prepare_subject(self, subject: InputSubject) -> Prepared:
        """Build the request that makes a subject; uploads first where needed. Free."""

    async def submit_subject(self, prepared: Prepared) -> SubjectSnapshot:
        """POST once, like `submit`: it may be charged. The request has no place for style and
        description: an edit adds them."""

    async def fetch_subject(self, remote_id: str) -> SubjectSnapshot:
        """One look at the task that makes or edits a subject (Vtrix)."""

    async def edit_subject(self, server_id: str, subject: InputSubject) -> SubjectSnapshot:
        """Change a subject that is there; what is empty stays as it is. Free, may be repeated.

        Raises Refused with the code "NewSubjectNeeded" where pictures cannot be changed.
        """

    async def list_subjects(self) -> list[SubjectSnapshot]:
        """Every own subject in the provider's library; complete or an error. Free."""

    async def suggest(self, image: InputFile, count: int = 5) -> list[Suggestion]:
        """Ideas for a prompt that suits one picture, for the mode "image-video"."""
