"""Django's rules for passwords, each refusal with its next step."""

from django.contrib.auth import password_validation as rules
from django.utils.translation import gettext as _


class Similar(rules.UserAttributeSimilarityValidator):
    def __init__(self) -> None:
        super().__init__(user_attributes=("name", "email"))

    def get_error_message(self) -> str:
        return _("This is too close to your %(verbose_name)s. Choose another password.")


class TooShort(rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("This is too short. Use at least %(least)d characters.") % {
            "least": self.min_length
        }


class Common(rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("Many people use this password. Choose another one.")


class DigitsAlone(rules.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return _("Digits alone are easy to guess. Add some letters.")
