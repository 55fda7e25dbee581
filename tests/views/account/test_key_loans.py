"""The pages of lending: what the lender sees and does, what the team sees, and what nobody sees."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from generation.models import KeyLoan, KeyState, Membership, Role, Status, Task
from tests.factories import make_key, make_loan, make_member, make_task, make_user, team_of

SECRET = "vda_CANARY_0123456789abcdef"
pytestmark = pytest.mark.django_db


def browser(user, team=None):
    client = Client()
    client.force_login(user)
    if team:
        session = client.session
        member = Membership.objects.get(user=user, team=team)
        session["membership"], session["team_name"] = member.pk, team.name
        session.save()
    return client


@pytest.fixture
def team(user):
    """Nadia's, who lends in these tests."""
    return team_of(user)


@pytest.fixture
def ben(team):
    return make_member(team, name="Ben Okri")


@pytest.fixture
def key(user):
    return make_key(user, secret=SECRET, label="Studio")


def page(client, name, *args):
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200, response
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def body(**changes):
    """What a press of Generate sends."""
    return {
        "model": "vidu/viduq2", "count": "1", "prompt": "A lighthouse", "resolution": "1080p",
        "aspect_ratio": "16:9", "intent": "intent-of-a-form-1",
    } | changes  # fmt: skip


def press(client, team, **changes):
    wanted = body(project=team.projects.first().slug) | changes
    return client.post(reverse("create", args=["image"]), wanted)


# --- The lender -----------------------------------------------------------------------------------


def test_a_key_is_lent_with_a_number_and_the_card_says_so(client, user, team, key):
    form = page(client, "key-lend", key.pk)
    assert "never the key nor its credits" in form
    sent = {"member": team.memberships.get(user=user).pk, "weekly_credits": "1200"}
    response = client.post(reverse("key-lend", args=[key.pk]), sent)
    loan = KeyLoan.objects.get()
    assert response.url == reverse("key-loan", args=[loan.pk])
    assert (loan.key, loan.team, loan.weekly_credits) == (key, team, 1200)
    assert f"Lent to {team.name} · 1,200 credits a week" in page(client, "keys")


@pytest.mark.parametrize("number", ["0", "-5", "1.5", "many", "99999999999"])
def test_a_number_that_is_none_is_refused_and_kept_on_the_page(client, user, team, key, number):
    sent = {"member": team.memberships.get(user=user).pk, "weekly_credits": number}
    response = client.post(reverse("key-lend", args=[key.pk]), sent)
    assert response.status_code == 422
    assert f'value="{number}"' in response.content.decode()
    assert not KeyLoan.objects.exists()


def test_a_key_cannot_be_lent_to_a_team_of_others_nor_by_a_viewer(client, user, team, key):
    other = team_of(make_user())
    for member in (other.memberships.get(), Membership.objects.create(
        team=other, user=user, role=Role.VIEWER)):  # fmt: skip
        response = client.post(reverse("key-lend", args=[key.pk]), {"member": member.pk})
        assert response.status_code == 422
    assert not KeyLoan.objects.exists()


def test_lending_needs_a_log_in_of_a_moment_ago(client, user, team, key):
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    loan = make_loan(key, team, 50)
    member = team.memberships.get(user=user).pk
    for name, pk in (("key-lend", key.pk), ("key-loan", loan.pk)):
        response = client.post(reverse(name, args=[pk]), {"member": member, "weekly_credits": "90"})
        assert "reauthenticate" in response.url
    loan.refresh_from_db()
    assert (KeyLoan.objects.count(), loan.weekly_credits) == (1, 50)


def test_the_lender_sees_who_used_how_much(client, ben, team, key):
    loan = make_loan(key, team, 100)
    eva = make_member(team, name="Eva Lund")
    facts = {"team": team, "key": key, "loan": loan, "provider": "vidu"}
    make_task(ben, **facts, status=Status.SUCCEEDED, credits=12)
    make_task(ben, **facts, status=Status.RUNNING, estimate=8)
    make_task(eva, **facts, status=Status.SUCCEEDED, credits=30)
    text = page(client, "key-loan", loan.pk)
    assert "Used this week 50 Left this week 50" in text
    assert "Eva Lund 1 30 1 30 0 Ben Okri 2 20 2 20 1" in text
    assert "00:00 (UTC)" in text


