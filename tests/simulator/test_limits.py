"""Every limit that seeds 000, 002 and 004 print: inside, at and outside, in each dialect."""

import json

import pytest

from tests.simulator.asking import DIALECTS, body, data_uri, headers, image, path, uri
from tests.simulator.conftest import Inside

Q2_RATIOS = ("16:9", "9:16", "1:1", "3:4", "4:3", "21:9", "2:3", "3:2")
VTRIX_CODES = {"FieldItemCountOutOfRange": "008023002", "prompt": "008023003"}
ONE = [uri()]

ACCEPTED = {
    "nothing but a prompt": {},
    "a prompt of 1 character": {"prompt": "x"},
    "a prompt of 2,000 characters": {"prompt": "x" * 2000},
    "2,000 characters outside ASCII": {"prompt": "山" * 2000},
    "1 image": {"images": ONE},
    "7 images": {"images": ONE * 7},
    "an empty list of images": {"images": []},
    "128 x 128 pixels": {"images": [uri(128, 128)]},
    "129 x 128 pixels": {"images": [uri(129, 128)]},
    "a ratio of 4:1": {"images": [uri(1024, 256)]},
    "a ratio of 1:4": {"images": [uri(256, 1024)]},
    "a JPEG": {"images": [uri(kind="jpeg")]},
    "a JPEG that says jpg": {"images": [data_uri(image(kind="jpeg"), "image/jpg")]},
    "a WebP": {"images": [uri(kind="webp")]},
    "a PNG that says JPEG": {"images": [data_uri(image(), "image/jpeg")]},
    "a data URI without the comma": {"images": [uri(comma="")]},
    "an address": {"images": ["https://example.org/cat.png"]},
    "a payload of 1,048,576 characters": {"payload": "p" * 1_048_576},
    "a callback": {"callback_url": "https://example.org/called?x=1"},
    "seed 0": {"seed": 0},
    "the largest seed": {"seed": 2_147_483_647},
    "no value": {"seed": None, "images": None, "resolution": None},
    "auto with an image": {"aspect_ratio": "auto", "images": ONE},
    **{f"resolution {word}": {"resolution": word} for word in ("1080p", "2K", "4K")},
    **{f"ratio {word}": {"aspect_ratio": word} for word in Q2_RATIOS},
}
REFUSED = {
    "no prompt": ({"prompt": ...}, "FieldLacking", "prompt"),
    "an empty prompt": ({"prompt": ""}, "FieldLacking", "prompt"),
    "a prompt of spaces": ({"prompt": "  "}, "FieldLacking", "prompt"),
    "a prompt of 2,001": ({"prompt": "x" * 2001}, "FieldInvalid", "prompt"),
    "a prompt that is a number": ({"prompt": 7}, "FieldInvalid", "prompt"),
    "8 images": ({"images": ONE * 8}, "FieldItemCountOutOfRange", "images"),
    "images that are one string": ({"images": uri()}, "FieldInvalid", "images"),
    "127 x 128 pixels": ({"images": [uri(127, 128)]}, "PageSizeOutOfRange", "images"),
    "128 x 127 pixels": ({"images": [uri(128, 127)]}, "PageSizeOutOfRange", "images"),
    "wider than 4:1": ({"images": [uri(1025, 256)]}, "PageSizeOutOfRange", "images"),
    "narrower than 1:4": ({"images": [uri(256, 1025)]}, "PageSizeOutOfRange", "images"),
    "the second image bad": (
        {"images": [uri(), uri(100, 100)]},
        "PageSizeOutOfRange",
        "images",
    ),
    "a GIF": ({"images": [uri(kind="gif")]}, "ImageFormatInvalid", "images"),
    "a BMP that says PNG": (
        {"images": [data_uri(image(kind="bmp"))]},
        "ImageFormatInvalid",
        "images",
    ),
    "a page that says PNG": ({"images": [data_uri(b"<html>")]}, "ImageFormatInvalid", "images"),
    "half an image": ({"images": [data_uri(image()[:200])]}, "ImageFormatInvalid", "images"),
    "no content type": ({"images": ["data:;base64,AAAA"]}, "ImageFormatInvalid", "images"),
    "not base64": ({"images": ["data:image/png;base64,%%"]}, "ImageFormatInvalid", "images"),
    "a file address": ({"images": ["file:///etc/passwd"]}, "ImageDownloadFailure", "images"),
    "an ftp address": ({"images": ["ftp://example.org/a"]}, "ImageDownloadFailure", "images"),
    "an unknown upload": ({"images": ["ssupload:?id=1"]}, "ImageDownloadFailure", "images"),
    "a payload of 1,048,577": ({"payload": "p" * 1_048_577}, "FieldInvalid", "payload"),
    "a callback to nowhere": ({"callback_url": "mailto:me"}, "FieldInvalid", "callback_url"),
    "seed -1": ({"seed": -1}, "FieldInvalid", "seed"),
    "a seed too large": ({"seed": 2_147_483_648}, "FieldInvalid", "seed"),
    "half a seed": ({"seed": 1.5}, "FieldInvalid", "seed"),
    "8K": ({"resolution": "8K"}, "FieldInvalid", "resolution"),
    "2k in lower case": ({"resolution": "2k"}, "FieldInvalid", "resolution"),
    "5:4": ({"aspect_ratio": "5:4"}, "FieldInvalid", "aspect_ratio"),
    "auto without an image": ({"aspect_ratio": "auto"}, "FieldInvalid", "aspect_ratio"),
    "a field of another mode": ({"duration": 5}, "FieldUnwanted", "duration"),
    "an unknown model": ({"model": "viduq9"}, "ModelUnavailable", "viduq9"),
    "no model": ({"model": None}, "FieldLacking", "model"),
}
Q1_REFUSED = {
    "no image": ({"images": []}, "FieldItemCountOutOfRange"),
    "no field for images": ({"images": None}, "FieldItemCountOutOfRange"),
    "8 images": ({"images": ONE * 8}, "FieldItemCountOutOfRange"),
    "2K": ({"resolution": "2K"}, "FieldInvalid"),
    "4K": ({"resolution": "4K"}, "FieldInvalid"),
    "21:9": ({"aspect_ratio": "21:9"}, "FieldInvalid"),
    "2:3": ({"aspect_ratio": "2:3"}, "FieldInvalid"),
    "3:2": ({"aspect_ratio": "3:2"}, "FieldInvalid"),
    "auto": ({"aspect_ratio": "auto"}, "FieldInvalid"),
}


