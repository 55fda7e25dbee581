"""Everything is the generation app, at the root or below the path of STUDIO_PUBLIC_URL."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, include, path

from generation import urls


def first_parts(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    """What the addresses of the studio begin with, up to their first slash."""
    for entry in patterns:
        word = str(entry.pattern).lstrip("^").partition("/")[0]
        if isinstance(entry, URLResolver) and not word:
            yield from first_parts(entry.url_patterns)
        elif not isinstance(entry, URLResolver) or entry.app_name != "admin":
            yield word


def refuse_own_paths() -> None:
    """Raise ImproperlyConfigured where a path that the operator chose is one of our own."""
    own = {*first_parts(urls.urlpatterns), "static"} - {""}
    operator, below = (
        found.strip("/").partition("/")[0] for found in (settings.ADMIN_PATH, settings.PUBLIC_PATH)
    )
    # A proxy may strip the path or keep it, so no page may be taken for the path itself.
    chosen = (("STUDIO_ADMIN_PATH", operator, own), ("STUDIO_PUBLIC_URL", below, own | {operator}))
    for name, word, taken in chosen:
        if word in taken:
            raise ImproperlyConfigured(
                f"{name} has a path that begins with {word}/, where the studio has pages of its "
                "own. Choose another, such as desk-7f3a/."
            )


refuse_own_paths()
urlpatterns = [path(f"{settings.PUBLIC_PATH}/"[1:], include(urls))]

handler400 = "generation.web.errors.bad_request"
handler403 = "generation.web.errors.forbidden"
handler404 = "generation.web.errors.page_not_found"
handler429 = "generation.web.errors.too_many"  # allauth looks for it
handler500 = "generation.web.errors.server_error"
