"""One result to take along: ranges, tags, marks, and the settings beside it."""

import io
import json
from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage
from django.http import HttpResponse

from generation.engine import reviews
from generation.engine.delivery import delivered_file
from generation.models import DeliveryCopy, DeliveryRules, Media, Output, Role, TaskInput
from generation.views.library.download import file_name
from tests.engine.test_delivery import again, chosen, content, result
from tests.factories import (
    make_media,
    make_member,
    make_output,
    make_task,
    make_user,
    make_video,
    team_of,
)
from tests.media import sample_videos
from tests.views.library.test_grid import browser_of, many


def address(output: Output) -> str:
    return f"/a/{output.pk}/download/"


def fetched(client, path: str, **headers: str) -> tuple[HttpResponse, bytes]:
    answer = client.get(path, headers=headers)
    return answer, answer.getvalue()  # read to its end, it is closed


def sidecar_of(client, output: Output) -> dict:
    return json.loads(client.get(f"{address(output)}?sidecar=1").content)


@pytest.fixture
def marked(user) -> Output:
    chosen(user, source_mark=True)
    return result(user)


def test_a_download_carries_marks_where_the_team_asks_for_it(client, marked):
    answer, data = fetched(client, address(marked))
    assert b"trainedAlgorithmicMedia" in data
    assert data == content(delivered_file(marked).path)
    assert answer["Content-Length"] == str(len(data))
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].endswith(f'_{marked.pk}.png"')
    assert b"trainedAlgorithmicMedia" not in fetched(client, marked.media.url)[1]


def test_the_first_download_makes_the_copy_and_the_next_ones_write_nothing(
    client, marked, django_assert_max_num_queries
):
    fetched(client, address(marked))
    made = DeliveryCopy.objects.get()
    with django_assert_max_num_queries(9):
        fetched(client, address(marked))
    assert DeliveryCopy.objects.get().used_at == made.used_at


def test_parts_of_a_copy_are_parts_of_the_copy(client, marked):
    full, data = fetched(client, address(marked))
    tag = full["ETag"]
    assert full["Accept-Ranges"] == "bytes"
    for header, part in (("bytes=10-99", data[10:100]), ("bytes=100-", data[100:]),
                         ("bytes=-7", data[-7:])):  # fmt: skip
        answer, found = fetched(client, address(marked), **{"Range": header, "If-Range": tag})
        assert (answer.status_code, found) == (206, part)
        assert answer["Content-Range"].endswith(f"/{len(data)}")
    assert client.get(address(marked), headers={"Range": "bytes=999999-"}).status_code == 416
    assert client.get(address(marked), headers={"If-None-Match": tag}).status_code == 304
    head = client.head(address(marked))
    assert (head["Content-Length"], head.getvalue()) == (str(len(data)), b"")


def test_another_choice_of_the_team_is_another_tag(client, user, marked):
    tag = fetched(client, address(marked))[0]["ETag"]
    chosen(user, source_mark=False)
    headers = {"If-None-Match": tag, "Range": "bytes=0-3", "If-Range": tag}
    plain, data = fetched(client, address(marked), **headers)
    assert (plain.status_code, data) == (200, content(marked.media.path))
    assert plain["ETag"] != tag


def test_a_full_disk_is_said_and_a_lost_file_is_no_file(client, marked, monkeypatch, caplog):
    with monkeypatch.context() as full:
        full.setattr("generation.media.storage.enough_space", lambda _needed: False)
        answer = client.get(address(marked))
        assert (answer.status_code, answer["Content-Type"]) == (503, "text/plain")
        assert "disk is full" in answer.content.decode()
    default_storage.delete(marked.media.path)
    answer = client.get(address(marked))
    assert answer.status_code == 404
    assert "The file is missing from the storage." in answer.content.decode()
    assert marked.media.path in caplog.text


