"""Mail about notices: as often as people want it, never twice, and not to who may not read it."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from generation.catalogue.message import Message
from generation.engine import notice_mail, sweep
from generation.engine.notices import notify
from generation.models import Lane, Membership, Notice, NoticeChoice, NoticeKind, Team, User
from generation.models.notices import GROUP_TIME, URGENT, mail_time, mark_read, rhythms_of
from tests.at_once import at_once
from tests.factories import make_member, make_user, team_of

BERLIN = ZoneInfo("Europe/Berlin")
MENTION = NoticeKind.MENTION
JOINED = Message("%(name)s joined as a member.", name="Mira")
MANY = Message("%(count)s people joined the team.")


@pytest.fixture(autouse=True)
def _address(settings):
    settings.PUBLIC_URL = "https://studio.example"


def tell(user: User, kind: str = MENTION, **more) -> None:
    notify(kind, more.pop("team", None) or team_of(user), [user], JOINED, url="/a/1/", **more)


def choose(user: User, rhythm: str, kind: str = MENTION) -> None:
    NoticeChoice.objects.update_or_create(user=user, kind=kind, defaults={"mail": rhythm})


def send() -> list[EmailMessage]:
    """What the lane sends now."""
    mail.outbox.clear()
    notice_mail.mail_due(time.monotonic() + 20)
    return list(mail.outbox)


def make_due() -> None:
    Notice.objects.exclude(mail_at=None).update(mail_at=timezone.now())


def at(text: str, zone=UTC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("rhythm", "now", "due"),
    [
        ("once", at("2026-11-30T10:17"), at("2026-11-30T10:17")),
        ("hourly", at("2026-11-30T10:17"), at("2026-11-30T11:00")),
        ("hourly", at("2026-11-30T23:59"), at("2026-12-01T00:00")),
        ("daily", at("2026-11-30T06:00"), at("2026-11-30T09:00", BERLIN)),
        ("daily", at("2026-11-30T08:00"), at("2026-12-01T09:00", BERLIN)),
        ("daily", at("2026-03-28T12:00"), at("2026-03-29T09:00", BERLIN)),  # the clocks go forward
        ("off", at("2026-11-30T10:17"), None),
    ],
)
def test_when_a_mail_is_due(rhythm, now, due):
    assert mail_time(rhythm, now, BERLIN) == due


def test_money_approvals_and_locks_never_wait():
    assert {"task.uncertain", "review.asked", "link.locked"} == set(URGENT)
    assert all(rhythms_of(kind) == ("off", "once") for kind in URGENT)


def test_a_choice_that_is_not_offered_means_at_once(user):
    choose(user, "daily", NoticeKind.LINK_LOCKED)
    tell(user, NoticeKind.LINK_LOCKED)
    assert len(send()) == 1


def test_at_once_is_one_mail_in_the_language_of_the_person(user):
    User.objects.filter(pk=user.pk).update(language="zh-hans")
    tell(user)
    (letter,) = send()
    assert letter.to == [user.email]
    assert letter.subject == "Vidu Studio: Mira 以成员身份加入了团队。"
    assert "https://studio.example/a/1/" in letter.body
    assert "https://studio.example/settings/notices/" in letter.body
    assert not send()
    assert Notice.objects.get().mailed_at


def test_nothing_is_sent_in_the_request_and_the_lane_is_woken(
    user, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        tell(user)
    assert not mail.outbox
    assert Lane.objects.get(name="mail").waiting_since


def test_the_sweep_wakes_the_lane_when_mail_is_due(user, django_capture_on_commit_callbacks):
    choose(user, "hourly")
    tell(user)
    with django_capture_on_commit_callbacks(execute=True):
        sweep.sweep()
    assert not Lane.objects.filter(name="mail").exists()
    make_due()
    with django_capture_on_commit_callbacks(execute=True):
        sweep.sweep()
    assert Lane.objects.get(name="mail").waiting_since


@pytest.mark.parametrize("rhythm", ["hourly", "daily"])
def test_what_waits_goes_in_one_mail_without_what_was_read(user, rhythm):
    choose(user, rhythm)
    for _ in range(3):
        tell(user)
    mark_read(Notice.objects.filter(pk=Notice.objects.earliest("pk").pk))
    assert not send()
    make_due()
    (letter,) = send()
    assert letter.subject == "Vidu Studio: 2 notices"
    assert letter.body.count("Mira joined as a member.") == 2
    assert not send()


def test_a_daily_mail_comes_at_nine_by_the_clock_of_the_team(user):
    Team.objects.update(time_zone="Asia/Shanghai")
    choose(user, "daily")
    tell(user)
    due = Notice.objects.get().mail_at.astimezone(ZoneInfo("Asia/Shanghai"))
    assert (due.hour, due.minute) == (9, 0)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"])
@pytest.mark.parametrize("how", ["zone", "browser_zone"])
def test_a_daily_mail_comes_at_nine_where_the_person_is(user, zone, how):
    """On either side of the date line, in a team of another place, for each member their own."""
    Team.objects.update(time_zone="Europe/Berlin")
    User.objects.filter(pk=user.pk).update(**{how: zone})
    here = make_member(team_of(user))
    for person in (user, here):
        choose(person, "daily")
    notify(MENTION, team_of(user), [user, here], JOINED, url="/a/1/")
    for person, expected in ((user, zone), (here, "Europe/Berlin")):
        due = Notice.objects.get(user=person).mail_at.astimezone(ZoneInfo(expected))
        assert (due.hour, due.minute) == (9, 0)
        assert timezone.now() < due <= timezone.now() + timedelta(days=1)


def test_a_mail_tells_the_times_of_its_reader_and_names_the_zone(user):
    Team.objects.update(time_zone="Europe/Berlin")
    User.objects.filter(pk=user.pk).update(zone="Asia/Kathmandu")
    tell(user)
    Notice.objects.update(at=at("2026-11-30T20:00"), mail_at=timezone.now())
    (letter,) = send()
    assert "Dec. 1, 2026, 1:45 a.m. (Asia/Kathmandu)" in letter.body


def test_people_get_only_their_own(user):
    other = make_user()
    tell(user)
    tell(other)
    assert sorted(one.to[0] for one in send()) == sorted([user.email, other.email])


def leave(user: User, _team: Team) -> None:
    Membership.objects.filter(user=user).delete()


def stop(user: User, _team: Team) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False, suspended_at=timezone.now())


def switch_off(user: User, _team: Team) -> None:
    choose(user, "off")


def demand_second_step(_user: User, team: Team) -> None:
    Team.objects.filter(pk=team.pk).update(factor_required_from=timezone.now())


@pytest.mark.parametrize("end", [leave, stop, switch_off, demand_second_step])
def test_who_may_not_read_it_any_more_gets_nothing(user, end):
    tell(user)
    end(user, team_of(user))
    assert not send()
    assert not Notice.objects.exclude(mail_at=None).exists()


def test_without_a_mail_server_nothing_waits(user, settings):
    tell(user)
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert not send()
    tell(user)
    assert not Notice.objects.exclude(mail_at=None).exists()


def test_what_is_counted_after_the_mail_goes_in_one_more(user):
    tell(user, group="a", many=MANY)
    assert len(send()) == 1
    for _ in range(2):
        tell(user, group="a", many=MANY)
    assert not send()
    assert Notice.objects.get().mail_at >= timezone.now() + GROUP_TIME - timedelta(seconds=9)
    make_due()
    assert [one.subject for one in send()] == ["Vidu Studio: 3 people joined the team."]
    assert not send()


def test_what_is_counted_while_the_mail_is_under_way_is_not_lost(user, monkeypatch):
    tell(user, group="a", many=MANY)
    plain = EmailMessage.send

    def send_and_go_on(letter, *args):
        tell(user, group="a", many=MANY)
        return plain(letter, *args)

    monkeypatch.setattr(EmailMessage, "send", send_and_go_on)
    assert len(send()) == 1
    monkeypatch.setattr(EmailMessage, "send", plain)
    assert not send()
    make_due()
    assert [one.subject for one in send()] == ["Vidu Studio: 2 people joined the team."]


# --- What goes wrong ------------------------------------------------------------------------------


def refuse(*_args: object) -> None:
    raise ConnectionRefusedError


def test_a_server_that_is_away_is_tried_again_and_not_for_ever(user, monkeypatch, caplog):
    tell(user)
    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse)
        assert not send()
        assert Notice.objects.get().mail_at > timezone.now() + timedelta(seconds=50)
        assert user.email not in caplog.text
    make_due()
    assert len(send()) == 1
    tell(user)
    monkeypatch.setattr(EmailMessage, "send", refuse)
    for _ in range(5):
        make_due()
        send()
    assert not Notice.objects.exclude(mail_at=None).exists()


def test_one_whose_mail_fails_holds_back_nobody(user, monkeypatch):
    other, plain = make_user(), EmailMessage.send
    tell(user)
    tell(other)

    def refuse_one(letter, *args):
        return refuse() if user.email in letter.to else plain(letter, *args)

    monkeypatch.setattr(EmailMessage, "send", refuse_one)
    assert [one.to for one in send()] == [[other.email]]


def test_what_died_on_the_way_is_the_same_mail_again(user, monkeypatch):
    """A mailbox shows two of one Message-ID once."""
    tell(user)
    plain = EmailMessage.send

    def die(letter, *args):
        plain(letter, *args)
        raise KeyboardInterrupt

    monkeypatch.setattr(EmailMessage, "send", die)
    with pytest.raises(KeyboardInterrupt):
        send()
    (first,) = mail.outbox
    monkeypatch.setattr(EmailMessage, "send", plain)
    tell(user)  # what came meanwhile goes in a mail of its own
    assert len(send()) == 1
    assert mail.outbox[0].extra_headers["Message-ID"] != first.extra_headers["Message-ID"]
    make_due()
    (again,) = send()
    assert again.extra_headers == first.extra_headers
    assert again.body == first.body
    assert not send()


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_the_same(user):
    people = [user, *(make_member(team_of(user)) for _ in range(3))]
    for person in people:
        tell(person, team=team_of(user))
    mail.outbox.clear()
    assert at_once(lambda: notice_mail.mail_due(time.monotonic() + 20), 4) == []
    assert sorted(one.to[0] for one in mail.outbox) == sorted(one.email for one in people)
