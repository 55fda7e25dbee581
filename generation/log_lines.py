"""What a line of the log is made of: facts as key=value, and the id of the web request."""

import json
import re
from contextvars import ContextVar
from typing import Any

NO_REQUEST = "-"
UNCLEAR = re.compile(r'[\s"=]')
request_id: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)


def present_request_id() -> str:
    """For a row that this request makes; empty outside of any request."""
    found = request_id.get()
    return "" if found == NO_REQUEST else found


def log_line(event: str, **facts: Any) -> str:
    """The facts that are known. A foreign word with spaces in it cannot pass for several facts."""
    known = {"event": event, **{name: str(value) for name, value in facts.items() if value}}
    return " ".join(
        f"{name}={json.dumps(value) if UNCLEAR.search(value) else value}"
        for name, value in known.items()
    )
