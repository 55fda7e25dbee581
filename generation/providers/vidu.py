"""Official Vidu, its mainland host, and the built-in simulator that speaks like them."""

import base64
import hashlib
import hmac
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from generation.catalogue.types import gettext_noop
from generation.providers import map_errors, vidu_uploads
from generation.providers.base import (
    Balance,
    InputFile,
    InputSubject,
    ListedTask,
    Prepared,
    SubjectSnapshot,
    Suggestion,
    checked,
)
from generation.providers.ent_v2 import NAMES, EntV2, task_path
from generation.providers.errors import (
    InvalidSignature,
    OutcomeUnknown,
    Refused,
)
from generation.providers.parse import MOST_SEED, first_text, identity, parse_count, rows, when
from generation.providers.payloads import Dialect
from generation.providers.request_body import Body, placed
from generation.providers.subjects import PAGE as SUBJECTS_PAGE
from generation.providers.subjects import (
    kept_subject,
    read_library,
    subject_files,
    subject_of,
    subject_texts,
)

SUBJECTS_PATH = "/ent/v2/subjects"
IDEAS_PATH = "/ent/v2/img2video-prompt-recommendation"
MOST_IDEAS = 10
PAGE = 100
USUAL_PAGE = 10  # what a list has that did not understand the size we asked for
MOST_PAGES = 100
# Vidu's signature under a callback. It does not cover the body: a callback is only a hint.
ACCESS_KEY = "vidu"
ALGORITHM = "hmac-sha256"
NONCE = "x-request-nonce"
FRESH = timedelta(seconds=300)


class Vidu(EntV2):
    """Adds to create and poll: balance, cancel, list, upload, subjects, prompt ideas, callbacks."""

    name = "vidu"
    scheme = "Token"
    can_find = can_cancel = can_upload = takes_own_ids = signs_callbacks = True
    can_keep_subjects = can_suggest = True
    # Its pages spell these two unlike those of the mainland host.
    dialect = Dialect(
        names={**NAMES, "lip-sync": {"voice_id": "character_id"}},
        value_names={"audio_type": {"sound_effect_only": "sound-effect_only"}},
    )

    async def lighten(self, body: Body) -> Body:
        return await vidu_uploads.lighten(self.http, body)

    async def cancel(self, remote_id: str) -> None:
        """Refused when it is scheduled already. The next poll shows the outcome."""
        path = f"{task_path(remote_id)}/cancel"
        checked(await self.http.call("POST", path, {"id": remote_id}))

    async def balance(self) -> Balance:
        try:
            reply = await self.http.call("GET", "/ent/v2/credits", params={"show_detail": "false"})
            data = checked(reply)
        except Refused:  # a host without this page can still be asked for a task
            return await self.probe()
        # The field table of the page and its sample disagree about the name.
        remains = rows(data.get("remains", data.get("remaining_credits")))
        return balance_of(remains) if remains else await self.probe()

    async def list_tasks(
        self, since: datetime, until: datetime
    ) -> AsyncGenerator[list[ListedTask], None]:
        """The list is searched by time alone: `payload` is no filter, and seldom in its rows.

        Whether pages count from 0 or 1 is not documented: the first is asked for without a
        number, the next ones as 1, 2 and so on. A list that keeps repeating itself has no
        numbers, and is at its end only when it says that no page follows.
        """
        known: set[str] = set()
        token, is_readable = "", True
        for index in range(MOST_PAGES):
            data = await self.page(since, until, token, index)
            found = [listed_task(row) for row in rows(data["tasks"])]
            page = {one.remote_id: one for one in found if one.remote_id}
            # One that has no id could be the one that is searched for.
            is_readable = is_readable and all(one.remote_id for one in found)
            is_readable = is_readable and len(found) == len(data["tasks"])
            repeated = page.keys() <= known
            yield [one for name, one in page.items() if name not in known]
            known |= page.keys()
            following = first_text(data, "next_page_token")
            perhaps_cut = len(found) == USUAL_PAGE or len(found) >= PAGE
            at_end = not found or (not following and (token or not perhaps_cut))
            if repeated and not following and index > 1 and "next_page_token" in data:
                at_end = True
            if at_end and is_readable:
                return
            if at_end or (repeated and (following or index > 1)):
                break
            token = following
        raise incomplete()

    async def page(
        self, since: datetime, until: datetime, token: str, index: int
    ) -> dict[str, Any]:
        window = {"created_at.from": moment(since), "created_at.to": moment(until, up=True)}
        reply = await self.http.call("GET", "/ent/v2/tasks", params=window | pager(token, index))
        data = checked(reply)
        if not isinstance(data.get("tasks"), list):
            raise map_errors.failure_within(reply)
        return data

    async def prepare_subject(self, subject: InputSubject) -> Prepared:
        return Prepared(SUBJECTS_PATH, await self.packed(kept_subject(subject)), is_slow=True)

    async def submit_subject(self, prepared: Prepared) -> SubjectSnapshot:
        reply = await self.http.submit(prepared.path, prepared.body, is_slow=prepared.is_slow)
        data = checked(reply, creating=True)
        made = subject_of(data)
        if not made.server_id:
            raise map_errors.failure_within(reply, creating=True)
        return made

    async def edit_subject(self, server_id: str, subject: InputSubject) -> SubjectSnapshot:
        """Images that are given replace those that are there; what is empty stays as it is."""
        body = await self.packed({**subject_texts(subject), **subject_files(subject)})
        path = f"{SUBJECTS_PATH}/{quote(server_id, safe='')}"
        reply = await self.http.call("PUT", path, body=body, deadline=self.http.deadlines.slow)
        data = checked(reply)
        if data.get("code") and not identity(data.get("id")):
            raise map_errors.failure_within(reply)
        return subject_of(data, server_id=server_id)

    async def list_subjects(self) -> list[SubjectSnapshot]:
        return await read_library(self.subjects_page)

    async def subjects_page(self, token: str) -> dict[str, Any]:
        """The page prints these fields as a body, which a GET has not: they go into the query."""
        query = {"ownership": "private", "count": str(SUBJECTS_PAGE)}
        query |= {"next_page_token": token} if token else {}
        reply = await self.http.call("GET", SUBJECTS_PATH, params=query)
        data = checked(reply)
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
        data = checked(reply, creating=True)
        if not isinstance(data.get("prompts"), list):
            raise map_errors.failure_within(reply, creating=True)
        return [idea for row in rows(data["prompts"]) if (idea := suggestion(row)).prompt]

    @staticmethod
    def verify_callback(
        method: str, path: str, query: str, headers: Mapping[str, str], key: str, now: datetime
    ) -> str:
        fields = {name.lower(): value.strip() for name, value in headers.items()}
        signed = [name.strip() for name in fields.get("x-hmac-signed-headers", "").split(";")]
        date, nonce = fields.get("date", ""), fields.get(NONCE, "")
        if fields.get("x-hmac-algorithm", "").lower() != ALGORITHM:
            raise InvalidSignature("another algorithm")
        if fields.get("x-hmac-access-key", "") != ACCESS_KEY:
            raise InvalidSignature("another access key")
        if not nonce or NONCE not in [name.lower() for name in signed]:
            raise InvalidSignature("no signed nonce")
        if not is_fresh(date, now):
            raise InvalidSignature("not now")
        text = signed_text(
            method, path, query, date, [(name, fields.get(name.lower(), "")) for name in signed]
        )
        signature = fields.get("x-hmac-signature", "")
        if not hmac.compare_digest(sign(text, key).encode(), signature.encode()):
            raise InvalidSignature("another key, or another request")
        return nonce


