"""Keys of people: tested for free at the provider, added, replaced, removed."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.engine import key_loans, provider_clients
from generation.engine.purge import forget_old
from generation.models import (
    ApiKey,
    KeyLoan,
    KeyState,
    RegistrationState,
    User,
    Verb,
    audit,
)
from generation.models.keys import provider_message
from generation.models.messages import sentence_of
from generation.models.tasks import SENT, Status
from generation.providers.base import Balance
from generation.providers.errors import KeyRejected, OutOfCredit, ProviderError, Throttled

TOTAL_SECONDS = 10.0
SEAL_FIELDS = (
    "sealed", "last4", "fingerprint", "base_url", "state", "note", "tested_at", "credits",
    "concurrency_limit", "concurrency_used", "version",
)  # fmt: skip


class KeyRefused(Exception):
    """The key is not stored, or not removed; `sentence` says why and what to do."""

    def __init__(self, sentence: Message | str) -> None:
        super().__init__(sentence)
        self.sentence = sentence_of(sentence)


@dataclass(frozen=True)
class Verdict:
    """The outcome of a free test. `facts` holds credits and concurrency where they are known."""

    state: KeyState
    note: Message = field(default_factory=Message)
    facts: dict[str, int | None] = field(default_factory=dict)


def test(key: ApiKey) -> None:
    """Test `key` for free and keep the answer on its row. Never raises ProviderError."""
    save_verdict(key, probe(key))


def save_verdict(key: ApiKey, verdict: Verdict) -> None:
    key.record_test(verdict.state, verdict.note, **verdict.facts)
    fields = {"state": verdict.state, "note": verdict.note, "tested_at": timezone.now()}
    for name, value in (fields | verdict.facts).items():
        setattr(key, name, value)


@sensitive_variables()
def probe(key: ApiKey) -> Verdict:
    """Ask the provider what the key is worth, without touching its row."""
    name = provider_message(key.provider)
    try:
        client = provider_clients.connect(key.provider, key)
    except KeyRejected as error:  # nothing was sent: the seal or the address is wrong
        state = KeyState.REJECTED if key.matches_address else KeyState.UNTESTED
        return Verdict(state, error.sentence)
    try:
        balance = provider_clients.call_provider(client, lambda one: one.balance(), TOTAL_SECONDS)
        return verdict_of(balance, name)
    except TimeoutError:
        return unreached(name)
    except ProviderError as error:
        return verdict_of_error(error, name)


def verdict_of(balance: Balance, name: Message) -> Verdict:
    if not balance.tested:
        note = _(
            "%(provider)s offers no free test, so this key could not be tested.", provider=name
        )
        return Verdict(KeyState.UNTESTED, note)
    facts = {
        "credits": balance.credits,
        "concurrency_limit": balance.concurrency_limit,
        "concurrency_used": balance.concurrency_used,
    }
    if balance.credits is not None and balance.credits <= 0:
        return Verdict(KeyState.EMPTY, empty(name), facts)
    return Verdict(KeyState.WORKS, facts=facts)


def verdict_of_error(error: ProviderError, name: Message) -> Verdict:
    if isinstance(error, KeyRejected):
        note = _("%(provider)s rejected this key. Check that it was copied whole.", provider=name)
        return Verdict(KeyState.REJECTED, note)
    if isinstance(error, OutOfCredit):
        return Verdict(KeyState.EMPTY, empty(name), {"credits": 0})
    if isinstance(error, Throttled):
        note = _("%(provider)s is busy. Test the key again in a minute.", provider=name)
        return Verdict(KeyState.UNTESTED, note)
    return unreached(name)


def unreached(name: Message) -> Verdict:
    """One sentence for refused, reset, timed out and garbled: it tells nothing of a network."""
    note = _("%(provider)s could not be reached. Test the key again later.", provider=name)
    return Verdict(KeyState.UNREACHED, note)


def empty(name: Message) -> Message:
    return _("This key has no credits left. Add some at %(provider)s.", provider=name)


@sensitive_variables()
def add(user: User, provider: str, label: str, secret: str) -> ApiKey:
    """Test and store a key; the first of a provider that works is its default.

    Raises KeyRefused, with nothing stored, when the provider rejects it or the user has it.
    """
    key = ApiKey(user=user, provider=provider, label=label)
    key.set_secret(secret)
    verdict = check_new(key)
    with transaction.atomic():
        lock_keys(user.pk)
        refuse_duplicate(key)
        same = ApiKey.objects.filter(user=user, provider=provider)
        default = same.filter(is_default=True).first()
        key.is_default = default is None or default.must_be_entered_again
        if key.is_default and default:
            same.update(is_default=False)
        key.save(force_insert=True)
        audit_key(Verb.KEY_ADDED, key)
    save_verdict(key, verdict)
    return key


@sensitive_variables()
def replace(key: ApiKey, secret: str) -> None:
    """Put a new secret in the same row, once the provider did not reject it.

    What was sent with the old one goes on with it; so that one stays, sealed, until that is done.
    """
    key.set_secret(secret)
    verdict = check_new(key)
    with transaction.atomic():
        lock_keys(key.user_id)
        refuse_duplicate(key)
        put_in_place(key)
        audit_key(Verb.KEY_REPLACED, key)
    forget_old()
    save_verdict(key, verdict)


def put_in_place(key: ApiKey) -> None:
    """Write the new seal of `key` over the one that the row has, which is retired."""
    present = ApiKey.objects.select_for_update(of=("self",)).filter(pk=key.pk).first()
    if present is None:
        raise KeyRefused(_("This key was removed meanwhile. Add it as a new one."))
    key.version = present.version
    if not present.has_secret_of(key):
        present.retire()
        key.version += 1
        # It may be another account's: what is registered is checked again, for free, when used.
        key.registrations.filter(state=RegistrationState.KEPT).update(shape=0)
    fields = {name: getattr(key, name) for name in SEAL_FIELDS}
    ApiKey.objects.filter(pk=key.pk).update(**fields)


@transaction.atomic
def make_default(key: ApiKey) -> None:
    lock_keys(key.user_id)
    if not ApiKey.objects.filter(pk=key.pk, is_default=True).exists():
        audit_key(Verb.KEY_DEFAULT, key)
    key.make_default()


def audit_key(verb: Verb, key: ApiKey) -> None:
    """An act of the account, in no team; of the key only what the person calls it."""
    provider = key.get_provider_display()
    audit(
        verb, team=None, actor=key.user, target=key, name=key.label or str(provider),
        changes={"provider": key.provider},
    )  # fmt: skip


def lock_keys(user_id: int) -> None:
    """One change at a time to a person's keys: one default per provider, and no duplicates."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def check_new(key: ApiKey) -> Verdict:
    refuse_duplicate(key)
    verdict = probe(key)
    if verdict.state == KeyState.REJECTED:
        raise KeyRefused(verdict.note)
    return verdict


