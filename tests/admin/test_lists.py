"""The lists: no secret, nothing that works, and as fast with many rows as with few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generation.admin import rows
from generation.models import ApiKey, AuditEvent, Team, User, Verb, audit
from tests.admin.test_gate import ADDRESSES, path_of
from tests.factories import make_key, make_member, make_output, make_task, make_user, team_of
from tests.security.leaks import assert_absent
from tests.security.payloads import MARK, MARKUP
from tests.security.test_injection import plant, planted_in

SLUGS = ("people", "teams", "tasks", "keys", "acts")
CANARY = "vda_CANARY_3f9c0a7e51d24b68"


@pytest.fixture
def full(db) -> dict[str, object]:
    person = make_user("nadia@example.test", name="Nadia Holm")
    make_member(team_of(person))
    task = make_task(person, status="uncertain", key=make_key(person, secret=CANARY, label="Mine"))
    make_output(person, make_task(person, status="succeeded", credits=7))
    return {"person_id": person.pk, "task_id": task.pk, "team_id": task.team_id,
            "decision": "give-up"}  # fmt: skip


def pages(desk, things):
    for address in ADDRESSES:
        path = path_of(address, things)
        for query in ("", "?q=nadia", "?state=staff", "?look=uncertain"):
            response = desk.get(path + query)
            if response.status_code == 200:
                yield address.name, response


def test_no_page_holds_a_key_nor_anything_made_of_it(desk, full):
    key = ApiKey.objects.get()
    audit(Verb.KEY_ADDED, team=None, actor=key.user, name="Mine", changes={"provider": "vidu"})
    for name, response in pages(desk, full):
        assert_absent(CANARY, response.content, response.headers)
        for part in (key.fingerprint, key.last4, bytes(key.sealed).hex()):
            assert part not in response.text, name


def test_the_secret_is_not_even_read(desk, full):
    with CaptureQueriesContext(connection) as asked:
        desk.get("/operator/keys/")
    assert not [one for one in asked if "sealed" in one["sql"] or "fingerprint" in one["sql"]]


def test_keys_say_whose_they_are(desk, full):
    page = desk.get("/operator/keys/").text
    for word in ("Vidu", "Mine", "Nadia Holm"):
        assert word in page


@pytest.mark.parametrize("payload", MARKUP[:8])
def test_what_people_wrote_stays_text(desk, full, payload):
    plant(payload)
    for verb in Verb:  # a row of the log cannot be changed afterwards
        changes = {"reason": payload, "heir": payload, "role": [payload, payload]}
        audit(verb, team=None, actor=User.objects.first(), name=payload, changes=changes)
    seen = 0
    for name, response in pages(desk, full):
        if response["Content-Type"].startswith("text/csv"):  # which no browser draws
            continue
        assert not planted_in(response.text), name
        seen += MARK in response.text
    assert seen > 8


def make_more(count: int) -> None:
    for _ in range(count):
        person = make_user()
        make_key(person)
        make_task(person, status="uncertain")
        audit(Verb.TEAM_CREATED, team=team_of(person), actor=person, target=team_of(person))


@pytest.mark.parametrize("path", [*SLUGS, "usage", ""])
def test_more_rows_cost_no_more_queries(desk, path):
    path = f"/operator/{path}/".replace("//", "/")
    counts = []
    for _ in range(2):
        make_more(3)
        desk.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 24


@pytest.mark.parametrize("slug", SLUGS)
def test_rows_are_counted_no_further_than_pages_are_turned(desk, slug, monkeypatch):
    monkeypatch.setattr(rows, "MOST_COUNTED", 2)
    make_more(4)
    with CaptureQueriesContext(connection) as asked:
        page = desk.get(f"/operator/{slug}/").text
    assert "more than 2" in page
    counts = [one["sql"] for one in asked if "COUNT(*)" in one["sql"] and "LIMIT" not in one["sql"]]
    assert not counts


def test_pages_are_turned(desk, monkeypatch):
    monkeypatch.setattr(rows.Rows, "list_per_page", 2)
    make_more(3)
    first = desk.get("/operator/tasks/").text
    assert 'href="?p=2"' in first
    second = desk.get("/operator/tasks/?p=2").text
    assert 'href="?p=1"' in second
    assert 'href="?p=3"' not in second
    assert desk.get("/operator/tasks/?p=99").status_code == 302


def test_people_are_found_and_sifted(desk, full, operator):
    def names(query: str) -> str:
        return desk.get(f"/operator/people/?{query}").text

    assert "Nadia Holm" in names("q=nadia")
    assert "Opal Operator</a>" not in names("q=nadia")
    assert "Nadia Holm" not in names("state=staff")
    assert "Opal Operator</a>" in names("state=staff")
    assert "Nadia Holm" in names("state=bare")
    assert "Opal Operator</a>" not in names("state=bare")
    assert "Nothing like this." in names("state=suspended")
    page = desk.get(f"/operator/people/{full['person_id']}/").text
    assert "Nadia Holm&#x27;s team" in page


def test_an_act_of_a_team_that_is_gone_is_still_listed(desk, full):
    team = Team.objects.create(name="Short lived")
    audit(Verb.TEAM_CREATED, team=team, actor=None, target=team)
    Team.objects.filter(pk=team.pk).delete()
    assert "founded the team" in desk.get("/operator/acts/").text
    assert AuditEvent.objects.filter(team_id=team.pk).exists()


@pytest.mark.parametrize("path", ["people/99999/", "teams/99999/", "tasks/99999/",
                                  "people/99999999999999999999999/"])  # fmt: skip
def test_what_is_not_there_is_404(desk, path):
    assert desk.get(f"/operator/{path}").status_code == 404
