"""The three steps of an upload, and using what was uploaded."""

import httpx
import pytest

from tests.simulator.asking import create, headers, image

UPLOADS = "/tools/v2/files/uploads"


def asked(http: httpx.Client) -> dict[str, str]:
    reply = http.post(UPLOADS, json={"scene": "vidu"}, headers=headers("vidu"))
    assert reply.status_code == 200
    return reply.json()


def uploaded(http: httpx.Client, data: bytes) -> str:
    place = asked(http)
    put = http.put(place["put_url"], content=data, headers={"Content-Type": "image/png"})
    etag = put.headers["etag"]
    assert etag.startswith('"')
    path = f"{UPLOADS}/{place['id']}/finish"
    reply = http.put(path, json={"etag": etag}, headers=headers("vidu"))
    assert reply.json() == {"uri": f"ssupload:?id={place['id']}"}
    return reply.json()["uri"]


def test_an_upload_can_be_used_where_an_address_can(http: httpx.Client) -> None:
    uri = uploaded(http, image(300, 400))
    assert create(http, images=[uri], aspect_ratio="auto").json()["images"] == [uri]
    assert create(http, images=[uri], key="another").json()["reason"] == "ImageDownloadFailure"


def test_the_etag_is_taken_without_its_quotes(http: httpx.Client) -> None:
    place = asked(http)
    etag = http.put(place["put_url"], content=image()).headers["etag"].strip('"')
    path = f"{UPLOADS}/{place['id']}/finish"
    assert http.put(path, json={"etag": "0"}, headers=headers("vidu")).status_code == 400
    assert http.put(path, json={"etag": etag}, headers=headers("vidu")).status_code == 200


def test_an_upload_that_was_not_finished_cannot_be_used(http: httpx.Client) -> None:
    place = asked(http)
    http.put(place["put_url"], content=image())
    reply = create(http, images=[f"ssupload:?id={place['id']}"])
    assert reply.json()["reason"] == "ImageDownloadFailure"


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"no picture", 400), (image(1300, 256), 400), (b"x" * (10 * 1024 * 1024), 413)],
)
def test_only_images_under_10_mb(http: httpx.Client, data: bytes, status: int) -> None:
    assert http.put(asked(http)["put_url"], content=data).status_code == status


def test_the_put_address_is_signed(http: httpx.Client) -> None:
    address = asked(http)["put_url"].partition("?")[0]
    assert http.put(f"{address}?signature=0", content=image()).status_code == 403
