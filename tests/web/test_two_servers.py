"""Limits of the log-in count in all processes together, and keep no owner out."""

import contextlib
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from generation.management.commands.studio import web_command
from tests.ports import free_port
from tests.studio import ROOT
from tests.web_server import WebServer, run_manage, running_web_server, wait_until_it_answers

READER, PASSWORD = "reader@example.test", "pass-1234-word"
WINDOW_OVER = """
from datetime import timedelta
from django.utils import timezone
from generation.models import LimitCount
LimitCount.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
"""


@contextlib.contextmanager
def second_server(first: WebServer) -> Iterator[WebServer]:
    """Another web server on the same data."""
    port = free_port()
    with (first.log.with_name("second.log")).open("wb") as out:
        process = subprocess.Popen(
            web_command("127.0.0.1", port), cwd=ROOT, env=first.environment,
            stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    second = replace(first, port=port, process=process, log=first.log.with_name("second.log"))
    try:
        wait_until_it_answers(second)
        yield second
    finally:
        process.terminate()
        process.wait(45)


@pytest.fixture(scope="module")
def servers() -> Iterator[list[WebServer]]:
    alone = running_web_server(size=1, STUDIO_BEHIND_PROXY="yes")
    with alone as first, second_server(first) as second:
        yield [first, second]


def browser(server: WebServer, network: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"http://127.0.0.1:{server.port}",
        headers={"X-Forwarded-For": network},
        timeout=60,
    )


def try_log_in(client: httpx.Client, password: str) -> str:
    page = client.get("/login/").text
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = {"login": READER, "password": password, "csrfmiddlewaretoken": token}
    answer = client.post("/login/", data=form)
    if answer.status_code == 302:
        return "in"
    return "refused" if "Too many tries." in answer.text else "wrong"


def test_a_hundred_wrong_tries_keep_strangers_out_and_the_owner_not(servers):
    with browser(servers[0], "198.51.100.1") as known:
        assert try_log_in(known, PASSWORD) == "in"
        device = {name: value for name, value in known.cookies.items() if "device" in name}
    assert device

    def stranger(number: int) -> str:
        with browser(servers[number // 20 % 2], f"203.0.113.{number % 20}") as client:
            return try_log_in(client, f"wrong-{number}")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(stranger, range(100)))
    assert (answers.count("wrong"), answers.count("refused")) == (20, 80)

    for server in servers:
        with browser(server, "192.0.2.7") as unknown:
            assert try_log_in(unknown, PASSWORD) == "refused"
        with browser(server, "192.0.2.8") as owner:
            owner.cookies.update(device)
            assert try_log_in(owner, PASSWORD) == "in"

    run_manage(servers[0].environment, "shell", "-v0", "-c", WINDOW_OVER)
    with browser(servers[1], "192.0.2.7") as unknown:
        assert try_log_in(unknown, PASSWORD) == "in"
