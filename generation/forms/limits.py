"""How often a stranger may try: counted in the database, for all processes together.

No limit keeps the owner of an account out for longer than its window, and none at all concerns a
browser that the owner has logged in with before.
"""

import ipaddress
from dataclasses import dataclass
from typing import Self

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from generation.models import LimitCount

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Limit:
    """So many in so many seconds, for each of what it is about."""

    name: str
    most: int
    seconds: int

    def key(self, *about: object) -> str:
        """Tells who reads the database neither an address nor a network."""
        text = "\n".join(str(one) for one in about)
        return salted_hmac(f"limit {self.name}", text, algorithm="sha256").hexdigest()


EVERYBODY = Limit("everybody's wrong passwords", 1_000, 5 * MINUTE)
NETWORK = Limit("wrong passwords of a network", 10, MINUTE)
ACCOUNT = Limit("wrong passwords for an account", 20, 5 * MINUTE)
PAIR = Limit("wrong passwords of a network for an account", 5, 5 * MINUTE)
DEVICE = Limit("wrong passwords of a known device", 10, 5 * MINUTE)
AGAIN = Limit("wrong passwords of who is logged in", 10, 5 * MINUTE)
SECOND_STEP = Limit("wrong codes of a second step", 5, 5 * MINUTE)
RESETS = Limit("password resets of a network", 20, 10 * MINUTE)
# A link works for an hour: while no more are sent, there is one in the mailbox that works.
RESET_MAILS = Limit("reset mails to an address", 5, HOUR // 2)
CODES = Limit("codes to an address for a network", 5, HOUR // 2)
ALL_CODES = Limit("codes to an address", 20, HOUR)


def sign_ups() -> Limit:
    return Limit("sign-ups of a network", settings.SIGN_UPS_OF_A_NETWORK, 10 * MINUTE)


class Turn:
    """One try that is counted against several limits, or against none of them."""

    def __init__(self) -> None:
        self.counted: list[str] = []
        self.is_allowed = True

    def take(self, limit: Limit, *about: object) -> Self:
        """Count it, unless it is refused already; a refused one counts nowhere."""
        key = limit.key(*about)
        if not self.is_allowed:
            return self
        if LimitCount.take(key, limit.most, limit.seconds):
            self.counted.append(key)
        else:
            self.is_allowed = False
            self.give_back()
        return self

    def give_back(self) -> None:
        """It was a right one, or a later limit refused it."""
        for key in self.counted:
            LimitCount.give_back(key)
        self.counted.clear()


def network_of(request: HttpRequest) -> str:
    """The client's address; of IPv6 the /64, of which one person has all addresses."""
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
