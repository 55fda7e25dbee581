"""The one app."""

from django.apps import AppConfig


class GenerationConfig(AppConfig):
    name = "generation"

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set

        from generation import checks  # noqa: F401  registers the system checks
        from generation.forms.known_device import note_own_device

        for changed in (password_changed, password_reset, password_set):
            changed.connect(note_own_device)
