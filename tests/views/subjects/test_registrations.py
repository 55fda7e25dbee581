"""What a subject's page says of providers' libraries, and what its buttons ask for."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import generation.jobs
from generation.engine.imports import import_subjects as engine
from generation.engine.imports import job as import_job
from generation.models import (
    ApiKey,
    Lease,
    Registration,
    RegistrationState,
    Role,
    Subject,
    Team,
    User,
)
from tests.factories import make_key, make_member, make_subject, make_user, team_of
from tests.markup import compact

HTMX = {"HX-Request": "true"}
R = RegistrationState


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def make_registration(subject: Subject, state: str, **fields: Any) -> Registration:
    facts = {"provider": "demo", "server_id": "s1" if state == R.KEPT else "", "shape": 1}
    return Registration.objects.create(subject=subject, state=state, **facts | fields)


def table_of(client: Client, subject: Subject) -> str:
    return text(client.get(f"/subjects/{subject.pk}/registrations/", headers=HTMX))


@pytest.fixture
def asked(monkeypatch) -> list[tuple[Any, ...]]:
    """What the engine was asked for."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(engine, "register", lambda *args: calls.append(args))
    return calls


@pytest.fixture
def mira(user) -> Subject:
    return make_subject(user, "Mira")


def test_each_own_key_of_a_provider_with_a_library_has_a_line(client, user, mira):
    make_key(user, "vidu", label="Film account")
    make_key(user, "kkiai", label="Has no library")
    make_key(make_member(team_of(user)), "vidu", label="Somebody else's")
    page = table_of(client, mira)
    assert "Film account" in page
    assert "Has no library" not in page
    assert "Somebody else" not in page
    assert "<b>Demo</b>" in page


def test_the_price_is_shown_before(client, user, mira):
    make_key(user, "vidu")
    page = table_of(client, mira)
    assert "Registering costs 5 credits." in page
    assert "Costs nothing." in page


@pytest.mark.parametrize(
    ("state", "fields", "label", "button"),
    [
        (R.WAITING, {}, "To be registered", ""),
        (R.SENDING, {}, "Being registered", ""),
        (R.UNCERTAIN, {}, "Checking", ""),
        (R.KEPT, {"credits": 5}, "Registered<span>5 credits</span>", ""),
        (R.KEPT, {"shape": 0}, "Changed since", "Update"),
        (R.FAILED, {"error": "The picture is too dark.", "advice": "Use another."},
         "The picture is too dark. Use another.", "Try again"),
    ],
)  # fmt: skip
def test_every_state_has_a_label(client, mira, state, fields, label, button):
    make_registration(mira, state, **fields)
    page = compact(table_of(client, mira))
    assert label in page
    assert re.findall(r">(Register|Update|Try again)</button>", page) == [button][: bool(button)]


@pytest.mark.parametrize("state", [R.WAITING, R.SENDING, R.UNCERTAIN, R.KEPT, R.FAILED])
def test_the_page_polls_only_while_something_is_in_progress(client, mira, state):
    make_registration(mira, state)
    polls = 'id="following"' in table_of(client, mira)
    assert polls == (state in (R.WAITING, R.SENDING, R.UNCERTAIN))


def test_the_id_at_the_provider_is_never_shown(client, mira):
    make_registration(
        mira, R.KEPT, server_id="secret-server-id", label="Mira-0a1b2c3d", remote_id="r-77"
    )
    page = text(client.get(f"/subjects/{mira.pk}/"))
    assert "Registered" in page
    for hidden in ("secret-server-id", "Mira-0a1b2c3d", "r-77"):
        assert hidden not in page


