"""What can go wrong at a provider, sorted by two questions: may I try again, and is it
certain that nothing happened?"""

from generation.catalogue.message import Message


class ProviderError(Exception):
    """Something at the provider failed.

    `sentence` is for a person and holds no secret; `code` is the provider's own word;
    `field` is the canonical parameter it speaks of, if known; `advice` is the next step;
    `raw` is the reply's body, shortened and redacted; `request_id` is the provider's trace id.
    """

    may_retry = False
    nothing_happened = True

    def __init__(
        self,
        sentence: Message | str,
        *,
        code: str = "",
        field: str = "",
        advice: Message | str = "",
        raw: str = "",
        request_id: str = "",
        status: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = Message.of(sentence)
        self.code = code
        self.field = field
        self.advice = Message.of(advice)
        self.raw = raw
        self.request_id = request_id
        self.status = status


class NotReached(ProviderError):
    """No connection, or refused before a byte was sent."""

    may_retry = True


class Throttled(ProviderError):
    """429. `retry_after` is in seconds, None when the provider did not say."""

    may_retry = True

    def __init__(
        self, sentence: Message | str, *, retry_after: float | None = None, **facts: object
    ) -> None:
        super().__init__(sentence, **facts)  # type: ignore[arg-type]
        self.retry_after = retry_after


class Refused(ProviderError):
    """4xx: invalid input or moderation. Sending the same again is pointless."""


class TooLarge(Refused):
    """The body would be over the limit; decided here, before a byte was sent."""


class NotFound(Refused):
    """404: the provider knows no such task (yet)."""


class KeyRejected(ProviderError):
    """401 or 403: the key is wrong or may not do this."""


class OutOfCredit(ProviderError):
    """The account has no credits left."""


class OutcomeUnknown(ProviderError):
    """Read timeout, reset, 5xx, cut or garbled reply: a create may have been accepted."""

    may_retry = True  # of a fetch only; a submit is never sent again
    nothing_happened = False


class InvalidSignature(Exception):
    """A callback that is not signed with this key, or not now."""
