"""Vouch for the address of an account."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation.models.addresses import NotProven, claimant_of, prove_address


class Command(BaseCommand):
    help = "Take the main address of an account as proven, when you know whose it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *_: Any, **options: Any) -> None:
        user = claimant_of(options["email"])
        if user is None:
            raise CommandError("No account has this address.")
        try:
            prove_address(user, options["email"])
        except NotProven:
            raise CommandError("The account changed meanwhile. Run the command again.") from None
        self.stdout.write(f"{user.email} is proven.")
