"""The simulator's control door: what it accepted, made and was sent; faults are set through it."""

import json
import urllib.request
from typing import Any

from generation.drill.faults import Fault

SECONDS = 30.0
# Where files lie, which no key is needed for and so none may be sent to.
FILE_HOSTS = ("/results/", "/storage/", "/library/")


class SimulatorDoor:
    def __init__(self, address: str) -> None:
        self.address = address
        self.keys_at_file_hosts: set[str] = set()

    def ask(self, page: str, data: Any = None) -> Any:
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(  # noqa: S310  our own simulator
            f"{self.address}/_sim/{page}", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as reply:  # noqa: S310
            return json.loads(reply.read())

    def set_faults(self, faults: list[Fault], seed: int) -> None:
        self.ask("faults", {"faults": faults, "seed": seed})

    def ledger(self) -> list[dict[str, Any]]:
        """Every accepted create request, oldest first."""
        found: list[dict[str, Any]] = self.ask("ledger")
        return found

    def tasks(self) -> dict[str, dict[str, Any]]:
        """What became of each task there, by its id: its state, and the hash of its file."""
        return {row["remote_id"]: row for row in self.ask("tasks")}

    def subjects(self) -> dict[str, str]:
        """What each subject is called there, by its id."""
        return {row["remote_id"]: row["name"] for row in self.ask("subjects")}

    def watch_file_hosts(self) -> None:
        """Note where a key was sent. Often, because only the last 1,000 requests are kept."""
        for host in FILE_HOSTS:
            for row in self.ask(f"requests?path={host}"):
                if row["key_hash"]:
                    self.keys_at_file_hosts.add(f"{row['number']} {row['method']} {row['path']}")
