"""What a reply that is no success means, in the error tree."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from generation.catalogue.message import Message
from generation.catalogue.params import PARAMS
from generation.catalogue.types import gettext_noop
from generation.providers.error_texts import (
    FIELDS,
    LATER,
    PROVIDER_SIDE,
    SENTENCES,
    explain,
    known_code,
    with_message,
)
from generation.providers.errors import (
    KeyRejected,
    NotFound,
    OutcomeUnknown,
    OutOfCredit,
    ProviderError,
    Refused,
    Throttled,
    TooLarge,
)
from generation.providers.parse import first_text, text
from generation.providers.refusals import is_open, proves_refusal
from generation.providers.reply import Reply

MOST_WAIT = 600.0
MOST_RAW = 2_000
MOST_CODE = 80
NO_CREDIT_CODES = ("CreditInsufficient", "insufficient_user_quota", "insufficient_quota")
NO_CREDIT_MESSAGE = re.compile(
    r"insufficient[\w ]{0,40}(balance|credit|quota|fund)"
    r"|(balance|credits?|quota)[\w ]{0,40} insufficient"
    r"|not enough (credit|balance|quota)|(余额|额度|积分)不足",
    re.IGNORECASE,
)
# A code says more than the status it comes with: gateways send most errors as 400.
STATUS_OF = {
    "Unauthorized": 401,
    "Forbidden": 403,
    "TaskNotFound": 404,
    "CreationNotFound": 404,
    "QuotaExceeded": 429,
    "TooManyRequests": 429,
    "SystemThrottling": 429,
    "Canceled": 499,
    "InternalServiceFailure": 500,
    "008023095": 500,
    "008023096": 500,
    "008023097": 500,
    "008023098": 500,
}
USUAL_CODE = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    413: "TooLarge",
    429: "TooManyRequests",
}
KINDS: dict[int, type[ProviderError]] = {
    401: KeyRejected, 403: KeyRejected, 404: NotFound, 413: TooLarge,
}  # fmt: skip
UNKNOWN = (408, 499)
# Which setting a message speaks of: a wire name tells best, then the more specific word.
NAME = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
NAMES = {
    "start_image": "images",
    "key_image": "images",
    "ref_photo_url": "images",
    "image_settings": "frames",
    "video_url": "videos",
    "video_creation_id": "videos",
    "audio_url": "sounds",
    "prompt_audio_url": "prompt_sound",
    "server_id": "subjects",
    "upscale_resolution": "resolution",
    "timing_prompts": "cues",
    "character_id": "voice_id",
    "voice_setting_voice_id": "voice_id",
    "voice_setting_speed": "speed",
    "voice_setting_volume": "volume",
    "voice_setting_pitch": "pitch",
    "voice_setting_emotion": "emotion",
    "pronunciation_dict_tone": "pronunciation",
}
MENTIONS = (
    ("images", re.compile(r"\bimages?\b|\bpictures?\b|图片")),
    ("videos", re.compile(r"\bvideos\b|视频")),
    ("sounds", re.compile(r"\bsounds\b|音频")),
    ("subjects", re.compile(r"\bsubjects?\b|主体")),
    ("aspect_ratio", re.compile(r"aspect.?ratio")),
    ("resolution", re.compile(r"resolution")),
    ("duration", re.compile(r"\bduration\b|时长")),
    ("seed", re.compile(r"\bseed\b")),
    ("bgm", re.compile(r"\bbgm\b")),
    ("callback_url", re.compile(r"callback")),
    ("payload", re.compile(r"payload")),
    ("template", re.compile(r"\btemplate\b")),
    ("prompt", re.compile(r"prompt|提示词")),
)


@dataclass(frozen=True)
class ErrorFacts:
    """Code and message of the provider itself; empty when somebody else replied."""

    code: str = ""
    message: str = ""
    number: int | None = None

    def __bool__(self) -> bool:
        return bool(self.code or self.message or self.number)


def error_facts(data: Any) -> ErrorFacts:
    """Code and message in every error shape that the three dialects are known to use."""
    if not isinstance(data, dict):
        return ErrorFacts()
    error = data.get("error")
    inner = next((it for it in (error, data.get("status")) if isinstance(it, dict)), {})
    message = first_text(inner, "message", "error_message") or (
        error.strip() if isinstance(error, str) else ""
    )
    message = message or first_text(data, "message", "error_message", "err_msg", "msg")
    codes = [code_of(it) for it in (data.get("reason"), inner.get("code"), data.get("code"))]
    numbers = (int(code) for code in codes if re.fullmatch("[1-5][0-9][0-9]", code))
    names = (code for code in codes if not re.fullmatch("[0-9]{0,3}", code))
    return ErrorFacts(known_code(next(names, "")), message, next(numbers, None))


def code_of(value: Any) -> str:
    return (str(value) if type(value) is int else text(value))[:MOST_CODE]


def failure_within(reply: Reply, *, creating: bool = False) -> ProviderError:
    """The error that a 2xx reply holds instead of a task."""
    found = error_facts(reply.data)
    refusal = found.code in SENTENCES and found.code not in PROVIDER_SIDE
    status = STATUS_OF.get(found.code) or (400 if refusal else found.number)
    if NO_CREDIT_MESSAGE.search(found.message) or found.code in NO_CREDIT_CODES:
        status = 402
    if status is None or status < 400:
        return unclear(reply)
    return failure(reply, creating=creating, status=status)


def failure(reply: Reply, *, creating: bool = False, status: int | None = None) -> ProviderError:
    """The error that a reply outside 2xx stands for; `status` is one that a 2xx reply holds."""
    found = error_facts(reply.data)
    status = status or reply.status
    if 400 <= status < 500 and status != 401:
        status = STATUS_OF.get(found.code, status)
    if not (is_refusal(reply, status, found) if creating else is_answer(reply, status)):
        return unclear(reply)
    if no_credit(status, found):
        return build_error(OutOfCredit, reply, found, "CreditInsufficient")
    return by_status(status, reply, found)


def is_refusal(reply: Reply, status: int, found: ErrorFacts) -> bool:
    inner = found.number or 0  # a gateway may wrap what broke behind it as a 400
    return proves_refusal(
        inner if is_open(inner) else status,
        found.code,
        own_error=bool(found),
        sent=reply.sent,
        has_retry_after=retry_after(reply.headers.get("retry-after", "")) is not None,
    )


def is_answer(reply: Reply, status: int) -> bool:
    """Whether a request that costs nothing was answered, rather than stopped on its way."""
    stopped = is_page(reply) and status not in (401, 413, 429)
    return 400 <= status < 500 and status not in UNKNOWN and not stopped


def by_status(status: int, reply: Reply, found: ErrorFacts) -> ProviderError:
    code = found.code if found.code in SENTENCES else USUAL_CODE.get(status, "Refused")
    if status == 429:
        wait = retry_after(reply.headers.get("retry-after", ""))
        return build_error(partial(Throttled, retry_after=wait), reply, found, code)
    return build_error(KINDS.get(status, Refused), reply, found, code)


def no_credit(status: int, found: ErrorFacts) -> bool:
    return status == 402 or (
        status in (400, 403)
        and (found.code in NO_CREDIT_CODES or bool(NO_CREDIT_MESSAGE.search(found.message)))
    )


def build_error(
    kind: Callable[..., ProviderError], reply: Reply, found: ErrorFacts, shown_as: str
) -> ProviderError:
    sentence, advice = explain(shown_as, found.message)
    return kind(
        sentence,
        code=found.code,
        field=FIELDS.get(shown_as) or field_in(found.message),
        advice=advice,
        **facts(reply),
    )


def unclear(reply: Reply) -> OutcomeUnknown:
    found = error_facts(reply.data)
    advice, message = LATER, ""
    if 300 <= reply.status < 400:
        sentence = gettext_noop(
            "The provider's address answered with a redirect, which the studio does not follow."
        )
        advice = gettext_noop("Ask the operator of this studio to correct the provider's address.")
    elif is_page(reply):
        sentence = gettext_noop("Something in front of the provider answered in its place.")
    else:
        sentence = gettext_noop("The provider gave no clear answer.")
        message = found.message
    shown = with_message(Message(sentence), message)
    return OutcomeUnknown(shown, code=found.code, advice=advice, **facts(reply))


def wrong_task(reply: Reply) -> OutcomeUnknown:
    sentence = gettext_noop("The provider answered about another task.")
    return OutcomeUnknown(sentence, advice=LATER, **facts(reply))


def facts(reply: Reply) -> dict[str, Any]:
    return {
        "raw": reply.text[:MOST_RAW],
        "request_id": request_id(reply)[:120],
        "status": reply.status,
    }


def request_id(reply: Reply) -> str:
    data = reply.data if isinstance(reply.data, dict) else {}
    metadata = data.get("metadata")
    named = first_text(metadata, "trace_id") if isinstance(metadata, dict) else ""
    heads = (reply.headers.get(name, "") for name in ("x-request-id", "x-trace-id"))
    return named or first_text(data, "request_id", "trace_id") or next(filter(None, heads), "")


def is_page(reply: Reply) -> bool:
    """Whether a middle box answered with a page for people instead of the provider."""
    kind = reply.headers.get("content-type", "").lower()
    return not error_facts(reply.data) and ("html" in kind or reply.text.lstrip().startswith("<"))


def field_in(message: str) -> str:
    """The canonical parameter a refusal speaks of, as far as it names one."""
    message = message.lower()
    for name in NAME.findall(message):
        if found := NAMES.get(name) or (name if name in PARAMS else ""):
            return found
    return next((name for name, mention in MENTIONS if mention.search(message)), "")


def retry_after(value: str, now: float | None = None) -> float | None:
    """Seconds from either form of the header, at most ten minutes; None when it says nothing."""
    value = value.strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return min(float(value), MOST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    now = time.time() if now is None else now
    return min(max(moment.timestamp() - now, 0.0), MOST_WAIT)
