"""The command of the cluster, around django-q2's own."""

from contextlib import contextmanager
from types import SimpleNamespace

from django.core.management import call_command
from django_q.management.commands import qcluster as django_q2

from generation import brokers, own_secrets
from generation.management.commands import qcluster


def test_the_queue_is_held_until_every_process_of_the_cluster_has_ended(monkeypatch):
    """django-q2's command returns as soon as the cluster works."""
    seen: list[str] = []

    @contextmanager
    def hold():
        seen.append("held")
        yield
        seen.append("let go")

    child = SimpleNamespace(join=lambda: seen.append("ended"))
    monkeypatch.setattr(own_secrets, "verify_or_exit", lambda: seen.append("verified"))
    monkeypatch.setattr(brokers, "hold_queue", hold)
    monkeypatch.setattr(django_q2.Command, "handle", lambda *_, **__: seen.append("started"))
    monkeypatch.setattr(qcluster.multiprocessing, "active_children", lambda: [child])
    call_command("qcluster", skip_checks=True)
    assert seen == ["verified", "held", "started", "ended", "let go"]
