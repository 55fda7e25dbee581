"""People take their own data along, and nothing of others, and no secret."""

import json
import secrets
import tracemalloc
from io import BytesIO
from zipfile import ZipFile

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from generation.engine import departures, personal_data
from generation.models import AuditEvent, Collection, Lease, Membership, Output, Verb, audit, rate
from generation.models.teams import Team
from generation.views.account import export
from tests.engine.test_departures import membership
from tests.factories import (
    make_invitation,
    make_key,
    make_media,
    make_member,
    make_output,
    make_subject,
    make_task,
    make_user,
    team_of,
)
from tests.security.leaks import assert_absent

PASSWORD, EXPORT = "pass-1234-word", "/settings/security/data/"
ROWS = (
    "batches", "tasks", "outputs", "subjects", "projects", "collections", "share_links",
    "ratings", "uploads", "audit",
)  # fmt: skip


def log_in(user) -> Client:
    browser = Client()
    browser.post("/login/", {"login": user.email, "password": PASSWORD})
    return browser


@pytest.fixture
def person(db):
    return make_user("kenji@example.test", name="Kenji Watanabe")


def fetch(browser: Client, part: str = "1") -> ZipFile:
    answer = browser.post(EXPORT, {"part": part})
    assert answer.status_code == 200, answer
    archive = ZipFile(BytesIO(answer.getvalue()))
    assert archive.testzip() is None
    return archive


def rows(archive: ZipFile, name: str) -> list[dict]:
    return [json.loads(line) for line in archive.read(f"{name}.jsonl").splitlines()]


def everything_in(archive: ZipFile) -> list[bytes]:
    return [archive.read(name) for name in archive.namelist()]


def test_all_that_a_person_made_is_in_it(person):
    task = make_task(person, status="succeeded", prompt="A harbour at dawn")
    output, upload = make_output(person, task), make_media(person, name="moodboard.png")
    subject = make_subject(person, "Mira", [upload])
    project = team_of(person).projects.create(name="Film", created_by=person)
    picks = Collection.objects.create(team=team_of(person), name="Picks", created_by=person)
    picks.add([output], person)
    rate(person, [output.pk], stars=4)
    archive = fetch(log_in(person))
    assert [one["outputs"] for one in rows(archive, "collections")] == [[output.pk]]
    assert [one["stars"] for one in rows(archive, "ratings")] == [4]
    assert [one["prompt"] for one in rows(archive, "tasks")] == ["A harbour at dawn"]
    [row] = rows(archive, "outputs")
    assert row["id"] == output.pk
    with default_storage.open(output.media.path) as file:
        assert archive.read(row["file"]) == file.read()
    assert [one["name"] for one in rows(archive, "uploads")] == ["moodboard.png"]
    assert [one["media"] for one in rows(archive, "subjects")] == [[upload.pk]]
    assert subject.name == rows(archive, "subjects")[0]["name"]
    assert project.pk in [one["id"] for one in rows(archive, "projects")]
    manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["schema"], manifest["version"]) == ("vidu-studio.personal-export", 1)
    counts = manifest["counts"]
    assert [counts[name] for name in ROWS] == [len(rows(archive, name)) for name in ROWS]
    assert {one["file"]: one["sha256"] for one in manifest["files"]} == {
        row["file"]: output.media.sha256,
        rows(archive, "uploads")[0]["file"]: upload.sha256,
    }
    account = json.loads(archive.read("account.json"))
    assert account["email"] == "kenji@example.test"
    assert [one["role"] for one in account["teams"]] == ["owner"]
    assert account["sessions"]


def test_nothing_of_others_is_in_it(person):
    team = team_of(person)
    colleague = make_member(team, name="Ana")
    canary = secrets.token_hex(12)
    make_output(colleague, make_task(colleague, prompt=canary))
    make_subject(colleague, f"S{canary}")
    Collection.objects.create(team=team, name=canary, created_by=colleague)
    rate(colleague, [Output.objects.get().pk], stars=5)
    stranger = make_user()
    make_output(stranger, make_task(stranger, prompt=canary))
    archive = fetch(log_in(person))
    assert_absent(canary, *everything_in(archive))
    assert [rows(archive, name) for name in ("tasks", "outputs", "subjects", "uploads")] == [[]] * 4
    assert not [name for name in archive.namelist() if name.startswith("media/")]


def test_what_was_inherited_is_not_the_own(person):
    team = team_of(person)
    colleague = make_member(team, name="Ana")
    make_output(colleague)
    make_subject(colleague)
    departures.remove_member(
        membership(team, person), membership(team, colleague).pk, membership(team, person).pk
    )
    archive = fetch(log_in(person))
    assert [rows(archive, name) for name in ("outputs", "subjects", "uploads")] == [[]] * 3


def test_work_in_a_team_that_was_left_stays_there(person):
    make_output(person)
    Membership.objects.filter(user=person).delete()
    archive = fetch(log_in(person))
    assert not [name for name in archive.namelist() if name.startswith("media/")]
    assert rows(archive, "tasks") == []


