"""The bell, its page, and what a person wants to hear of."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from generation.catalogue.message import Message
from generation.models import Membership, Notice, NoticeChoice, NoticeKind, Role, Status, User
from generation.models.notices import rhythms_of
from tests.factories import (
    make_member,
    make_notice,
    make_output,
    make_task,
    make_user,
    team_of,
)

PAGE, BELL, READ, SETTINGS = "/notices/", "/notices/bell/", "/notices/read/", "/settings/notices/"
HTMX = {"HX-Request": "true"}


def text(response) -> str:
    return response.content.decode()


def number(page: str) -> list[str]:
    """What each bell of a page shows."""
    return re.findall(r'<b class="badge" aria-hidden="true">(\d+\+?)</b>', page)


def open_url(notice: Notice) -> str:
    return f"/notices/{notice.pk}/open/"


def test_every_page_has_the_number_at_no_further_query(client, user, django_assert_num_queries):
    client.get("/library/")
    with django_assert_num_queries(99, exact=False) as before:
        assert number(text(client.get("/library/"))) == []
    for _ in range(3):
        make_notice(user)
    make_notice(user, read_at=timezone.now())
    make_notice(user, in_studio=False)
    with django_assert_num_queries(len(before)):
        assert number(text(client.get("/library/"))) == ["3", "3"]


def test_the_number_is_read_from_an_index_of_what_is_unread(client, user):
    if connection.vendor != "sqlite":
        return
    rows = Notice.objects.unread().filter(user=user, team=team_of(user))
    assert "notices_unread" in rows.values("pk").explain()


def test_a_large_number_is_short(client, user):
    Notice.objects.bulk_create(
        Notice(user=user, team=team_of(user), kind="mention", since=now, at=now)
        for now in [timezone.now()] * 100
    )
    assert number(text(client.get("/settings/"))) == ["99+", "99+"]


def test_the_bell_of_one_team_holds_nothing_of_another(client, user):
    other = make_user(name="Odile")
    Membership.objects.create(team=team_of(other), user=user, role=Role.MEMBER)
    make_notice(user, team=team_of(other), text="Words of another team")
    page = text(client.get(PAGE))
    assert "Words of another" not in page
    assert number(page) == []
    assert "1 new" in page  # beside the name of that team, where one switches to it


def test_the_page_shows_days_and_what_is_new(client, user):
    make_notice(user)
    make_notice(user, at=timezone.now() - timedelta(days=1), read_at=timezone.now())
    page = text(client.get(PAGE))
    assert page.count("Your key <b>Studio</b> is refused by Vidu.") == 2
    assert re.findall(r"<h2>(Today|Yesterday)</h2>", page) == ["Today", "Yesterday"]
    assert page.count('class="unread"') == 1
    assert "kept for 90 days" in page


def test_values_of_a_text_are_shown_as_they_were_typed(client, user):
    make_notice(user, text=Message("%(name)s joined as a member.", name="<b>Eve & Co</b>"))
    assert "<b>&lt;b&gt;Eve &amp; Co&lt;/b&gt;</b> joined" in text(client.get(PAGE))


def test_a_chinese_reader_reads_it_in_chinese(client, user):
    User.objects.filter(pk=user.pk).update(language="zh-hans")
    make_notice(user)
    client.cookies["django_language"] = "zh-hans"
    assert "Vidu 拒绝了你的密钥“<b>Studio</b>”。" in text(client.get(PAGE))


def test_a_batch_shows_its_first_results(client, user):
    task = make_task(user, status=Status.RUNNING)
    outputs = [make_output(user, task, position=place) for place in range(5)]
    make_output(user)  # of another batch
    task.move(Status.STORING)
    task.move(Status.SUCCEEDED)
    for page in (text(client.get(PAGE)), text(client.get(BELL))):
        shown = re.findall(r'<img src="([^"]*)" width="56"', page)
        assert shown == [one.media.thumb_url for one in outputs[:4]]


def test_many_cost_no_more_queries_than_few(client, user, django_assert_max_num_queries):
    def end(task):
        task.move(Status.STORING)
        task.move(Status.SUCCEEDED)

    end(make_task(user, status=Status.RUNNING))
    client.get(PAGE)
    with django_assert_max_num_queries(12) as few:
        client.get(PAGE)
    for _ in range(10):
        end(make_task(user, status=Status.RUNNING))
    with django_assert_max_num_queries(len(few)):
        client.get(PAGE)


def test_opening_one_marks_it_read_and_leads_there(client, user):
    first, second = make_notice(user), make_notice(user)
    assert client.get(open_url(first)).status_code == 405
    answer = client.post(open_url(first))
    assert (answer.status_code, answer.url) == (302, "/settings/keys/")
    assert Notice.objects.unread().get() == second
    read = Notice.objects.get(pk=first.pk).read_at
    client.post(open_url(first))
    assert Notice.objects.get(pk=first.pk).read_at == read


@pytest.mark.parametrize("url", ["//evil.example/", "https://evil.example", "javascript:alert(1)"])
def test_a_bad_address_in_a_row_leads_to_the_list(client, user, url):
    notice = make_notice(user, url=url)
    assert "evil.example" not in text(client.get(PAGE))
    assert client.post(open_url(notice)).url == PAGE


def test_those_of_others_are_not_found(client, user):
    member = make_member(team_of(user))
    theirs = make_notice(member, team=team_of(user))
    assert client.post(open_url(theirs)).status_code == 404
    assert client.post(READ, {"notice": theirs.pk}).status_code == 404
    assert client.post(READ, {"notice": "x"}).status_code == 404
    client.post(READ, {"upto": theirs.pk})
    assert Notice.objects.unread().get() == theirs
    assert "refused" not in text(client.get(PAGE))


def test_one_or_all_that_were_shown_are_marked_read(client, user):
    first, second, late = make_notice(user), make_notice(user), make_notice(user)
    assert client.post(READ, {"notice": first.pk, "show": "new"}).url == f"{PAGE}?show=new"
    assert set(Notice.objects.unread()) == {second, late}
    answer = client.post(READ, {"upto": second.pk}, headers=HTMX)
    assert Notice.objects.unread().get() == late  # it came after the page was drawn
    assert number(text(answer)) == ["1"]
    client.post(READ, {})
    assert Notice.objects.unread().exists()


def test_what_is_read_leads_by_a_plain_link(client, user):
    make_notice(user, read_at=timezone.now())
    page = text(client.get(PAGE))
    assert '<a class="open-notice" href="/settings/keys/">' in page
    assert READ not in page


def test_new_alone_and_page_by_page(client, user):
    start = timezone.now() - timedelta(hours=2)
    for minute in range(31):
        make_notice(user, at=start + timedelta(minutes=minute))
    make_notice(user, read_at=timezone.now())
    page = text(client.get(PAGE, {"show": "new"}))
    assert page.count('class="unread"') == 30
    older = re.search(r'href="(\?show=new&amp;after=[^"]+)"', page)[1].replace("&amp;", "&")
    assert text(client.get(PAGE + older)).count('class="unread"') == 1


def test_nothing_yet_and_nothing_new_are_said(client, user):
    assert "No notices yet" in text(client.get(PAGE))
    assert "Nothing happened yet" in text(client.get(BELL))
    make_notice(user, read_at=timezone.now())
    assert "Nothing new" in text(client.get(PAGE, {"show": "new"}))


def test_the_bell_shows_the_newest_few(client, user):
    for _ in range(8):
        make_notice(user)
    page = text(client.get(BELL, headers=HTMX))
    assert page.count('class="open-notice"') == 6
    assert "<html" not in page
    assert 'hx-swap-oob="innerHTML:.bell-n"' in page


@pytest.mark.parametrize("path", ["/create/image/", "/library/", "/subjects/"])
def test_an_open_page_hears_of_a_new_one_by_its_poller(client, user, path):
    Membership.objects.create(team=team_of(user), user=make_user())  # pages of a shared team ask
    url = re.search(r'hx-get="([^"]*live/\?[^"]*)"', text(client.get(path)))[1]
    url = url.replace("&amp;", "&")
    assert client.get(url, headers=HTMX).status_code == 204
    make_notice(user)
    answer = client.get(url, headers=HTMX)
    assert number(text(answer)) == ["1"]
    fresh = re.search(r'hx-get="([^"]*live/\?[^"]*)"', text(answer))[1].replace("&amp;", "&")
    assert client.get(fresh, headers=HTMX).status_code == 204


# --- What is wanted -------------------------------------------------------------------------------


def wanted(**changed: str) -> dict[str, str]:
    kinds = [kind.value for kind in NoticeKind]
    found = {f"studio:{kind}": "on" for kind in kinds} | {f"mail:{kind}": "off" for kind in kinds}
    return found | changed


def test_choices_are_kept_for_each_kind(client, user):
    posted = wanted(**{"mail:comment.new": "daily"})
    del posted["studio:member.joined"]
    assert client.post(SETTINGS, posted).status_code == 302
    assert client.post(SETTINGS, posted).status_code == 302  # over what is there
    chosen = NoticeChoice.of(user)
    assert (chosen["comment.new"].mail, chosen["comment.new"].in_studio) == ("daily", True)
    assert not chosen["member.joined"].in_studio
    page = text(client.get(SETTINGS))
    assert re.search(r'<option value="daily" selected>Each day</option>', page)
    assert NoticeChoice.objects.filter(user=user).count() == len(NoticeKind)


def test_money_and_locks_offer_no_later_mail(client, user):
    page = text(client.get(SETTINGS))
    offered = re.search(r'name="mail:link.locked".*?</select>', page, re.S)[0]
    assert re.findall(r'value="(\w+)"', offered) == list(rhythms_of("link.locked"))
    answer = client.post(SETTINGS, wanted(**{"mail:link.locked": "daily"}))
    assert answer.status_code == 422
    assert not NoticeChoice.objects.exists()


def test_the_clock_of_the_team_is_named(client, user):
    assert "9:00 (UTC)" in text(client.get(SETTINGS))
    user.teams.update(time_zone="Europe/Berlin")
    assert "9:00 (Europe/Berlin)" in text(client.get(SETTINGS))
    user.teams.update(time_zone="Nowhere/Atlantis")
    assert "9:00 (UTC)" in text(client.get(SETTINGS))


def test_who_is_in_no_team_has_settings_and_no_bell(client, user):
    Membership.objects.all().delete()
    page = text(client.get(SETTINGS))
    assert "A batch is ready" in page
    assert 'id="bell"' not in page
