"""Which process a drill takes for which."""

import subprocess
import sys

import pytest

from generation.drill.node import is_simulator, is_web
from generation.management.commands.studio import web_command


@pytest.fixture
def web():
    """A process with the command line of the web server, which does nothing."""
    code = "print(flush=True); input()"
    command = [sys.executable, "-c", code, *web_command("127.0.0.1", 1)[1:]]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()  # before that, its command line may not be its own yet
    yield process.pid
    process.communicate(b"\n")


def test_the_web_server_is_found_by_the_command_that_starts_it(web):
    assert is_web(web)
    assert not is_simulator(web)
