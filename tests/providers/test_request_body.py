"""Create requests, byte for byte as the documents print them."""

import asyncio
import base64
import json
import tracemalloc

import httpx
import pytest

from generation.providers.base import GenerationRequest, InputFile
from generation.providers.errors import TooLarge
from generation.providers.registry import PROVIDERS
from generation.providers.request_body import MEGABYTE, MOST_BODY, Body, placed, wire_size
from tests.factories import png
from tests.providers.raw import KEY

IMAGE = InputFile(data=png(), mime="image/png")
LINK = InputFile(url='https://pictures.example.org/a.webp?x=1&y="2"')
DATA_URI = f"data:image/png;base64,{base64.b64encode(IMAGE.data).decode()}"
VALUES = {
    "prompt": 'A cat, 一只猫 🐈 "quoted"',
    "resolution": "2K",
    "aspect_ratio": "21:9",
    "seed": 0,
    "payload": "vs-1",
    "callback_url": "https://studio.example.org/cb",
}
PARAMETERS = {
    "images": [DATA_URI, LINK.url],
    "prompt": VALUES["prompt"],
    "seed": 0,
    "aspect_ratio": "21:9",
    "resolution": "2K",
    "payload": "vs-1",
    "callback_url": "https://studio.example.org/cb",
}


def prepare(provider, model_name, values, images=(), **options):
    async def go():
        async with PROVIDERS[provider].connect("https://api.example.org", KEY, **options) as client:
            return await client.prepare(
                GenerationRequest("image", model_name, values, {"images": images})
            )

    return asyncio.run(go())


@pytest.mark.parametrize("provider", ["vidu", "vidu-cn", "kkiai", "demo"])
def test_the_flat_body_of_vidu_and_kkiai(provider):
    prepared = prepare(provider, "viduq2", VALUES, [IMAGE, LINK])
    assert prepared.path == "/ent/v2/reference2image"
    body = json.loads(prepared.body)
    assert body == {"model": "viduq2", **PARAMETERS}


def test_the_wrapped_body_of_vtrix():
    prepared = prepare("vtrix", "viduq2_reference2image", VALUES, [IMAGE, LINK])
    assert prepared.path == "/model/v1/generation"
    assert json.loads(prepared.body) == {
        "model": "viduq2_reference2image",
        "input": [{"params": PARAMETERS}],
    }


@pytest.mark.parametrize(
    ("provider", "model_name"),
    [("vidu", "viduq2"), ("kkiai", "viduq2"), ("vtrix", "viduq2_reference2image")],
)
def test_what_is_not_set_is_absent(provider, model_name):
    body = json.loads(prepare(provider, model_name, {"prompt": "A cat", "payload": ""}).body)
    parameters = body["input"][0]["params"] if provider == "vtrix" else body
    parameters.pop("model", None)
    assert parameters == {"prompt": "A cat"}


def test_a_parameter_without_a_wire_name_is_no_silent_loss():
    with pytest.raises(ValueError, match="duration"):
        prepare("vidu", "viduq2", {"prompt": "A cat", "duration": 5})


def test_a_prompt_cannot_break_out_of_its_place():
    values = {"prompt": '"], "model": "x", "images": ["', "payload": "\ud800"}
    body = json.loads(prepare("vidu", "viduq2", values, [IMAGE]).body)
    assert body == {"model": "viduq2", "images": [DATA_URI], **values | {"payload": "?"}}


@pytest.mark.parametrize("size", [0, 1, 2, 3, 196_607, 196_608, 196_609, 500_000])
def test_images_are_encoded_in_full_and_their_size_is_known_before(size):
    image = InputFile(data=bytes(index % 251 for index in range(size)), mime="image/webp")
    body = Body.of({"images": placed([image], "images", "image")})
    encoded = body.encode()
    head, data = json.loads(encoded)["images"][0].split(",")
    assert head == "data:image/webp;base64"
    assert base64.b64decode(data) == image.data
    assert len(encoded) == body.size


