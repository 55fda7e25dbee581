"""The key shows itself nowhere."""

import base64
import html
import json
import pickle
import re
import traceback
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.providers.base import Snapshot
from generation.providers.errors import OutcomeUnknown
from generation.providers.registry import PROVIDERS
from generation.providers.secret import HIDDEN, Secret
from tests.providers.raw import KEY, POLLED, drop, fetch, outcome, reply, submit

CODES = [ord(letter) for letter in KEY]
ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
SHAPES = {
    "raw": KEY,
    "reversed": KEY[::-1],
    "url": quote(KEY, safe=""),
    "url, small letters": re.sub("%..", lambda it: it[0].lower(), quote(KEY, safe="")),
    "form": quote_plus(KEY),
    "json": json.dumps(KEY)[1:-1].replace("/", "\\/"),
    "html": html.escape(KEY),
    "hex": KEY.encode().hex(),
    "HEX": KEY.encode().hex().upper(),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 in a header": base64.b64encode(f"Token {KEY}".encode()).decode(),
    "base64 of a pair": base64.b64encode(f"me:{KEY}:x".encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(KEY.encode()).decode(),
    "base64 of base64": base64.b64encode(base64.b64encode(KEY.encode())).decode(),
    "base32": base64.b32encode(KEY.encode()).decode().rstrip("=")[:-1],
    "small letters": KEY.lower(),
    "capitals": KEY.upper(),
    "url, each letter": "".join(f"%{code:02X}" for code in CODES),
    "url twice": quote(quote(KEY, safe=""), safe=""),
    "html numbers": "".join(f"&#{code};" for code in CODES),
    "html hex numbers": "".join(f"&#x{code:x};" for code in CODES),
    "escapes as text": ESCAPED,
    "bytes as text": "".join(f"\\x{code:02x}" for code in CODES),
    "hex apart": " ".join(f"{code:02x}" for code in CODES),
    "HEX apart": ":".join(f"{code:02X}" for code in CODES),
}


def traces(text: str) -> list[str]:
    """Which shapes of the key can be found in `text`."""
    inner = {
        name: shape.strip("=")[4:-4] if "64" in name else shape for name, shape in SHAPES.items()
    }
    return [name for name, shape in inner.items() if shape in text]


def printed(seen: object) -> str:
    """All that an error or a snapshot carries."""
    return repr(seen) + repr(vars(seen) if isinstance(seen, Exception) else seen)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_echo_of_the_key_is_taken_out_of_an_error(shape):
    echo = {"code": 400, "reason": SHAPES[shape], "message": f"bad key {SHAPES[shape]}!"}
    body = json.dumps(echo | {"metadata": {"trace_id": SHAPES[shape]}})
    if shape == "json":
        body = body.replace("\\\\/", "\\/")
    error, _server = outcome(reply(400, body, X_Request_Id=SHAPES[shape]), submit)
    assert traces(printed(error)) == []
    assert HIDDEN in error.sentence
    assert HIDDEN in error.request_id


def test_an_echo_in_a_header_alone_is_taken_out():
    error, _server = outcome(reply(500, b"", X_Request_Id=f"r-{KEY}"), submit)
    assert error.request_id == f"r-{HIDDEN}"


def test_an_echo_behind_escapes_is_taken_out_as_well():
    body = f'{{"code": 400, "reason": "BadRequest", "message": "{ESCAPED}"}}'
    error, _server = outcome(reply(400, body), submit)
    assert traces(error.sentence) == []
    assert HIDDEN in error.sentence


def test_an_echo_of_the_key_is_taken_out_of_a_snapshot():
    echo = POLLED | {"state": "failed", "err_code": KEY, "payload": KEY, "model": f"m{KEY}"}
    seen, _server = outcome(
        reply(200, echo | {"creations": [{"url": f"https://x.org/{KEY}"}]}), fetch
    )
    assert isinstance(seen, Snapshot)
    assert traces(printed(seen)) == []


def test_text_that_no_database_takes_is_made_storable():
    seen, _server = outcome(reply(200, POLLED | {"payload": "a\0b\ud800c"}), fetch)
    assert seen.payload == "ab?c"


@pytest.mark.parametrize("ask", [submit, fetch])
@pytest.mark.parametrize("answer", [drop, reply(500, KEY), reply(401, KEY), reply(302, KEY)])
def test_no_error_drags_the_request_along_and_no_frame_shows_the_key(ask, answer):
    error, _server = outcome(answer, ask)
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in shown.stack if "/generation/" in frame.filename]
    assert ours
    assert traces(str([frame.locals for frame in ours])) == []


def test_everything_that_holds_the_key_hides_it():
    client = PROVIDERS["vidu"].connect("https://api.vidu.com", KEY)
    secret = client.http.secret
    for one in (client, client.http, client.http.auth, secret, str(secret), f"{secret}"):
        assert traces(repr(one)) == []
    assert traces(repr(vars(client.http)) + repr(vars(client.http.auth))) == []
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_an_unknown_provider_leaves_no_key_in_the_frame():
    with pytest.raises(KeyError) as caught:
        PROVIDERS["nobody"].connect("https://api.vidu.com", KEY)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert traces(str(shown.stack[-1].locals)) == []


def test_a_short_key_does_not_break_ordinary_text():
    assert Secret("a").scrub("a banana") == "a banana"


@given(
    st.text("abcXYZ019_-+/=", min_size=9, max_size=40), st.binary(max_size=9), st.binary(max_size=9)
)
def test_base64_gives_nothing_away_wherever_the_key_stands(key, before, after):
    code = base64.b64encode(before + key.encode() + after).decode()
    clean = Secret(key).scrub(code)
    left = clean.replace(HIDDEN, "").rstrip("=")
    assert HIDDEN in clean
    assert len(left) <= (len(before) + len(after)) * 4 / 3 + 6


def test_logs_name_the_kind_of_failure_alone(caplog):
    caplog.set_level("DEBUG")
    seen, _server = outcome(drop, submit)
    outcome(b"", submit, url="http://127.0.0.1:1")
    assert isinstance(seen, OutcomeUnknown)
    assert "ConnectionRefusedError" in caplog.text
    assert traces(caplog.text) == []
