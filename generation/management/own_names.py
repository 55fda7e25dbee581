"""The names and addresses under which others on the network may open the studio."""

import re
import socket
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from vidustudio import env

LOCAL = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  compared, not bound
ROUTES = Path("/proc/net/fib_trie")  # every address of IPv4 that this machine has, as "host LOCAL"
IPV6 = Path("/proc/net/if_inet6")
OWN = re.compile(r"-- ([0-9.]+)\n\s+/32 host LOCAL")


def own_names(host: str) -> list[str]:
    """As they stand in an address: its name, and each of its numbers that others can reach."""
    if host in LOCAL:
        return []
    if host not in EVERYWHERE:
        return [env.bracketed(host)]
    name = socket.gethostname()
    found = [*ipv4(), *(ipv6() if host == "::" else []), *resolved(name)]
    if host != "::":
        found = [one for one in found if ":" not in one]
    numbers = [env.bracketed(one) for one in found if is_reachable(one)]
    return [one for one in dict.fromkeys([name, *numbers]) if env.is_browsers_host(one)]


def ipv4(table: Path = ROUTES) -> list[str]:
    try:
        return OWN.findall(table.read_text())
    except OSError:
        return []


def ipv6(table: Path = IPV6) -> list[str]:
    try:
        rows = table.read_text().split("\n")
    except OSError:
        return []
    return [str(IPv6Address(bytes.fromhex(row.split()[0]))) for row in rows if row]


def resolved(name: str) -> list[str]:
    """What the name of this machine stands for: all there is where the system has no tables."""
    with suppress(OSError):
        return [str(info[4][0]) for info in socket.getaddrinfo(name, None)]
    return []


def is_reachable(address: str) -> bool:
    """From another machine, by a browser; an address of one link needs a zone, which none takes."""
    found = ip_address(address.partition("%")[0])
    return not (found.is_loopback or found.is_link_local)
