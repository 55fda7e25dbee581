"""A person who logs in."""

import unicodedata
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# Ends the made-up address of an account that has none: no mail goes to this domain (RFC 6761).
NOWHERE = "@no-address.invalid"


class Theme(models.TextChoices):
    SYSTEM = "system", _("Same as the system")
    DARK = "dark", _("Dark")
    LIGHT = "light", _("Light")


def initials_of(name: str) -> str:
    """At most two letters for a name, as a face."""
    parts = name.replace(".", " ").split()
    return "".join(part[0] for part in parts[:2]).upper() or "?"


def password_form(text: str) -> str:
    """One password however a keyboard composes it (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", text)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """By who has a shell on the machine, and so needs no code to log in."""
        fields |= {"is_staff": True, "is_superuser": True, "logs_in_unproven": True}
        return self.create_user(email, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    # By whose clock they read: the one they chose, and the one that their browser told last.
    zone = models.CharField(_("time zone"), max_length=64, blank=True, default="", db_default="")
    browser_zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    theme = models.CharField(_("theme"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    # Of a version that asked for no proof of the address. It still owns no address by that.
    logs_in_unproven = models.BooleanField(default=False)
    # Deleted by its owner. Nothing personal is left in the row, which goes when no work needs it.
    closed_at = models.DateTimeField(null=True)
    # By the operator: nothing of this person's goes out, and nobody logs in.
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    opened_as_typed = False  # its hash is older than the one form of passwords

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        indexes = [
            models.Index(
                fields=["closed_at"],
                condition=models.Q(closed_at__isnull=False),
                name="user_closed",
            )
        ]

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password and password_form(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """As typed too: hashes were made of that before there was one form."""
        form = password_form(raw_password or "")
        if super().check_password(form):
            return True
        self.opened_as_typed = form != raw_password and super().check_password(raw_password)
        return self.opened_as_typed

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        if self.name:
            return self.name
        if self.email.endswith(NOWHERE) and self.closed_at:
            return gettext("Deleted account")
        return self.email.partition("@")[0]

    @property
    def initials(self) -> str:
        return initials_of(self.shown_name)