def refuse_duplicate(key: ApiKey) -> None:
    others = ApiKey.objects.filter(user_id=key.user_id, provider=key.provider).exclude(pk=key.pk)
    duplicate = next((one for one in others if one.has_secret_of(key)), None)
    if duplicate is not None:
        name = duplicate.label or str(duplicate)
        raise KeyRefused(_("You already have this key as %(name)s.", name=name))


def in_use(key: ApiKey) -> str:
    """Why this key cannot be removed now; empty when it can."""
    count = key.tasks.filter(status__in=SENT).count()
    if not count and key.registrations.filter(state=RegistrationState.SENDING).exists():
        registering = _("A subject is being registered with this key. Remove it when that is done.")
        return sentence_of(registering)
    if not count:
        return ""
    return ngettext(
        "%(count)d task still uses this key. Remove it when it is done.",
        "%(count)d tasks still use this key. Remove it when they are done.",
        count,
    ) % {"count": count}


@transaction.atomic
def remove(key: ApiKey) -> None:
    """Delete the row and its secret; the oldest other key of the provider becomes default.

    Raises KeyRefused while the secret is needed to fetch what was paid for.
    """
    lock_keys(key.user_id)
    key_loans.end(KeyLoan.objects.filter(key=key), key.user)
    # Holds back a claim that would send something between the look and the deletion.
    list(key.tasks.select_for_update().filter(status=Status.QUEUED).values_list("pk"))
    waiting = key.registrations.filter(state=RegistrationState.WAITING)
    list(waiting.select_for_update().values_list("pk"))
    if reason := in_use(key):
        raise KeyRefused(reason)
    heirs = ApiKey.objects.filter(user_id=key.user_id, provider=key.provider).exclude(pk=key.pk)
    was_default = key.is_default
    audit_key(Verb.KEY_REMOVED, key)
    key.delete()
    heir = heirs.order_by("created_at").first()
    if was_default and heir is not None:
        heir.make_default()
