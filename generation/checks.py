"""System checks: the catalogue is coherent and translated, and so are the settings."""

from collections.abc import Iterator
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.http.request import validate_host
from django.utils.translation import to_locale

from generation.catalogue import rules
from generation.catalogue.self_check import incoherent, texts
from generation.models import ProviderName
from generation.providers.registry import PROVIDERS

NETWORK = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "fuse.glusterfs", "lustre"}


@register()
def catalogue(**_: Any) -> list[CheckMessage]:
    return [Error(fault, id="generation.E001") for fault in incoherent()]


class Untranslated(NullTranslations):
    """What a catalogue of translations falls back to: nothing, instead of the text itself."""

    def gettext(self, message: str) -> str:  # noqa: ARG002  gettext's signature
        return ""


@register()
def translations(**_: Any) -> list[CheckMessage]:
    return [
        Warning(f"{text!r} has no translation to {language}.", id="generation.W004")
        for language, _name in settings.LANGUAGES
        if language != settings.LANGUAGE_CODE
        for text in untranslated(language)
    ]


def untranslated(language: str) -> Iterator[str]:
    """Texts of the catalogue that a language lacks; the templates' are held by a test."""
    place = Path(to_locale(language), "LC_MESSAGES", "django.mo")
    found: NullTranslations = Untranslated()
    for folder in settings.LOCALE_PATHS:
        if (file := Path(folder, place)).exists():
            with file.open("rb") as content:
                translated = GNUTranslations(content)
            translated.add_fallback(found)
            found = translated
    yield from (text for text in dict.fromkeys(texts()) if text and not found.gettext(text))


@register()
def providers(**_: Any) -> list[CheckMessage]:
    """A provider stands in four places."""
    places = {
        "ProviderName": set(ProviderName.values),
        "PROVIDER_URLS": set(settings.PROVIDER_URLS),
        "generation/providers": set(PROVIDERS),
        "the offers of the catalogue": {row.provider for row in rules.offers()},
    }
    everyone = set().union(*places.values())
    return [
        Error(f"The provider {name} is not in {place}.", id="generation.E003")
        for place, names in places.items()
        for name in sorted(everyone - names)
    ]


@register()
def queue_clock(**_: Any) -> list[CheckMessage]:
    """A job must not be delivered again while it may still run."""
    q: dict[str, Any] = settings.Q_CLUSTER
    least = q["timeout"] + 30  # a job that is past its limit is given a moment to end
    if q["retry"] < least:
        return [Error(f"Q_CLUSTER retry must be over {least} s.", id="generation.E002")]
    return []


@register()
def one_machine(**_: Any) -> list[CheckMessage]:
    """The locks of SQLite, and the pipe that wakes the cluster, work on one machine."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return []
    kind = file_system(Path(database["NAME"]).absolute())
    if kind not in NETWORK:
        return []
    return [
        Warning(
            f"The SQLite database is on a network share ({kind}), where its locks do not hold.",
            hint="Move it to a disk of this machine, or set DATABASE_URL to PostgreSQL.",
            id="generation.W005",
        )
    ]


def file_system(path: Path, table: Path = Path("/proc/self/mounts")) -> str:
    """What kind of file system holds `path`; empty where the machine does not tell."""
    try:
        mounts = [line.split()[1:3] for line in table.read_text().splitlines()]
    except OSError:
        return ""
    above = [(len(at), kind) for at, kind in mounts if path.is_relative_to(at)]
    return max(above, default=(0, ""))[1]


@register(deploy=True)
def public_address(**_: Any) -> list[CheckMessage]:
    if settings.PUBLIC_URL and not settings.HTTPS:
        return [Warning("STUDIO_PUBLIC_URL has no https.", id="generation.W001")]
    return []


@register()
def hsts(**_: Any) -> list[CheckMessage]:
    """The list of browsers takes a host only with all below it, and only by https."""
    together = settings.HTTPS and settings.SECURE_HSTS_INCLUDE_SUBDOMAINS
    if settings.SECURE_HSTS_PRELOAD and not together:
        return [
            Warning(
                "STUDIO_HSTS_PRELOAD does nothing alone.",
                hint="Set STUDIO_HSTS_SUBDOMAINS=yes and an https STUDIO_PUBLIC_URL, or leave it.",
                id="generation.W006",
            )
        ]
    return []


@register()
def reachable(**_: Any) -> list[CheckMessage]:
    """Settings with which no page would open under the public address."""
    found: list[CheckMessage] = []
    if settings.SECURE_SSL_REDIRECT and not settings.SECURE_PROXY_SSL_HEADER:
        found.append(
            Warning(
                "STUDIO_PUBLIC_URL is https, and every page would lead to itself for ever.",
                hint="Set STUDIO_BEHIND_PROXY=yes and have the proxy send X-Forwarded-Proto.",
                id="generation.W002",
            )
        )
    host = settings.PUBLIC_HOST
    if host and not validate_host(host, settings.ALLOWED_HOSTS):
        found.append(
            Warning(
                f"ALLOWED_HOSTS does not name {host}, the host of STUDIO_PUBLIC_URL.",
                hint="Add it, or leave ALLOWED_HOSTS out.",
                id="generation.W003",
            )
        )
    return found
