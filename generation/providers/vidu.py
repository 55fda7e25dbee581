"""Official Vidu, its mainland host, and the built-in simulator that speaks like them."""

import asyncio
from collections.abc import Coroutine, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from generation.catalogue.types import gettext_noop
from generation.providers import map_errors, uploads
from generation.providers.base import Balance, Snapshot
from generation.providers.ent_v2 import NAMES, EntV2, task_path
from generation.providers.errors import NotFound, OutcomeUnknown, ProviderError, Refused
from generation.providers.parse import first_text, identity, parse_count, rows, when
from generation.providers.payloads import Dialect
from generation.providers.request_body import Body
from generation.providers.vidu_subjects import ViduSubjects

PAGE = 100
USUAL_PAGE = 10  # what a list has that did not understand the size we asked for
MOST_PAGES = 100
AT_ONCE = 8
CLOCKS_APART = timedelta(minutes=5)
T = TypeVar("T")


class Vidu(ViduSubjects, EntV2):
    """Adds to create and poll: balance, cancel, list, upload, subjects, ideas."""

    name = "vidu"
    scheme = "Token"
    can_find = can_cancel = can_upload = takes_own_ids = signs_callbacks = True
    can_keep_subjects = can_suggest = True
    # Its pages spell these two unlike those of the mainland host.
    dialect = Dialect(
        names={**NAMES, "lip-sync": {"voice_id": "character_id"}},
        words={"audio_type": {"sound_effect_only": "sound-effect_only"}},
    )

    async def lighten(self, body: Body) -> Body:
        return await uploads.lighten(self.http, body)

    async def cancel(self, remote_id: str) -> None:
        """Refused when it is scheduled already. The next poll tells what came of it."""
        path = f"{task_path(remote_id)}/cancel"
        map_errors.checked(await self.http.call("POST", path, {"id": remote_id}))

    async def balance(self) -> Balance:
        try:
            reply = await self.http.call("GET", "/ent/v2/credits", params={"show_detail": "false"})
            told = map_errors.checked(reply)
        except Refused:  # a host without this page can still be asked for a task
            return await self.probe()
        # The field table of the page and its sample disagree about the name.
        remains = rows(told.get("remains", told.get("remaining_credits")))
        return balance_of(remains) if remains else await self.probe()

    async def find(self, marker: str, since: datetime, until: datetime) -> list[Snapshot]:
        """The list is searched by time alone: `payload` is no filter, and not in its rows."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def look(row: dict[str, Any]) -> Snapshot | None:
            if row.get("payload", marker) != marker:
                return None
            async with gate:
                found = await self.listed(row_id(row))
            return found if found.payload == marker else None

        listed = [row for row in await self.pages(since, until) if in_window(row, since, until)]
        found = await all_of([look(row) for row in listed])
        return [one for one in found if one is not None]

    async def listed(self, remote_id: str) -> Snapshot:
        try:
            return await self.fetch(remote_id)
        except NotFound:
            raise incomplete() from None

    async def pages(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """All rows of the window, each once; OutcomeUnknown when that cannot be made sure.

        Whether pages count from 0 or 1 is not documented: the first is asked for without a
        number, the next ones as 1, 2 and so on. A list that keeps repeating itself has no
        numbers, and is at its end only when it says that no page follows.
        """
        known: dict[str, dict[str, Any]] = {}
        token = ""
        for index in range(MOST_PAGES):
            data = await self.page(since, until, token, index)
            page = {row_id(row): row for row in rows(data["tasks"])}
            repeated = page.keys() <= known.keys()
            known |= page
            following = first_text(data, "next_page_token")
            perhaps_cut = len(page) == USUAL_PAGE or len(page) >= PAGE
            if not page or (not following and (token or not perhaps_cut)):
                return list(known.values())
            if repeated and not following and index > 1 and "next_page_token" in data:
                return list(known.values())
            if repeated and (following or index > 1):
                break
            token = following
        raise incomplete()

    async def page(
        self, since: datetime, until: datetime, token: str, index: int
    ) -> dict[str, Any]:
        window = {"created_at.from": moment(since), "created_at.to": moment(until, up=True)}
        reply = await self.http.call("GET", "/ent/v2/tasks", params=window | pager(token, index))
        data = map_errors.checked(reply)
        if not isinstance(data.get("tasks"), list):
            raise map_errors.failure_within(reply)
        return data


class ViduCn(Vidu):
    name = "vidu-cn"
    dialect = EntV2.dialect


class Demo(Vidu):
    name = "demo"
    key_optional = True
    signs_callbacks = False  # there is no key to sign with


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


async def all_of(looks: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of all, or the first failure with the rest called off."""
    failure: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(look) for look in looks]
    except* ProviderError as failed:
        failure = failed.exceptions[0]
    if failure is not None:
        raise failure
    return [task.result() for task in tasks]


def row_id(row: dict[str, Any]) -> str:
    """Raises OutcomeUnknown on a row without an id: it could be the one that is looked for."""
    found = identity(row.get("id")) or identity(row.get("task_id"))
    if not found:
        raise incomplete()
    return found


def in_window(row: dict[str, Any], since: datetime, until: datetime) -> bool:
    made = when(row.get("created_at"))
    return made is None or since - CLOCKS_APART <= made <= until + CLOCKS_APART


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