def test_the_lender_changes_the_number_and_ends_it_at_once(client, ben, team, key):
    loan = make_loan(key, team, 100)
    task = make_task(ben, team=team, key=key, loan=loan, provider="vidu", status=Status.QUEUED)
    client.post(reverse("key-loan", args=[loan.pk]), {"weekly_credits": ""})
    loan.refresh_from_db()
    assert loan.weekly_credits is None
    assert "1 queued task will be cancelled." in page(client, "key-loan", loan.pk)
    response = client.post(reverse("key-loan-end", args=[loan.pk]), follow=True)
    assert "can no longer use the key. 1 queued task was cancelled." in response.content.decode()
    assert Task.objects.get(pk=task.pk).status == Status.CANCELLED
    ended = page(client, "key-loan", loan.pk)
    assert "was lent to" in ended
    assert "End the loan" not in ended


@pytest.mark.parametrize("name", ["key-loan", "key-loan-end"])
def test_the_pages_of_a_loan_are_the_lenders_alone(ben, team, key, name):
    loan = make_loan(key, team, 100)
    assert browser(ben).post(reverse(name, args=[loan.pk])).status_code == 404
    assert KeyLoan.objects.live().get().weekly_credits == 100


# --- The team -------------------------------------------------------------------------------------


def test_members_see_whose_keys_they_are_and_what_is_left(user, ben, team, key):
    loan = make_loan(key, team, 100)
    make_task(ben, team=team, key=key, loan=loan, status=Status.SUCCEEDED, credits=40)
    text = page(browser(ben), "team-keys")
    assert "Nadia Holm's key Vidu Studio 60 credits left this week" in text
    assert "the loan of" not in text  # which only the lender and who manages may end
    assert "cdef" not in text


def test_a_loan_that_cannot_be_used_now_says_so(user, ben, team, key):
    make_loan(key, team)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert "It cannot be used now: ask the lender." in page(browser(ben), "team-keys")


@pytest.mark.parametrize(("role", "status"), [
    (Role.ADMIN, 302), (Role.MEMBER, 404), (Role.VIEWER, 404)
])  # fmt: skip
def test_who_manages_the_team_ends_any_loan_of_it(user, team, key, role, status):
    loan = make_loan(key, team)
    elsewhere = make_loan(make_key(make_user()), team_of(make_user()))
    client = browser(make_member(team, role))
    assert client.post(reverse("team-key-end", args=[elsewhere.pk])).status_code == 404
    assert client.post(reverse("team-key-end", args=[loan.pk])).status_code == status
    assert KeyLoan.objects.live().filter(pk=loan.pk).exists() == (status == 404)
    assert KeyLoan.objects.live().filter(pk=elsewhere.pk).exists()


def test_who_leaves_is_told_what_becomes_of_the_keys_they_lend(user, ben, team):
    told, pk = "Keys lent to the team are lent no more", team.memberships.get(user=ben).pk
    assert told not in page(browser(ben), "member-remove", pk)
    make_loan(make_key(ben), team)
    assert told in page(browser(ben), "member-remove", pk)


# --- Create ---------------------------------------------------------------------------------------


def test_who_has_no_key_of_their_own_uses_the_lent_one(user, ben, team, key):
    client = browser(ben)
    assert press(client, team).status_code == 422
    loan = make_loan(key, team)
    text = page(client, "create", "image")
    assert "Vidu Q2" in text
    assert "Paid with Nadia Holm's key." in text
    KeyLoan.objects.filter(pk=loan.pk).update(weekly_credits=700)
    assert "700 credits left of Nadia Holm's key this week" in page(client, "create", "image")
    assert press(client, team).status_code == 302
    task = Task.objects.get()
    assert (task.user, task.key, task.loan.key) == (ben, key, key)
    assert "Nadia Holm's key" in page(client, "task", task.pk)


def test_the_own_key_comes_first_and_the_lent_one_is_a_choice(user, ben, team, key):
    own = make_key(ben, label="Mine")
    loan = make_loan(key, team)
    client = browser(ben)
    asked = reverse("create", args=["image"]) + "?model=vidu/viduq2"
    options = re.findall(r"<option value=\"([-0-9a-f]{36})\"( selected)?>([^<]+)",
                         client.get(asked).content.decode())  # fmt: skip
    assert [(pk, bool(chosen)) for pk, chosen, _ in options] == [
        (str(own.pk), True), (str(key.pk), False)
    ]  # fmt: skip
    assert options[1][2] == "Nadia Holm&#x27;s key (Studio)"
    press(client, team)
    press(client, team, key=str(key.pk), intent="intent-of-a-form-2")
    assert list(Task.objects.order_by("pk").values_list("key", "loan")) == [
        (own.pk, None), (key.pk, loan.pk)
    ]  # fmt: skip


