"""Sealing secrets: bound to row and owner, readable with an old key of the ring, or broken."""

import base64

import pytest
from django.core.management.utils import get_random_secret_key
from hypothesis import given
from hypothesis import strategies as st

from generation import crypto

SECRET, ROW = "vda_CANARY_4711", "api-key:1:7"


def test_a_sealed_secret_opens_for_its_own_row():
    assert crypto.open_sealed(crypto.seal(SECRET, ROW), ROW) == SECRET


@given(st.text(max_size=200), st.text(max_size=40))
def test_every_text_survives_sealing(secret, binding):
    assert crypto.open_sealed(crypto.seal(secret, binding), binding) == secret


@pytest.mark.parametrize("other", ["api-key:2:7", "api-key:1:8", "", "api-key:1:70"])
def test_it_does_not_open_for_another_row_or_owner(other):
    with pytest.raises(crypto.Broken):
        crypto.open_sealed(crypto.seal(SECRET, ROW), other)


def test_the_blob_shows_nothing_of_the_secret():
    blob = crypto.seal(SECRET, ROW)
    for form in (SECRET.encode(), SECRET[::-1].encode(), base64.b64encode(SECRET.encode())):
        assert form not in blob


def test_equal_secrets_are_sealed_differently_each_time():
    blobs = {crypto.seal(SECRET, ROW) for _ in range(100)}
    assert len(blobs) == 100
    assert len({blob[1:13] for blob in blobs}) == 100


@pytest.mark.parametrize("place", [0, 1, 12, 13, -1])
def test_one_changed_byte_breaks_it(place):
    blob = bytearray(crypto.seal(SECRET, ROW))
    blob[place] ^= 1
    with pytest.raises(crypto.Broken):
        crypto.open_sealed(bytes(blob), ROW)


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01" + bytes(12), b"\x01" + bytes(28), b"plain"])
def test_what_was_never_sealed_is_broken_too(blob):
    with pytest.raises(crypto.Broken):
        crypto.open_sealed(blob, ROW)


def test_a_new_key_seals_and_the_old_one_still_opens(settings):
    settings.DATA_KEYS = ["old"]
    before = crypto.seal(SECRET, ROW)
    settings.DATA_KEYS = ["new", "old"]
    after = crypto.seal(SECRET, ROW)
    assert crypto.open_sealed(before, ROW) == crypto.open_sealed(after, ROW) == SECRET
    settings.DATA_KEYS = ["new"]
    assert crypto.open_sealed(after, ROW) == SECRET
    with pytest.raises(crypto.Broken):
        crypto.open_sealed(before, ROW)


def test_the_site_key_plays_no_part(settings):
    blob = crypto.seal(SECRET, ROW)
    settings.SECRET_KEY = get_random_secret_key()
    assert crypto.open_sealed(blob, ROW) == SECRET


def test_a_fingerprint_tells_equal_from_different_and_nothing_else():
    assert crypto.fingerprint(SECRET) == crypto.fingerprint(SECRET)
    assert crypto.fingerprint(SECRET) != crypto.fingerprint(SECRET + "x")
    assert len(crypto.fingerprint(SECRET)) == 64
    assert SECRET[-4:] not in crypto.fingerprint(SECRET)


def test_keys_of_different_purpose_differ():
    assert crypto.derive("key", b"seal") != crypto.derive("key", b"fingerprint")
    assert len(crypto.derive("key", b"seal")) == 32
