"""The error tree: what is certain, what may be repeated, and what the person reads."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.providers.base import Prepared
from generation.providers.error_texts import SENTENCES
from generation.providers.errors import (
    KeyRejected,
    NotFound,
    OutcomeUnknown,
    OutOfCredit,
    Refused,
    Throttled,
    TooLarge,
)
from generation.providers.map_errors import MOST_WAIT, retry_after
from tests.providers.raw import TASK, envelope, fetch, outcome, reply, submit

PAGE = "<html><body>Sorry</body></html>"
VTRIX_BROKE = {"message": "insufficient balance"}

# status, body, error on submit, error on fetch, code, field
TABLE = [
    (400, envelope(400, "FieldInvalid", "aspect_ratio is wrong"), Refused, Refused,
     "FieldInvalid", "aspect_ratio"),
    (400, envelope(400, "FieldLacking", "prompt lacking"), Refused, Refused,
     "FieldLacking", "prompt"),
    (400, envelope(400, "FieldInvalid", "image resolution below 128"), Refused, Refused,
     "FieldInvalid", "images"),
    (400, envelope(400, "FieldInvalid", "resolution 8K"), Refused, Refused,
     "FieldInvalid", "resolution"),
    (400, envelope(400, "FieldInvalid", "seed"), Refused, Refused, "FieldInvalid", "seed"),
    (400, envelope(400, "ImageDownloadFailure"), Refused, Refused,
     "ImageDownloadFailure", "images"),
    (400, envelope(400, "PageSizeOutOfRange"), Refused, Refused, "PageSizeOutOfRange", "images"),
    (400, envelope(400, "TaskPromptPolicyViolation"), Refused, Refused,
     "TaskPromptPolicyViolation", "prompt"),
    (400, envelope(400, "AuditSubmitIllegal", "no"), Refused, Refused, "AuditSubmitIllegal", ""),
    (400, envelope(400, "CreditInsufficient"), OutOfCredit, OutOfCredit, "CreditInsufficient", ""),
    (400, envelope(400, "SomethingNew", "x"), Refused, Refused, "SomethingNew", ""),
    (400, envelope(400, "TooManyRequests"), Throttled, Throttled, "TooManyRequests", ""),
    (400, envelope(400, "OperationInProcess"), OutcomeUnknown, Refused, "OperationInProcess", ""),
    (400, b"", OutcomeUnknown, Refused, "", ""),
    (400, "no such model", OutcomeUnknown, Refused, "", ""),
    (400, PAGE, OutcomeUnknown, OutcomeUnknown, "", ""),
    (400, {"code": 500, "message": "upstream broke"}, OutcomeUnknown, Refused, "", ""),
    (400, {"error": {"code": "008023098", "message": "x"}}, OutcomeUnknown, OutcomeUnknown,
     "008023098", ""),
    (400, {"error": {"code": "008023099", "message": "x"}}, Refused, Refused, "008023099", ""),
    (401, envelope(401, "Unauthorized"), KeyRejected, KeyRejected, "Unauthorized", ""),
    (401, PAGE, KeyRejected, KeyRejected, "", ""),
    (401, {"error": {"message": "no such token", "code": ""}}, KeyRejected, KeyRejected, "", ""),
    (402, {"message": "pay first"}, OutOfCredit, OutOfCredit, "", ""),
    (402, {}, OutcomeUnknown, OutOfCredit, "", ""),
    (403, envelope(403, "Forbidden"), KeyRejected, KeyRejected, "Forbidden", ""),
    (403, VTRIX_BROKE, OutOfCredit, OutOfCredit, "", ""),
    (403, {"error": "Insufficient account balance"}, OutOfCredit, OutOfCredit, "", ""),
    (403, {"error": {"code": "insufficient_user_quota", "message": "x"}}, OutOfCredit, OutOfCredit,
     "insufficient_user_quota", ""),
    (403, b"", OutcomeUnknown, KeyRejected, "", ""),
    (403, PAGE, OutcomeUnknown, OutcomeUnknown, "", ""),
    (404, envelope(404, "TaskNotFound"), NotFound, NotFound, "TaskNotFound", ""),
    (404, PAGE, OutcomeUnknown, OutcomeUnknown, "", ""),
    (405, PAGE, OutcomeUnknown, OutcomeUnknown, "", ""),
    (407, PAGE, OutcomeUnknown, OutcomeUnknown, "", ""),
    (408, b"", OutcomeUnknown, OutcomeUnknown, "", ""),
    (408, envelope(408, "Timeout"), OutcomeUnknown, OutcomeUnknown, "Timeout", ""),
    (409, envelope(409, "Conflict"), OutcomeUnknown, Refused, "Conflict", ""),
    (400, envelope(400, "Conflict"), OutcomeUnknown, Refused, "Conflict", ""),
    (413, PAGE, OutcomeUnknown, TooLarge, "", ""),
    (413, envelope(413, "BadRequest", "too large"), TooLarge, TooLarge, "BadRequest", ""),
    (422, {"detail": "what?"}, OutcomeUnknown, Refused, "", ""),
    (422, {"message": "what?"}, Refused, Refused, "", ""),
    (424, {"message": "behind us"}, OutcomeUnknown, Refused, "", ""),
    (429, envelope(429, "QuotaExceeded"), Throttled, Throttled, "QuotaExceeded", ""),
    (429, PAGE, OutcomeUnknown, Throttled, "", ""),
    (429, b"", OutcomeUnknown, Throttled, "", ""),
    (499, envelope(499, "Canceled"), OutcomeUnknown, OutcomeUnknown, "Canceled", ""),
    (400, envelope(400, "Canceled"), OutcomeUnknown, OutcomeUnknown, "Canceled", ""),
    (500, envelope(500, "InternalServiceFailure"), OutcomeUnknown, OutcomeUnknown,
     "InternalServiceFailure", ""),
    (500, envelope(500, "CreditInsufficient"), OutcomeUnknown, OutcomeUnknown,
     "CreditInsufficient", ""),
    (502, PAGE, OutcomeUnknown, OutcomeUnknown, "", ""),
    (503, b"", OutcomeUnknown, OutcomeUnknown, "", ""),
    (504, PAGE, OutcomeUnknown, OutcomeUnknown, "", ""),
    (200, b"", OutcomeUnknown, OutcomeUnknown, "", ""),
    (200, PAGE, OutcomeUnknown, OutcomeUnknown, "", ""),
    (200, "[1, 2]", OutcomeUnknown, OutcomeUnknown, "", ""),
    (200, '{"task_id": "9', OutcomeUnknown, OutcomeUnknown, "", ""),
    (200, {}, OutcomeUnknown, OutcomeUnknown, "", ""),
    (200, {"task_id": "", "x": 1}, OutcomeUnknown, OutcomeUnknown, "", ""),
    (200, {"task_id": ".."}, OutcomeUnknown, OutcomeUnknown, "", ""),
    (200, {"task_id": True}, OutcomeUnknown, OutcomeUnknown, "", ""),
    (200, envelope(400, "FieldInvalid", "prompt"), Refused, Refused, "FieldInvalid", "prompt"),
    (200, envelope(401, "Unauthorized"), KeyRejected, KeyRejected, "Unauthorized", ""),
    (200, envelope(400, "CreditInsufficient"), OutOfCredit, OutOfCredit, "CreditInsufficient", ""),
    (200, {"code": 429, "message": "slow"}, Throttled, Throttled, "", ""),
    (200, {"code": "ImageFormatInvalid"}, Refused, Refused, "ImageFormatInvalid", "images"),
    (200, {"code": 500, "message": "x"}, OutcomeUnknown, OutcomeUnknown, "", ""),
    (200, {"code": 0, "message": "ok"}, OutcomeUnknown, OutcomeUnknown, "", ""),
    (200, {"code": "WhoKnows", "message": "x"}, OutcomeUnknown, OutcomeUnknown, "WhoKnows", ""),
    (200, {"code": 409, "message": "x"}, OutcomeUnknown, Refused, "", ""),
    (200, {"code": 500, "message": "insufficient balance"}, OutcomeUnknown, OutOfCredit, "", ""),
    (204, b"", OutcomeUnknown, OutcomeUnknown, "", ""),
    (600, envelope(400, "FieldInvalid"), OutcomeUnknown, OutcomeUnknown, "FieldInvalid", ""),
    (999, PAGE, OutcomeUnknown, OutcomeUnknown, "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "on_submit", "on_fetch", "code", "field"), TABLE)
def test_a_reply_means_the_same_error_every_time(status, body, on_submit, on_fetch, code, field):
    sent, _server = outcome(reply(status, body), submit)
    polled, _server = outcome(reply(status, body), fetch)
    assert (type(sent), type(polled)) == (on_submit, on_fetch)
    assert (sent.code, sent.field, sent.status) == (code, field, status)
    assert str(sent.sentence).endswith((".", "”"))


REDIRECTS = [300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 310, 350, 399]
BODIES = [b"", PAGE, envelope(400, "FieldInvalid"), TASK]


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("body", BODIES, ids=["nothing", "page", "own words", "task"])
def test_a_redirect_says_nothing_of_whether_it_was_accepted(status, body):
    answer = reply(status, b"" if status == 304 else body, Location="https://elsewhere.test/")
    for ask in (submit, fetch):
        error, server = outcome(answer, ask)
        assert type(error) is OutcomeUnknown
        assert len(server.requests) == 1
        assert "redirect" in error.sentence


GATEWAYS = [
    ("a page", PAGE, {"Content_Type": "text/html"}),
    ("nothing", b"", {}),
    ("plain text", "upstream request timeout", {"Content_Type": "text/plain"}),
    ("JSON of a stranger", {"statusCode": 400, "detail": "no"}, {}),
]


@pytest.mark.parametrize(("body", "headers"), [one[1:] for one in GATEWAYS],
                         ids=[one[0] for one in GATEWAYS])  # fmt: skip
def test_only_the_providers_own_words_refuse_what_may_be_charged(body, headers):
    """A box on the way may have handed the request on before it answered in its own name."""
    for status in (*range(400, 452), 460, 499, *range(500, 512), 520, 522, 524, 599):
        error, _server = outcome(reply(status, body, **headers), submit)
        assert type(error) is (KeyRejected if status == 401 else OutcomeUnknown), status


@pytest.mark.parametrize(
    ("size", "kind"), [(900_000, OutcomeUnknown), (1_000_000, TooLarge), (12_000_000, TooLarge)]
)
def test_what_is_too_large_for_a_gateway_was_handed_to_nobody(size, kind):
    async def send(provider):
        return await provider.submit(Prepared("/ent/v2/x", b" " * size))

    error, _server = outcome(reply(413, PAGE), send)
    assert (type(error), error.nothing_happened) == (kind, kind is TooLarge)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("video_url is not reachable", "videos"),
        ("video_creation_id and prompt", "videos"),
        ("audio_url: the file is too long", "sounds"),
        ("prompt_audio_url must be below 8 seconds", "prompt_sound"),
        ("image_settings: key_image is missing", "frames"),
        ("upscale_resolution must exceed the video's", "resolution"),
        ("voice_setting_speed out of range", "speed"),
        ("character_id unknown", "voice_id"),
        ("Field off_peak needs audio", "off_peak"),
        ("subjects[0].server_id not found", "subjects"),
        ("too many subjects", "subjects"),
        ("no_such_field in duration", "duration"),
        ("duration 17", "duration"),
        ("videos: 3 given", "videos"),
        ("what?", ""),
    ],
)
def test_the_setting_that_a_refusal_speaks_of(message, field):
    error, _server = outcome(reply(400, envelope(400, "FieldInvalid", message)), submit)
    assert error.field == field


def test_the_providers_message_trace_and_the_next_step_reach_the_person():
    error, _server = outcome(reply(400, envelope(400, "FieldInvalid", "bad\n  words")), submit)
    assert error.sentence == f"{SENTENCES['FieldInvalid'][0]} It says: “bad words”"
    assert error.advice == SENTENCES["FieldInvalid"][1]
    assert (error.request_id, error.status) == ("trace-7", 400)
    assert "FieldInvalid" in error.raw


def test_long_messages_are_shortened():
    error, _server = outcome(reply(400, envelope(400, "BadRequest", "x" * 9_000)), submit)
    assert len(error.sentence) < 400
    assert len(error.raw) == 2_000


@pytest.mark.parametrize("message", ["insufficient ", "balance ", "not enough ", "prompt "])
def test_endless_messages_are_read_in_no_time(message):
    """Hardly longer than as many words that no pattern looks for: a machine may be slow."""

    def time_to_read(text: str) -> float:
        started = time.process_time()
        error, _server = outcome(reply(400, {"message": text, "code": message * 9}), submit)
        assert type(error) is Refused
        assert len(error.code) <= 80
        return time.process_time() - started

    assert time_to_read(message * 150_000) < 4 * time_to_read("harmless " * 150_000) + 0.5


def test_what_is_kept_of_a_garbled_reply_can_be_stored():
    error, _server = outcome(reply(500, b"a\0b\xff"), submit)
    assert error.raw == "ab\N{REPLACEMENT CHARACTER}"


def test_a_page_of_a_middle_box_is_not_shown_as_the_providers_message():
    error, _server = outcome(reply(403, PAGE, Content_Type="text/html"), submit)
    assert "Sorry" not in error.sentence


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7), ("0", 0), ("2.5", 2.5), (" 12 ", 12), ("999999", MOST_WAIT), ("-3", None),
        ("", None), ("soon", None), ("inf", None), ("nan", None),
        ("Sat, 21 Nov 2026 10:00:30 GMT", 30), ("Sat, 21 Nov 2026 09:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 10:00:30 -0000", 30), ("Sat, 21 Nov 2026 23:00:00 GMT", MOST_WAIT),
    ],
)  # fmt: skip
def test_retry_after_in_both_forms(value, seconds):
    now = datetime(2026, 11, 21, 10, tzinfo=UTC).timestamp()
    assert retry_after(value, now) == seconds


@given(st.text(max_size=60))
def test_no_retry_after_breaks_the_reading(value):
    seconds = retry_after(value)
    assert seconds is None or 0 <= seconds <= MOST_WAIT


def test_a_throttled_reply_says_how_long_to_wait():
    date = format_datetime(datetime(2099, 1, 1, tzinfo=UTC), usegmt=True)
    for header, wait in (("9", 9), (date, MOST_WAIT), ("", None)):
        error, _server = outcome(
            reply(429, envelope(429, "TooManyRequests"), Retry_After=header), submit
        )
        assert error.retry_after == wait


@pytest.mark.parametrize("header", ["9", "Sat, 21 Nov 2026 10:00:30 GMT"])
def test_who_says_when_to_come_again_has_not_served(header):
    error, _server = outcome(reply(429, PAGE, Retry_After=header), submit)
    assert type(error) is Throttled
    error, _server = outcome(reply(429, PAGE, Retry_After="soon"), submit)
    assert type(error) is OutcomeUnknown
