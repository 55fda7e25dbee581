"""The papers of consents: kept byte for byte, as what was signed, and only ever downloaded."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from generation.media import images, storage
from generation.media.sniff import kind_of_any
from generation.media.storage import Source, Unfit

MOST_BYTES = 10 * 1024 * 1024
PDF_START = b"%PDF-"
PICTURES = ("jpeg", "png", "webp")
PDF_MIME = "application/pdf"
ACCEPT = ",".join((PDF_MIME, *(storage.MIME[one] for one in PICTURES)))


@dataclass(frozen=True)
class StoredPaper:
    """A paper in the storage: exactly the file fields of its row."""

    path: str
    mime: str
    format: str
    bytes: int
    sha256: str


def take_paper(source: Source) -> StoredPaper:
    """Store a PDF or a picture unchanged. What it is, its bytes say, not its name. Raises Unfit."""
    size = storage.size_of(source)
    if size > MOST_BYTES:
        raise Unfit(_("This file is larger than 10 MB. Save it smaller, then add it."))
    storage.check_room(size)
    with storage.scratch() as path, storage.report_full_disk():
        with storage.as_file(source) as given:
            shutil.copyfile(given, path)
        kind = paper_format(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name = storage.store_file(path, "jpg" if kind == "jpeg" else kind)
    mime = PDF_MIME if kind == "pdf" else storage.MIME[kind]
    return StoredPaper(name, mime, kind, size, digest)


def paper_format(path: Path) -> str:
    """A picture is decoded once, so that nobody finds out in a year that it was cut off."""
    with path.open("rb") as file:
        if file.read(len(PDF_START)) == PDF_START:
            return "pdf"
    if kind_of_any(path) not in PICTURES:
        raise Unfit(_("This is neither a PDF nor an image. Use PDF, JPEG, PNG or WebP."))
    with storage.scratch_folder() as folder:
        return str(images.examine_image("keep", path, folder)["format"])
