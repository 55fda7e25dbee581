"""Who gets to the operator's pages, and that each act there is written down."""

import pytest
from django.conf import settings
from django.contrib.admin import site as django_site
from django.test import Client
from django.urls import reverse

from generation.admin.site import site
from generation.models import AuditEvent, Task, User, Verb
from tests.admin.conftest import browser_of
from tests.factories import make_task, make_user
from tests.security.table import OPERATOR
from tests.security.verbs import VERBS
from tests.security.world import Address, addresses, digest

ADDRESSES = [one for one in addresses() if one.name.startswith(OPERATOR)]
WRITTEN = [one for one in ADDRESSES if one.name in VERBS]
BODIES = {
    "operator:operator-address": {"email": "new@example.test"},
    "operator:operator-signup": {"signup": "closed"},
    "operator:operator-message": {"text": "Back at noon.", "level": "info", "hours": "1"},
}
BY_NAME = {"ids": lambda one: one.name}
REASON = {"reason": "They asked for it"}


@pytest.fixture
def things(operator) -> dict[str, object]:
    """Somebody with an uncertain task, to do something about."""
    person = make_user(name="Nadia Holm")
    task = make_task(person, status="uncertain")
    return {"person_id": person.pk, "task_id": task.pk, "team_id": task.team_id,
            "decision": "give-up"}  # fmt: skip


def path_of(address: Address, things: dict[str, object]) -> str:
    return reverse(address.name, kwargs={name: things[name] for name in address.params})


def prepare(name: str, desk: Client, things: dict[str, object], operator: User) -> None:
    if name.endswith("lift"):
        rows = User.objects.filter(pk=things["person_id"])
        rows.update(is_active=False, suspended_at=operator.date_joined)
    if name.endswith("message-end"):
        desk.post(reverse("operator:operator-message"), BODIES["operator:operator-message"])


def test_there_are_pages():
    assert len(ADDRESSES) > 12
    assert reverse("operator:index") == "/operator/"
    assert settings.ADMIN_PATH == "operator/"


def test_django_registers_nothing_by_itself():
    assert django_site._registry == {}
    shown = {model._meta.label for model in site._registry}
    assert shown == {
        "generation.User", "generation.Team", "generation.Task", "generation.ApiKey",
        "generation.AuditEvent",
    }  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES, **BY_NAME)
def test_an_operator_reads_every_page_and_writes_nothing_by_reading(desk, things, address):
    before = digest()
    response = desk.get(path_of(address, things))
    assert response.status_code in ((405,) if address.name.endswith("-end") else (200, 302))
    if response.status_code == 200:
        assert "no-store" in response["Cache-Control"]
    assert digest() == before


@pytest.mark.parametrize("address", ADDRESSES, **BY_NAME)
def test_who_has_no_second_step_is_led_to_one(things, address):
    browser = browser_of(make_user(is_staff=True))
    for method in ("get", "post"):
        before = digest()
        response = getattr(browser, method)(path_of(address, things), REASON)
        assert (response.status_code, response.url) == (302, "/settings/security/")
        assert digest() == before
    assert "ask for a second step" in browser.get("/settings/security/").text


@pytest.mark.parametrize("address", ADDRESSES, **BY_NAME)
def test_everybody_else_finds_nothing(things, operator, address):
    path = path_of(address, things)
    nothing = Client().get("/no/such/page/").content
    for browser in (Client(), browser_of(make_user())):
        for method in ("get", "post", "put", "delete", "head"):
            response = getattr(browser, method)(path, REASON)
            assert response.status_code == 404, method
        assert len(browser.get(path).content) == len(nothing)
    User.objects.filter(pk=operator.pk).update(is_active=False)
    assert browser_of(operator).get(path).status_code == 404


@pytest.mark.parametrize("address", WRITTEN, **BY_NAME)
def test_an_act_asks_who_is_there(operator, things, address):
    browser = browser_of(operator, recent=False)
    before = digest()
    path = path_of(address, things)
    response = browser.post(path, REASON | BODIES.get(address.name, {}))
    assert response.url.startswith("/reauthenticate/?next=")
    assert digest() == before


@pytest.mark.parametrize("address", WRITTEN, **BY_NAME)
def test_an_act_writes_exactly_its_verb(desk, operator, things, address):
    prepare(address.name, desk, things, operator)
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    body = REASON | BODIES.get(address.name, {})
    response = desk.post(path_of(address, things), body)
    assert response.status_code in (200, 302), response.text
    event = AuditEvent.objects.exclude(pk__in=before).get()
    wanted = VERBS[address.name]
    assert event.verb == (wanted if isinstance(wanted, Verb) else wanted[0])
    assert event.actor == operator
    assert event.request_id
    if "person_id" in address.params or "task_id" in address.params:
        assert event.changes["reason"] == REASON["reason"]


@pytest.mark.parametrize(
    "address", [one for one in WRITTEN if one.params], ids=lambda one: one.name
)
def test_an_act_without_a_reason_is_refused(desk, operator, things, address):
    prepare(address.name, desk, things, operator)
    before = digest()
    response = desk.post(path_of(address, things), BODIES.get(address.name, {}))
    assert response.status_code == 422
    assert digest() == before


@pytest.mark.parametrize(
    "address", [one for one in ADDRESSES if one not in WRITTEN], ids=lambda one: one.name
)
def test_what_has_no_verb_takes_nothing(desk, things, address):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(desk, method)(path_of(address, things)).status_code == 405


@pytest.mark.parametrize("address", WRITTEN, **BY_NAME)
def test_an_act_needs_a_token(operator, things, address):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser_of(operator).cookies
    assert strict.post(path_of(address, things), REASON).status_code == 403


@pytest.mark.parametrize("left", ["login", "logout", "password_change", "jsi18n", "r/1/2"])
def test_djangos_own_pages_are_not_there(desk, left):
    assert desk.get(f"/operator/{left}/").status_code == 404
    assert Client().get(f"/operator/{left}/").status_code == 404


@pytest.mark.parametrize("left", ["add", "1/delete", "1/history", "1/change", "autocomplete"])
def test_nothing_is_added_or_deleted(desk, things, left):
    for slug in ("people", "teams", "keys", "acts"):
        assert desk.get(f"/operator/{slug}/{left}/").status_code == 404
        assert desk.post(f"/operator/{slug}/{left}/").status_code == 404
    assert Task.objects.count() == 1


def test_menus_lead_operators_alone_there(desk, client):
    for path in ("/settings/", "/create/image/"):  # on a phone, and beside the page
        assert 'href="/operator/"' in desk.get(path).text
        assert 'href="/operator/"' not in client.get(path).text
