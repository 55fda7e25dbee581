"""Every file of the corpus: refused in one sentence, or stored as a clean new image."""

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from generation.media import images
from tests.media import corpus

pytestmark = pytest.mark.usefixtures("in_process")


def content(name):
    with default_storage.open(name) as file:
        return file.read()


@pytest.mark.parametrize("name", corpus.REFUSED)
def test_what_is_no_usable_image_is_refused_and_leaves_nothing(name, media_folder):
    with pytest.raises(images.Unfit) as caught:
        images.take_file(corpus.REFUSED[name])
    sentence = caught.value.sentence
    assert sentence.endswith(".")
    assert "/" not in sentence
    assert len(sentence) < 160
    assert [path for path in media_folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", corpus.TAKEN)
def test_a_usable_image_is_stored_anew_without_anything_attached(name):
    kind, make = corpus.TAKEN[name]
    stored = images.take_file(make())
    assert (stored.format, stored.mime) == (kind, f"image/{kind}")
    assert (stored.width, stored.height) == corpus.SIZE
    for path in (stored.path, stored.thumb_path, stored.preview_path):
        data = content(path)
        assert corpus.NEEDLE not in data
        with Image.open(BytesIO(data)) as image:
            image.load()
            assert getattr(image, "n_frames", 1) == 1
            assert not {"exif", "icc_profile", "xmp", "comment", "Comment"} & set(image.info)
    assert stored.bytes == default_storage.size(stored.path)


def test_the_corpus_is_large_enough_to_mean_something():
    assert len(corpus.REFUSED) >= 60
    assert len(set(corpus.REFUSED.values())) == len(corpus.REFUSED)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gif", "This is a GIF. Use PNG, JPEG or WebP."),
        ("heic", "This is a HEIC. Use PNG, JPEG or WebP."),
        ("html", "This file is not an image. Use PNG, JPEG or WebP."),
        ("nothing", "This file is empty. Choose another one."),
        ("half a png", "This image is damaged or not complete. Save it again, then add it."),
        ("small", "This image is 127 x 300 pixels. Use one of at least 128 x 128."),
        ("narrow once upright", "Crop it to a ratio between 1:4 and 4:1."),
        ("png bomb", "This image is 14000 x 14000 pixels."),
    ],
)
def test_the_refusal_names_the_cause_and_the_next_step(name, sentence):
    with pytest.raises(images.Unfit) as caught:
        images.take_file(corpus.REFUSED[name])
    assert sentence in caught.value.sentence
