"""Teams that ask for a second step, and who is led to set one up."""

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from generation.models import Membership, Team
from generation.web.second_factor import (
    ask_to_set_up_factor,
    has_second_factor,
    must_set_up_factor,
)
from tests.authenticator import add_passkey
from tests.factories import make_output, make_user, team_of

DAY = timedelta(days=1)


@pytest.fixture
def member(user) -> Membership:
    return user.memberships.select_related("team", "user").get()


@pytest.mark.parametrize(
    ("since", "closed"), [(None, False), (DAY, False), (timedelta(0), True), (-DAY, True)]
)
def test_the_team_is_closed_from_its_day_on_until_there_is_a_second_step(member, since, closed):
    member.team.factor_required_from = None if since is None else timezone.now() + since
    assert must_set_up_factor(member) is closed
    add_passkey(member.user, "Blue key")
    assert has_second_factor(member.user)
    assert not must_set_up_factor(member)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_people_are_led_to_the_page_about_security(client, member, headers, monkeypatch):
    sentences = []
    monkeypatch.setattr(
        "django.contrib.messages.warning", lambda _request, text: sentences.append(text)
    )
    request = RequestFactory().get("/library/")
    request.htmx = bool(headers)
    answer = ask_to_set_up_factor(request, member.team)
    target = answer.headers.get("HX-Redirect") or answer.headers["Location"]
    assert target == reverse("settings-security")
    assert [member.team.name in text for text in sentences] == [True]


@pytest.mark.parametrize(("days", "sentence"), [(3, "from"), (-3, "asks for a second step.")])
def test_the_page_about_security_says_which_team_asks(user, days, sentence):
    user.teams.update(factor_required_from=timezone.now() + days * DAY)
    browser = Client()
    browser.force_login(user)
    page = browser.get(reverse("settings-security")).text
    assert user.teams.get().name.replace("'", "&#x27;") in page
    assert sentence in page
    assert "but not open" in page
    add_passkey(user, "Blue key")
    assert "but not open" not in browser.get(reverse("settings-security")).text


def test_a_team_that_asks_for_it_is_closed_to_who_has_none_but_the_account_is_not(user):
    user.teams.update(factor_required_from=timezone.now())
    browser = Client()
    browser.force_login(user)
    assert browser.get("/library/").headers["Location"] == reverse("settings-security")
    assert browser.get("/settings/profile/").status_code == 200
    add_passkey(user, "Blue key")
    assert browser.get("/library/").status_code == 200


def statuses(browser: Client, paths: tuple[str, ...]) -> list[int]:
    answers = [browser.get(path) for path in paths]
    for answer in answers:
        answer.getvalue()  # a stream is closed by reading it
    return [answer.status_code for answer in answers]


def test_nothing_of_such_a_team_is_seen_from_another_team_either(user):
    owner = make_user()
    Membership.objects.create(team=team_of(owner), user=user)
    output = make_output(owner)
    browser = Client()
    browser.force_login(user)
    browser.post(
        "/team/switch/",
        {"team": user.teams.get(memberships__role="owner", memberships__user=user).pk},
    )
    paths = (f"/a/{output.pk}/", output.media.url, f"/tasks/{output.task_id}/")
    assert statuses(browser, paths) == [200] * 3
    Team.objects.filter(pk=output.team_id).update(factor_required_from=timezone.now())
    assert statuses(browser, paths) == [404] * 3
    assert "/team/switch/" in browser.get("/settings/").text  # and still it can be chosen
    add_passkey(user, "Blue key")
    assert statuses(browser, paths) == [200] * 3
