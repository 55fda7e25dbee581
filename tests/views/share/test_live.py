"""An open page of a guest hears what others wrote, answered or added, and that its link ended."""

import re

import pytest
from django.utils import timezone

from generation.engine.comments import post
from generation.engine.reviews import answer_as_guest
from generation.engine.stacks import add_version
from generation.models import ShareLink, Visitor
from tests.factories import make_link, make_output, make_stack, make_visitor

HEADERS = {"x-part": "talk"}


@pytest.fixture
def page(guest, shared):
    """What the script of an open page asks, with the marks of what that shows."""
    shared.set(may_approve=True)

    def ask(number=1):
        path = shared.path("share-item", number)
        if number not in shown:
            shown[number] = marks_in(guest.get(path))
        return guest.get(path, {"v": shown[number]}, headers=HEADERS)

    shown: dict[int, str] = {}
    return ask


def marks_in(answer) -> str:
    return ".".join(re.findall(r'data-mark="(\w+)"', answer.content.decode()))


def test_while_nothing_happens_the_answer_is_empty_and_small(
    page, shared, django_assert_max_num_queries
):
    assert page().status_code == 204
    with django_assert_max_num_queries(10):
        assert page().content == b""


def test_what_the_team_writes_comes_and_what_is_not_for_guests_does_not(page, shared, user):
    assert page().status_code == 204
    post(shared.outputs[0], author=user, body="For us alone", audience="team")
    assert page().status_code == 204
    post(shared.outputs[0], author=user, body="For you", audience="guests")
    answer = page()
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "For you" in text
    assert "For us alone" not in text
    assert "<html" not in text
    assert answer["Cache-Control"] == "private, no-store"


def test_what_another_guest_answers_comes(page, shared):
    assert page().status_code == 204
    other = make_visitor(shared.link, name="Ana Ruiz")
    answer_as_guest(shared.outputs[0], visitor=other, link=shared.link, state="approved")
    assert page().status_code == 200


def test_a_guest_of_another_link_is_not_heard(page, shared, user):
    assert page().status_code == 204
    link = make_link(user, output=shared.outputs[0])
    post(shared.outputs[0], visitor=make_visitor(link), link=link, body="Not yours")
    assert page().status_code == 204


def test_it_asks_for_less_where_there_are_no_comments(page, shared):
    shared.set(comments="off")
    assert page().status_code == 204


@pytest.mark.parametrize("every", [False, True])
def test_a_newer_version_is_offered(guest, user, every):
    first = make_output(user)
    stack = make_stack(user, [first, make_output(user)])
    link = make_link(user, stack=stack, show_versions=every, title="One shot")
    path = f"/s/{link.token()}/1/"
    assert guest.get(f"/s/{link.token()}/").status_code == 200
    shown = marks_in(guest.get(path))
    assert guest.get(path, {"v": shown}, headers=HEADERS).status_code == 204
    add_version(stack, make_output(user), user)
    answer = guest.get(path, {"v": shown}, headers=HEADERS)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "There is a newer version." in text
    newer = re.search(r'href="(/s/[^"]+/\d+/)"', text)
    assert newer
    assert guest.get(newer[1]).status_code == 200


@pytest.mark.parametrize("how", ["revoked", "visits", "trashed"])
def test_once_it_is_closed_the_page_of_that_is_the_answer(page, guest, shared, user, how):
    assert page().status_code == 204
    if how == "revoked":
        shared.set(revoked_at=timezone.now())
    elif how == "visits":
        ShareLink.objects.filter(pk=shared.link.pk).update(generation=7)
    else:
        shared.outputs[0].trash(user)
    answer = page()
    assert answer.status_code == 404
    says = "This is not shown any more" if how == "trashed" else "This link does not open"
    assert says in answer.content.decode()


def test_asking_counts_as_no_view_and_lets_nobody_in(guest, shared):
    path = shared.path("share-item", 1)
    assert guest.get(path, headers=HEADERS).status_code == 404
    assert not Visitor.objects.exists()
    guest.get(shared.path())
    for _time in range(3):
        assert guest.get(path, headers=HEADERS).status_code == 200
    assert ShareLink.objects.get(pk=shared.link.pk).views == 1
