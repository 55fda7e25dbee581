"""Callbacks: the news of a task is sent to the address that came with it.

Only to loopback, unless SIMULATOR_CALLBACKS names other hosts (joined by commas) or says `any`.
Beside a studio, whose people write the addresses, only to that studio's own port.
"""

import asyncio
import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import logging
import secrets
import socket
import time
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from generation.simulator import replies, shapes
from generation.simulator.shapes import ReplyShape
from generation.simulator.tasks import Task
from generation.simulator.world import World, hashed

TIMEOUT = 5
RETRIES = 3
FIRST_PAUSE = 0.5
STAGES = {"processing": 1, "success": 2, "failed": 2}
LAST = 2
USUAL_PORT = {"http": 80, "https": 443}
SIGNED = "Date;x-request-nonce"
ACCESS_KEY = "vidu"
log = logging.getLogger("simulator")


class Caller:
    """Sends the news of every task that has an address, each in a job of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.keys: dict[str, str] = {}  # by hash, in memory alone: a key is never stored
        self.orphans = world.keys_to_notify()
        self.jobs: dict[str, asyncio.Task[None]] = {}

    def expect(self, task: Task, key: str) -> None:
        """A task was accepted: send its news when there is some."""
        if task.callback_url:
            self.keys[task.key_hash] = key
            self.start(task)

    def recognise(self, key: str) -> None:
        """A key was used: after a restart, take up the tasks that waited for it."""
        if self.orphans and hashed(key) in self.orphans:
            self.orphans.discard(hashed(key))
            self.keys[hashed(key)] = key
            for task in self.world.to_notify(hashed(key)):
                self.start(task)

    def start(self, task: Task) -> None:
        job = asyncio.ensure_future(self.follow(task.id))
        self.jobs[task.id] = job
        job.add_done_callback(lambda _: self.jobs.pop(task.id, None))

    async def follow(self, task_id: str) -> None:
        """Wait for each change of state and send it, until the last one is sent."""
        while True:
            try:
                task = self.world.task(task_id)
            except KeyError:
                return
            now = time.time()
            stage = STAGES.get(task.state(now), 0)
            if stage > task.notified:
                await self.send(task, stage)
                self.world.notified(task, stage)
            elif stage == LAST:
                return
            else:
                due = task.finishes if stage else task.starts
                await asyncio.sleep(min(max(due - now, 0.02), 1))  # a cancel is noticed too

    async def send(self, task: Task, stage: int) -> None:
        """Send once, and the last news up to three times more."""
        body = json.dumps(self.body(task)).encode()
        pause = FIRST_PAUSE * self.world.options.pace
        for attempt in range(1 + RETRIES):
            headers = self.headers(task)
            if await asyncio.to_thread(self.post, task.callback_url, body, headers):
                return
            if stage < LAST or attempt == RETRIES:
                return
            await asyncio.sleep(pause * 2**attempt)

    def body(self, task: Task) -> dict[str, Any]:
        if task.dialect == "vtrix":
            shape = ReplyShape.of(shapes.default_shape(task), self.world.options.vtrix)
            return shapes.reply_body(self.world, task, task.site, shape)
        return replies.polled(self.world, task, task.site)

    def headers(self, task: Task) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "vidu-callback"}
        if task.dialect == "vtrix":  # nothing is known of a signature there
            return headers
        return headers | signature_headers(self.keys[task.key_hash], task.callback_url)

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        """Whether the address took it: no redirect, no proxy, a few seconds at most."""
        try:
            address = permitted(url, self.world.config.callbacks, self.world.config.ports)
        except (OSError, ValueError) as error:
            log.warning("a callback was not sent: %s", error)
            return True  # trying again would change nothing
        connection = open_connection(url, address)
        try:
            parts = urlsplit(url)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, {**headers, "Host": parts.netloc})
            return 200 <= connection.getresponse().status < 300
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def permitted(url: str, hosts: frozenset[str], ports: frozenset[int] = frozenset()) -> str:
    """The numeric address to call; ValueError when it may not be called.

    `ports` are the ports of this machine that may be called; without any, all of them.
    """
    parts = urlsplit(url)
    port = parts.port or USUAL_PORT.get(parts.scheme, 80)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    address = str(found[0][4][0])
    if "any" in hosts or parts.hostname in hosts:
        return address
    if not ipaddress.ip_address(address).is_loopback:
        raise ValueError("its address is not on this machine")
    if ports and port not in ports:
        raise ValueError("its port is not the studio's")
    return address


def open_connection(url: str, address: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    return http.client.HTTPConnection(address, parts.port, timeout=TIMEOUT)


def string_to_sign(
    method: str, path: str, query: str, headers: Mapping[str, str], signed: str = SIGNED
) -> str:
    lines = [method.upper(), path or "/", query, ACCESS_KEY, headers["Date"]]
    lines += [f"{name}:{headers[name]}" for name in signed.split(";")]
    return "\n".join(lines) + "\n"


def sign_callback(key: str, text: str) -> str:
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def signature_headers(key: str, url: str) -> dict[str, str]:
    """The signature of a POST to the address as it was given (vidu-api.md, section 1.3.8)."""
    parts = urlsplit(url)
    headers = {"Date": formatdate(usegmt=True), "x-request-nonce": secrets.token_hex(16)}
    text = string_to_sign("POST", parts.path, parts.query, headers)
    return headers | {
        "X-HMAC-SIGNED-HEADERS": SIGNED,
        "X-HMAC-SIGNATURE": sign_callback(key, text),
        "X-HMAC-ALGORITHM": "hmac-sha256",
        "X-HMAC-ACCESS-KEY": ACCESS_KEY,
    }
