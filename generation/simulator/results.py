"""Result files: addresses that expire, and what lies behind them."""

import asyncio
import hmac
import time

from generation.simulator.faults import RESULTS, Fault, Faults
from generation.simulator.media.cache import ENDINGS, ResultCache
from generation.simulator.tasks import Task
from generation.simulator.wire import HttpReply, Refusal, Request
from generation.simulator.world import World

PAGE = b"<!doctype html><title>Not here</title><h1>Sign in to see this file</h1>\n"
EXPIRED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code>" + (
    b"<Message>Request has expired</Message></Error>"
)
ENDLESS = 2 * 1024**3
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


TYPES = {"png": "image/png", "mp4": "video/mp4", "mp3": "audio/mpeg", "jpg": "image/jpeg"}
COVER, MARKED = "cover", "marked"


def result_link(world: World, task: Task, site: str, expired: int = 0, part: str = "1") -> str:
    """An address of the result, good for a while; `expired` is the status of one that is not.

    The parts are the file itself, its cover, and the file with the watermark.
    """
    until = 0 if expired else int(time.time() + world.options.expiry)
    token = f"{task.id}-{until}-{expired or 403}-{part}"
    name = f"{task.id}_{part}.{result_ending(task, part)}"
    return f"{site}/results/{token}-{world.sign(token)}/{name}"


def result_ending(task: Task, part: str) -> str:
    return "jpg" if part == COVER else ENDINGS[task.makes]


async def result_reply(
    world: World, faults: Faults, cache: ResultCache, request: Request, token: str
) -> HttpReply:
    """The file behind an address, or what a fault puts in its place."""
    opened_task = opened_link(world, token)
    if isinstance(opened_task, HttpReply):
        return opened_task
    task, part = opened_task
    fault = faults.first(request, RESULTS, task.prompt)
    kind = fault["kind"] if fault else str(task.traits.get("result", ""))
    headers = {"content-type": TYPES[result_ending(task, part)]}
    if kind:
        return await broken(cache, task, kind, fault or {}, headers)
    cover = part == COVER
    return HttpReply(headers=headers, file=await (cache.cover if cover else cache.result)(task))


def opened_link(world: World, token: str) -> tuple[Task, str] | HttpReply:
    """The task an address speaks of and the part of its result; a refusal that storage hosts
    give when it is no good.
    """
    text, _, signature = token.rpartition("-")
    if not hmac.compare_digest(signature, world.sign(text)):
        raise Refusal(403, "Forbidden", "the signature does not match")
    task_id, until, status, part = text.rsplit("-", 3)
    if time.time() > int(until):
        return HttpReply(int(status), {"content-type": "application/xml"}, EXPIRED)
    try:
        task = world.task(task_id)
    except KeyError:
        raise Refusal(404, "NotFound", "there is no such file") from None
    if task.state(time.time()) != "success":
        raise Refusal(404, "NotFound", "there is no such file")
    return task, part


async def broken(
    cache: ResultCache, task: Task, kind: str, fault: Fault, headers: dict[str, str]
) -> HttpReply:
    if kind == "truncated":
        data = await asyncio.to_thread((await cache.result(task)).read_bytes)
        return HttpReply(
            headers=headers, body=data[: len(data) // 2], length=len(data), ending="cut"
        )
    if kind == "endless":
        most = int(fault.get("bytes", ENDLESS))
        return HttpReply(headers=headers, ending="endless", length=most)
    return HttpReply(headers=headers, body={"empty": b"", "page": PAGE, "format": GIF}[kind])
