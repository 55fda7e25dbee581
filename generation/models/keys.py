"""Provider keys: sealed at rest, bound to their row and owner, never shown again."""

import contextlib
import uuid
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from generation import crypto
from generation.catalogue.message import Message
from generation.models.messages import MessageField
from generation.models.users import User
from generation.providers.registry import PROVIDERS


class ProviderName(models.TextChoices):
    VIDU = "vidu", _("Vidu")
    VIDU_CN = "vidu-cn", _("Vidu China")
    KKIAI = "kkiai", _("kkiai")
    VTRIX = "vtrix", _("Vtrix")
    DEMO = "demo", _("Demo")


def provider_message(provider: str) -> Message:
    """Its name within a sentence that is stored."""
    with override("en"):
        return Message(str(ProviderName(provider).label))


NEEDS_KEY = tuple(name for name in ProviderName if not PROVIDERS[name].key_optional)
USUAL_PROVIDER = NEEDS_KEY[0]  # goes without saying where a model is named


class KeyState(models.TextChoices):
    UNTESTED = "untested", _("Could not be tested")
    WORKS = "works", _("Works")
    REJECTED = "rejected", _("Rejected by the provider")
    EMPTY = "empty", _("Out of credits")
    UNREACHED = "unreached", _("Provider not reached")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def visible_to(self, user: User) -> "ApiKeyQuerySet":
        """Keys belong to the user: nobody else reads them, and uses one only while it is lent."""
        return self.filter(user=user)

    def usable(self) -> "ApiKeyQuerySet":
        return self.exclude(sealed=b"")


class ApiKey(models.Model):
    """One key. The random id is known before the row exists, so the seal can be bound to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="keys")
    provider = models.CharField(_("provider"), max_length=10, choices=ProviderName.choices)
    label = models.CharField(_("label"), max_length=60, blank=True)
    base_url = models.URLField(max_length=200)
    sealed = models.BinaryField(default=b"")
    last4 = models.CharField(max_length=4, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)  # grows with each new secret
    is_default = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=KeyState.choices, default=KeyState.UNTESTED)
    note = MessageField(blank=True)
    tested_at = models.DateTimeField(null=True)
    credits = models.BigIntegerField(null=True)
    concurrency_limit = models.IntegerField(null=True)
    concurrency_used = models.IntegerField(null=True)
    # After a "too many requests": how many may be out, since when, and when the next may be sent.
    send_limit = models.FloatField(null=True)
    send_limit_at = models.DateTimeField(null=True)
    hold_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "provider"],
                condition=models.Q(is_default=True),
                name="one_default_per_provider",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} …{self.last4}"

    @property
    def binding(self) -> str:
        return f"api-key:{self.pk}:{self.user_id}"

    def set_secret(self, secret: str) -> None:
        """Seal `secret` for the provider's present address. Does not save."""
        self.sealed = crypto.seal(secret, self.binding)
        self.last4 = secret[-4:] if len(secret) >= 12 else ""
        self.fingerprint = crypto.fingerprint(secret)
        self.base_url = settings.PROVIDER_URLS[self.provider]
        self.state, self.note, self.tested_at = KeyState.UNTESTED, "", None
        self.credits = self.concurrency_limit = self.concurrency_used = None

    def secret(self) -> str:
        """Open the seal. Raises crypto.Broken when the blob belongs to another row or owner."""
        return crypto.open_sealed(bytes(self.sealed), self.binding)

    def has_secret_of(self, other: "ApiKey") -> bool:
        """Whether both have the same secret, also when one was stored with an older data key."""
        return self.fingerprint in crypto.fingerprints(other.secret())

    def secret_for(self, version: int) -> "ApiKey | OldSecret":
        """What work goes on with that was sent with `version`: that secret while it is kept."""
        if version == self.version:
            return self
        kept = next((old for old in self.old_secrets.all() if old.version == version), None)
        return kept if kept is not None and kept.matches_address else self

    def retire(self) -> None:
        """Keep the present secret, sealed anew, for work that was sent with it."""
        old = OldSecret(key=self, version=self.version, base_url=self.base_url)
        with contextlib.suppress(crypto.Broken):  # what cannot be opened is of no use to anybody
            old.sealed = crypto.seal(self.secret(), old.binding)
            old.save(force_insert=True)

    @property
    def matches_address(self) -> bool:
        """A key is only ever sent to the address it was saved for."""
        return self.base_url == settings.PROVIDER_URLS[self.provider]

    @property
    def live_loans(self) -> list[Any]:
        """The `KeyLoan`s of it to teams now. Prefetch `loans__team` for many keys."""
        return [loan for loan in self.loans.all() if loan.ended_at is None]

    @property
    def is_usable(self) -> bool:
        return bool(self.sealed) and self.matches_address

    @property
    def must_be_entered_again(self) -> bool:
        return not self.is_usable or self.state == KeyState.REJECTED

    @property
    def rank(self) -> tuple[bool, bool]:
        """The least comes first: a default one, but none that does not work before one that may."""
        return self.must_be_entered_again, not self.is_default

    @transaction.atomic
    def make_default(self) -> None:
        same = ApiKey.objects.filter(user_id=self.user_id, provider=self.provider)
        same.exclude(pk=self.pk).update(is_default=False)
        same.filter(pk=self.pk).update(is_default=True)
        self.is_default = True

    def record_test(self, state: KeyState, note: Message | str = "", **facts: int | None) -> bool:
        """Keep the outcome of a free test; touches nothing else of the row.

        Nothing is kept when the secret was replaced meanwhile: it says nothing of the new one.
        True when the key was in another state before.
        """
        same = ApiKey.objects.filter(pk=self.pk, version=self.version)
        fresh: dict[str, Any] = {"note": note, "tested_at": timezone.now(), **facts}
        changed = same.exclude(state=state).update(state=state, **fresh)
        if not changed:
            same.update(**fresh)
        return bool(changed)


class OldSecret(models.Model):
    """A replaced secret. It stays while work that was sent with it is not done, and no longer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="old_secrets")
    version = models.PositiveIntegerField()
    base_url = models.URLField(max_length=200)
    sealed = models.BinaryField()
    retired_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="one_secret_a_version")
        ]

    def __str__(self) -> str:
        return f"secret {self.version} of {self.key}"

    @property
    def binding(self) -> str:
        return f"old-secret:{self.pk}:{self.key.user_id}"

    def secret(self) -> str:
        """Open the seal. Raises crypto.Broken when the blob belongs to another row or owner."""
        return crypto.open_sealed(bytes(self.sealed), self.binding)

    @property
    def matches_address(self) -> bool:
        return self.base_url == settings.PROVIDER_URLS[self.key.provider]


def keyless_providers() -> list[str]:
    """What everybody can use without a key: the demo, where it is offered."""
    known = PROVIDERS.values()
    return [one.name for one in known if one.key_optional and settings.SIMULATOR_OFFERED]