def ask(inside: Inside, dialect: str, **fields: object):
    return inside.post(
        path(dialect),
        content=json.dumps(body(dialect, **fields)),
        headers={**headers(dialect), "content-type": "application/json"},
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_the_documents_allow_is_accepted(inside: Inside, dialect: str) -> None:
    for name, fields in ACCEPTED.items():
        reply = ask(inside, dialect, **fields)
        assert reply.status_code == 200, (name, reply.text[:300])


@pytest.mark.parametrize("dialect", [name for name in DIALECTS if name != "vtrix"])
def test_what_the_documents_refuse_is_refused_with_the_official_reason(
    inside: Inside, dialect: str
) -> None:
    for name, (fields, reason, field) in REFUSED.items():
        reply = ask(inside, dialect, **fields)
        data = reply.json()
        assert (reply.status_code, data.get("reason")) == (400, reason), (name, reply.text[:300])
        assert data["code"] == 400
        assert field in data["message"] or "image" in data["message"], (name, data)
        assert data["metadata"]["trace_id"]


def test_vtrix_refuses_the_same_with_its_own_codes(inside: Inside) -> None:
    for name, (fields, reason, field) in REFUSED.items():
        reply = ask(inside, "vtrix", **fields)
        data = reply.json()
        code = VTRIX_CODES.get(reason, "008023099")
        if (reason, field) == ("FieldLacking", "prompt"):
            code = VTRIX_CODES["prompt"]
        assert (reply.status_code, data.get("code")) == (400, code), (name, reply.text[:300])
        assert data["message"]


@pytest.mark.parametrize("dialect", ["vidu", "vidu-cn", "demo", "kkiai"])
def test_viduq1_has_limits_of_its_own(inside: Inside, dialect: str) -> None:
    for count in (1, 7):
        reply = ask(inside, dialect, model="viduq1", images=ONE * count)
        assert reply.status_code == 200, reply.text
    for name, (fields, reason) in Q1_REFUSED.items():
        reply = ask(inside, dialect, **{"model": "viduq1", "images": ONE, **fields})
        assert (reply.status_code, reply.json()["reason"]) == (400, reason), name


@pytest.mark.parametrize("dialect", ["vidu", "vtrix"])
def test_a_body_of_20_mb_passes_and_one_byte_more_does_not(inside: Inside, dialect: str) -> None:
    limit = 20 * 1024 * 1024
    raw = json.dumps(body(dialect)).encode()
    for size, status in ((limit, 200), (limit + 1, 413)):
        padded = raw + b" " * (size - len(raw))
        reply = inside.post(path(dialect), content=padded, headers=headers(dialect))
        assert reply.status_code == status


def test_kkiai_takes_a_seed_as_a_string(inside: Inside) -> None:
    assert ask(inside, "kkiai", seed="616519648").json()["seed"] == 616519648
    assert ask(inside, "kkiai", seed="many").status_code == 400
    assert ask(inside, "vidu", seed="616519648").json()["reason"] == "FieldInvalid"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_a_bad_request(inside: Inside, raw: bytes) -> None:
    reply = inside.post(path("vidu"), content=raw, headers=headers("vidu"))
    assert (reply.status_code, reply.json()["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    "data",
    [
        {"model": "viduq2_reference2image"},
        {"model": "viduq2_reference2image", "input": []},
        {"model": "viduq2_reference2image", "input": [{"params": {}}, {"params": {}}]},
        {"model": "viduq2_reference2image", "input": [{"prompt": "flat"}]},
        {"model": "viduq2_reference2image", "prompt": "flat"},
    ],
)
def test_vtrix_wants_its_wrapping(inside: Inside, data: dict[str, object]) -> None:
    reply = inside.post(path("vtrix"), json=data, headers=headers("vtrix"))
    assert (reply.status_code, reply.json()["code"]) == (400, "008023099")