def test_register_asks_for_it_with_the_chosen_key(client, user, mira, asked):
    key = make_key(user, "vidu")
    url = f"/subjects/{mira.pk}/register/"
    answer = client.post(url, {"library": str(key.pk)})
    assert answer.url == f"/subjects/{mira.pk}/#registrations"
    assert asked == [(mira, "vidu", key)]
    part = client.post(url, {"library": "demo"}, headers=HTMX)
    assert asked[1:] == [(mira, "demo", None)]
    assert 'id="registrations"' in text(part)
    assert "toast" in part.headers["HX-Trigger"]


def test_asking_twice_keeps_one_registration(client, user, mira):
    key = make_key(user, "vidu")
    for _time in range(2):
        client.post(f"/subjects/{mira.pk}/register/", {"library": str(key.pk)})
    row = Registration.objects.get()
    assert (row.subject, row.key, row.state) == (mira, key, R.WAITING)


def test_two_people_register_one_subject_each_with_their_own_key(client, user, mira):
    other = make_member(team_of(user))
    browser = Client()
    browser.force_login(other)
    for person, theirs in ((client, make_key(user)), (browser, make_key(other))):
        person.post(f"/subjects/{mira.pk}/register/", {"library": str(theirs.pk)})
    assert Registration.objects.count() == 2
    assert table_of(client, mira).count("To be registered") == 1


@pytest.mark.parametrize("which", ["foreign", "removed", "elsewhere", "kkiai", "unknown"])
def test_only_own_keys_with_a_library_are_used(client, user, mira, asked, settings, which):
    if which == "foreign":
        wanted = str(make_key(make_user()).pk)
    elif which == "removed":
        wanted = str(make_key(user, sealed=b"").pk)
        type(user.keys.get()).objects.update(sealed=b"")
    elif which == "elsewhere":
        wanted = str(make_key(user).pk)
        settings.PROVIDER_URLS = settings.PROVIDER_URLS | {"vidu": "https://other.example"}
    else:
        wanted = str(make_key(user, "kkiai").pk) if which == "kkiai" else "nonsense"
    answer = client.post(f"/subjects/{mira.pk}/register/", {"library": wanted})
    assert (answer.status_code, asked) == (404, [])


def test_a_subject_without_an_image_is_not_sent(client, user, asked):
    bare = make_subject(user, "Mira", [])
    answer = client.post(f"/subjects/{bare.pk}/register/", {"library": "demo"}, follow=True)
    assert "Add an image first." in text(answer)
    assert asked == []


def test_without_the_demo_and_a_key_the_page_leads_to_the_keys(client, mira, settings):
    settings.SIMULATOR_OFFERED = False
    assert "None of your keys opens a provider with a subject library." in table_of(client, mira)


# --- Import ---------------------------------------------------------------------------------------


