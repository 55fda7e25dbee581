"""What is known of money is written down whatever it takes, and a fault of ours ends some time."""

import logging
import time
from collections.abc import Callable

from django.db import Error, InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _

from generation.providers.errors import ProviderError

log = logging.getLogger(__name__)
PATIENCE, PAUSE = 45.0, 0.5  # seconds; a restart of the database takes less
FAULTS_MOST = 5
DATABASE_AWAY = (OperationalError, InterfaceError)


def retry_until_written(write: Callable[[], None], fact: str) -> None:
    """Call `write` until the database takes it. It must be right when a part is written already.

    A provider tells only once that it accepted something: when the database restarts, or its
    disk is full in that moment, this must not be forgotten.
    """
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            write()
        except DATABASE_AWAY:
            if time.monotonic() > ends:
                log.critical("could not be written down: %s", fact)
                raise
            log.warning("the database is away, trying again: %s", fact)
            connection.close()
            time.sleep(PAUSE)
        else:
            return


class InternalFailure(ProviderError):
    """Our own code failed before anything was sent. Tried again, but not for ever."""

    def __init__(self, sentence: str, *, may_retry: bool, advice: str = "") -> None:
        super().__init__(sentence, advice=advice)
        self.may_retry = may_retry


def faulty(error: Exception, what: str, faults: int) -> InternalFailure:
    """The error that stands for a fault of ours, the `faults`th of `what`."""
    if isinstance(error, Error):  # not its fault: the sweep takes it up again
        raise error
    log.error("%s could not be prepared", what, exc_info=error)
    if isinstance(error, FileNotFoundError):
        sentence = _("A file that it needs is missing from the studio's storage.")
        return InternalFailure(sentence, may_retry=False, advice=_("Upload it again."))
    return InternalFailure(
        _("The studio itself failed on this, and nothing was sent."),
        may_retry=faults < FAULTS_MOST,
        advice=_("An admin finds the cause in the log."),
    )
