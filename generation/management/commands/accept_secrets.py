"""Takes the secrets of this machine for right, after they were changed or lost."""

from typing import Any

from django.core.management.base import BaseCommand

from generation import own_secrets


class Command(BaseCommand):
    help = "Use this database with the SECRET_KEY and data keys of this machine from now on."

    def handle(self, *_: Any, **__: Any) -> None:
        shut = own_secrets.accept()
        print("This database is now used with the secrets of this machine.")
        if shut:
            print(f"Stored provider keys that do not open: {shut}. Enter them anew in the studio.")
