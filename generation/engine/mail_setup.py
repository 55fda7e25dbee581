"""Whether mail leaves the studio, and what the addresses in it begin with: never anything of the
request, whose Host anybody may choose."""

from urllib.parse import urlsplit

from django.conf import settings


def has_mail_server() -> bool:
    return not settings.EMAIL_BACKEND.endswith("console.EmailBackend")


def link_to(path: str) -> str:
    """At the public origin; without one at the first allowed host, where the studio listens.

    A path of ours has that of the public address already.
    """
    return f"{public_origin() or first_allowed()}{path}"


def public_origin() -> str:
    """Empty without a public address."""
    return settings.PUBLIC_URL.removesuffix(settings.PUBLIC_PATH)


def first_allowed() -> str:
    host = next((name for name in settings.ALLOWED_HOSTS if name != "*"), "localhost")
    port = urlsplit(settings.LOCAL_URL).port
    return f"http://{host.lstrip('.')}{f':{port}' if port else ''}"