def test_no_secret_is_in_it(person):
    canary = secrets.token_urlsafe(24)
    key = make_key(person, secret=canary, label="Studio")
    Authenticator.objects.create(user=person, type="recovery_codes", data={"seed": canary})
    task = make_task(person, key=key, provider="vidu", callback_token=canary[:32])
    _row, token = make_invitation(team_of(person), person, email="jonas@example.test")
    browser = log_in(person)
    session = browser.session.session_key
    archive = fetch(browser)
    person.refresh_from_db()
    held = [
        canary, canary[:32], token, session, person.password, key.fingerprint, task.marker,
        "sealed", "password",
    ]  # fmt: skip
    for secret in held:
        assert_absent(secret, *everything_in(archive))
    account = json.loads(archive.read("account.json"))
    assert [one["last4"] for one in account["keys"]] == [canary[-4:]]


def test_addresses_of_others_are_unreadable_in_it(person):
    team = team_of(person)
    row, _token = make_invitation(team, person, email="jonas@example.test")
    audit(
        Verb.INVITED, team=team, actor=person, target=row, name="jonas@example.test",
        changes={"inviter": ["", "jonas@example.test"], "own": "kenji@example.test"},
    )  # fmt: skip
    archive = fetch(log_in(person))
    assert_absent("jonas@example.test", *everything_in(archive))
    [act] = [one for one in rows(archive, "audit") if one["verb"] == "invitation.created"]
    assert act["changes"] == {"inviter": ["", "…@…"], "own": "kenji@example.test"}


def test_a_log_in_of_long_ago_is_asked_for_the_password(person):
    browser = Client()
    browser.force_login(person)
    session = browser.session
    session["account_authentication_methods"] = []
    session.save()
    assert browser.post(EXPORT).url.startswith("/reauthenticate/")
    assert not AuditEvent.objects.filter(verb="account.exported").exists()


def test_one_at_a_time(person):
    make_output(person)
    browser = log_in(person)
    first = browser.post(EXPORT)
    pieces = iter(first)
    next(pieces)
    refused = browser.post(EXPORT, follow=True)
    assert "A download of yours is under way" in refused.text
    first._iterator.close()  # its reader has gone
    assert Lease.is_free(f"export:{person.pk}")
    fetch(browser)


def test_so_many_in_an_hour(person):
    browser = log_in(person)
    for _ in range(export.EXPORTS.most):
        fetch(browser)
    assert "Too many downloads" in browser.post(EXPORT, follow=True).text


def test_what_has_no_room_goes_into_another_archive(person, monkeypatch):
    monkeypatch.setattr(export, "MOST_FILES", 2)
    found = [make_media(person).pk for _ in range(5)]
    browser = log_in(person)
    assert "Part 3 of 3" in browser.get("/settings/security/").text
    archives = [fetch(browser, part) for part in ("1", "2", "3")]
    names = [name for one in archives for name in one.namelist() if name.startswith("media/")]
    assert names == [f"media/{pk}.png" for pk in found]
    assert [("tasks.jsonl" in one.namelist()) for one in archives] == [True, False, False]
    assert fetch(browser, "99").namelist() == archives[0].namelist()


def test_parts_are_bounded_by_bytes_too(person, monkeypatch):
    size = make_media(person).bytes
    for _ in range(2):
        make_media(person)
    monkeypatch.setattr(export, "MOST_BYTES", size * 2)
    browser = log_in(person)
    counts = [json.loads(fetch(browser, part).read("manifest.json"))["counts"] for part in "12"]
    assert [one["files"] for one in counts] == [2, 1]


def test_a_file_that_is_gone_is_named(person):
    media = make_media(person)
    default_storage.delete(media.path)
    manifest = json.loads(fetch(log_in(person)).read("manifest.json"))
    assert manifest["missing"] == [f"media/{media.pk}.png"]


def test_rows_are_read_a_few_at_a_time(person, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(personal_data, "AT_ONCE", 2)
    for _ in range(5):
        make_task(person)
    with django_assert_max_num_queries(4 + 2 * 3):
        found = list(personal_data.paged(person.tasks.prefetch_related("inputs")))
    assert [one.pk for one in found] == sorted(person.tasks.values_list("pk", flat=True))


def test_who_is_in_a_team_that_asks_for_a_second_step_gets_none_of_it(person):
    make_output(person)
    Team.objects.update(factor_required_from=timezone.now())
    archive = fetch(log_in(person))
    assert rows(archive, "outputs") == []


def test_a_large_file_is_never_in_memory(person):
    size = 48 * 1024**2
    path = default_storage.save("test/large.mp4", ContentFile(b""))
    with default_storage.open(path, "wb") as file:
        file.seek(size - 1)
        file.write(b"\0")
    make_media(person, path=path, bytes=size)
    answer = log_in(person).post(EXPORT)
    tracemalloc.start()
    try:
        sent = sum(map(len, answer))
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent > size
    assert most < 4 * 1024**2
