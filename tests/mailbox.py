"""What the mails of the studio hold for their readers."""

import re

from django.core import mail


def mails_to(email: str) -> list[str]:
    return [one.body for one in mail.outbox if not email or email in one.to]


def mailed_code(email: str = "") -> str:
    """The code in the newest mail, or in the newest to this address."""
    return re.search(r"^[A-Z]{4}-[A-Z]{4}$", mails_to(email)[-1], re.M)[0]


def mailed_link(email: str = "") -> str:
    """The path of the link in it."""
    return re.search(r"https?://[^/\s]+(/\S+)", mails_to(email)[-1])[1]
