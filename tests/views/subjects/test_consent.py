"""The consent for a subject: its panel, form and paper, badges, the filter and the line for all."""

import re
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.formats import date_format

from generation.models import AuditEvent, Consent, ConsentFile, Presence, Role
from generation.models.consents import studio_today
from tests.factories import (
    PDF,
    make_consent,
    make_consent_file,
    make_media,
    make_member,
    make_subject,
    make_user,
    png,
    team_of,
)
from tests.markup import compact

HTMX = {"HX-Request": "true"}


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def words(answer) -> str:
    """What is read on the page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def in_days(days: int):
    return studio_today() + timedelta(days=days)


def paper(data: bytes = PDF, name: str = "Mira release.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "application/pdf")


@pytest.fixture
def mira(user):
    return make_subject(user, "Mira")


def address(subject) -> str:
    return f"/subjects/{subject.pk}/consent/"


def downloaded(browser: Client, subject) -> bytes:
    return b"".join(browser.get(f"{address(subject)}file/").streaming_content)


# --- The form -------------------------------------------------------------------------------------


def test_a_release_with_its_paper_is_noted(client, user, mira):
    posted = {"seen": "0", "kind": "release", "until": in_days(90).isoformat(),
              "note": "EU and UK,\r\nno print", "new_file": paper()}  # fmt: skip
    assert client.post(address(mira), posted).url == mira.get_absolute_url()
    consent = Consent.objects.get()
    assert (consent.subject, consent.kind, consent.until) == (mira, "release", in_days(90))
    assert (consent.note, consent.set_by) == ("EU and UK,\nno print", user)
    page = words(client.get(mira.get_absolute_url()))
    assert "Valid Kind Release Valid until" in page
    assert "90 days left Note EU and UK, no print File Mira release.pdf" in page
    assert re.search(r"Noted \S+ \d+, \d+, Nadia Holm Download file Edit consent", page)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"until": "31.3.27"}, "This is no date. Write it as year-month-day: 2027-03-31."),
        ({"until": "0027-03-31"}, "Write the year with four digits, from 2000 on."),
        ({"note": "x" * 1001}, "1000"),
        ({"kind": "gossip"}, "Select a valid choice."),
        ({"new_file": paper(b"<script>")}, "Mira release.pdf: This is neither a PDF nor an image."),
        ({"new_file": paper(PDF.ljust(11 << 20))}, "This file is larger than 10 MB."),
        ({"new_file": paper(b"")}, "This file is empty."),
        ({"file": "999999"}, "The file is gone. Choose it again."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    client, mira, fields, sentence
):
    given = {"seen": "0", "kind": "licence", "note": "For the EU", "until": "2031-05-06"} | fields
    answer = client.post(address(mira), given)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert given["note"] in answer.content.decode()
    assert not Consent.objects.exists()
    assert not ConsentFile.objects.exists()


def test_a_paper_that_came_with_a_refused_form_is_kept_for_the_next(client, mira):
    posted = {"seen": "0", "kind": "release", "until": "soon"}
    page = client.post(address(mira), posted | {"new_file": paper()}).content.decode()
    number = re.search(r'name="file" value="(\d+)"', page)[1]
    client.post(address(mira), posted | {"until": "", "file": number})
    assert str(Consent.objects.get().file) == "Mira release.pdf"


def test_a_paper_stays_is_replaced_and_is_taken_off(client, mira):
    def save(**fields):
        consent = Consent.objects.filter(subject=mira).first()
        seen = consent.version if consent else 0
        kept = consent.file_id if consent and consent.file_id else ""
        client.post(address(mira), {"seen": seen, "kind": "release", "file": kept} | fields)
        file = Consent.objects.get().file
        return file and str(file)

    assert save(new_file=paper()) == "Mira release.pdf"
    assert save(note="more") == "Mira release.pdf"
    assert save(new_file=paper(png(), "scan.png")) == "scan.png"
    assert save(drop_file="1") is None
    assert "None attached" in words(client.get(mira.get_absolute_url()))


def test_the_paper_of_another_subject_or_team_cannot_be_taken(client, user, mira):
    for other in (make_subject(user), make_subject(make_user())):
        file = make_consent_file(other)
        answer = client.post(address(mira), {"seen": "0", "kind": "release", "file": file.pk})
        assert answer.status_code == 422
        assert file.name not in words(answer)
    assert not Consent.objects.exists()


def test_it_is_removed_with_what_the_form_knew(client, user, mira):
    consent = make_consent(mira, version=7)
    assert client.post(address(mira), {"remove": "1", "seen": "6"}).url == address(mira)
    assert "Nothing was removed" in words(client.get(address(mira)))
    assert Consent.objects.get() == consent
    client.post(address(mira), {"remove": "1", "seen": "7"})
    assert not Consent.objects.exists()


def test_the_log_knows_what_changed_and_not_the_note(client, user, mira):
    client.post(address(mira), {"seen": "0", "kind": "release", "note": "Secret phone number",
                                "new_file": paper()})  # fmt: skip
    version = Consent.objects.get().version
    client.post(address(mira), {"remove": "1", "seen": version})
    made, gone = AuditEvent.objects.filter(verb__startswith="consent.").order_by("pk")
    assert (made.verb, made.target_name) == ("consent.set", "@Mira")
    assert made.changes == {
        "kind": ["", "release"], "file": ["", "Mira release.pdf"], "note": [False, True],
    }  # fmt: skip
    assert gone.verb == "consent.removed"
    assert "Secret" not in str([made.changes, gone.changes])
    page = words(client.get("/team/audit/"))
    assert "changed the consent for @Mira" in page
    assert "removed the consent for @Mira" in page


def test_the_log_shows_consents_among_the_acts_on_subjects(client, mira):
    client.post(address(mira), {"seen": "0", "kind": "release"})
    page = words(client.get("/team/audit/?what=subjects"))
    assert "changed the consent for @Mira" in page
    assert "Kind Release" in page


def test_what_is_written_stays_text(client, mira):
    evil = '<img src=x onerror=alert(1)><div hx-get="/x" hx-trigger="load">'
    file = make_consent_file(mira, name=evil)
    make_consent(mira, note=evil, file=file, set_by=None, set_by_name=evil)
    for path in (mira.get_absolute_url(), address(mira)):
        page = client.get(path).content.decode()
        assert "<img src=x" not in page
        assert '<div hx-get="/x"' not in page


# --- Two at once ----------------------------------------------------------------------------------


def test_the_second_of_two_sees_both_and_may_save_over(client, user, mira):
    consent = make_consent(mira, note="Old")
    other = browser_of(make_member(team_of(user)))
    other.post(address(mira), {"seen": consent.version, "kind": "licence", "note": "Theirs"})
    mine = {"seen": consent.version, "kind": "release", "note": "Mine", "until": "2031-05-06",
            "new_file": paper()}  # fmt: skip
    answer = client.post(address(mira), mine)
    page = compact(answer.content.decode())
    assert answer.status_code == 422
    assert "Somebody saved this consent while you were editing." in words(answer)
    pairs = re.findall(r"<td>([^<]*)</td><td>([^<]*)</td>", page)
    assert pairs == [("Licence", "Release"), ("–", "May 6, 2031"), ("Theirs", "Mine"),
                     ("–", "Mira release.pdf")]  # fmt: skip
    consent.refresh_from_db()
    assert consent.note == "Theirs"
    again = {name: re.search(rf'name="{name}" value="(\d+)"', page)[1] for name in ("seen", "file")}
    del mine["new_file"]
    client.post(address(mira), mine | again)
    consent.refresh_from_db()
    assert (consent.note, str(consent.file)) == ("Mine", "Mira release.pdf")


def test_a_consent_removed_meanwhile_can_be_saved_all_the_same(client, user, mira):
    make_consent(mira, version=3)
    browser_of(make_member(team_of(user))).post(address(mira), {"remove": "1", "seen": "3"})
    mine = {"seen": "3", "kind": "release", "note": "Mine"}
    answer = client.post(address(mira), mine)
    assert "Somebody removed this consent while you were editing." in words(answer)
    client.post(address(mira), mine | {"seen": "0"})
    assert Consent.objects.get().note == "Mine"


def test_a_form_without_its_version_never_overwrites(client, mira):
    make_consent(mira, note="Kept")
    assert client.post(address(mira), {"kind": "own"}).status_code == 422
    assert Consent.objects.get().note == "Kept"


def test_colleagues_see_who_has_it_open_and_that_it_was_saved(client, user, mira):
    other = make_member(team_of(user), name="Kenji Watanabe")
    page = client.get(mira.get_absolute_url()).content.decode()
    live = re.search(r'<div id="live"[^>]*?hx-get="([^"]+)"', page)[1].replace("&amp;", "&")
    browser = browser_of(other)
    assert 'name="editing"' in browser.get(address(mira)).content.decode()
    assert "Kenji Watanabe is editing this subject." in words(client.get(live, headers=HTMX))
    browser.post(address(mira), {"seen": "0", "kind": "own"})
    assert Presence.objects.get(membership__user=other).editing is None
    assert "Kenji Watanabe saved this subject just now." in words(client.get(live, headers=HTMX))


# --- Who may --------------------------------------------------------------------------------------


def test_a_viewer_reads_it_and_neither_changes_nor_downloads_it(user, mira):
    make_consent(mira, note="For the EU", file=make_consent_file(mira))
    viewer = browser_of(make_member(team_of(user), Role.VIEWER))
    page = viewer.get(mira.get_absolute_url())
    assert "Note For the EU" in words(page)
    assert "/consent/" not in page.content.decode()
    assert viewer.get(address(mira)).status_code == 404
    assert viewer.get(f"{address(mira)}file/").status_code == 404
    assert viewer.post(address(mira), {"seen": "1", "kind": "own"}).status_code == 404


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.MEMBER])
def test_whoever_may_edit_subjects_may_do_both(user, mira, role):
    make_consent(mira, file=make_consent_file(mira))
    browser = browser_of(make_member(team_of(user), role))
    assert browser.get(address(mira)).status_code == 200
    assert downloaded(browser, mira) == PDF


def test_strangers_find_nothing(client, visitor):
    foreign = make_subject(make_user())
    make_consent(foreign, file=make_consent_file(foreign))
    for path in (address(foreign), f"{address(foreign)}file/"):
        assert client.get(path).status_code == 404
        assert visitor.get(path).status_code == 302
    assert client.post(address(foreign), {"seen": "1", "kind": "own"}).status_code == 404


def test_an_archived_subject_keeps_it_to_read_and_not_to_change(client, mira):
    make_consent(mira, note="For the EU", file=make_consent_file(mira))
    mira.archive()
    page = words(client.get(mira.get_absolute_url()))
    assert "Note For the EU" in page
    assert "Download file" in page
    assert "Edit consent" not in page
    assert downloaded(client, mira) == PDF
    assert client.get(address(mira)).status_code == 404


# --- The paper ------------------------------------------------------------------------------------


def test_a_paper_is_downloaded_and_nothing_can_act_in_it(client, mira):
    file = make_consent_file(mira, name='my "evil"\r\nX-Evil: 1\u202e.html')
    make_consent(mira, file=file)
    answer = client.get(f"{address(mira)}file/")
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Length"] == str(len(PDF))
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert ".pdf" in answer["Content-Disposition"]
    assert ".html" not in answer["Content-Disposition"]
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "private, no-store"
    assert "X-Evil" not in answer.headers
    head = client.head(f"{address(mira)}file/")
    assert (head.content, head["Content-Length"]) == (b"", str(len(PDF)))


def test_a_consent_without_a_paper_or_with_a_lost_one_is_404(client, user, mira):
    make_consent(mira)
    assert client.get(f"{address(mira)}file/").status_code == 404
    other = make_subject(user)
    file = make_consent_file(other)
    make_consent(other, file=file)
    default_storage.delete(file.path)
    assert client.get(f"{address(other)}file/").status_code == 404


# --- Badges, filter, and the line for the team ----------------------------------------------------


@pytest.mark.parametrize(
    ("days", "badge"),
    [(-1, "Consent ended"), (0, "Ends today"), (1, "Ends in 1 day"), (12, "Ends in 12 days"),
     (31, ""), (None, "")],
)  # fmt: skip
def test_cards_page_and_mention_list_say_when_it_ends(client, mira, days, badge):
    make_consent(mira, until=None if days is None else in_days(days))
    for path in ("/subjects/", mira.get_absolute_url(), "/subjects/search/?q=mi"):
        page = client.get(path).content.decode()
        card = page.partition('id="subject-')[2] if path == "/subjects/" else page
        said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card))
        found = re.findall(r"Consent ended|Ends today|Ends in \d+ days?\b", said)
        assert found[:1] == ([badge] if badge else [])


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [("", {"None", "Valid", "Soon", "Over"}), ("none", {"None"}), ("soon", {"Soon"}),
     ("ended", {"Over"}), ("nonsense", {"None", "Valid", "Soon", "Over"})],
)  # fmt: skip
def test_the_list_is_narrowed_by_an_address(client, user, wanted, shown):
    make_subject(user, "None")
    for name, days in (("Valid", 90), ("Soon", 12), ("Over", -1)):
        make_consent(make_subject(user, name), until=in_days(days))
    page = client.get("/subjects/", {"consent": wanted}).content.decode()
    assert set(re.findall(r">@(\w+)</a>", page)) == shown
    current = re.findall(r'href="([^"]*)"\s+aria-current="true">(?:No consent|Consent e)', page)
    assert current == (["/subjects/"] if wanted in ("none", "soon", "ended") else [])


def test_the_filter_stays_with_search_and_kind(client, user):
    thing = make_subject(user, "Flacon", kind="thing")
    make_consent(thing, until=in_days(3))
    page = client.get("/subjects/", {"consent": "soon", "kind": "thing"}).content.decode()
    assert '<input type="hidden" name="consent" value="soon">' in page
    assert "kind=thing&amp;consent=ended" in page
    assert ">@Flacon<" in page


def test_who_may_edit_is_told_above_the_list_what_ends(client, user, mira):
    assert "within 30 days" not in words(client.get("/subjects/"))
    make_consent(mira, until=in_days(12))
    make_consent(make_subject(user), until=in_days(30))
    make_consent(make_subject(user), until=in_days(-1))
    page = client.get("/subjects/")
    assert "1 consent has ended" in words(page)
    assert "2 consents end within 30 days" in words(page)
    assert 'href="/subjects/?consent=soon"' in page.content.decode()
    viewer = browser_of(make_member(team_of(user), Role.VIEWER))
    assert "within 30 days" not in words(viewer.get("/subjects/"))


@pytest.mark.parametrize("path", ["/subjects/", "/subjects/search/?q=p"])
def test_more_consents_cost_no_more_queries(client, user, path, django_assert_num_queries):
    make_consent(make_subject(user, "Person"), until=in_days(3))
    client.get(path)
    with django_assert_num_queries(99, exact=False) as one:
        client.get(path)
    for number in range(6):
        make_consent(make_subject(user, f"Person{number}"), until=in_days(number - 3))
        make_subject(user, f"Plain{number}")
    with django_assert_num_queries(len(one)):
        client.get(path)


# --- Before money is spent ------------------------------------------------------------------------


def composer(client, subjects, prompt: str = "A harbour", **fields):
    posted = {"model": "demo/viduq2", "prompt": prompt, "count": "1",
              "subjects": [one.pk for one in subjects]}  # fmt: skip
    return client.post("/create/reference/fields/", posted | fields, headers=HTMX)


def test_create_warns_of_what_ended_or_ends_soon(client, user, mira):
    until = in_days(-3)
    make_consent(mira, until=until)
    pip = make_consent(make_subject(user, "Pip"), until=in_days(12)).subject
    today = make_consent(make_subject(user, "Odile"), until=in_days(0)).subject
    make_consent(make_subject(user, "Flacon"), until=in_days(90))
    make_subject(user, "Atelier")
    page = composer(client, [pip, today], "@Mira at the @Atelier with @Flacon")
    said = words(page)
    day = date_format(until, "DATE_FORMAT")
    assert f"Consent for @Mira ended on {day}. Renew it or choose another subject." in said
    assert re.search(
        r"Consent for @Pip ends on [^<]+ \d+, \d+, in 12 days. Renew it in time.", said
    )
    assert "Consent for @Odile ends today. Renew it in time." in said
    assert said.count("Consent for") == 3
    assert f'href="{address(mira)}"' in page.content.decode()


def test_nothing_is_said_of_archived_or_foreign_subjects(client, user, mira):
    make_consent(mira, until=in_days(-3))
    mira.archive()
    foreign = make_consent(make_subject(make_user(), "Zoe"), until=in_days(-3)).subject
    page = words(composer(client, [mira, foreign], "@Mira and @Zoe"))
    assert "Consent for" not in page


def test_it_warns_and_does_not_block(client, user, mira):
    make_consent(mira, until=in_days(-3))
    posted = {"intent": "a-press-of-generate", "model": "demo/viduq2", "prompt": "@Mira walks",
              "project": team_of(user).projects.get().slug, "count": "1"}  # fmt: skip
    page = client.post("/create/reference/", posted | {"count": "x"})
    assert "Consent for @Mira ended on" in words(page)
    client.post("/create/reference/", posted)
    task = team_of(user).tasks.get()
    assert [one.subject for one in task.mentioned_subjects.all()] == [mira]


def test_many_subjects_in_create_cost_no_more_queries(client, user, django_assert_num_queries):
    def three(first: int):
        return [make_subject(user, f"P{n}", [make_media(user)]) for n in range(first, first + 3)]

    few = three(0)
    make_consent(few[0], until=in_days(-3))
    composer(client, few[:1])
    with django_assert_num_queries(99, exact=False) as one:
        composer(client, few[:1])
    many = [*few[1:], *three(3)]
    for subject in many:
        make_consent(subject, until=in_days(-3))
    with django_assert_num_queries(len(one)):
        composer(client, many)
