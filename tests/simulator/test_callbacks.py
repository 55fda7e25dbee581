"""Callbacks: signed as the document says, at each stage, and only to where they may go."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from generation.simulator import callbacks
from generation.simulator.callbacks import sign_callback, signature_headers, string_to_sign
from generation.simulator.config import from_environment
from generation.simulator.world import World
from tests.simulator.asking import created, finished, headers
from tests.simulator.server import Running, running_simulator

DATE = "Tue, 06 May 2025 12:09:42 GMT"


@pytest.mark.parametrize(
    ("path", "query", "nonce", "length", "expected"),
    [
        (
            "/vidu/callback",
            "name=james&age=36",
            "123e4567-e89b-12d3-a456-426614174000",
            161,
            "L99algINOfjgx5vOWvPCuEctxyIgCCEnEwAO6Ys/2NU=",
        ),
        ("/cb", "", "n1", 99, "J+6KcGxi6NKicmONf6nKZ2Be+WGBShtIeVX0juMscyc="),
    ],
)
def test_the_signature_of_the_two_known_examples(
    path: str, query: str, nonce: str, length: int, expected: str
) -> None:
    text = string_to_sign("post", path, query, {"Date": DATE, "x-request-nonce": nonce})
    assert len(text) == length
    assert sign_callback("test-api-key", text) == expected


def test_an_address_without_a_path_is_signed_as_a_slash() -> None:
    found = signature_headers("key", "http://localhost:1")
    text = string_to_sign("POST", "/", "", found)
    assert found["X-HMAC-SIGNATURE"] == sign_callback("key", text)


@dataclass
class Listener:
    """A small server that keeps what it is sent and answers from a list of codes."""

    url: str = ""
    codes: list[int] = field(default_factory=list)
    heard: list[tuple[str, dict[str, str], dict[str, object]]] = field(default_factory=list)

    def wait_for(self, count: int) -> None:
        until = time.monotonic() + 30
        while len(self.heard) < count and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.heard) >= count, self.heard


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.heard.append((self.path, dict(self.headers), data))
            self.send_response(found.codes.pop(0) if found.codes else 200)
            self.send_header("Location", found.url)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def test_each_stage_is_sent_once_and_signed(sim: Running, listener: Listener) -> None:
    address = f"{listener.url}/called/7?name=james&age=36"
    task_id = created(sim.http, key="the-key", callback_url=address, payload="mine")
    listener.wait_for(2)
    assert [data["state"] for _, _, data in listener.heard] == ["processing", "success"]
    path, found, data = listener.heard[1]
    assert (path, data["id"], data["payload"]) == ("/called/7?name=james&age=36", task_id, "mine")
    assert found["X-HMAC-ALGORITHM"] == "hmac-sha256"
    assert found["X-HMAC-ACCESS-KEY"] == "vidu"
    text = string_to_sign("POST", "/called/7", "name=james&age=36", found)
    assert found["X-HMAC-SIGNATURE"] == sign_callback("the-key", text)
    assert sim.http.get(data["creations"][0]["url"]).status_code == 200


def test_the_last_news_is_tried_four_times_the_first_once(sim: Running, listener: Listener) -> None:
    listener.codes = [500, 500, 302, 500, 200]
    created(sim.http, callback_url=listener.url)
    listener.wait_for(5)
    states = [data["state"] for _, _, data in listener.heard]
    assert states == ["processing", "success", "success", "success", "success"]


def test_a_cancelled_task_is_reported_as_failed(sim: Running, listener: Listener) -> None:
    sim.settings(queue=60, pace=1)
    task_id = created(sim.http, callback_url=listener.url)
    sim.http.post(f"/ent/v2/tasks/{task_id}/cancel", headers=headers("vidu"))
    listener.wait_for(1)
    assert listener.heard[0][2]["err_code"] == "UserCancelled"


def test_vtrix_calls_back_without_a_signature(sim: Running, listener: Listener) -> None:
    created(sim.http, "vtrix", callback_url=listener.url)
    listener.wait_for(2)
    _, found, data = listener.heard[1]
    assert data["status"] == "completed"
    assert "X-HMAC-SIGNATURE" not in found


def test_after_a_crash_news_waits_for_its_key(listener: Listener) -> None:
    with running_simulator(SIMULATOR_PACE="0.1") as sim:
        task_id = created(sim.http, key="k", callback_url=listener.url)
        sim.kill()
        sim.start_again()
        finished(sim.http, task_id, key="k")
        listener.wait_for(1)
    assert listener.heard[-1][2]["state"] == "success"


@pytest.mark.parametrize(
    ("hosts", "url", "allowed"),
    [
        ("", "http://127.0.0.1:9/x", True),
        ("", "http://[::1]:9/x", True),
        ("", "http://10.0.0.1/x", False),
        ("", "http://169.254.169.254/x", False),
        ("10.0.0.1", "http://10.0.0.1/x", True),
        ("any", "http://10.0.0.1/x", True),
    ],
)
def test_only_this_machine_is_called_unless_other_hosts_are_named(
    hosts: str, url: str, allowed: bool
) -> None:
    permitted = frozenset(hosts.split(",")) - {""}
    if allowed:
        assert callbacks.permitted(url, permitted)
    else:
        with pytest.raises(ValueError, match="not on this machine"):
            callbacks.permitted(url, permitted)


@pytest.mark.parametrize("mine", [True, False])
def test_next_to_a_studio_only_its_own_port_is_called(
    listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mine: bool
) -> None:
    """Whoever writes an address into a form must not reach what else listens on this machine."""
    monkeypatch.setenv("STUDIO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("STUDIO_LOCAL_URL", listener.url if mine else "http://127.0.0.1:1")
    monkeypatch.delenv("STUDIO_PUBLIC_URL", raising=False)
    world = World(from_environment())
    assert callbacks.Caller(world).post(f"{listener.url}/admin/", b"{}", {})
    world.store.close()
    assert len(listener.heard) == mine


def test_the_studios_own_address_may_come_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STUDIO_LOCAL_URL", raising=False)
    monkeypatch.setenv("STUDIO_PUBLIC_URL", "https://studio.example")
    assert from_environment().ports == frozenset()
    monkeypatch.setenv("STUDIO_LOCAL_URL", "http://127.0.0.1:8000")
    assert from_environment().ports == {8000, 443}
