"""Connections are opened in three places, so that one policy covers them all (O1)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPENERS = {"httpx", "httpcore", "aiohttp", "requests", "urllib3", "urllib.request", "http.client",
           "socket", "ftplib", "smtplib", "telnetlib", "websockets", "socketserver"}  # fmt: skip
# A drill speaks to the simulator and the studio that it started itself.
MAY_OPEN = (
    "generation/providers/", "generation/outbound", "generation/simulator/", "generation/drill/",
)  # fmt: skip
# These ask for this machine's own ports and connections, and open nothing outwards.
LISTENERS = {
    "generation/supervisor.py": {"socket"},
    "generation/cluster/folders.py": {"socket"},
    "generation/management/commands/studio.py": {"socket"},
    "generation/management/own_names.py": {"socket"},
    "generation/web/server/connection_limits.py": {"socket"},  # it only ends connections
}


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def offences(path: str, source: str) -> set[str]:
    if path.startswith(MAY_OPEN):
        return set()
    found = {
        opener
        for name in imported(source)
        for opener in OPENERS
        if name == opener or name.startswith(f"{opener}.")
    }
    return found - LISTENERS.get(path, set())


def test_nothing_else_opens_connections():
    files = [*ROOT.glob("generation/**/*.py"), *ROOT.glob("vidustudio/**/*.py")]
    found = {
        path: bad
        for path in (str(file.relative_to(ROOT)) for file in files)
        if (bad := offences(path, (ROOT / path).read_text()))
    }
    assert len(files) > 50
    assert found == {}


@pytest.mark.parametrize(
    "source",
    ["import httpx", "from urllib import request", "def f():\n    import socket",
     "from urllib.request import urlopen", "import http.client as h"],
)  # fmt: skip
def test_the_search_finds_every_spelling(source):
    assert offences("generation/views/create/page.py", source)


def test_similar_words_are_allowed():
    assert not offences("generation/views/a.py", "from urllib.parse import urlsplit\nimport http")
