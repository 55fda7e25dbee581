"""The papers of consents: what is taken, what is not, and that not a byte of it changes."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from generation.media import papers, storage
from generation.media.papers import MOST_BYTES, take_paper
from generation.media.storage import Unfit
from tests.factories import PDF, png

HTML = b"<!doctype html><script>alert(1)</script>"
JPEG = png(format="JPEG")


def upload(data: bytes, name: str = "release.pdf", mime: str = "application/pdf"):
    return SimpleUploadedFile(name, data, mime)


@pytest.mark.parametrize(
    ("data", "format", "mime", "extension"),
    [
        (PDF, "pdf", "application/pdf", ".pdf"),
        (JPEG, "jpeg", "image/jpeg", ".jpg"),
        (png(), "png", "image/png", ".png"),
        (png(format="WEBP"), "webp", "image/webp", ".webp"),
        (JPEG + HTML, "jpeg", "image/jpeg", ".jpg"),  # only ever downloaded as a picture
        (PDF + HTML + b"PK\3\4", "pdf", "application/pdf", ".pdf"),
    ],
)
def test_it_is_kept_byte_for_byte_as_what_it_is(data, format, mime, extension):
    stored = take_paper(upload(data, "evil.html", "text/html"))
    assert (stored.format, stored.mime, stored.bytes) == (format, mime, len(data))
    assert stored.path.endswith(extension)
    assert "evil" not in stored.path
    with default_storage.open(stored.path) as file:
        assert file.read() == data
    storage.delete(stored.path)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (HTML, "This is neither a PDF nor an image."),
        (
            b"\n" + PDF,
            "This is neither a PDF nor an image.",
        ),  # a reader may look further, we do not
        (HTML + PDF, "This is neither a PDF nor an image."),
        (b"%PDF", "This is neither a PDF nor an image."),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "This is neither a PDF"),
        (b"GIF89a" + b"\0" * 99, "This is neither a PDF nor an image."),
        (b"PK\3\4" + b"\0" * 99, "This is neither a PDF nor an image."),
        (b"", "This file is empty."),
        (JPEG[: len(JPEG) // 2], "This image is damaged or not complete."),
        (b"\x89PNG\r\n\x1a\n" + HTML, "This "),
    ],
)
def test_what_is_something_else_or_damaged_is_not_kept(data, sentence, monkeypatch):
    monkeypatch.setattr(storage, "store_file", lambda *_: pytest.fail("it was stored"))
    with pytest.raises(Unfit) as refused:
        take_paper(upload(data))
    assert refused.value.sentence.startswith(sentence)


def test_ten_megabytes_are_taken_and_not_a_byte_more():
    stored = take_paper(upload(PDF.ljust(MOST_BYTES, b"\n")))
    assert default_storage.size(stored.path) == MOST_BYTES
    storage.delete(stored.path)
    with pytest.raises(Unfit) as refused:
        take_paper(upload(PDF.ljust(MOST_BYTES + 1, b"\n")))
    assert refused.value.sentence == "This file is larger than 10 MB. Save it smaller, then add it."


def test_a_full_disk_is_said(monkeypatch):
    monkeypatch.setattr(papers.storage, "enough_space", lambda _bytes: False)
    with pytest.raises(storage.NoSpace):
        take_paper(upload(PDF))
