"""Several files of a link as one zip: a ticket of one visitor, for a while and a few tries."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from generation.models import LimitCount, Media, Notice, Output, ReviewState, ZipTicket
from generation.views.share import guest_streams, zip
from generation.web.server.streams import StreamEnded
from tests.factories import make_video
from tests.views.share.conftest import PROMPT
from tests.views.share.test_media import NEEDLE, Clock, end, noted_png


@pytest.fixture
def inside(shared, guest):
    assert guest.get(shared.path()).status_code == 200
    return guest


@pytest.fixture
def originals(shared):
    """Each of the link's three has a prompt in its file."""
    shared.set(downloads="original")
    for output in shared.outputs:
        path = default_storage.save("test/noted.png", ContentFile(noted_png()))
        Media.objects.filter(pk=output.media_id).update(path=path)


def ask(client, shared, **data):
    return client.post(shared.path("share-zip"), data)


def fetch(client, address: str):
    answer = client.get(address)
    found = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer, found


def test_a_zip_has_what_the_link_gives_and_nothing_that_it_hides(shared, inside, originals):
    answer = ask(inside, shared)
    assert answer.status_code == 302
    answer, data = fetch(inside, answer["Location"])
    assert answer["Content-Type"] == "application/zip"
    assert int(answer["Content-Length"]) == len(data)
    assert answer["Content-Disposition"] == 'attachment; filename="First selects.zip"'
    assert answer["Cache-Control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        assert sorted(found.namelist()) == [f"First selects {n}.png" for n in (1, 2, 3)]
        for one in found.namelist():
            assert NEEDLE not in found.read(one)
    for hidden in (PROMPT.encode(), b"canary", shared.outputs[0].media.path.encode()):
        assert hidden.lower() not in data.lower()


def test_previews_are_what_a_link_of_previews_gives(shared, inside):
    shared.set(downloads="preview")
    _answer, data = fetch(inside, ask(inside, shared)["Location"])
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert len(found.namelist()) == 3
        with default_storage.open(shared.outputs[0].media.preview_path) as preview:
            assert found.read("First selects 1.png") == preview.read()


def test_some_of_it_may_be_chosen_and_what_is_not_shown_is_not_in_it(
    shared, inside, originals, user
):
    address = ask(inside, shared, n=["1", "3", "77"])["Location"]
    shared.outputs[0].trash(user)
    _answer, data = fetch(inside, address)
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.namelist() == ["First selects 3.png"]


def test_only_what_was_approved_is_in_it_where_the_link_says_so(shared, inside, originals):
    shared.set(approved_only=True)
    assert ask(inside, shared).status_code == 422
    Output.objects.filter(pk=shared.outputs[1].pk).update(review=ReviewState.APPROVED)
    _answer, data = fetch(inside, ask(inside, shared)["Location"])
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.namelist() == ["First selects 2.png"]


def test_a_link_without_downloads_gives_no_ticket(shared, inside):
    assert ask(inside, shared).status_code == 404
    assert not ZipTicket.objects.exists()


def test_a_ticket_is_of_one_visitor_for_four_hours_and_three_tries(shared, inside, originals):
    address = ask(inside, shared)["Location"]
    other = Client(headers={"user-agent": "Mozilla/5.0 Firefox/128.0"})
    assert other.get(shared.path()).status_code == 200
    assert other.get(address).status_code == 404
    ticket = ZipTicket.objects.get()
    assert timedelta(hours=3, minutes=59) < ticket.ends_at - timezone.now() <= timedelta(hours=4)
    assert inside.head(address).status_code == 200
    assert [fetch(inside, address)[0].status_code for _ in range(4)] == [200, 200, 200, 404]
    address = ask(inside, shared)["Location"]
    ZipTicket.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert inside.get(address).status_code == 404


def test_of_a_try_that_two_take_at_once_one_gets_it(shared, inside, originals):
    ask(inside, shared)
    ZipTicket.objects.update(tries=2)
    first, second = ZipTicket.objects.get(), ZipTicket.objects.get()
    assert (first.use(), second.use()) == (True, False)


def test_a_running_zip_ends_with_its_link(shared, inside, originals, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(guest_streams, "open_links", guest_streams.OpenLinks(clock))
    address = ask(inside, shared)["Location"]
    answer = inside.get(address)
    pieces = iter(answer.streaming_content)
    assert next(pieces)
    shared.set(revoked_at=timezone.now())
    clock.now += 1.0
    with pytest.raises(StreamEnded):
        next(pieces)
    end(answer)
    assert inside.get(address).status_code == 404


def test_what_is_being_made_is_waited_for_and_costs_no_try(shared, inside, user):
    shared.set(downloads="preview")
    output = shared.outputs[0]
    row = make_video(user, NEEDLE, team=output.team)
    Output.objects.filter(pk=output.pk).update(media=row, kind="video")
    address = ask(inside, shared)["Location"]
    answer, text = fetch(inside, address)
    assert (answer.status_code, answer["Refresh"]) == (503, "4")
    assert b"2 are ready" in text
    assert ZipTicket.objects.get().tries == 0


@pytest.mark.parametrize("bound", ["MOST_FILES", "MOST_BYTES"])
def test_more_than_a_zip_may_have_is_refused(shared, inside, originals, monkeypatch, bound):
    monkeypatch.setattr(zip, bound, 2)
    answer = ask(inside, shared)
    if answer.status_code == 302:
        answer, _text = fetch(inside, answer["Location"])
    assert answer.status_code == 422
    assert b"2,000 files or 20 GB" in answer.content


def test_a_zip_that_is_more_than_is_left_of_the_day_says_when_it_goes_on(shared, inside, originals):
    address = ask(inside, shared)["Location"]
    LimitCount.objects.create(
        key=guest_streams.SentBytes.key(shared.link.pk),
        count=20 * 1024**2 - 1,
        ends_at=timezone.now() + timedelta(hours=2),
    )
    answer, text = fetch(inside, address)
    assert answer.status_code == 429
    assert re.search(rb"It goes on at .*\d\d:\d\d", text)


def test_who_made_the_link_is_told_of_downloads_where_they_want_that(shared, inside, originals):
    fetch(inside, ask(inside, shared)["Location"])
    shared.link.refresh_from_db()
    assert shared.link.downloads_count == 3
    assert not Notice.objects.filter(kind="link.downloaded").exists()
    shared.set(tell_downloads=True)
    fetch(inside, ask(inside, shared)["Location"])
    notice = Notice.objects.get(kind="link.downloaded")
    assert notice.user == shared.link.created_by
