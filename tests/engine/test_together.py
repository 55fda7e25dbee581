"""Two processes that take up the same registration in the same moment."""

import threading

import pytest
from django.db import close_old_connections, connection

from generation.engine import register, registrations
from generation.models import Registration, RegistrationState
from tests.factories import make_subject, make_user

R = RegistrationState


def at_once(work, count=4):
    """Run `work` in threads of their own that begin together; returns what they raised.

    A database in memory cannot wait for a lock: there they come one after the other.
    """
    together = connection.vendor == "postgresql"
    gate, trouble = threading.Barrier(count if together else 1), []

    def run():
        close_old_connections()
        try:
            gate.wait(10)
            work()
        except Exception as error:
            trouble.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
        if not together:
            thread.join(60)
    for thread in threads:
        thread.join(60)
    return trouble


@pytest.mark.django_db(transaction=True)
def test_many_who_use_a_subject_at_once_pay_for_one_registration(simulator, monkeypatch):
    monkeypatch.setattr(registrations, "wake", lambda *_: None)
    user = make_user()
    mira = make_subject(user, "Mira")
    assert at_once(lambda: registrations.register(mira, "demo", None)) == []
    row = Registration.objects.get()
    assert at_once(lambda: register.register(row.pk)) == []
    row.refresh_from_db()
    assert row.state == R.KEPT
    assert len([one for one in simulator.ledger() if "subject" in one["model"]]) == 1
