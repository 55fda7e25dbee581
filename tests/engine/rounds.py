"""A polling round of one look, for tests that go step by step."""

from django.utils import timezone

from generation.engine import poll
from generation.engine.asker import Asker


def ask_once() -> None:
    """Ask about everything that is due, and write down the answers."""
    with Asker() as asker:
        asker.ask(poll.claim_due(timezone.now(), asker.room))
        while asker.open:
            answered = asker.collect(30)
            poll.write([task for task, _ in answered], [answer for _, answer in answered])
