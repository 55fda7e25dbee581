"""Callback signatures: two known vectors, and every part of one that can be wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.providers.errors import InvalidSignature
from generation.providers.vidu import Vidu, sign, signed_text

KEY = "test-api-key"
DATE = "Tue, 06 May 2025 12:09:42 GMT"
NOW = datetime(2025, 5, 6, 12, 9, 42, tzinfo=UTC)
NONCE = "123e4567-e89b-12d3-a456-426614174000"
HEADERS = {
    "Date": DATE,
    "x-request-nonce": NONCE,
    "X-HMAC-SIGNED-HEADERS": "Date;x-request-nonce",
    "X-HMAC-SIGNATURE": "L99algINOfjgx5vOWvPCuEctxyIgCCEnEwAO6Ys/2NU=",
    "X-HMAC-ALGORITHM": "hmac-sha256",
    "X-HMAC-ACCESS-KEY": "vidu",
}
REQUEST = ("POST", "/vidu/callback", "name=james&age=36")


@pytest.mark.parametrize(
    ("path", "query", "nonce", "length", "signature"),
    [
        ("/vidu/callback", "name=james&age=36", NONCE, 161,
         "L99algINOfjgx5vOWvPCuEctxyIgCCEnEwAO6Ys/2NU="),
        ("/cb", "", "n1", 99, "J+6KcGxi6NKicmONf6nKZ2Be+WGBShtIeVX0juMscyc="),
    ],
)  # fmt: skip
def test_the_known_vectors(path, query, nonce, length, signature):
    text = signed_text("post", path, query, DATE, [("Date", DATE), ("x-request-nonce", nonce)])
    assert (len(text), sign(text, KEY)) == (length, signature)
    headers = HEADERS | {"x-request-nonce": nonce, "X-HMAC-SIGNATURE": signature}
    assert Vidu.verify_callback("POST", path, query, headers, KEY, NOW) == nonce


def test_names_of_headers_may_be_written_in_any_case():
    assert (
        Vidu.verify_callback(*REQUEST, {name.upper(): it for name, it in HEADERS.items()}, KEY, NOW)
        == NONCE
    )


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_apart_is_fresh(seconds):
    assert Vidu.verify_callback(*REQUEST, HEADERS, KEY, NOW + timedelta(seconds=seconds)) == NONCE


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_older_and_younger_ones_are_refused(seconds):
    with pytest.raises(InvalidSignature):
        Vidu.verify_callback(*REQUEST, HEADERS, KEY, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("value", ["", "x", "é", None])
def test_no_header_can_be_changed_or_left_out(name, value):
    headers = HEADERS | {name: value}
    headers = {name: it for name, it in headers.items() if it is not None}
    with pytest.raises(InvalidSignature):
        Vidu.verify_callback(*REQUEST, headers, KEY, NOW)


@pytest.mark.parametrize(
    "request_",
    [
        ("GET", *REQUEST[1:]),
        ("POST", "/other", REQUEST[2]),
        ("POST", REQUEST[1], "name=james&age=37"),
        ("POST", REQUEST[1], ""),
    ],
)
def test_a_signature_counts_for_one_request(request_):
    with pytest.raises(InvalidSignature):
        Vidu.verify_callback(*request_, HEADERS, KEY, NOW)


def test_another_key_signs_otherwise():
    with pytest.raises(InvalidSignature):
        Vidu.verify_callback(*REQUEST, HEADERS, "test-api-kez", NOW)


def test_a_nonce_that_is_not_signed_could_be_swapped():
    text = signed_text(*REQUEST, DATE, [("Date", DATE)])
    headers = HEADERS | {"X-HMAC-SIGNED-HEADERS": "Date", "X-HMAC-SIGNATURE": sign(text, KEY)}
    with pytest.raises(InvalidSignature):
        Vidu.verify_callback(*REQUEST, headers, KEY, NOW)


@given(st.dictionaries(st.sampled_from(list(HEADERS)), st.text(max_size=40)))
def test_whatever_arrives_is_refused_and_never_breaks(odd):
    headers = HEADERS | odd
    if {name: it.strip() for name, it in headers.items()} != HEADERS:
        with pytest.raises(InvalidSignature):
            Vidu.verify_callback(*REQUEST, headers, KEY, NOW)
