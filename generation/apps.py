"""The one app."""

from django.apps import AppConfig


class GenerationConfig(AppConfig):
    name = "generation"

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set
        from django.contrib.auth.signals import user_logged_in

        from generation import checks  # noqa: F401  registers the system checks
        from generation.forms.known_device import note_own_device
        from generation.web.recent_login import count_login
        from generation.web.sessions import note_log_in

        user_logged_in.connect(note_log_in)
        user_logged_in.connect(count_login)
        for changed in (password_changed, password_reset, password_set):
            changed.connect(note_own_device)
