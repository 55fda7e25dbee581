"""What colleagues do comes to open pages: new results, trashed ones, edits, and who is editing."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from generation.models import Membership, Output, Presence, Subject
from tests.factories import make_member, make_output, make_subject, make_user, team_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner():
    return make_user(name="Nadia Herz")


@pytest.fixture
def colleague(owner):
    return make_member(team_of(owner), name="Kenji Watanabe")


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def poller(page: str) -> str:
    found = re.search(r'<div id="live"[^>]*?hx-get="([^"]+)"', page, re.DOTALL)
    return found[1].replace("&amp;", "&") if found else ""


def open_page(client: Client, path: str) -> str:
    return poller(client.get(path).content.decode())


def ask(client: Client, address: str, **more: str) -> str:
    answer = client.get(address, more, headers=HTMX)
    return answer.content.decode() if answer.status_code == 200 else ""


# --- The library ---------------------------------------------------------------------------------


def test_the_library_of_somebody_alone_asks_nothing(owner):
    make_output(owner)
    assert open_page(browser_of(owner), "/library/") == ""


def test_a_new_result_of_a_colleague_is_offered(owner, colleague):
    client = browser_of(owner)
    address = open_page(client, "/library/")
    assert ask(client, address) == ""
    output = make_output(colleague)
    output.task.record()
    answer = ask(client, address)
    assert "1 new: show it" in answer
    assert ask(client, poller(answer)) == ""


def test_a_result_that_the_filter_leaves_out_is_not_offered(owner, colleague):
    client = browser_of(owner)
    address = open_page(client, "/library/?type=video")
    make_output(colleague).task.record()
    assert "new: show" not in ask(client, address)


def test_what_a_colleague_trashes_leaves_the_grid(owner, colleague):
    output, kept = make_output(colleague), make_output(owner)
    client = browser_of(owner)
    address = open_page(client, "/library/")
    browser_of(colleague).post(f"/a/{output.pk}/trash/")
    answer = ask(client, address)
    assert f'id="o{output.pk}" hx-swap-oob="delete"' in answer
    assert f'id="o{kept.pk}"' not in answer


def test_what_another_team_does_is_not_told(owner, colleague):
    client = browser_of(owner)
    address = open_page(client, "/library/")
    make_output(make_user()).task.record()
    assert ask(client, address) == ""


def test_trash_of_many_is_told_to_the_feed(owner, colleague):
    output = make_output(colleague)
    before = output.task.change
    Output.objects.filter(pk=output.pk).trash(colleague)
    output.task.refresh_from_db()
    assert output.task.change > before


# --- Subjects ------------------------------------------------------------------------------------


def edit(client: Client, subject: Subject, **changed: str):
    facts = {
        "seen": subject.version, "name": subject.name, "kind": subject.kind,
        "images": [one.pk for one in subject.files],
    }  # fmt: skip
    return client.post(f"/subjects/{subject.pk}/edit/", facts | changed)


def test_an_edit_of_a_colleague_comes_to_the_list(owner, colleague):
    subject = make_subject(owner, "Mira")
    client = browser_of(owner)
    address = open_page(client, "/subjects/")
    edit(browser_of(colleague), subject, name="Mirabel")
    answer = ask(client, address)
    assert f'id="subject-{subject.pk}" hx-swap-oob="morph"' in answer
    assert "@Mirabel" in answer


def test_what_a_colleague_archives_leaves_the_list_and_a_new_one_is_offered(owner, colleague):
    subject = make_subject(owner, "Mira")
    client, other = browser_of(owner), browser_of(colleague)
    address = open_page(client, "/subjects/")
    other.post(f"/subjects/{subject.pk}/archive/", {"to": "archive"})
    answer = ask(client, address)
    assert f'id="subject-{subject.pk}" hx-swap-oob="delete"' in answer
    make_subject(colleague, "Nova").tell_team(colleague)
    assert "1 new: show it" in ask(client, poller(answer))


def test_the_page_of_a_subject_says_who_saved_it(owner, colleague):
    subject = make_subject(owner, "Mira")
    client = browser_of(owner)
    address = open_page(client, f"/subjects/{subject.pk}/")
    edit(browser_of(colleague), subject, style="ink")
    assert "Kenji Watanabe saved this subject" in ask(client, address)


def test_ones_own_edit_is_no_news(owner, colleague):
    subject = make_subject(owner, "Mira")
    client = browser_of(owner)
    address = open_page(client, f"/subjects/{subject.pk}/")
    edit(browser_of(owner), subject, style="ink")
    assert "saved this subject" not in ask(client, address)


def test_who_edits_a_subject_is_seen_until_the_editor_closes(owner, colleague):
    subject = make_subject(owner, "Mira")
    client, other = browser_of(owner), browser_of(colleague)
    address = open_page(client, f"/subjects/{subject.pk}/")
    other.get(f"/subjects/{subject.pk}/edit/", headers=HTMX)
    answer = ask(client, address)
    assert "Kenji Watanabe is editing this subject." in re.sub(r"\s+", " ", answer)
    address = poller(answer)
    assert ask(client, address) == ""
    Presence.objects.update(editing_at=timezone.now() - timedelta(seconds=26))
    assert "is editing" not in ask(client, address)


def test_a_page_with_an_open_editor_keeps_saying_so(owner, colleague):
    subject = make_subject(owner, "Mira")
    other = browser_of(colleague)
    address = open_page(other, f"/subjects/{subject.pk}/")
    ask(other, address, editing=str(subject.pk))
    page = browser_of(owner).get(f"/subjects/{subject.pk}/edit/").content.decode()
    assert "Kenji Watanabe is editing this subject." in re.sub(r"\s+", " ", page)


def test_saving_ends_the_sign(owner, colleague):
    subject = make_subject(owner, "Mira")
    other = browser_of(colleague)
    other.get(f"/subjects/{subject.pk}/edit/", headers=HTMX)
    edit(other, subject, style="ink")
    page = browser_of(owner).get(f"/subjects/{subject.pk}/").content.decode()
    assert "is editing" not in page


def test_a_subject_of_another_team_is_not_marked_as_edited(owner, colleague):
    foreign = make_subject(make_user(), "Nova")
    client = browser_of(owner)
    ask(client, open_page(client, "/subjects/"), editing=str(foreign.pk))
    assert not Presence.objects.filter(editing=foreign).exists()


# --- Who is there --------------------------------------------------------------------------------


def test_being_there_is_written_once_a_minute(owner, colleague, django_assert_num_queries):
    client = browser_of(owner)
    client.get("/subjects/search/")
    first = Presence.objects.get(membership__user=owner).seen_at
    client.get("/subjects/search/")
    assert Presence.objects.get(membership__user=owner).seen_at == first
    Presence.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    client.get("/subjects/search/")
    assert Presence.objects.get(membership__user=owner).seen_at > first - timedelta(seconds=1)


def test_a_database_that_takes_nothing_costs_no_page(owner, colleague, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Presence.objects, "update_or_create", refuse)
    assert browser_of(owner).get("/subjects/search/").status_code == 200


def test_the_list_of_members_says_who_is_there_and_since_when(owner, colleague):
    browser_of(colleague).get("/library/")
    page = browser_of(owner).get("/team/members/").content.decode()
    assert page.count("now-dot") == 2
    member = Membership.objects.get(user=colleague)
    Presence.objects.filter(membership=member).update(seen_at=timezone.now() - timedelta(hours=2))
    page = browser_of(owner).get("/team/members/").content.decode()
    assert "2\xa0hours ago" in page
