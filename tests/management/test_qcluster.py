"""The command of the cluster."""

from contextlib import contextmanager

from django.core.management import call_command

from generation import brokers, own_secrets
from generation.management.commands import qcluster


def test_the_queue_is_held_until_every_process_of_the_cluster_has_ended(monkeypatch):
    seen: list[str] = []

    @contextmanager
    def hold():
        seen.append("held")
        yield
        seen.append("let go")

    class Cluster:
        def run(self, _recover):
            seen.append("ended")
            return 3

    monkeypatch.setattr(own_secrets, "verify_or_exit", lambda: seen.append("verified"))
    monkeypatch.setattr(brokers, "hold_queue", hold)
    monkeypatch.setattr(qcluster, "Cluster", Cluster)
    monkeypatch.setattr(qcluster.os, "_exit", lambda code: seen.append(f"exit {code}"))
    call_command("qcluster", skip_checks=True)
    assert seen == ["verified", "held", "ended", "let go", "exit 3"]
