"""The page of the audit log, and its files."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from generation.models import ActorKind, AuditEvent, Role, Team, User, Verb, audit
from generation.views.teams.audit_log import COLUMNS, PAGE
from generation.views.teams.audit_sentences import sentence_about
from tests.factories import make_member, make_user, team_of

PATH = reverse("team-audit")


@pytest.fixture
def team(user) -> Team:
    return team_of(user)


def note(team: Team | None, actor: User | None, verb: str = Verb.TEAM_CHANGED, **fields):
    """An act, `age` ago."""
    age = fields.pop("age", timedelta(0))
    facts = {"actor_kind": "user" if actor else "system", "at": timezone.now() - age,
             "actor_name": actor.shown_name if actor else ""}  # fmt: skip
    return AuditEvent.objects.create(team=team, actor=actor, verb=verb, **facts | fields)


def page_at(client: Client, **query) -> str:
    response = client.get(PATH, query)
    assert response.status_code == 200
    return response.content.decode()


def shown(client: Client, **query) -> list[str]:
    """The names of what was acted on, from the top."""
    response = client.get(PATH, query)
    return [row.event.target_name for row in response.context["rows"]]


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_who_may_read_it_sees_it_and_the_way_there(client, team):
    note(team, None, target_name="Studio Herz")
    assert PATH in client.get(reverse("settings")).content.decode()
    assert "1 act, kept for 400 days" in page_at(client)
    for role, allowed in ((Role.ADMIN, True), (Role.MEMBER, False), (Role.VIEWER, False)):
        browser = browser_of(make_member(team, role))
        assert (PATH in browser.get(reverse("settings")).content.decode()) == allowed
        assert browser.get(PATH).status_code == (200 if allowed else 404)


def test_only_acts_of_the_own_team_are_shown(client, user, team):
    stranger = make_user()
    note(team, user, target_name="mine")
    note(team_of(stranger), stranger, target_name="theirs")
    note(None, user, Verb.KEY_ADDED, target_name="own key")
    note(None, stranger, Verb.KEY_ADDED, target_name="their key")
    assert shown(client) == ["mine"]
    assert shown(client, what="own") == ["own key"]
    assert shown(client, who=str(stranger.pk)) == []


def test_a_row_says_who_did_what_from_where(client, user, team):
    other = make_member(team, name="Tomás Okafor")
    note(
        team, user, Verb.MEMBER_ROLE, target_name=other.shown_name, ip="192.0.2.0/24",
        user_agent="Mozilla/5.0 (X11; Linux) Firefox/130.0", session_hint="0a1b2c3d",
        request_id="8f21c0", changes={"role": ["viewer", "member"]},
    )  # fmt: skip
    page = page_at(client)
    sentence = (
        'changed the role of <b>Tomás Okafor</b> from <del class="was">Viewer</del> '
        "to <b>Member</b>"
    )
    assert sentence in page
    for fact in ("member.role", "192.0.2.0/24, Firefox, Linux", "8f21c0", "0a1b2c3d"):
        assert fact in page
    assert "Today, " in page


def test_names_of_people_are_text(client, team):
    actor = make_member(team, Role.ADMIN, name="<img src=x>")
    note(team, actor, target_name="<script>", changes={"<b>": ["<i>", "<u>"]})
    page = page_at(client)
    for tag in ("<img src=x>", "<script>1", "<i>", "<u>"):
        assert tag not in page
    assert "&lt;img src=x&gt;" in page


def test_an_act_of_nobody_and_of_somebody_gone_is_named(client, team):
    gone = make_member(team, name="Sam Adeyemi")
    note(team, gone, target_name="a")
    note(team, None, target_name="b")
    note(team, None, target_name="c", actor_kind=ActorKind.GUEST, actor_name="Claire Dubois")
    note(team, None, target_name="d", actor_kind=ActorKind.LINK)
    gone.delete()
    page = page_at(client)
    for name in ("Sam Adeyemi", "Studio", "Claire Dubois", "Unknown visitor"):
        assert f"<b>{name}</b>" in page
    for tag in ("System", "Guest", "Link"):
        assert f'<span class="tag">{tag}</span>' in page
    assert shown(client, who=str(AuditEvent.objects.get(target_name="a").actor_id)) == ["a"]
    assert shown(client, who="guest") == ["c"]
    assert shown(client, who="system") == ["b"]


def test_it_is_filtered_by_address(client, user, team):
    other = make_member(team, name="Mira Kessler")
    note(team, user, Verb.PROJECT_CREATED, target_name="Flacon launch")
    note(team, other, Verb.OUTPUT_TRASHED, target_name="Flacon stills", request_id="5f00aa12")
    note(team, other, Verb.MEMBER_JOINED, target_name="old", age=timedelta(days=40))
    assert shown(client) == ["Flacon stills", "Flacon launch"]
    assert shown(client, when="all") == ["Flacon stills", "Flacon launch", "old"]
    assert shown(client, who=str(other.pk)) == ["Flacon stills"]
    assert shown(client, what="projects") == ["Flacon launch"]
    assert shown(client, what="results", who=str(user.pk)) == []
    assert shown(client, q="flacon STILLS") == ["Flacon stills"]
    assert shown(client, q="kessler") == ["Flacon stills"]
    assert shown(client, q="5f00aa12") == ["Flacon stills"]
    assert shown(client, q="nothing") == []
    assert len(shown(client, who="x", what="y", when="z", after="w")) == 2


def test_today_begins_at_midnight_of_the_reader(client, user, team):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    note(team, user, target_name="today", at=midnight + timedelta(microseconds=1))
    note(team, user, target_name="yesterday", at=midnight - timedelta(microseconds=1))
    assert shown(client, when="today") == ["today"]


def test_what_is_older_than_is_kept_is_not_shown_before_it_is_purged(client, user, team, settings):
    settings.AUDIT_DAYS = 60
    note(team, user, target_name="kept", age=timedelta(days=59))
    note(team, user, target_name="over", age=timedelta(days=61))
    assert shown(client, when="all") == ["kept"]
    assert "kept for 60 days" in page_at(client, when="all")


def test_older_leads_through_all_of_them_once(client, user, team):
    now = timezone.now()
    for number in range(PAGE * 2 + 3):  # many at the same time
        note(team, user, target_name=str(number), at=now - timedelta(seconds=number // 10))
    seen, after = [], ""
    while True:
        response = client.get(PATH, {"who": str(user.pk)} | ({"after": after} if after else {}))
        seen += [row.event.target_name for row in response.context["rows"]]
        after = response.context["more"]
        assert (f"who={user.pk}&amp;after=" in response.content.decode()) == bool(after)
        if not after:
            break
    assert sorted(map(int, seen)) == list(range(PAGE * 2 + 3))
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("verb", Verb.values)
def test_every_verb_has_a_sentence_of_its_own(user, team, verb):
    event = AuditEvent(team=team, actor=user, verb=verb, target_name="Mira", target_id="7")
    english = str(sentence_about(event))
    with translation.override("zh-hans"):
        chinese = str(sentence_about(event))
    assert english
    assert chinese != english
    assert Verb(verb).label != english
    assert "{" not in english + chinese


def test_counts_are_said(user, team):
    event = AuditEvent(verb=Verb.OUTPUT_TRASHED, changes={"count": 12})
    assert sentence_about(event) == "moved <b>12</b> results to the trash"
    event = AuditEvent(verb=Verb.TASK_DECIDED, changes={"count": 1, "decision": "send"})
    assert sentence_about(event) == "let <b>1</b> task be sent that was held"


def test_a_verb_of_a_later_version_is_shown_as_it_is(client, user, team):
    note(team, user, "film.screened", target_name="Odile")
    assert "film.screened: <b>Odile</b>" in page_at(client)


def test_the_page_is_in_the_language_of_its_reader(client, user, team):
    note(team, user, Verb.OUTPUT_DOWNLOADED, changes={"count": 3})
    User.objects.filter(pk=user.pk).update(language="zh-hans")
    client.cookies["django_language"] = "zh-hans"
    page = page_at(client)
    assert "打包下载了 <b>3</b> 个作品" in page
    assert "downloaded <b>" not in page


# --- As a file ------------------------------------------------------------------------------------


def exported(client: Client, form: str, **query) -> str:
    response = client.get(reverse("team-audit-export", args=[form]), query)
    assert response.status_code == 200
    assert response.streaming
    return response.getvalue().decode()


def lines_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))


def test_both_files_hold_what_the_filter_finds(client, user, team):
    note(team, user, Verb.PROJECT_CREATED, target_name="Flacon, “launch”\nfilm", target_id="7",
         changes={"name": ["a", "b"]}, ip="192.0.2.0/24", request_id="5f00aa12")  # fmt: skip
    note(team, user, Verb.OUTPUT_TRASHED)
    (row,) = lines_of(exported(client, "csv", what="projects"))
    assert tuple(row) == COLUMNS
    assert row["target"] == "Flacon, “launch”\nfilm"
    assert (row["act"], row["actor"], row["request"]) == (
        "project.created",
        "Nadia Holm",
        "5f00aa12",
    )
    assert json.loads(row["changes"]) == {"name": ["a", "b"]}
    assert row["at"].endswith("+00:00")
    (line,) = exported(client, "jsonl", what="projects").splitlines()
    assert {name: str(value) for name, value in json.loads(line).items() if name != "changes"} == {
        name: value for name, value in row.items() if name != "changes"
    }
    assert len(lines_of(exported(client, "csv"))) == 2


def test_a_file_holds_all_pages(client, user, team, monkeypatch):
    monkeypatch.setattr("generation.views.teams.audit_log.PIECE", 4)
    at = timezone.now()
    for number in range(11):
        note(team, user, target_name=str(number), at=at)
    names = [row["target"] for row in lines_of(exported(client, "csv"))]
    assert sorted(map(int, names)) == list(range(11))
    assert len(exported(client, "jsonl").splitlines()) == 11


@pytest.mark.django_db(transaction=True)
def test_a_file_is_sent_without_holding_a_connection(monkeypatch):
    """Between two pieces there is none: a slow reader keeps nothing of the database."""
    if connection.vendor == "sqlite":
        pytest.skip("a database in memory is never closed")
    monkeypatch.setattr("generation.views.teams.audit_log.PIECE", 4)
    user = make_user()
    for number in range(9):
        note(team_of(user), user, target_name=str(number))
    path = reverse("team-audit-export", args=["jsonl"])
    pieces = iter(browser_of(user).get(path).streaming_content)
    open_between = [connection.connection is not None for _ in pieces]
    assert open_between == [False] * 3


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(client, user, team, sign):
    name = f'{sign}HYPERLINK("http://x")'
    note(team, user, target_name=name)
    (row,) = lines_of(exported(client, "csv"))
    assert row["target"] == f"'{name}"
    assert json.loads(exported(client, "jsonl"))["target"] == name


def test_the_file_has_a_readable_name(client, team):
    response = client.get(reverse("team-audit-export", args=["csv"]))
    today = f"{timezone.localdate():%Y-%m-%d}"
    assert f"audit log {today}.csv" in response["Content-Disposition"]
    assert response["Cache-Control"] == "private, no-store"
    assert client.get(reverse("team-audit-export", args=["exe"])).status_code == 404


# --- What it costs --------------------------------------------------------------------------------


def test_the_page_costs_few_queries_however_long_the_log(
    client, team, django_assert_max_num_queries
):
    people = [make_member(team) for _ in range(12)]
    AuditEvent.objects.bulk_create(
        AuditEvent(team=team, actor=people[number % 12], actor_kind="user", actor_name="x",
                   verb=Verb.OUTPUT_TRASHED, at=timezone.now() - timedelta(minutes=number))
        for number in range(300)
    )  # fmt: skip
    page_at(client)  # the first page of a session writes the session
    with django_assert_max_num_queries(12):
        page_at(client)
    with django_assert_max_num_queries(12):
        page_at(client, q="x", what="results", who=str(people[0].pk), when="all")


def test_an_act_of_this_request_stands_on_top(client, user, team):
    client.post(reverse("project-new"), {"name": "Spring", "description": ""})
    audit(Verb.TEAM_CHANGED, team=None, actor=user)
    response = client.get(PATH)
    assert "made the project <b>Spring</b>" in response.content.decode()