@pytest.fixture
def jobs(monkeypatch) -> list[tuple[Any, ...]]:
    """What the cluster was sent."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(import_job, "wake", lambda *args: sent.append(args))
    return sent


def work(job: tuple[Any, ...]) -> None:
    assert job[0] == "import_subjects"
    generation.jobs.import_subjects(*job[1:])


def finding(monkeypatch, *outcomes: engine.Imported) -> list[tuple[Any, ...]]:
    """Each import finds the next of these; returns for whom it was asked."""
    calls, left = [], list(outcomes)

    def found(user: User, team: Team, provider: str, key: ApiKey, until: float, tell: Any):
        calls.append((user, team, provider, key))
        tell(1, 4)
        return left.pop(0)

    monkeypatch.setattr(import_job, "import_subjects", found)
    return calls


def ask(client: Client, key: ApiKey) -> str:
    return text(client.post("/subjects/import/", {"library": str(key.pk)}, follow=True))


@pytest.mark.parametrize(
    ("names", "known", "bare", "message"),
    [
        ([], 0, [], "The library at Vidu is empty. Nothing was imported."),
        ([], 3, [], "Everything in the library at Vidu is here already."),
        (["Mira"], 0, [], "1 subject was imported from Vidu."),
        (["Mira", "Pip"], 1, ["Pip"],
         "2 subjects were imported from Vidu. No images came with @Pip. Add some."),
    ],
)  # fmt: skip
def test_an_import_is_done_by_the_cluster_and_its_result_is_shown_once(
    client, user, monkeypatch, jobs, names, known, bare, message
):
    key = make_key(user, "vidu")
    new = [make_subject(user, name) for name in names]
    calls = finding(monkeypatch, engine.Imported(new, known, bare))
    assert "Importing from Vidu. You can leave this page." in ask(client, key)
    assert calls == []
    assert "Importing from Vidu." in text(client.get("/subjects/"))
    work(jobs.pop())
    assert (calls, jobs) == ([(user, team_of(user), "vidu", key)], [])
    assert message in text(client.get("/subjects/"))
    assert message not in text(client.get("/subjects/"))


def test_a_page_that_polls_gets_the_progress_and_then_the_result(client, user, monkeypatch, jobs):
    key, address = make_key(user, "vidu"), "/subjects/import/state/"
    first = engine.Imported([make_subject(user, "Mira")], 1, ["Mira"], left=2)
    last = engine.Imported([make_subject(user, "Pip"), make_subject(user, "Zoe")], 2)
    finding(monkeypatch, first, last)
    ask(client, key)
    job = jobs.pop()
    work(job)
    assert jobs == [job]  # what is left is for another job
    waiting = text(client.get(address, headers=HTMX))
    assert 'max="4" value="2"' in waiting
    assert 'hx-trigger="vs:refresh from:body"' in waiting
    work(jobs.pop())
    ended = text(client.get(address, headers=HTMX))
    assert "3 subjects were imported from Vidu. No images came with @Mira." in ended
    assert "Show them" in ended
    assert "vs:refresh" not in ended
    assert "note" not in text(client.get(address, headers=HTMX))
    assert client.get(address).url == "/subjects/"


def test_asked_twice_it_is_done_once(client, user, monkeypatch, jobs):
    key = make_key(user, "vidu")
    calls = finding(monkeypatch, engine.Imported(known=1))
    ask(client, key)
    assert "An import is under way already." in ask(client, key)
    (job,) = jobs
    work(job)
    work(job)  # a message may come twice
    assert len(calls) == 1
    assert "is here already" in text(client.get("/subjects/"))
    ask(client, key)
    assert len(jobs) == 2


def test_an_import_whose_job_died_says_so_and_can_be_started_again(client, user, jobs):
    key = make_key(user, "vidu")
    ask(client, key)
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "The import stopped. Start it again" in text(client.get("/subjects/"))
    assert "Importing from Vidu" in ask(client, key)


def test_an_import_that_fails_says_why(client, user, monkeypatch, jobs):
    def fail(*args: Any) -> None:
        raise engine.NotImported("The key was rejected. Enter it again.")

    monkeypatch.setattr(import_job, "import_subjects", fail)
    key = make_key(user, "vidu")
    ask(client, key)
    work(jobs.pop())
    assert "The key was rejected. Enter it again." in text(client.get("/subjects/"))
    ask(client, key)
    key.delete()
    work(jobs.pop())
    assert "The key was removed meanwhile." in text(client.get("/subjects/"))


def test_nothing_is_imported_from_the_demo_or_with_a_key_of_others(client, user, jobs):
    assert "Import" not in text(client.get("/subjects/"))
    for library in ("demo", str(make_key(make_user(), "vidu").pk)):
        assert client.post("/subjects/import/", {"library": library}).status_code == 404
    assert jobs == []


def test_only_the_person_who_asked_is_shown_it(client, user, jobs):
    ask(client, make_key(user, "vidu"))
    mate = Client()
    mate.force_login(make_member(team_of(user)))
    assert "Importing" not in text(mate.get("/subjects/"))
    viewer = Client()
    viewer.force_login(make_member(team_of(user), Role.VIEWER))
    assert viewer.get("/subjects/import/state/", headers=HTMX).status_code == 404
