"""Pages are packed on the wire, and nothing else is."""

import gzip

import pytest

from tests.factories import make_output

pytestmark = pytest.mark.django_db
PACKS = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("address", ["/library/", "/create/image/", "/projects/"])
def test_a_page_is_packed_for_those_who_can_unpack_it(client, user, address):
    client.force_login(user)
    plain, packed = client.get(address), client.get(address, headers=PACKS)
    assert packed["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(packed.content)
    assert len(packed.content) < len(plain.content) / 3
    assert not plain.has_header("Content-Encoding")
    assert b"</html>" in plain.content
    assert all("Accept-Encoding" in one["Vary"] for one in (plain, packed))


def test_a_packed_page_has_a_random_number_of_bytes_more_each_time(client, user):
    client.force_login(user)
    pages = [client.get("/library/", headers=PACKS).content for _turn in range(12)]
    names = {len(page[10 : page.index(0, 10)]) for page in pages}  # a name in the head of gzip
    assert len(names) > 4
    assert max(names) > 20


def test_files_and_parts_of_them_go_out_as_they_are(client, user):
    client.force_login(user)
    media = make_output(user).media
    whole = client.get(media.url, headers=PACKS)
    part = client.get(media.url, headers={**PACKS, "Range": "bytes=2-9"})
    assert part.status_code == 206
    for answer in (whole, part):
        assert not answer.has_header("Content-Encoding")
    assert b"".join(part.streaming_content) == b"".join(whole.streaming_content)[2:10]


def test_an_answer_that_is_no_page_stays_plain(client, user):

    answer = client.get("/healthz", headers=PACKS)
    assert not answer.has_header("Content-Encoding")
