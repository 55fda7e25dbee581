"""Argon2 is costly: no flood of log-ins may run more than two at a time in a process."""

import threading

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from vidustudio import hashers, settings
from vidustudio.hashers import TwoAtATime


@pytest.mark.parametrize("name", ["encode", "verify"])
def test_while_two_hashes_run_there_is_no_room_for_a_third(monkeypatch, name):
    inside, done = threading.Semaphore(0), threading.Event()

    def hash_slowly(_hasher, *_given) -> bool:
        inside.release()
        return done.wait(20)

    monkeypatch.setattr(Argon2PasswordHasher, name, hash_slowly)
    work = getattr(TwoAtATime(), name)
    threads = [threading.Thread(target=work, args=("password", "salt")) for _ in range(2)]
    for thread in threads:
        thread.start()
        assert inside.acquire(timeout=20)
    assert not hashers.AT_ONCE.acquire(blocking=False)
    done.set()
    for thread in threads:
        thread.join(20)
    with hashers.AT_ONCE:
        assert work("password", "salt")


def test_passwords_of_before_still_open():
    assert settings.PASSWORD_HASHERS[0] == f"{TwoAtATime.__module__}.{TwoAtATime.__name__}"
    encoded = Argon2PasswordHasher().encode("harbour-lantern-42", "saltsalt")
    assert TwoAtATime().verify("harbour-lantern-42", encoded)
