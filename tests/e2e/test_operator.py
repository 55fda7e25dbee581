"""Who runs the studio, at a browser: suspending somebody who is there, and how the pages look."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person
from tests.e2e.test_pages import SIZES, violations_in_both_themes
from tests.e2e.test_second_step import put_codes_away, set_up_app

SOON = 5_000  # what the product promises
MAKE_STAFF = """
from generation.models import User
User.objects.filter(email="{email}").update(is_staff=True)
"""
QUEUE = """
from datetime import timedelta
from django.utils import timezone
from generation.models import User
from tests.factories import make_task

user = User.objects.get(email="{email}")
later = timezone.now() + timedelta(seconds=30)
print(make_task(user, not_before=later).pk, make_task(user, status="uncertain").pk)
"""
NUMBERS = """
from generation.models import Membership, User
user = User.objects.get(email="{email}")
print(user.pk, Membership.objects.get(user=user).team_id)
"""
OUTCOME = """
from generation.models import Task
task = Task.objects.get(pk={pk})
print(task.status, task.sends, task.sent_at)
"""
PAGES = (
    "", "people/", "teams/", "tasks/", "tasks/?look=uncertain", "keys/", "acts/", "usage/",
    "signup/", "message/", "people/{person}/", "people/{person}/suspend/",
    "people/{person}/address/", "people/{person}/link/", "tasks/{task}/", "tasks/{task}/give-up/",
    "teams/{team}/",
)  # fmt: skip


def become_operator(person: Person) -> None:
    person.sign_up_unseen()
    person.studio.run(MAKE_STAFF.format(email=person.email))
    set_up_app(person)
    put_codes_away(person.page)


def test_who_is_suspended_is_out_within_five_seconds_and_nothing_was_sent(new_person):
    operator = new_person(java_script_enabled=False)
    become_operator(operator)
    person = new_person(viewport={"width": 1440, "height": 900})
    person.sign_up_unseen()
    queued, _uncertain = person.studio.run(QUEUE.format(email=person.email)).split()
    open_page = person.goto("/create/image/")
    expect(open_page.locator("#feed .batch")).to_have_count(2)

    page = operator.goto(f"/operator/people/?q={person.email}")
    page.locator("table a").first.click()
    page.get_by_role("link", name="Suspend", exact=True).click()
    page.get_by_label("Reason").fill("Left the company")
    page.get_by_role("button", name="Suspend").click()
    expect(page.locator("#toasts")).to_contain_text("1 queued task was cancelled")

    open_page.wait_for_url("**/login/**", timeout=SOON)
    assert person.studio.run(OUTCOME.format(pk=queued)) == "cancelled 0 None"


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_of_the_operator_are_for_everybody(new_person, size):
    width, height = SIZES[size]
    operator = new_person(viewport={"width": width, "height": height})
    become_operator(operator)
    person, team = operator.studio.run(NUMBERS.format(email=operator.email)).split()
    _queued, task = operator.studio.run(QUEUE.format(email=operator.email)).split()
    found = []
    for path in PAGES:
        page = operator.goto(f"/operator/{path.format(person=person, task=task, team=team)}")
        assert page.locator(".settings.operator").count() or "/suspend/" in path, path
        found += violations_in_both_themes(page)
    assert not found
