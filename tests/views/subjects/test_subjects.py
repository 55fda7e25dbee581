"""The pages of subjects: grid, editor, two people at once, archive, and the list at @."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation.models import Media, Role, Subject, TaskSubject
from tests.factories import (
    make_media,
    make_member,
    make_output,
    make_subject,
    make_task,
    make_user,
    make_video,
    png,
    team_of,
)
from tests.markup import compact
from tests.media.sample_videos import video

HTMX = {"HX-Request": "true"}


def browser_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def fields(*files: Media, **more: Any) -> dict[str, Any]:
    ids = [one.pk for one in files if one.kind == "image"]
    videos = [one.pk for one in files if one.kind == "video"]
    return {"name": "Mira", "kind": "person", "images": ids, "videos": videos} | more


def used(user: Any, subject: Subject, count: int) -> list[Any]:
    outputs = []
    for _number in range(count):
        task = make_task(user, status="succeeded", prompt=f"@{subject.name} walks")
        TaskSubject.objects.create(task=task, subject=subject, name=subject.name, position=0)
        outputs.append(make_output(user, task))
    return outputs


# --- Grid -----------------------------------------------------------------------------------------


def test_a_card_says_what_the_subject_is_and_how_often_it_was_used(client, user):
    subject = make_subject(user, "Mira", kind="animal", voice_id="warm-1")
    used(user, subject, 2)
    page = compact(text(client.get("/subjects/")))
    assert "@Mira" in page
    assert "<span>Animal</span><span>Voice</span><span>used 2 times</span>" in page
    assert subject.cover.thumb_url in page


def test_the_empty_library_explains_itself_and_leads_on(client):
    page = text(client.get("/subjects/"))
    assert "A subject is a person, thing or place that stays the same" in page
    assert "Create a subject" in page
    assert "Make one from an image" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [({"kind": "thing"}, {"Flacon"}), ({"tag": "Hero"}, {"Mira"}), ({"q": "perfume"}, {"Flacon"}),
     ({"q": "@mir"}, {"Mira"}), ({"kind": "nonsense"}, {"Mira", "Flacon"}),
     ({"q": "nothing-like-this"}, set()), ({"kind": "thing", "tag": "hero"}, set()),
     ({"tag": "英雄"}, {"Flacon"})],
)  # fmt: skip
def test_search_kind_and_tag_narrow_the_grid(client, user, query, shown):
    make_subject(user, "Mira", tags=["hero"])
    make_subject(user, "Flacon", kind="thing", description="A bottle of perfume", tags=["英雄"])
    page = text(client.get("/subjects/", query))
    assert {name for name in ("Mira", "Flacon") if f">@{name}<" in page} == shown
    assert ("No match" in page) == (not shown)


def test_many_subjects_come_in_pages_without_gap_or_double(client, user):
    for number in range(65):
        make_subject(user, f"Person{number}", [])
    first = client.get("/subjects/").content.decode()
    more = re.search(r'hx-get="([^"]+after=[^"]+)"', first)[1].replace("&amp;", "&")
    second = client.get(more, headers=HTMX).content.decode()
    names = re.findall(r">@(Person\d+)<", first + second)
    assert len(names) == len(set(names)) == 65


def test_many_subjects_cost_no_more_queries_than_one(client, user, django_assert_max_num_queries):
    make_subject(user, "Mira")
    with django_assert_max_num_queries(14) as few:
        client.get("/subjects/")
    for number in range(6):
        used(user, make_subject(user, f"Person{number}"), 1)
    with django_assert_max_num_queries(len(few)):
        client.get("/subjects/")


# --- Editor ---------------------------------------------------------------------------------------


def test_a_subject_is_made_of_images_in_their_order(client, user):
    a, b = make_media(user), make_media(user)
    answer = client.post("/subjects/new/", fields(b, a, tags="Hero, night", style="Oil"))
    made = Subject.objects.get()
    assert answer.url == made.get_absolute_url()
    assert (made.team, made.created_by, made.files) == (team_of(user), user, [b, a])
    assert (made.tags, made.style, made.version) == (["hero", "night"], "Oil", 1)


def test_with_htmx_the_page_goes_to_the_new_subject(client, user):
    answer = client.post("/subjects/new/", fields(make_media(user)), headers=HTMX)
    assert answer.headers["HX-Redirect"] == Subject.objects.get().get_absolute_url()


def test_a_file_may_come_with_the_form(client, user):
    image = SimpleUploadedFile("mira.png", png(), "image/png")
    client.post("/subjects/new/", fields() | {"new_images": image})
    assert Subject.objects.get().cover.name == "mira.png"


def test_a_refused_file_is_reported_and_nothing_typed_is_lost(client):
    bad = SimpleUploadedFile("mira.gif", b"GIF89a", "image/gif")
    answer = client.post("/subjects/new/", fields(description="Red coat") | {"new_images": bad})
    assert answer.status_code == 422
    assert "mira.gif: " in text(answer)
    assert "Red coat" in text(answer)
    assert not Subject.objects.exists()


@pytest.mark.parametrize(("frames", "status"), [(48, 302), (144, 422)])
def test_a_video_of_up_to_five_seconds_makes_a_subject(client, frames, status):
    upload = SimpleUploadedFile("mira.mp4", video(frames=frames), "video/mp4")
    answer = client.post("/subjects/new/", fields() | {"new_videos": upload})
    assert answer.status_code == status
    if status == 302:
        assert Subject.objects.get().facts.videos[0].seconds == pytest.approx(2, abs=0.1)
        assert "<video" in text(client.get(answer.url))
    else:
        assert "Cut it to at most 5 s." in text(answer)


def test_errors_stand_at_their_fields_and_the_files_are_kept(client, user):
    media = make_media(user)
    answer = client.post("/subjects/new/", fields(media, name="Mira Rose"))
    assert answer.status_code == 422
    assert 'id="id_name_error"' in text(answer)
    assert f'name="images" value="{media.pk}"' in text(answer)


def test_buttons_that_change_files_save_and_refuse_nothing(client, user):
    a, b = make_media(user), make_media(user)
    posted = fields(a, b, name="", edit=f"left:images:{b.pk}", description="Red coat")
    page = text(client.post("/subjects/new/", posted))
    assert re.findall(r'name="images" value="(\d+)"', page) == [str(b.pk), str(a.pk)]
    assert "Give the subject a name." not in page
    assert "Red coat" in page
    assert not Subject.objects.exists()


def test_an_output_becomes_a_subject_in_two_clicks(client, user):
    make_subject(user, "lighthouse")
    output = make_output(user)
    page = text(client.get("/subjects/new/", {"from": output.pk}))
    assert 'value="lighthouse-2"' in page
    assert f'name="images" value="{output.media_id}"' in page


def test_an_output_can_be_picked_and_searched_for(client, user):
    output = make_output(user, make_task(user, status="succeeded", prompt="Harbour at night"))
    other = make_output(user)
    found = text(client.post("/subjects/new/", fields(edit="find", pick_q="harbour")))
    assert f"pick:{output.pk}" in found
    assert f"pick:{other.pk}" not in found
    picked = text(client.post("/subjects/new/", fields(edit=f"pick:{output.pk}")))
    assert f'name="images" value="{output.media_id}"' in picked


def test_audio_cannot_be_a_subject(client, user):
    media = make_media(user, kind="audio")
    output = make_output(user, kind="audio", media=media)
    assert client.get("/subjects/new/", {"from": output.pk}).status_code == 404


def test_the_editor_is_a_page_and_the_same_in_the_dialog(client, user):
    subject = make_subject(user, "Mira")
    for path in ("/subjects/new/", f"/subjects/{subject.pk}/edit/"):
        page, part = client.get(path), client.get(path, headers=HTMX)
        assert "<!doctype html>" in text(page)
        assert "<!doctype html>" not in text(part)
        assert 'id="dialog-title"' in text(part)
        assert "HX-Request" in page.headers["Vary"]


# --- Two people at once ---------------------------------------------------------------------------


def test_the_second_of_two_edits_sees_both_and_may_save_over(client, user):
    subject = make_subject(user, "Mira", description="Red coat")
    other = browser_of(make_member(team_of(user)))
    url = f"/subjects/{subject.pk}/edit/"
    mine = fields(*subject.files, seen="1", description="Green coat", style="Oil")
    other.post(url, fields(*subject.files, seen="1", description="Blue coat"))
    answer = client.post(url, mine)
    page = text(answer)
    assert answer.status_code == 422
    assert "Somebody saved this subject while you were editing." in page
    assert "<td>Blue coat</td><td>Green coat</td>" in page
    assert "<td>–</td><td>Oil</td>" in page
    subject.refresh_from_db()
    assert subject.description == "Blue coat"
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    client.post(url, mine | {"seen": seen})
    subject.refresh_from_db()
    assert (subject.description, subject.style, subject.version) == ("Green coat", "Oil", 3)


def test_an_edit_without_the_version_it_began_from_never_overwrites(client, user):
    subject = make_subject(user, "Mira", description="Red coat")
    answer = client.post(f"/subjects/{subject.pk}/edit/", fields(*subject.files, description="x"))
    subject.refresh_from_db()
    assert (answer.status_code, subject.description) == (422, "Red coat")


def test_two_people_who_take_one_name_at_once_both_get_an_error(client, user, monkeypatch):
    make_subject(user, "Odile")
    subject = make_subject(user, "Mira")
    monkeypatch.setattr("generation.forms.subjects.SubjectForm.clean_name", lambda _form: "Odile")
    answers = [
        client.post("/subjects/new/", fields(make_media(user), name="Odile")),
        client.post(f"/subjects/{subject.pk}/edit/", fields(*subject.files, seen="1")),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert "There is a subject of this name already." in text(answer)
    subject.refresh_from_db()
    assert (subject.name, subject.version) == ("Mira", 1)


def test_a_subject_archived_while_somebody_edits_it_stays_as_it_was(client, user, monkeypatch):
    subject = make_subject(user, "Mira")

    def gone(self, *args, **fields):
        self.archive()
        return False

    monkeypatch.setattr(Subject, "edit", gone)
    answer = client.post(
        f"/subjects/{subject.pk}/edit/", fields(*subject.files, seen="1"), follow=True
    )
    assert "archived meanwhile" in text(answer)


# --- One subject ----------------------------------------------------------------------------------


def test_the_page_shows_what_was_made_with_it_a_page_at_a_time(client, user):
    subject = make_subject(user, "Mira")
    outputs = used(user, subject, 26)
    make_output(user)
    first = client.get(f"/subjects/{subject.pk}/").content.decode()
    more = re.search(r'hx-get="([^"]+after=[^"]+)"', first)[1]
    second = client.get(more, headers=HTMX).content.decode()
    shown = re.findall(r'<a class="open" href="/a/(\d+)/"', first + second)
    assert shown == [str(one.pk) for one in reversed(outputs)]
    assert "<html" not in second


def test_what_is_written_of_a_subject_stays_text(client, user):
    evil = '<img src=x onerror=alert(1)><div hx-get="/x" hx-trigger="load">'
    subject = make_subject(user, "Mira", description=evil, style=evil, voice_id=evil, tags=[evil])
    for path in ("/subjects/", f"/subjects/{subject.pk}/", f"/subjects/{subject.pk}/edit/"):
        page = client.get(path).content.decode()
        assert "<img src=x" not in page
        assert '<div hx-get="/x"' not in page


def test_archive_and_undo(client, user):
    subject = make_subject(user, "Mira")
    url = f"/subjects/{subject.pk}/archive/"
    page = text(client.post(url, {"to": "archive"}, follow=True))
    assert "@Mira is in the archive." in page
    assert f'action="{url}"' in page
    assert ">@Mira<" in text(client.get("/subjects/", {"archived": "1"}))
    assert "@Mira is back." in text(client.post(url, {"to": "open"}, follow=True))
    assert ">@Mira<" in text(client.get("/subjects/"))


def test_an_archived_subject_whose_name_was_taken_says_what_to_do(client, user):
    subject = make_subject(user, "Mira")
    subject.archive()
    make_subject(user, "Mira")
    answer = client.post(f"/subjects/{subject.pk}/archive/", {"to": "open"}, follow=True)
    assert "Another subject is called @Mira now." in text(answer)


def test_an_archived_subject_is_read_and_not_changed(client, user):
    subject = make_subject(user, "Mira")
    output = used(user, subject, 1)[0]
    subject.archive()
    page = text(client.get(f"/subjects/{subject.pk}/"))
    assert f"/a/{output.pk}/" in page
    assert "Restore" in page
    assert client.get(f"/subjects/{subject.pk}/edit/").status_code == 404
    assert client.post(f"/subjects/{subject.pk}/register/", {"library": "demo"}).status_code == 404


def test_a_video_made_with_it_plays_on_its_tile_and_says_how_long_it_is(client, user):
    mira = make_subject(user, "Mira")
    task = make_task(user, mode="text-video", status="succeeded")
    TaskSubject.objects.create(task=task, subject=mira, name="Mira", position=0)
    video = make_output(user, task, media=make_video(user, uploaded=False))
    page = text(client.get(mira.get_absolute_url()))
    assert f'class="open" href="/a/{video.pk}/" data-video="{video.media.url}"' in page
    assert re.search(r'class="badge".*?0:05', page)
    assert "js/video" in page


# --- At @ -----------------------------------------------------------------------------------------


def names(answer: Any) -> list[str]:
    return re.findall(r'data-name="([^"]+)"', answer.content.decode())


@pytest.mark.parametrize(
    ("typed", "found"),
    [("", ["Amira", "Mira", "Émile", "米拉"]), ("mi", ["Mira", "Amira", "Émile"]),
     ("éM", ["Émile"]), ("米", ["米拉"]), ("x", [])],
)  # fmt: skip
def test_names_that_begin_so_come_first(client, user, typed, found):
    for name in ("Mira", "Amira", "Émile", "米拉"):
        make_subject(user, name)
    make_subject(user, "Mirror").archive()
    make_subject(make_user(), "Mirko")
    assert names(client.get("/subjects/search/", {"q": typed})) == found


def test_a_line_holds_the_tile_that_choosing_adds(client, user):
    subject = make_subject(user, "Mira", voice_id="warm")
    page = text(client.get("/subjects/search/", {"q": "mi"}))
    assert f'<input type="hidden" name="subjects" value="{subject.pk}">' in page
    assert "voice attached" in page
    assert "data-complete" in page


def test_what_the_model_cannot_use_is_last_with_its_reason(client, user):
    video = make_media(user, kind="video", format="mp4", seconds=4.0, codec="h264")
    make_subject(user, "Anna", [video])
    make_subject(user, "Mira")
    here = {"mode": "reference", "model": "vidu/viduq2"}
    answer = client.get("/subjects/search/", here)
    assert names(answer) == ["Mira", "Anna"]
    assert "@Anna is made from a video, which this model cannot use." in text(answer)
    assert text(answer).count('aria-disabled="true"') == 1


def test_a_model_without_subjects_says_so(client, user):
    make_subject(user, "Mira")
    answer = client.get("/subjects/search/", {"mode": "image", "model": "vidu/viduq2"})
    assert "does not take subjects here." in text(answer)


def test_the_search_costs_the_same_however_many_there_are(
    client, user, django_assert_max_num_queries
):
    make_subject(user, "Mira")
    with django_assert_max_num_queries(8) as few:
        client.get("/subjects/search/")
    for number in range(40):
        make_subject(user, f"Person{number}")
    with django_assert_max_num_queries(len(few)):
        answer = client.get("/subjects/search/")
    assert len(names(answer)) == 30
    assert "data-complete" not in text(answer)


# --- Who ------------------------------------------------------------------------------------------


def test_a_viewer_reads_and_changes_nothing(user):
    subject = make_subject(user, "Mira")
    viewer = browser_of(make_member(team_of(user), Role.VIEWER))
    page = text(viewer.get(f"/subjects/{subject.pk}/"))
    assert "@Mira" in page
    assert not re.search(r"/subjects/\d+/(edit|archive|register)", page)
    assert "/subjects/new/" not in text(viewer.get("/subjects/"))
    for path in ("new/", f"{subject.pk}/edit/", f"{subject.pk}/archive/", "import/"):
        assert viewer.post(f"/subjects/{path}", fields(name="X")).status_code == 404
    subject.refresh_from_db()
    assert (subject.name, subject.archived_at) == ("Mira", None)


def test_foreign_subjects_and_files_are_not_there(client, user):
    stranger = make_user()
    foreign = make_subject(stranger, "Mira", description="Their secret")
    for path in ("", "edit/", "registrations/"):
        assert client.get(f"/subjects/{foreign.pk}/{path}").status_code == 404
    assert client.post(f"/subjects/{foreign.pk}/archive/", {"to": "archive"}).status_code == 404
    assert "Their secret" not in text(client.get("/subjects/", {"q": "secret"}))
    assert "Mira" not in text(client.get("/subjects/", {"undo": foreign.pk}))
    answer = client.post("/subjects/new/", fields(*foreign.files))
    assert answer.status_code == 422
    assert "A file was not found." in text(answer)
    output = make_output(stranger)
    assert client.get("/subjects/new/", {"from": output.pk}).status_code == 404
    picked = client.post("/subjects/new/", fields(edit=f"pick:{output.pk}"))
    assert picked.status_code == 404


def test_another_team_of_ones_own_is_another_library(client, user):
    second = team_of(make_user())
    second.memberships.create(user=user)
    subject = make_subject(user, "Mira", [], team=second)
    assert names(client.get("/subjects/search/")) == []
    assert client.get(f"/subjects/{subject.pk}/").status_code == 200
    assert client.get(f"/subjects/{subject.pk}/edit/").status_code == 404
