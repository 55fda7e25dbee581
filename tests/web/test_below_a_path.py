"""The studio below a path: no address leaves it, whether the proxy strips it or keeps it."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from tests.web_server import WebServer, running_web_server

ADDRESS = re.compile(r'\s(?:href|src|action|poster|hx-[a-z]+|data-[a-z-]+)="([^"]*)"')
MOST = 60


@pytest.fixture(scope="module")
def server() -> Iterator[WebServer]:
    with running_web_server(STUDIO_PUBLIC_URL="http://localhost/studio") as found:
        yield found


def browser(server: WebServer, *, strips: bool) -> httpx.Client:
    def through_proxy(request: httpx.Request) -> None:
        """What one kind of proxy does with the path of each request."""
        if strips:
            path = request.url.raw_path.removeprefix(b"/studio")
            request.url = request.url.copy_with(raw_path=path)

    return httpx.Client(
        base_url=f"http://localhost:{server.port}", timeout=60, trust_env=False,
        headers={"Cookie": f"session={server.sessions[0]}"},
        event_hooks={"request": [through_proxy]},
    )  # fmt: skip


@pytest.mark.parametrize("strips", [True, False])
def test_no_address_of_a_page_leaves_the_path(server, strips):
    waiting, seen = ["/studio/", "/studio/login/"], set()
    with browser(server, strips=strips) as client:
        while waiting and len(seen) < MOST:
            here = waiting.pop(0)
            if here in seen:
                continue
            seen.add(here)
            answer = client.get(here)
            assert answer.status_code < 400 or "/media/" in here, (here, answer.status_code)
            found = [answer.headers["Location"]] if "Location" in answer.headers else []
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                found += [one for one in ADDRESS.findall(answer.text) if one.startswith("/")]
            for one in found:
                path = urlsplit(urljoin(here, one.replace("&amp;", "&"))).path
                assert path.startswith("/studio/"), (here, one)
                if "logout" not in path and "." not in path and one in answer.text:
                    waiting += [path] if f'<a href="{one}"' in answer.text else []
                if "Location" in answer.headers:
                    waiting.append(path)
            for cookie in answer.headers.get_list("Set-Cookie"):
                assert "Path=/studio" in cookie, (here, cookie)
    assert len(seen) > 15


@pytest.mark.parametrize("strips", [True, False])
def test_static_files_and_probes_answer_in_both_ways(server, strips):
    with browser(server, strips=strips) as client:
        page = client.get("/studio/login/", headers={"Cookie": ""}).text
        style = re.search(r'href="(/studio/static/[^"]+\.css)"', page)[1]
        assert client.get(style).status_code == 200
        assert client.get("/studio/healthz").text == "ok"
        forged = client.get("/studio/login/", headers={"X-Forwarded-Prefix": "/evil"}).text
        assert "evil" not in forged