def test_nobody_else_gets_a_copy(marked):
    viewer = browser_of(make_member(marked.team, Role.VIEWER))
    assert fetched(viewer, address(marked))[0].status_code == 200
    stranger = browser_of(make_user())
    for headers in ({}, {"Range": "bytes=0-1"}):
        answer = stranger.get(address(marked), headers=headers)
        assert answer.status_code == 404
        assert "ETag" not in answer


def test_the_viewer_says_whether_it_is_the_original(client, user):
    plain = result(user)
    assert "Download original" in client.get(f"/a/{plain.pk}/").content.decode()
    chosen(user, source_mark=True)
    assert "Download original" not in client.get(f"/a/{plain.pk}/").content.decode()


def test_the_viewer_shows_what_a_file_came_with(client, user):
    media = make_media(user, uploaded=False, carried="c2pa,ai,aigc")
    page = client.get(f"/a/{make_output(user, media=media).pk}/").content.decode()
    for label in ("Content Credentials", "Marked as AI", "AIGC label", "did not verify"):
        assert label in page
    assert "Came with" not in client.get(f"/a/{make_output(user).pk}/").content.decode()


# --- The settings ---------------------------------------------------------------------------------


def test_the_settings_name_inputs_parents_times_and_the_file_that_is_sent(client, user):
    parent = result(user)
    upload = make_media(user, sha256="a" * 64, given_sha256="b" * 64)
    made = result(user, provider="vidu", model_name="viduq1")
    TaskInput.objects.create(task=made.task, position=0, media=parent.media)
    TaskInput.objects.create(task=made.task, position=1, media=upload)
    facts = sidecar_of(client, made)
    assert (facts["provider"], facts["model"], facts["created_by"]) == (
        "vidu", "viduq1", "Nadia Holm",
    )  # fmt: skip
    assert [one["sha256"] for one in facts["inputs"]] == [parent.media.sha256, "a" * 64]
    assert [one["output"] for one in facts["inputs"]] == [parent.pk, None]
    assert facts["inputs"][1]["given_sha256"] == "b" * 64
    assert facts["parents"] == [
        {"output": parent.pk, "sha256": parent.media.sha256, "as": "images"}
    ]
    assert facts["sha256"] == facts["original_sha256"] == made.media.sha256
    assert {"asked_at", "sent_at", "finished_at", "created_at"} <= facts.keys()
    assert facts["approval"] is None
    chosen(user, source_mark=True, names_maker=False)
    facts = sidecar_of(client, made)
    assert facts["created_by"] is None
    assert facts["sha256"] == delivered_file(again(made)).sha256 != facts["original_sha256"]
    assert "Nadia" not in json.dumps(facts)


def test_the_settings_say_who_approved_exactly_this_file(client, user):
    made = make_output(user)
    colleague = make_member(team_of(user), name="Kenji Watanabe")
    asked = reviews.ask(made, by=user, reviewers=[colleague])
    reviews.answer(asked, reviewer=colleague, state="approved")
    approval = sidecar_of(client, made)["approval"]
    assert (approval["by"], approval["sha256"]) == ("Kenji Watanabe", made.media.sha256)
    Media.objects.filter(pk=made.media_id).update(sha256="9" * 64)
    assert sidecar_of(client, made)["approval"] is None


def test_a_saved_frame_has_its_video_as_parent(client, user):
    video = make_output(user, media=make_video(user, sha256="c" * 64))
    frame = make_output(user, video.task, position=100, taken_from=video, taken_at=1.5)
    facts = sidecar_of(client, frame)
    assert facts["parents"] == [
        {"output": video.pk, "sha256": "c" * 64, "as": "frame", "seconds": 1.5}
    ]
    assert facts["inputs"] == []


# --- Many at once ---------------------------------------------------------------------------------


def zipped(client, *outputs: Output) -> tuple[ZipFile, str]:
    answer = client.post("/library/download/", {"ids": [one.pk for one in outputs]})
    assert answer.status_code == 200
    data = b"".join(answer.streaming_content)
    assert answer["Content-Length"] == str(len(data))
    return ZipFile(io.BytesIO(data)), answer["Content-Length"]


