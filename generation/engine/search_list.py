"""Which rows of a provider's list are lost tasks of ours: one listing, and few single polls."""

import asyncio
import logging
import random
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial

from generation.catalogue import rules
from generation.catalogue.types import gettext_noop
from generation.engine.provider_clients import call_provider, client_of
from generation.models import Task
from generation.providers.base import ListedTask, Provider, RemoteState, Snapshot
from generation.providers.errors import OutcomeUnknown, ProviderError, Throttled
from generation.providers.registry import PROVIDERS

log = logging.getLogger(__name__)
LIST_SECONDS, ASK_SECONDS = 30.0, 30.0
ASK_MOST, ASK_AT_ONCE = 400, 8
BEFORE, AFTER = timedelta(minutes=10), timedelta(minutes=20)  # clocks differ, and lists lag
NO_SIGNS = re.compile(r"[\s@\[\]]+")  # what models read mentions as, and what lists may tidy away
UNFINISHED = gettext_noop("The provider's list could not be read to its end.")
UNCLEAR = gettext_noop("The provider gave no clear answer.")
Answer = Snapshot | ProviderError


@dataclass
class Listing:
    """What was read of a list, by remote id; `failure` says why it may not be all."""

    rows: dict[str, ListedTask] = field(default_factory=dict)
    failure: ProviderError | None = None


@dataclass
class SearchResult:
    """`found` is what was found, by its payload. `undecided` has the keys of tasks that a row may
    be which nobody could read; `failure` says why the list may hold more than was seen."""

    found: dict[str, list[Snapshot]] = field(default_factory=dict)
    undecided: set[int] = field(default_factory=set)
    failure: ProviderError | None = None


def search_list(
    wanted: Sequence[Task], owned_of: Callable[[Collection[str]], set[str]], now: datetime
) -> SearchResult:
    """Look for all of `wanted`, tasks of one secret, with one listing.

    `owned_of` tells which remote ids belong to tasks that are settled: those are not asked about.
    """
    since, until = window_of(wanted, now)
    listing = call_provider(client_of(wanted[0]), partial(read_list, since, until))
    owned = owned_of(listing.rows.keys())
    unowned = [row for name, row in listing.rows.items() if name not in owned]
    found: dict[str, list[Snapshot]] = defaultdict(list)
    for row in unowned:
        if row.payload:
            found[row.payload].append(listed_snapshot(row))
    names = {offer.model_name for offer in rules.offers(wanted[0].provider)}
    silent = [
        row
        for row in unowned
        if not row.payload and any(may_be(row, task, names, now) for task in wanted)
    ]
    answers = ask_about(wanted[0], [row.remote_id for row in silent])
    for answer in answers.values():
        if isinstance(answer, Snapshot) and answer.payload:
            found[answer.payload].append(answer)
    unread = [row for row in silent if not isinstance(answers.get(row.remote_id), Snapshot)]
    undecided = {task.pk for task in wanted if any(may_be(row, task, names, now) for row in unread)}
    return SearchResult(found, undecided, listing.failure)


def window_of(tasks: Sequence[Task], now: datetime) -> tuple[datetime, datetime]:
    """When they may have been made. One sent in the future is from before the clock was set back:
    when that was, only the present can tell."""
    times = [moment_sent(task) for task in tasks]
    # One that is held may have been sent by the original at any time since.
    times += [now for task in tasks if task.is_held]
    return min(*times, now) - BEFORE, max(times) + AFTER


def moment_sent(task: Task) -> datetime:
    return task.sent_at or task.created_at


async def read_list(since: datetime, until: datetime, provider: Provider) -> Listing:
    """The list as far as it could be read: what is found in half of it is found, too."""
    listing = Listing()
    try:
        async with (
            asyncio.timeout(LIST_SECONDS),
            aclosing(provider.list_tasks(since, until)) as pages,
        ):
            async for page in pages:
                listing.rows.update((row.remote_id, row) for row in page)
    except ProviderError as error:
        listing.failure = error
    except TimeoutError:
        listing.failure = OutcomeUnknown(UNFINISHED)
    except Exception:  # a page that makes the code fail is one that was not read
        log.exception("provider=%s: its list was not read", provider.name)
        listing.failure = OutcomeUnknown(UNFINISHED)
    return listing


def ask_about(task: Task, remote_ids: Sequence[str]) -> dict[str, Answer]:
    """What the provider says of each id, asked with the secret of `task`.

    Those that there is no time for are missing; which ones is chance, so that each has its turn.
    """
    if not remote_ids:
        return {}
    some = random.sample(sorted(set(remote_ids)), min(len(set(remote_ids)), ASK_MOST))
    return call_provider(client_of(task), partial(ask_each, some))


async def ask_each(remote_ids: Iterable[str], provider: Provider) -> dict[str, Answer]:
    """One failure costs one answer; only a provider that asks for rest is asked nothing more."""
    answers: dict[str, Answer] = {}
    gate = asyncio.Semaphore(ASK_AT_ONCE)

    async def ask(remote_id: str) -> None:
        async with gate:
            if any(isinstance(answer, Throttled) for answer in answers.values()):
                return
            try:
                answers[remote_id] = await provider.fetch(remote_id)
            except ProviderError as error:
                answers[remote_id] = error
            except Exception:  # a reply that makes the code fail is no answer either
                log.exception("provider=%s remote_id=%s: not read", provider.name, remote_id)
                answers[remote_id] = OutcomeUnknown(UNCLEAR)

    with suppress(TimeoutError):
        async with asyncio.timeout(ASK_SECONDS):
            await asyncio.gather(*map(ask, remote_ids))
    return answers


def listed_snapshot(row: ListedTask) -> Snapshot:
    return Snapshot(
        row.remote_id,
        RemoteState.CREATED,
        credits=row.credits,
        seed=row.seed,
        payload=row.payload,
        model_name=row.model_name,
        created_at=row.created_at,
    )


def may_be(row: ListedTask, task: Task, names: Collection[str], now: datetime) -> bool:
    """Whether a row without a payload can be this task, by all that the list tells of it.

    A model that the catalogue does not know says nothing: it may be another spelling.
    """
    since, until = window_of([task], now)
    if row.created_at is not None and not since <= row.created_at <= until:
        return False
    is_named = task.model_name not in PROVIDERS[task.provider].unnamed_models
    if is_named and row.model_name in names and row.model_name != task.model_name:
        return False
    sent, listed = folded(str(task.values.get("prompt") or "")), folded(row.prompt)
    # A list may cut what is long; some add other texts of the request.
    return not sent or not listed or sent.startswith(listed) or listed.startswith(sent)


@lru_cache(maxsize=2_000)
def folded(prompt: str) -> str:
    return NO_SIGNS.sub("", prompt).rstrip("….").casefold()
