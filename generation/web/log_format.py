"""Log lines: one each, control characters escaped, no secrets."""

import logging

from generation.log_lines import request_id


class OneLine(logging.Formatter):
    """A record on one line, so that a prompt cannot forge another."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(request_id)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        # Django logs a refusal after the request's own variable is gone; the record still has it.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "id", "") or request_id.get()
        text = super().format(record)
        return "".join(
            sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
        )
