"""Times and days are those of the reader, and nobody's clock stays for the next one."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from generation.forms.days import start_of_day
from generation.models import Notice, Output, User
from generation.models.zones import own_zone, zone_named, zone_of_person
from generation.views.library import tile
from generation.web import days
from generation.web.reader_zone import ReaderZone
from tests.factories import make_output, make_user, team_of
from tests.markup import compact

FAR_EAST, FAR_WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # fourteen ahead, eleven behind
PROFILE = "/settings/profile/"
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def at_noon(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)


def made(user: User, at: datetime) -> Output:
    output = make_output(user)
    Output.objects.filter(pk=output.pk).update(created_at=at)
    return output


def choose(user: User, zone: str) -> None:
    User.objects.filter(pk=user.pk).update(zone=zone)


def day_heads(client, **query) -> list[str]:
    tiles = client.get("/library/", query).context["tiles"]
    return [one.day for one in tiles if one.day]


# --- Whose clock it is ----------------------------------------------------------------------------


def test_the_choice_goes_before_the_browser_and_the_browser_before_the_studio(client, user):
    def shown() -> str:
        return zone_on(client)

    assert shown() == "UTC"
    client.cookies["zone"] = "Asia/Kolkata"
    assert shown() == "Asia/Kolkata"
    choose(user, "Europe/Berlin")
    assert shown() == "Europe/Berlin"
    choose(user, "")
    del client.cookies["zone"]
    assert shown() == "Asia/Kolkata"  # as the browser said it last


def zone_on(client) -> str:
    page = compact(client.get("/team/audit/").content.decode())
    return page.partition("Times are those of ")[2].partition(". ")[0].partition(".<")[0]


@pytest.mark.parametrize(
    "told",
    ["Mars/Olympus", "../../etc/passwd", "/etc/localtime", "localtime", "Factory", "Europe",
     "Europe/Berlin; x", "x" * 5000, ""],
)  # fmt: skip
def test_a_zone_that_is_none_is_not_heard(client, user, told):
    assert zone_named(told) is None
    client.cookies["zone"] = told
    assert client.get("/library/").status_code == 200
    assert User.objects.get(pk=user.pk).browser_zone == ""


def test_what_the_browser_says_is_kept_by_pages_alone(client, user, django_assert_num_queries):
    client.cookies["zone"] = "Asia/Tokyo"
    client.get("/live/", headers={"HX-Request": "true"})
    assert User.objects.get(pk=user.pk).browser_zone == ""
    client.get("/library/")
    assert User.objects.get(pk=user.pk).browser_zone == "Asia/Tokyo"


def test_a_request_without_a_session_asks_the_database_nothing(db, django_assert_num_queries):
    request = RequestFactory().get("/healthz")
    request.COOKIES["zone"] = "Asia/Tokyo"
    with django_assert_num_queries(0):
        ReaderZone(HttpResponse).process_view(request)
    assert timezone.get_current_timezone_name() == "UTC"


def test_mails_go_by_the_person_then_the_team_then_the_studio(user, settings):
    team, settings.TIME_ZONE = team_of(user), "Asia/Kathmandu"
    assert zone_of_person(user, None).key == "Asia/Kathmandu"
    team.time_zone = "Europe/Paris"
    assert zone_of_person(user, team).key == "Europe/Paris"
    user.browser_zone = "Asia/Tokyo"
    assert zone_of_person(user, team).key == "Asia/Tokyo"
    user.zone = "America/Lima"
    assert zone_of_person(user, team).key == "America/Lima"
    user.zone = "Gone/Zone"  # not known any more
    assert own_zone(user).key == "Asia/Tokyo"


# --- Nobody's clock stays -------------------------------------------------------------------------


def test_a_thread_forgets_the_reader(user, settings):
    """Also where the view fails, and where the reader before had another clock."""
    choose(user, FAR_EAST)
    user.refresh_from_db()
    seen = []

    def answer(request):
        layer.process_view(request)
        seen.append(timezone.get_current_timezone_name())
        if request.path == "/bad":
            raise RuntimeError
        return HttpResponse()

    layer = ReaderZone(answer)

    def serve(path: str, cookies: dict[str, str]) -> str:
        request = RequestFactory().get(path)
        request.COOKIES, request.user = cookies, user
        with suppress(RuntimeError):
            layer(request)
        return timezone.get_current_timezone_name()

    with ThreadPoolExecutor(1) as one_thread:
        session = {settings.SESSION_COOKIE_NAME: "x"}
        after = [
            one_thread.submit(serve, path, cookies).result()
            for path, cookies in [("/", session), ("/", {}), ("/bad", session), ("/", {})]
        ]
    assert seen == [FAR_EAST, "UTC", FAR_EAST, "UTC"]
    assert after == ["UTC"] * 4


def test_readers_at_once_each_keep_their_clock(client, user, at_noon):
    other = make_user()
    for person, zone in ((user, FAR_EAST), (other, FAR_WEST)):
        choose(person, zone)
        made(person, NOON)
    theirs = Client()
    theirs.force_login(other)
    for _ in range(3):
        assert day_heads(client) == ["Today"]
        assert client.get("/library/").context["tiles"][0].output.user_id == user.pk
        assert day_heads(theirs) == ["Today"]
    assert timezone.get_current_timezone_name() == "UTC"


# --- Days of the library --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "heads"),
    [
        ("UTC", ["Today", "Yesterday"]),
        (FAR_EAST, ["Today", "Yesterday", "November 29"]),  # it is two in the morning of the 1st
        (FAR_WEST, ["Today", "Yesterday", "November 28"]),  # and here one of the 30th
        ("Asia/Kolkata", ["Today", "Yesterday"]),
    ],
)
def test_the_library_is_in_days_of_the_reader(client, user, at_noon, zone, heads):
    for hours in (0.5, 11, 13, 27, 34):
        made(user, NOON - timedelta(hours=hours))
    choose(user, zone)
    assert day_heads(client) == heads
    tiles = client.get("/library/").context["tiles"]
    assert sum(one.count or 0 for one in tiles if one.day) == 5


@pytest.mark.parametrize(
    "zone", ["UTC", FAR_EAST, FAR_WEST, "Asia/Kathmandu", "Australia/Lord_Howe"]
)
@pytest.mark.parametrize("sort", ["", "oldest"])
def test_a_page_that_ends_within_a_day_gives_it_no_second_heading(
    client, user, at_noon, monkeypatch, zone, sort
):
    monkeypatch.setattr("generation.views.library.grid.PAGE", 3)
    for hours in range(0, 72, 5):
        made(user, NOON - timedelta(hours=hours, minutes=17))
    choose(user, zone)
    found, after, numbers = [], "", []
    while True:
        query = {"sort": sort} | ({"after": after} if after else {})
        context = client.get("/library/", query, headers={"HX-Request": "true"}).context
        found += [one.day for one in context["tiles"] if one.day]
        numbers += [one.output.pk for one in context["tiles"]]
        after = context["more"]
        if not after:
            break
    assert len(numbers) == len(set(numbers)) == 15
    local = {(row.created_at.astimezone(ZoneInfo(zone))).date() for row in Output.objects.all()}
    assert len(found) == len(set(found)) == len(local)


# Clocks that go at midnight, by half an hour, or leave a day out.
@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Santiago", date(2026, 9, 6), 23),  # there is no midnight
        ("America/Santiago", date(2026, 4, 4), 25),
        ("America/Havana", date(2026, 11, 1), 25),  # midnight comes twice
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Asia/Kathmandu", date(2026, 10, 4), 24),
        ("Africa/Cairo", date(2026, 4, 24), 23),
    ],
)
def test_each_moment_is_in_the_one_day_it_is_shown_under(user, zone, day, hours):
    with timezone.override(zone):
        start, end = (start_of_day(one).astimezone(UTC) for one in (day, day + days.DAY))
        assert end - start == timedelta(hours=hours)
        assert (days.day_of(start), days.day_of(start - timedelta(microseconds=1))) == (
            day, day - days.DAY,
        )  # fmt: skip
        assert days.day_of(end - timedelta(microseconds=1)) == day
        for moment in (start - timedelta(seconds=1), start, end - timedelta(seconds=1), end):
            made(user, moment)
        counts = tile.outputs_per_day(Output.objects.all(), [day - days.DAY, day, day + days.DAY])
    assert list(counts.values()) == [1, 2, 1]


# --- Other pages ----------------------------------------------------------------------------------


def test_the_days_of_the_bell_are_those_of_the_reader(client, user, at_noon):
    """The studio's day is another one: `naturalday` would call by it."""
    facts = {"team": team_of(user), "kind": "mention", "since": NOON}
    for hours in (1, 3, 20):
        Notice.objects.create(user=user, at=NOON - timedelta(hours=hours), **facts)
    choose(user, FAR_EAST)  # at noon it is two o'clock of the next day there
    rows = client.get("/notices/").context["rows"]
    assert [row.day for row in rows] == ["Today", "Yesterday", "Yesterday"]


