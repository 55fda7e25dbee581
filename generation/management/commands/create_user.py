"""Make an account on the command line."""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation.forms.account import NewAccountForm


class Command(BaseCommand):
    help = "Make an account with its own team. The password: STUDIO_PASSWORD, or asked for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--operator", action="store_true", help="may open the admin pages")

    def handle(self, *_: Any, **options: Any) -> None:
        password = os.environ.get("STUDIO_PASSWORD") or self.ask()
        facts = {"email": options["email"], "name": options["name"], "password": password}
        form = NewAccountForm(facts)
        if not form.is_valid():
            raise CommandError(" ".join(str(e) for errors in form.errors.values() for e in errors))
        operator = options["operator"]
        user = form.save(is_staff=operator, is_superuser=operator)
        self.stdout.write(f"Made the account {user.email}.")

    def ask(self) -> str:
        if not sys.stdin.isatty():
            raise CommandError("Set STUDIO_PASSWORD, or run this in a terminal.")
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password again: "):
            raise CommandError("The two passwords differ. Run the command again.")
        return password
