"""Django's rules for passwords, each refusal with its next step."""

from typing import Any

from django.contrib.auth import password_validation as rules
from django.utils.translation import gettext as _

from generation.models.users import password_form


class OneForm:
    """Rules look at what is hashed: full-width letters make no other password."""

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password_form(password), user)  # type: ignore[misc]


class Similar(OneForm, rules.UserAttributeSimilarityValidator):
    def __init__(self) -> None:
        super().__init__(user_attributes=("name", "email"))

    def get_error_message(self) -> str:
        return _("This is too close to your %(verbose_name)s. Choose another password.")


class TooShort(OneForm, rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("This is too short. Use at least %(least)d characters.") % {
            "least": self.min_length
        }


class Common(OneForm, rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("Many people use this password. Choose another one.")


class DigitsAlone(OneForm, rules.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return _("Digits alone are easy to guess. Add some letters.")