class ViduCn(Vidu):
    name = "vidu-cn"
    chinese_rules = True
    dialect = EntV2.dialect


class Demo(Vidu):
    name = "demo"
    key_optional = True
    signs_callbacks = False  # there is no key to sign with


def suggestion(row: dict[str, Any]) -> Suggestion:
    """Ideas for an image stand in `content`; effects have a prompt beside it."""
    return Suggestion(
        prompt=first_text(row, "prompt", "content"),
        kind=first_text(row, "type"),
        template=first_text(row, "template"),
    )


def balance_of(remains: list[dict[str, Any]]) -> Balance:
    """All kinds of credits together; places from the row that limits them."""
    left = [
        found for row in remains if (found := parse_count(row.get("credit_remain"))) is not None
    ]
    limited = [row for row in remains if parse_count(row.get("concurrency_limit"))]
    limited.sort(key=lambda row: row.get("type") != "concurrent")
    places = limited[0] if limited else {}
    return Balance(
        credits=sum(left) if left else None,
        concurrency_limit=parse_count(places.get("concurrency_limit")),
        concurrency_used=parse_count(places.get("current_concurrency")),
    )


def listed_task(row: dict[str, Any]) -> ListedTask:
    return ListedTask(
        remote_id=identity(row.get("id")) or identity(row.get("task_id")),
        payload=row["payload"] if isinstance(row.get("payload"), str) else "",
        prompt=first_text(row, "prompt"),
        model_name=first_text(row, "model"),
        created_at=when(row.get("created_at")),
        credits=parse_count(row.get("credits")),
        seed=parse_count(row.get("seed"), MOST_SEED),
    )


def pager(token: str, index: int) -> dict[str, str]:
    """Both spellings that the documents use, as it is not known which one counts."""
    if token:
        return {"pager.pagesz": str(PAGE), "paper.pagesz": str(PAGE), "pager.page_token": token}
    number = {"pager.page": str(index), "paper.page": str(index)} if index else {}
    return {"pager.pagesz": str(PAGE), "paper.pagesz": str(PAGE), **number}


def moment(value: datetime, *, up: bool = False) -> str:
    value = (value.astimezone(UTC) + timedelta(seconds=up)).replace(microsecond=0, tzinfo=None)
    return f"{value.isoformat()}Z"


def incomplete() -> OutcomeUnknown:
    return OutcomeUnknown(gettext_noop("The provider's list could not be read to its end."))


def signed_text(
    method: str, path: str, query: str, date: str, signed: list[tuple[str, str]]
) -> str:
    """What the signature is made over; every line ends with a line feed."""
    path = path if path.startswith("/") else f"/{path}"
    lines = [method.upper(), path, query, ACCESS_KEY, date]
    return "".join(f"{line}\n" for line in [*lines, *(f"{name}:{value}" for name, value in signed)])


def sign(text: str, key: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


def is_fresh(date: str, now: datetime) -> bool:
    try:
        sent_at = parsedate_to_datetime(date)
    except ValueError:
        return False
    sent_at = sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)
    return abs(now - sent_at) <= FRESH
