"""Static files as browsers get them: our own scripts and styles without comments and blanks."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import rjsmin
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

log = logging.getLogger(__name__)

COMMENT = r"/\*.*?\*/"
BLANK = rf"(?>(?:\s|{COMMENT})+)"  # atomic: a comment never grows over what follows it
# Strings, escapes and addresses stay, and a blank before a colon: `a :hover` is not `a:hover`.
STYLE = re.compile(
    rf"""(?P<kept>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|url\([^)"']*\))"""
    rf"""|(?:{BLANK})?(?:;(?:{BLANK})?(?=\}})|(?P<mark>[{{}};,])(?:{BLANK})?)"""
    rf"""|:{BLANK}|(?P<blank>{BLANK})""",
    re.DOTALL,
)


def shorten_style(text: str) -> str:
    """No comments, no closing semicolons, and blanks only where they can mean something."""

    def shorter(found: re.Match[str]) -> str:
        if found["blank"]:  # `.a/**/.b` has none
            return " " if re.sub(COMMENT, "", found["blank"], flags=re.DOTALL) else "/**/"
        return found["kept"] or found["mark"] or (":" if found[0].startswith(":") else "")

    return STYLE.sub(shorter, text).strip()


SHORTENERS: dict[str, Callable[[str], str]] = {".css": shorten_style, ".js": rjsmin.jsmin}


def shorten(name: str, content: bytes) -> bytes:
    """What means the same in fewer bytes; anything that cannot be shortened stays as it is."""
    shortener = SHORTENERS.get(PurePosixPath(name).suffix)
    if shortener is None or ".min." in name:
        return content
    try:
        short = shortener(content.decode()).encode()
    except Exception:
        log.exception("%s is served as it is: it could not be shortened", name)
        return content
    return short if 0 < len(short) < len(content) else content


class Shortened:
    """One file in the place of the storage it lies in, read as often as hashing asks for it."""

    def __init__(self, name: str, content: bytes) -> None:
        self.content = shorten(name, content)

    def open(self, _path: str) -> ContentFile:
        return ContentFile(self.content)


def is_ours(storage: FileSystemStorage) -> bool:
    """Other packages' files are not ours to change; the tests compare each of ours."""
    return Path(storage.location) in [Path(folder) for folder in settings.STATICFILES_DIRS]


class ShortStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Names with a hash hold the shortened files; plain names keep them as they were written."""

    def post_process(
        self, paths: dict[str, tuple[Any, str]], *args: Any, **options: Any
    ) -> Iterator[tuple[str, str | None, Any]]:
        # Before hashing, so that a name changes exactly when what it holds does.
        yield from super().post_process(dict(self.read(paths)), *args, **options)

    def read(self, paths: dict[str, tuple[Any, str]]) -> Iterator[tuple[str, tuple[Any, str]]]:
        for name, (storage, path) in paths.items():
            if not is_ours(storage) or PurePosixPath(name).suffix not in SHORTENERS:
                yield name, (storage, path)
                continue
            with storage.open(path) as file:
                yield name, (Shortened(name, file.read()), path)