def test_the_page_of_a_task_tells_the_time_there(client, user):
    output = made(user, NOON)
    choose(user, "Asia/Kathmandu")  # a quarter to
    page = client.get(f"/a/{output.pk}/").content.decode()
    assert 'datetime="2026-11-30T17:45:00+05:45"' in page


def test_the_audit_log_and_its_file_name_the_zone(client, user):
    client.post("/projects/new/", {"name": "Spring", "description": ""})
    choose(user, "Asia/Tokyo")
    assert zone_on(client) == "Asia/Tokyo"
    sent = client.get("/team/audit/export.csv")
    assert timezone.get_current_timezone_name() == "UTC"  # and only now it is read
    lines = b"".join(sent.streaming_content).decode().splitlines()
    assert lines[0].endswith(",zone")
    assert "+09:00," in lines[1]
    assert lines[1].endswith(",Asia/Tokyo")


# --- The setting ----------------------------------------------------------------------------------


def test_the_profile_offers_zones_by_part_of_the_world(client, user):
    client.cookies["zone"] = "Europe/Berlin"
    page = compact(client.get(PROFILE).content.decode())
    assert '<option value="" selected>As my browser says (Europe/Berlin)</option>' in page
    assert '<optgroup label="Pacific">' in page
    assert '<option value="Asia/Kathmandu">Kathmandu (UTC+05:45)</option>' in page
    form = {"name": "N", "language": "en"}
    assert client.post(PROFILE, form | {"zone": "Asia/Kathmandu"}).status_code == 302
    assert User.objects.get(pk=user.pk).zone == "Asia/Kathmandu"
    assert client.post(PROFILE, form | {"zone": "Mars/Olympus"}).status_code == 422
    assert User.objects.get(pk=user.pk).zone == "Asia/Kathmandu"
    assert client.post(PROFILE, form | {"zone": ""}).status_code == 302
    assert User.objects.get(pk=user.pk).zone == ""


def test_an_old_name_that_somebody_has_stays_on_the_list(client, user):
    choose(user, "Japan")
    form = {"name": "N", "language": "en", "zone": "Japan"}
    assert client.post(PROFILE, form).status_code == 302
    assert User.objects.get(pk=user.pk).zone == "Japan"
