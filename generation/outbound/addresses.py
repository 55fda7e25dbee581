"""Which addresses are on the public internet, and how a name is looked up."""

import socket
from ipaddress import IPv4Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread

# `is_global` alone lets translated, relayed and multicast addresses through, so: an own list.
CLOSED_V4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "168.63.129.16/32",  # public by number, but a cloud's own machine service
    )
)  # fmt: skip
# Everything outside this block is mapped, translated (NAT64), local, multicast or unassigned.
GLOBAL_V6 = ip_network("2000::/3")
CLOSED_V6 = tuple(
    ip_network(text)
    for text in (
        "2001::/23",  # Teredo, benchmarks, ORCHID
        "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip


def is_public(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in block for block in CLOSED_V4)
    return address in GLOBAL_V6 and not any(address in block for block in CLOSED_V6)


def is_own(text: str) -> bool:
    """Whether this machine itself has the address: the way to it then starts at it."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((text, 9))  # a datagram socket sends nothing by this
        except OSError:
            return False
        return bool(probe.getsockname()[0] == text)


def look_up(host: str, port: int, seconds: float) -> list[str]:
    """All numeric addresses of a name, or of any spelling of a number; [] when there are none.

    The system's resolver knows no deadline, so it works in a thread that may be left behind.
    """
    answers: SimpleQueue[list[str]] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        answers.put(list(dict.fromkeys(str(row[4][0]) for row in found)))

    Thread(target=ask, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        return []