def test_a_key_that_is_neither_own_nor_lent_to_this_team_is_refused(user, ben, team, key):
    make_key(ben, label="Mine")
    other = team_of(make_user())
    Membership.objects.create(team=other, user=user)
    make_loan(key, other)
    loan = make_loan(key, team)
    KeyLoan.objects.filter(pk=loan.pk).update(ended_at=loan.lent_at)
    response = press(browser(ben), team, key=str(key.pk))
    assert response.status_code == 422
    assert "This key is not there. Choose another." in response.content.decode()
    assert not Task.objects.exists()


def test_a_viewer_uses_no_lent_key(team, key):
    make_loan(key, team)
    assert press(browser(make_member(team, Role.VIEWER)), team).status_code == 404


def test_over_the_number_nothing_starts_and_nothing_typed_is_lost(user, ben, team, key):
    make_loan(key, team, 5)
    client = browser(ben)
    text = client.get(reverse("create-cost"), {"mode": "image", "model": "vidu/viduq2"})
    told = " ".join(text.content.decode().split())
    assert 'class="short">5 credits left of Nadia Holm&#x27;s key this week' in told
    response = press(client, team, prompt="A hill that I typed", count="4")
    shown = response.content.decode()
    assert response.status_code == 422
    assert "Nadia Holm&#x27;s key has 5 credits left for the team this week" in shown
    assert "until then ask Nadia Holm. Nothing was started." in shown
    assert "A hill that I typed" in shown
    assert not Task.objects.exists()


def test_the_lenders_balance_is_not_told_to_others(user, ben, team, key):
    type(key).objects.filter(pk=key.pk).update(credits=987_654)
    make_loan(key, team)
    asked = {"mode": "image", "model": "vidu/viduq2"}
    mine = browser(user).get(reverse("create-cost"), asked).content.decode()
    theirs = browser(ben).get(reverse("create-cost"), asked).content.decode()
    assert "987,654" in mine
    assert "credits left" not in theirs


@pytest.mark.parametrize(("state", "told"), [
    (KeyState.REJECTED, "Vidu does not take Nadia Holm's key. Ask Nadia Holm."),
    (KeyState.EMPTY, "Nadia Holm's key has no credits left at Vidu. Ask Nadia Holm."),
])  # fmt: skip
def test_the_trouble_of_a_lent_key_leads_to_its_lender(user, ben, team, key, state, told):
    key.record_test(state, "Vidu said something about the account.")
    make_loan(key, team)
    response = browser(ben).get(reverse("create", args=["image"]) + "?model=vidu/viduq2")
    text = response.content.decode().replace("&#x27;", "'")
    assert told in text
    assert "Open keys" not in text
    assert "about the account" not in text


def test_a_repeat_over_the_number_is_refused_with_its_sentence(user, ben, team, key):
    loan = make_loan(key, team, 5)
    task = make_task(ben, team=team, key=key, loan=loan, provider="vidu", status=Status.FAILED,
                     credits=5)  # fmt: skip
    sent = {"intent": "intent-of-a-form-2"}
    response = browser(ben).post(reverse("task-retry", args=[task.pk]), sent, follow=True)
    assert "0 credits left for the team this week" in response.content.decode()
    assert Task.objects.count() == 1


def test_no_page_of_a_borrower_holds_a_sign_of_the_secret(user, ben, team, key):
    loan = make_loan(key, team, 500)
    task = make_task(ben, team=team, key=key, loan=loan, provider="vidu", status=Status.FAILED)
    client = browser(ben)
    addresses = [
        reverse("create", args=["image"]) + f"?model=vidu/viduq2&key={key.pk}",
        reverse("create-cost") + "?mode=image&model=vidu/viduq2",
        reverse("team-keys"), reverse("keys"), reverse("task", args=[task.pk]), reverse("live"),
        reverse("team-members"),
    ]  # fmt: skip
    for address in addresses:
        text = client.get(address).content.decode()
        assert SECRET not in text, address
        assert "cdef" not in text, address
        assert key.fingerprint not in text, address


@pytest.mark.parametrize("name", ["key-test", "key-replace", "key-remove", "key-default"])
def test_a_borrower_does_nothing_to_the_key_itself(ben, team, key, name):
    make_loan(key, team)
    response = browser(ben).post(reverse(name, args=[key.pk]), {"secret": "vda_0123456789abcd"})
    assert response.status_code == 404
    key.refresh_from_db()
    assert key.version == 1
