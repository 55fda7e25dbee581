"""Why a fetch failed; every sentence may be shown to a person."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class OutboundError(Exception):
    usual: str | Promise = ""

    def __init__(self, sentence: str = "") -> None:
        self.sentence = sentence or str(self.usual)
        super().__init__(self.sentence)


class Blocked(OutboundError):
    """The policy forbids it. Trying again does not help."""

    usual = _("This address does not lead to the public internet. Check it, or upload the file.")


class DownloadTooLarge(Blocked):
    usual = _("The file at this address is too large. Use a smaller one.")


class Unreachable(OutboundError):
    """No complete answer. Refused, reset, silent and cut read alike, so that nobody can scan."""

    usual = _("Nothing could be fetched from this address. Check it, or upload the file.")


class Truncated(Unreachable):
    """The answer began and broke off before its end."""


class BadStatus(Unreachable):
    """An answer, but not the file. `status` is for code; the sentence does not tell it."""

    def __init__(self, status: int, sentence: str = "") -> None:
        super().__init__(sentence)
        self.status = status


class LinkExpired(BadStatus):
    """Refused, gone or not found: what a link answers after its time."""
