"""What axe finds where nothing is there yet, where something is wrong, and where nobody knows."""

import pytest

from tests.e2e.conftest import Person
from tests.e2e.test_pages import SIZES, violations_in_both_themes

EMPTY = (
    "/create/reference/?show=running", "/create/image/?q=nothing", "/library/", "/subjects/",
    "/collections/", "/share/", "/notices/", "/team/invitations/",
)  # fmt: skip
# Forms that are sent with nothing in them, each by its button.
REFUSED = {
    "/create/text-video/#compose": "#compose .go",
    "/settings/keys/add/": "#key-add",
    "/subjects/new/": "#subject-form .save",
    "/collections/new/": "main .btn.cta",
    "/projects/new/": "main .btn.cta",
}
SENT = "one => { one.form.noValidate = true; one.click(); }"
# Every state of a card that lasts. None of them is asked about before tomorrow.
SEED = """
from datetime import timedelta
from django.utils import timezone
from generation.models import User
from tests.factories import make_task
user, later = User.objects.get(email="{email}"), timezone.now() + timedelta(days=1)
for facts in (
    dict(status="uncertain", next_look_at=later, sends=1),
    dict(status="uncertain", sends=1),
    dict(status="failed", credits=0),
    dict(status="cancelled"),
    dict(status="running", remote_id="1", sent_at=timezone.now(), next_poll_at=later),
):
    print(make_task(user, **facts).pk)
"""


@pytest.mark.parametrize(("size", "locale"), [("desktop", "en-US"), ("phone", "zh-CN")])
def test_axe_finds_nothing_in_any_state(new_person, studio, size, locale):
    width, height = SIZES[size]
    person = new_person(viewport={"width": width, "height": height}, locale=locale)
    found = log_in_wrongly(person)
    page = person.sign_up_unseen()
    page.locator(f"html[lang|='{locale[:2]}']").wait_for(state="attached")
    for path in EMPTY:
        found += violations_in_both_themes(person.goto(path))
    for path, button in REFUSED.items():
        person.goto(path).locator(button).evaluate(SENT)
        page.locator("[aria-invalid=true]").first.wait_for()
        found += violations_in_both_themes(page)
    tasks = studio.run(SEED.format(email=person.email)).split()
    found += violations_in_both_themes(person.goto("/create/image/"))
    for pk in tasks[:3]:
        found += violations_in_both_themes(person.goto(f"/tasks/{pk}/"))
    assert not found


def log_in_wrongly(person: Person) -> list[str]:
    page = person.goto("/login/")
    page.locator("[name=login]").fill(person.email)
    page.locator("[name=password]").fill("wrong")
    page.keyboard.press("Enter")
    page.locator("[role=alert], .errorlist, .error").first.wait_for()
    return violations_in_both_themes(page)