def test_a_zip_carries_the_copies_and_the_settings(client, user):
    chosen(user, source_mark=True, aigc_keys=True, sidecar_in_zip=True)
    image, video = result(user), result(user, make_video(user, sample_videos.video()))
    archive, length = zipped(client, image, video)
    assert archive.testzip() is None
    for output, extension in ((image, "png"), (video, "mp4")):
        sent = delivered_file(again(output))
        assert sent.is_copy
        assert archive.read(file_name(output, extension)) == content(sent.path)
        facts = json.loads(archive.read(file_name(output, "json")))
        assert facts == sidecar_of(client, output)
        assert facts["sha256"] == sent.sha256
    assert zipped(client, image, video)[1] == length


def test_a_zip_of_many_with_settings_costs_few_queries(client, user, django_assert_max_num_queries):
    chosen(user, sidecar_in_zip=True)
    pks = [output.pk for output in many(user, 60)]
    with django_assert_max_num_queries(14):
        answer = client.post("/library/download/", {"ids": ",".join(map(str, pks))})
        b"".join(answer.streaming_content)


def test_the_length_of_copies_is_known_before_they_are_made(
    client, user, django_assert_max_num_queries
):
    chosen(user, source_mark=True)
    outputs = [result(user) for _ in range(12)]
    with django_assert_max_num_queries(14):
        answer = client.post("/library/download/", {"ids": [one.pk for one in outputs]})
    assert not DeliveryCopy.objects.exists()
    data = b"".join(answer.streaming_content)
    assert answer["Content-Length"] == str(len(data))
    assert DeliveryCopy.objects.count() == 12


# --- What a team chooses --------------------------------------------------------------------------

SWITCHES = {"source_mark": "on", "aigc_keys": "on", "sidecar_in_zip": "on"}


def test_an_owner_chooses_what_files_carry(client, user):
    page = client.get("/team/settings/").content.decode()
    assert "Say that a model made it" in page
    client.post("/team/settings/delivery/", SWITCHES)
    rules = DeliveryRules.objects.get(team=team_of(user))
    assert (rules.source_mark, rules.aigc_keys, rules.names_maker) == (True, True, False)
    assert rules.sidecar_in_zip
    assert rules.aigc_answered_at
    log = client.get("/team/audit/").content.decode()
    assert "Says that a model made it" in log
    client.post("/team/settings/delivery/", {})
    rules.refresh_from_db()
    assert not rules.marks


def test_only_an_owner_does(user):
    for role in (Role.ADMIN, Role.MEMBER, Role.VIEWER):
        browser = browser_of(make_member(team_of(user), role))
        assert browser.post("/team/settings/delivery/", SWITCHES).status_code == 404
    assert not DeliveryRules.objects.exists()


QUESTION = "Your team works with Vidu China."


def test_a_team_is_asked_once_about_the_chinese_label(client, user):
    assert QUESTION not in client.get("/team/settings/").content.decode()
    output = make_output(user, make_task(user, provider="vidu-cn", status="succeeded"))
    viewer = f"/a/{output.pk}/"
    member = browser_of(make_member(team_of(user), Role.MEMBER))
    assert QUESTION in client.get("/team/settings/").content.decode()
    assert "Made with Vidu China" in client.get(viewer).content.decode()
    assert "Made with Vidu China" not in member.get(viewer).content.decode()
    client.post("/team/settings/delivery/", {"answer": "no"})
    assert not DeliveryRules.objects.get().aigc_keys
    for path, sentence in (("/team/settings/", QUESTION), (viewer, "Made with Vidu China")):
        assert sentence not in client.get(path).content.decode()


def test_the_answer_yes_turns_it_on_and_nothing_else(client, user):
    make_task(user, provider="vidu-cn")
    client.post("/team/settings/delivery/", {"answer": "yes"})
    rules = DeliveryRules.objects.get()
    assert (rules.aigc_keys, rules.source_mark, rules.names_maker) == (True, False, True)
