"""Addresses, and what they are made of: hosts, origins, paths, buckets, mailboxes."""

import re
from email.utils import parseaddr
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from vidustudio.env.values import comma_separated, text

SEGMENT = r"(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+"
PATH = re.compile(f"{SEGMENT}(/{SEGMENT})*")
LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HOST = re.compile(rf"{LABEL}(\.{LABEL})*\.?")
NUMBERS = re.compile(r"[0-9.]+")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
SIGNS = "letters, digits and - . _ ~ between slashes"


def is_host(word: str) -> bool:
    """A name, an address of four numbers, or one of IPv6 in brackets."""
    if word.startswith("["):
        try:
            IPv6Address(word[1:-1])
        except AddressValueError:
            return False
        return word.endswith("]")
    if NUMBERS.fullmatch(word):
        parts = word.split(".")
        return len(parts) == 4 and all(part.isdecimal() and int(part) < 256 for part in parts)
    return len(word) <= 253 and HOST.fullmatch(word) is not None


def bracketed(host: str) -> str:
    """As the host stands in an address."""
    return f"[{host}]" if ":" in host else host


def is_browsers_host(word: str) -> bool:
    """Django answers to no name with an underscore."""
    return is_host(word) and "_" not in word


def split_at_port(word: str) -> tuple[str, str | None]:
    """A host and what stands behind its colon; None where there is no colon."""
    host, colon, port = word.rpartition(":")
    return (word, None) if not colon or word.endswith("]") else (host, port)


def is_port(word: str) -> bool:
    return re.fullmatch(r"[0-9]{1,5}", word) is not None and 0 < int(word) < 65_536


def fault_of_server(netloc: str) -> str:
    """What is wrong with "host:port"; empty when nothing is."""
    host, port = split_at_port(netloc)
    if not is_host(host):
        return "has no host name that can be" if host else "has no host name"
    if port is not None and not is_port(port):
        return "has a port that is no number from 1 to 65535"
    return ""


def fault_of(found: str) -> str:
    """What keeps `scheme://host:port/path` from being an address; empty when nothing does."""
    if re.search(r"\s", found):
        return "has a space in it"
    try:
        parts: SplitResult = urlsplit(found)
    except ValueError:
        return "has a bracket that is not closed, or none of IPv6 in it"
    if "@" in parts.netloc:
        return "has a name or a password before its host"
    if parts.query or parts.fragment or found.endswith(("?", "#")):
        return "has a ? or a # in it"
    if fault := fault_of_server(parts.netloc):
        return fault
    if parts.path.strip("/") and not PATH.fullmatch(parts.path.strip("/")):
        return f"has a path of other signs than {SIGNS}"
    return ""


def address(name: str, default: str = "", example: str = "https://host.example") -> str:
    """Without a slash at its end. What is wrong is not repeated: it may hold a password."""
    found = text(name, default).rstrip("/")
    if not found:
        return ""
    scheme, sign, _rest = found.partition("://")
    if not sign or scheme not in ("http", "https"):
        raise ImproperlyConfigured(
            f"{name} must begin with http:// or https://. Write it as {example}"
        )
    if fault := fault_of(found):
        raise ImproperlyConfigured(f"{name} {fault}. Write it as {example}")
    return found


def public(name: str) -> str:
    """The address of the studio itself, which browsers name when they ask."""
    example = "https://studio.example or, below a path, https://host.example/studio"
    found = address(name, example=example)
    if found and not is_browsers_host(split_at_port(urlsplit(found).netloc)[0]):
        raise ImproperlyConfigured(
            f"{name} has a host name that no browser sends. Write it as {example}"
        )
    return found


def hosts(name: str, default: str) -> list[str]:
    """Names that the studio answers to; also all below one (.example.com), or any (*)."""
    found = comma_separated(name, default)
    for word in found:
        if word == "*" or is_browsers_host(word.removeprefix(".")):
            continue
        why = "is an address" if "://" in word else "is no host name"
        raise ImproperlyConfigured(
            f"{name} has {word!r}, which {why}. Write names alone, without http:// and port, "
            "separated by commas, such as studio.example,10.0.0.5,[::1]"
        )
    return found


def host(name: str) -> str:
    """Of a server that is spoken to; empty without one."""
    found = text(name)
    if found and not is_host(found) and not is_host(f"[{found}]"):
        raise ImproperlyConfigured(
            f"{name} must be a host name alone, such as mail.example, not {found!r}."
        )
    return found


def origins(name: str) -> list[str]:
    """Each "scheme://host:port" or "host:port"."""
    found = comma_separated(name)
    for word in found:
        scheme, sign, rest = word.rpartition("://")
        if (sign and scheme not in ("http", "https")) or fault_of_server(rest):
            raise ImproperlyConfigured(
                f"{name} has {word!r}, which is no origin. Write http://host:port or host:port, "
                "without a path, separated by commas, such as http://10.0.0.5:9000"
            )
    return found


def path(name: str, default: str) -> str:
    """A path below the studio's own address, with a slash at its end alone."""
    found = text(name, default).strip("/")
    if not PATH.fullmatch(found):
        raise ImproperlyConfigured(f"{name} must be {SIGNS}, such as {default}")
    return f"{found}/"


def bucket(name: str) -> str:
    found = text(name)
    if found and (not BUCKET.fullmatch(found) or ".." in found or NUMBERS.fullmatch(found)):
        raise ImproperlyConfigured(
            f"{name} must be the name of a bucket: 3 to 63 small letters, digits, hyphens and "
            f"dots, not {found!r}."
        )
    return found


def mailbox(name: str, default: str) -> str:
    """An e-mail address, also with the name of its owner: Studio <studio@example.com>."""
    found = text(name) or default
    address_alone = parseaddr(found)[1]
    try:
        if address_alone != default:  # which is of this machine alone
            validate_email(address_alone)
    except ValidationError:
        raise ImproperlyConfigured(
            f"{name} must be an e-mail address such as studio@example.com, not {found!r}."
        ) from None
    return found
