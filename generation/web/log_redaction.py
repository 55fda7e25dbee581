"""Keys stay out of log lines and error reports."""

import logging
import re

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

from generation.web.log_format import OneLine

HIDDEN = "[hidden]"
# Shapes of keys: a known prefix, or what follows the words of an Authorization header.
KEYS = re.compile(
    r"\b(?:vda_|sk-)[\w-]{8,}|(?P<scheme>\b(?:bearer|token)\s+)[\w.~+/=-]{12,}", re.IGNORECASE
)
# Addresses that let in whoever has them, also where one is a part of another address.
LINKS = re.compile(r"(?P<page>(?:/|%2F)(?:invite|s)(?:/|%2F))[\w-]+", re.IGNORECASE)


def without_keys(text: str) -> str:
    text = LINKS.sub(lambda found: found["page"] + HIDDEN, text)
    return KEYS.sub(lambda found: (found["scheme"] or "") + HIDDEN, text)


class RedactedLine(OneLine):
    """The last net below the providers' own redaction: tracebacks and foreign libraries too."""

    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))


class AlwaysHide(SafeExceptionReporterFilter):
    """Hide what was typed and local variables also on the error page of a development server."""

    def is_active(self, request: HttpRequest | None) -> bool:  # noqa: ARG002
        return True
