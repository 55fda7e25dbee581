"""manage.py simulator: the built-in provider, by itself."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

APP = "generation.simulator.app:app"


class Command(BaseCommand):
    help = "Run the simulator, the built-in provider that costs nothing."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8090)

    def handle(self, *_: Any, host: str, port: int, **__: Any) -> None:
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--workers", "1"]
        command += ["--host", host, "--port", str(port), APP]
        env = {"STUDIO_DATA_DIR": str(settings.DATA_DIR), **os.environ}
        os.chdir(settings.BASE_DIR)
        # The server takes this process over, so that a signal to it reaches the server.
        os.execve(sys.executable, command, env)  # noqa: S606  our own arguments
