"""Where images may be put, and what a storage's trouble means."""

import httpx
import pytest

from generation.providers.base import InputFile
from generation.providers.errors import NotReached, Refused
from generation.providers.request_body import MEGABYTE
from generation.providers.vidu_uploads import may_receive
from tests.providers.test_request_body import Uploads, lightened

HEAVY = [InputFile(data=bytes(9 * MEGABYTE), mime="image/jpeg")] * 2
HOME = "https://api.vidu.com/prefix"
LOCAL = "http://127.0.0.1:8090"


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://bucket.s3.eu-west-1.amazonaws.com/put?X-Amz-Signature=1", HOME),
        ("https://storage.example.net:443/put", HOME),
        ("https://api.vidu.com/put", HOME),
        ("http://127.0.0.1:8090/put/1", LOCAL),
        ("https://storage.example.net/put", LOCAL),
    ],
)
def test_public_storage_and_the_providers_own_origin_may_receive(url, base):
    assert may_receive(url, base)


@pytest.mark.parametrize(
    "url",
    [
        "", "no address", "/put", "file:///etc/passwd", "ftp://storage.example.net/put",
        "http://storage.example.net/put", "http://api.vidu.com/put",
        "https://127.0.0.1/put", "https://127.1/put", "https://2130706433/put",
        "https://0x7f000001/put", "https://[::1]/put", "https://10.0.0.8/put",
        "https://169.254.169.254/latest", "https://localhost/put", "https://db/put",
        "https://db.internal/put", "https://nas.local/put", "https://nas.local./put",
        "https://router.lan/put", "https://me:pw@storage.example.net/put",
        "https://storage.example.net:6379/put", "https://storage.example.net:99999/put",
        "http://127.0.0.1:8090/put", "https://[half/put",
    ],
)  # fmt: skip
def test_no_other_place_may_receive(url):
    assert not may_receive(url, HOME)


def test_an_unsafe_place_gets_nothing():
    route = Uploads(put_url="http://169.254.169.254/put/{n}")
    with pytest.raises(Refused, match="safe place"):
        lightened(HEAVY, route)
    assert [request.method for request in route.seen] == ["POST"]


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Refused), (403, Refused), (302, NotReached), (503, NotReached)]
)
def test_what_a_storage_refuses_says_nothing_about_the_key(status, kind):
    with pytest.raises(kind) as caught:
        lightened(HEAVY, Uploads(put_status=status))
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "made", [{}, {"id": "1"}, {"put_url": "https://a.example.net/"}, {"id": ".."}]
)
def test_half_an_answer_uploads_nothing(made):
    route = Uploads(create=httpx.Response(200, json=made))
    with pytest.raises(Refused):
        lightened(HEAVY, route)
    assert len(route.seen) == 1
