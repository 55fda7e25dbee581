"""Triggers in a prompt or in any other text of a request, which make something go wrong.

| in the prompt        | what happens                                                          |
|----------------------|-----------------------------------------------------------------------|
| `[fail: moderation]` | refused at once: the prompt is not acceptable                         |
| `[fail: credits]`    | refused at once: no credits left                                      |
| `[fail: result]`     | accepted, fails at the end: the result is not acceptable              |
| `[fail: server]`     | the server breaks before it accepts anything (HTTP 500)               |
| `[fail: lost]`       | accepted, but the connection is dropped without an answer             |
| `[fail: expired]`    | the first address of the result has expired; the next poll's works    |
| `[fail: truncated]`  | the result's file is cut in the middle, every time                    |
| `[fail: empty]`      | the result's file has no bytes                                        |
| `[fail: page]`       | the result's file is a web page with the name of what was asked for   |
| `[fail: format]`     | the result's file is a GIF with another name                          |
| `[fail: stuck]`      | rendering never ends                                                  |
| `[fail: word]`       | while it renders, the state is one nobody has documented           |
| `[slow]`             | takes ten times as long                                               |
"""

import re
from typing import Any

TRIGGER = re.compile(r"\[(?:fail:\s*(\w+)|(slow))\]", re.IGNORECASE)

TRAITS: dict[str, dict[str, Any]] = {
    "moderation": {"refuse": "AuditSubmitIllegal"},
    "credits": {"refuse": "CreditInsufficient"},
    "result": {"late": "CreationPolicyViolation"},
    "server": {"refuse": "InternalServiceFailure"},
    "lost": {"lost": True},
    "expired": {"expired": "once"},
    "truncated": {"result": "truncated"},
    "empty": {"result": "empty"},
    "page": {"result": "page"},
    "format": {"result": "format"},
    "stuck": {"stuck": True},
    "word": {"word": "preparation"},
    "slow": {"slow": 10},
}


def traits(prompt: str) -> dict[str, Any]:
    """What the prompt's triggers do to its task; unknown ones do nothing."""
    found: dict[str, Any] = {}
    for fail, slow in TRIGGER.findall(prompt):
        found.update(TRAITS.get((fail or slow).lower(), {}))
    return found