def filler(wanted: int) -> InputFile:
    """An image that takes about `wanted` bytes on the wire."""
    return InputFile(data=bytes((wanted - 40) // 4 * 3), mime="image/png")


@pytest.mark.parametrize(
    ("provider", "model_name"), [("kkiai", "viduq2"), ("vtrix", "viduq2_reference2image")]
)
def test_too_many_bytes_are_refused_before_anything_is_sent(provider, model_name):
    with pytest.raises(TooLarge) as caught:
        prepare(provider, model_name, {"prompt": "x"}, [filler(9 * MEGABYTE)] * 2 + [IMAGE])
    assert caught.value.field == "images"
    assert "fewer or smaller" in caught.value.advice


def test_the_limit_itself_may_be_sent():
    empty = len(prepare("kkiai", "viduq2", {"prompt": ""}, [InputFile(mime="image/png")]).body)
    fitting = InputFile(data=bytes((MOST_BODY - empty) // 4 * 3), mime="image/png")
    assert (
        MOST_BODY - 4 < len(prepare("kkiai", "viduq2", {"prompt": ""}, [fitting]).body) <= MOST_BODY
    )
    over = InputFile(data=fitting.data + b"123456", mime="image/png")
    with pytest.raises(TooLarge):
        prepare("kkiai", "viduq2", {"prompt": ""}, [over])


def test_too_much_text_is_refused_as_text():
    with pytest.raises(TooLarge) as caught:
        prepare("vidu", "viduq2", {"payload": "x" * MOST_BODY})
    assert caught.value.field == "payload"


class Uploads:
    """The upload route and its storage. Keeps what it saw."""

    def __init__(self, put_url="https://storage.example.net/put/{n}", put_status=200, **odd):
        self.put_url, self.put_status, self.odd = put_url, put_status, odd
        self.seen: list[httpx.Request] = []
        self.stored: dict[str, bytes] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        step = (request.method, request.url.path)
        if step == ("POST", "/tools/v2/files/uploads"):
            number = str(len(self.seen))
            return self.odd.get("create") or httpx.Response(
                200, json={"id": number, "put_url": self.put_url.format(n=number)}
            )
        if step[0] == "PUT" and step[1].endswith("/finish"):
            number = step[1].split("/")[-2]
            return httpx.Response(200, json={"uri": f"ssupload:?id={number}"})
        self.stored[step[1].split("/")[-1]] = request.content
        return httpx.Response(self.put_status, headers={"ETag": '"e-1"'})


def lightened(images, route=None):
    """The images of the body, and the upload route that was or was not used."""
    route = route or Uploads()
    prepared = prepare(
        "vidu", "viduq2", {"prompt": "x"}, images, transport=httpx.MockTransport(route)
    )
    return json.loads(prepared.body)["images"], route


def test_a_body_that_fits_uploads_nothing():
    images, route = lightened([filler(8 * MEGABYTE)] * 2)
    assert route.seen == []
    assert all(image.startswith("data:image/png;base64,") for image in images)


def test_the_largest_images_are_uploaded_until_the_rest_fits():
    sizes = [3, 12, 2, 9, 3]
    images, route = lightened([filler(size * MEGABYTE) for size in sizes])
    kinds = [image.split(":")[0] for image in images]
    assert kinds == ["data", "ssupload", "data", "data", "data"]
    assert route.stored[images[1].split("=")[1]] == filler(12 * MEGABYTE).data


def test_the_three_steps_of_an_upload():
    _images, route = lightened([filler(10 * MEGABYTE), filler(9 * MEGABYTE)])
    create, put, finish = route.seen
    assert json.loads(create.content) == {"scene": "vidu"}
    assert str(put.url) == "https://storage.example.net/put/1"
    assert put.headers["content-type"] == "image/png"
    assert "authorization" not in put.headers
    assert (finish.method, finish.url.path) == ("PUT", "/tools/v2/files/uploads/1/finish")
    assert json.loads(finish.content) == {"etag": "e-1"}
    assert create.headers["authorization"] == finish.headers["authorization"] == f"Token {KEY}"


def test_an_image_that_the_route_does_not_take_is_named():
    big = InputFile(data=bytes(15 * MEGABYTE), mime="image/png")
    with pytest.raises(TooLarge, match="image 2") as caught:
        lightened([IMAGE, big, IMAGE])
    assert caught.value.field == "images"


def test_ten_megabytes_are_too_many_for_the_route_and_a_byte_less_is_not():
    for size, fits in ((10 * MEGABYTE - 1, True), (10 * MEGABYTE, False)):
        images = [InputFile(data=bytes(size), mime="image/png")] * 2
        if fits:
            assert lightened(images)[0][0].startswith("ssupload:")
        else:
            with pytest.raises(TooLarge, match="image 1, 2"):
                lightened(images)


def test_a_host_without_the_route_refuses_the_images():
    with pytest.raises(TooLarge):
        lightened(
            [filler(10 * MEGABYTE)] * 2, Uploads(create=httpx.Response(404, json={"code": 404}))
        )


def test_seven_images_of_ten_megabytes_need_little_memory():
    files = [InputFile(data=bytes([n]) * (10 * MEGABYTE - 1), mime="image/png") for n in range(7)]
    total = sum(map(wire_size, files)) * 3 / 4
    tracemalloc.start()
    images, _route = lightened(files)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(images) == 7
    assert peak < 1.5 * total
