"""Many originals at once: what is in the ZIP, and who gets one."""

import io
from zipfile import ZIP_STORED, ZipFile

from django.core.files.storage import default_storage

from generation.models import Media, Output, Role
from generation.views.library.download import file_name
from tests.factories import make_member, make_output, make_task, make_user, make_video, team_of
from tests.views.library.test_grid import HTMX, browser_of, many


def download_zip(client, *pks: int) -> ZipFile:
    answer = client.post("/library/download/", {"ids": ",".join(map(str, pks))})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    data = b"".join(answer.streaming_content)
    assert answer["Content-Length"] == str(len(data))
    return ZipFile(io.BytesIO(data))


def original(output: Output) -> bytes:
    with default_storage.open(output.media.path) as file:
        return file.read()


def test_it_holds_images_and_videos_byte_for_byte_under_readable_names(client, user):
    image = make_output(user, make_task(user, prompt='灯塔 50% "dusk" 🌅 ../../etc'))
    video = make_output(user, media=make_video(user, uploaded=False))
    zipped = download_zip(client, video.pk, image.pk)
    names = [file_name(video, "mp4"), file_name(image, "png")]
    assert zipped.namelist() == names
    assert "灯塔-50-dusk-etc" in names[1]
    assert "/" not in names[1]
    assert [zipped.read(name) for name in names] == [original(video), original(image)]
    assert zipped.testzip() is None
    assert {entry.compress_type for entry in zipped.infolist()} == {ZIP_STORED}


def test_a_file_that_is_gone_is_named_and_the_rest_comes(client, user):
    here, gone, bare = (make_output(user) for _ in range(3))
    Media.objects.filter(pk=gone.media_id).update(path="test/gone.png")
    Media.objects.filter(pk=bare.media_id).update(path="")
    zipped = download_zip(client, gone.pk, here.pk, bare.pk)
    kept, note = zipped.namelist()
    assert zipped.read(kept) == original(here)
    text = zipped.read(note).decode()
    assert note == "Missing files.txt"
    assert "storage: 2" in text
    assert file_name(gone, "png") in text


def test_it_costs_few_queries_and_is_sent_piece_by_piece(
    client, user, django_assert_max_num_queries
):
    pks = [output.pk for output in many(user, 200)]
    with django_assert_max_num_queries(8):
        answer = client.post("/library/download/", {"ids": ",".join(map(str, pks))})
        assert "storage: 200" in b"".join(answer.streaming_content).decode(errors="ignore")
    video = make_output(user, media=make_video(user, uploaded=False))
    pieces = client.post("/library/download/", {"ids": [video.pk]}).streaming_content
    assert len(next(iter(pieces))) <= 300 * 1024


def test_everybody_of_the_team_gets_one_and_nobody_else(user):
    output = make_output(user)
    body = {"ids": [output.pk]}
    viewer = browser_of(make_member(team_of(user), Role.VIEWER))
    assert download_zip(viewer, output.pk).namelist()
    stranger = make_user()
    for pks in ([output.pk], [make_output(stranger).pk, output.pk], [2**70], ["x"]):
        assert browser_of(stranger).post("/library/download/", {"ids": pks}).status_code == 404
    assert viewer.get("/library/download/", body).status_code == 405


def test_nothing_selected_is_answered_with_a_sentence(client, user):
    answer = client.post("/library/download/", {"next": "/library/?q=a"}, follow=True)
    assert answer.redirect_chain == [("/library/?q=a", 302)]
    assert "Select something first." in answer.content.decode()
    answer = client.post("/library/download/", headers=HTMX)
    assert "Select something first." in answer.headers["HX-Trigger"]
