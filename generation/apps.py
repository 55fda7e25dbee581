"""The one app."""

from django.apps import AppConfig


class GenerationConfig(AppConfig):
    name = "generation"

    def ready(self) -> None:
        from generation import checks  # noqa: F401  registers the system checks
        from generation.web import recent_login  # noqa: F401  counts each log-in
