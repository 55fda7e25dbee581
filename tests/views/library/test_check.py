"""Is this file one of ours: by its content, for who is in the team, and for nobody else."""

import hashlib
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from generation.engine.delivery import delivered_file, forget_file
from generation.models import DeliveryCopy, Membership, Role, Team
from generation.views.library import check
from tests.engine.test_delivery import chosen, content, result
from tests.factories import make_media, make_member, make_output, make_user, team_of
from tests.markup import compact
from tests.views.library.test_grid import browser_of

OURS, OTHER = "This is one of ours.", "This is not one of ours."
DATA = b"what somebody sent"
SHA = hashlib.sha256(DATA).hexdigest()


def asked(client, sha256: str = "", data: bytes | None = None, status: int = 200) -> str:
    body = {"sha256": sha256}
    if data is not None:
        body["file"] = SimpleUploadedFile("renamed.bin", data)
    answer = client.post("/check/", body)
    assert answer.status_code == status
    return compact(answer.content.decode())


def tokenless(page: str) -> str:
    return re.sub(r"[A-Za-z0-9]{64}(?=\")", "", page.replace("RFToken", ""))


def test_a_result_is_found_by_its_hash_and_by_its_file_whatever_it_is_called(client, user):
    output = result(user)
    for page in (asked(client, output.media.sha256),
                 asked(client, data=content(output.media.path))):  # fmt: skip
        assert OURS in page
        assert output.get_absolute_url() in page
        assert "Nadia Holm" in page
        assert team_of(user).name.replace("'", "&#x27;") in page
    assert OTHER in asked(client, data=content(output.media.path) + b"!")
    assert OTHER in asked(client, SHA)


def test_a_copy_is_known_also_when_its_file_made_room(client, user):
    chosen(user, source_mark=True)
    sent = delivered_file(result(user))
    page = asked(client, data=content(sent.path))
    assert OURS in page
    assert "A copy that was downloaded" in page
    forget_file(DeliveryCopy.objects.get())
    assert OURS in asked(client, sent.sha256)


def test_an_upload_is_known_as_it_came(client, user):
    make_media(user, given_sha256=SHA, name="shoes.png")
    page = asked(client, data=DATA)
    assert OURS in page
    assert "shoes.png" in page
    assert "Uploaded by" in page


def test_what_is_in_the_trash_says_so(client, user):
    make_output(user, media=make_media(user, sha256=SHA), trashed_at=timezone.now())
    assert "In the trash" in asked(client, SHA)


def test_nothing_is_told_to_who_is_not_in_the_team(client, user):
    chosen(user, source_mark=True)
    output = result(user)
    make_media(user, given_sha256=SHA)
    stranger = browser_of(make_user())
    hashes = (output.media.sha256, delivered_file(output).sha256, SHA)
    unknown = tokenless(asked(stranger, "f" * 64))
    for one in hashes:
        assert OURS in asked(client, one)
        assert tokenless(asked(stranger, one)).replace(one, "f" * 64) == unknown


def test_who_left_or_lacks_the_second_step_is_told_nothing(user):
    output, team = result(user), team_of(user)
    member = make_member(team, Role.VIEWER)
    own = Team.found("Own", member)
    browser = browser_of(member)
    session = browser.session
    session["membership"] = own.memberships.get(user=member).pk
    session.save()
    assert OURS in asked(browser, output.media.sha256)  # in any of the person's teams
    Team.objects.filter(pk=team.pk).update(factor_required_from=timezone.now())
    assert OTHER in asked(browser, output.media.sha256)
    Team.objects.filter(pk=team.pk).update(factor_required_from=None)
    Membership.objects.filter(team=team, user=member).delete()
    assert OTHER in asked(browser, output.media.sha256)


def test_nobody_asks_without_a_log_in(visitor):
    assert visitor.get("/check/").url.startswith("/login/")
    assert visitor.post("/check/", {"sha256": SHA}).url.startswith("/login/")


@pytest.mark.parametrize("typed", [
    "{sha}", "  {upper} ", "sha256:{sha}", "{sha}  holiday.png", "{sha} *holiday.png", "{spaced}",
])  # fmt: skip
def test_a_hash_is_taken_as_tools_print_it(client, user, typed):
    make_media(user, sha256=SHA)
    spaced = " ".join(SHA[i : i + 8] for i in range(0, 64, 8))
    assert OURS in asked(client, typed.format(sha=SHA, upper=SHA.upper(), spaced=spaced))


@pytest.mark.parametrize("typed", ["x", "f" * 63, "g" * 64, "f" * 65, "'; --", "<b>", "f" * 300])
def test_what_is_no_hash_is_refused_with_a_sentence(client, user, typed):
    page = asked(client, typed, status=422)
    assert "<b>'" not in page
    assert "SHA-256" in page
    assert OURS not in page


def test_an_empty_form_is_refused_and_an_empty_file_is_a_file(client, user):
    assert "Choose a file, or enter its SHA-256." in asked(client, status=422)
    assert OTHER in asked(client, data=b"")


def test_a_file_that_is_too_large_is_not_read(client, user, monkeypatch):
    monkeypatch.setitem(check.most_megabytes.__globals__["MOST"], "check-file", 1_000)
    answer = client.post("/check/", {"file": SimpleUploadedFile("a", bytes(5_000))})
    assert answer.status_code == 400
    assert "Too large" in answer.content.decode()


def test_so_many_a_minute(client, user, monkeypatch):
    few = check.limits.Limit("file checks of a person", 2, 60)
    monkeypatch.setattr(check, "CHECKS", few)
    for _ in range(2):
        asked(client, SHA)
    make_media(user, sha256=SHA)
    page = asked(client, SHA, status=429)
    assert "Too many checks." in page
    assert OURS not in page
    assert OTHER in asked(browser_of(make_user()), SHA)


def test_many_with_the_same_content_are_shown_up_to_a_bound(
    client, user, django_assert_max_num_queries
):
    for _ in range(check.MOST_FOUND + 3):
        make_media(user, sha256=SHA)
    with django_assert_max_num_queries(16):
        page = asked(client, SHA)
    assert page.count("Uploaded by") == check.MOST_FOUND
