"""What guests write and answer: under a name, through one link, and without any script."""

import html
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from generation.engine import reviews
from generation.engine.comments import post, resolve
from generation.engine.reviews import answer_as_guest, ask
from generation.engine.share_items import guest_comments
from generation.models import (
    Answer,
    Audience,
    Comment,
    Notice,
    NoticeKind,
    Output,
    ReviewDecision,
    ReviewState,
    ShareLink,
)
from tests.factories import (
    make_link,
    make_media,
    make_output,
    make_stack,
    make_visitor,
)
from tests.views.share.conftest import Shared, visitor_of


@pytest.fixture
def named(guest, shared):
    """The guest has said who they are."""
    guest.get(shared.path())
    guest.post(shared.path("share-name"), {"name": "Claire Dubois"})
    return guest


def another(shared, name="Ana Ruiz"):
    browser = Client(headers={"user-agent": "Firefox"})
    browser.get(shared.path())
    browser.post(shared.path("share-name"), {"name": name})
    return browser


def write(browser, shared, body="The label is dark.", number=1, **fields):
    return browser.post(shared.path("share-comments", number), {"body": body, **fields})


def text_of(answer):
    return answer.content.decode()


def test_without_a_name_the_page_asks_for_one(guest, shared):
    guest.get(shared.path())
    page = text_of(guest.get(shared.path("share-item", 1)))
    assert "Your name, to comment or answer" in page
    assert "<textarea" not in page
    answer = write(guest, shared)
    assert answer.url == shared.path("share-name") + "?back=1"
    assert not Comment.objects.exists()


def test_a_guest_comments_and_the_maker_hears_of_it(named, shared, user):
    answer = write(named, shared, "The label is <b>dark</b>.")
    row = Comment.objects.get()
    assert answer.url == shared.path("share-item", 1) + f"?c={row.pk}#c-{row.pk}"
    assert (row.by_guest, row.audience, row.name_then) == (True, Audience.GUESTS, "Claire Dubois")
    assert (row.link, row.visitor, row.author) == (shared.link, visitor_of(shared.link), None)
    page = text_of(named.get(shared.path("share-item", 1)))
    assert "The label is &lt;b&gt;dark&lt;/b&gt;." in page
    assert "Claire Dubois" in page
    notice = Notice.objects.filter(kind=NoticeKind.LINK_COMMENTED).get()
    assert notice.user == user
    assert "Claire Dubois" in str(notice.text)


def test_a_comment_stands_at_its_frame(named, shared, user):
    media = make_media(
        user, kind="video", seconds=6.0, fps=24.0, constant_rate=True, rate_numerator=24,
        rate_denominator=1, frame_count=144, format="mp4", uploaded=False,
    )  # fmt: skip
    shared.collection.add([make_output(user, media=media)], user)
    named.get(shared.path())
    write(named, shared, "Here", 4, at="0:02.23")
    row = Comment.objects.get()
    assert (row.frame, row.at_ms) == (71, 2979)
    page = text_of(named.get(shared.path("share-item", 4) + f"?c={row.pk}"))
    assert ">0:02.23</a>" in page
    assert 'data-start="71"' in page
    assert "/preview/#t=2.979" in page
    assert "#t=" not in text_of(named.get(shared.path("share-item", 4) + "?t=1%22onerror"))
    assert "#t=" not in text_of(named.get(shared.path("share-item", 1) + f"?c={row.pk}"))
    refused = write(named, shared, "There", 4, at="0:99")
    assert refused.status_code == 422
    assert "There</textarea>" in text_of(refused)


def test_the_script_gets_the_list_alone_or_one_sentence(named, shared):
    part = {"x-part": "talk"}
    path = shared.path("share-comments", 1)
    answer = named.post(path, {"body": "Warmer", "point_x": ".25", "point_y": ".75"}, headers=part)
    assert answer.status_code == 200
    assert 'data-part-region="talk"' in text_of(answer)
    assert "<html" not in text_of(answer)
    assert 'data-point="0.2500 0.7500"' in text_of(answer)
    refused = named.post(path, {"body": " "}, headers=part)
    assert (refused.status_code, text_of(refused)) == (422, "Write something, or draw it.")
    own = shared.path("share-comment", 1, Comment.objects.get().pk)
    assert "Much warmer" in text_of(named.post(own, {"body": "Much warmer"}, headers=part))
    answer = named.post(own, {"delete": "1"}, headers=part)
    assert "Much warmer" not in text_of(answer)
    assert not Comment.objects.exists()


def test_a_drawing_keeps_its_shapes_and_its_words_may_go(named, shared):
    shapes = [{"tool": "box", "ink": 2, "points": [[0.2, 0.3], [0.6, 0.7]]}]
    write(named, shared, "Here", drawing=json.dumps(shapes))
    row = Comment.objects.get()
    page = text_of(named.get(shared.path("share-item", 1)))
    assert "[[0.2,0.3],[0.6,0.7]]" in html.unescape(page)
    named.post(shared.path("share-comment", 1, row.pk), {"body": ""})
    page = text_of(named.get(shared.path("share-item", 1)))
    assert "Drawing by Claire Dubois" in page


def test_comments_of_the_team_stay_in_the_team(named, shared, user):
    post(shared.outputs[0], author=user, body="Secret remark", audience=Audience.TEAM)
    post(shared.outputs[0], author=user, body="Open remark", audience=Audience.GUESTS)
    page = text_of(named.get(shared.path("share-item", 1)))
    assert "Secret remark" not in page
    assert "Open remark" in page
    assert "Nadia Holm" not in page
    assert "Studio Nord" in page
    shared.set(show_names=True)
    assert "Nadia Holm" in text_of(named.get(shared.path("share-item", 1)))


def test_guests_of_another_link_are_not_read(named, shared, user):
    write(named, shared, "Only ours")
    link = make_link(user, collection=shared.collection)
    other = Shared(link, link.token(), shared.collection, shared.outputs)
    browser = another(other)
    assert "Only ours" not in text_of(browser.get(other.path("share-item", 1)))
    thread = Comment.objects.get()
    assert write(browser, other, "Reply", parent=thread.pk).status_code == 409


def test_replies_of_guests_of_another_link_are_not_read(named, shared, user):
    thread = post(shared.outputs[0], author=user, body="Better now?", audience=Audience.GUESTS)
    write(named, shared, "Ours alone", parent=thread.pk)
    link = make_link(user, collection=shared.collection)
    other = Shared(link, link.token(), shared.collection, shared.outputs)
    browser = another(other)
    page = text_of(browser.get(other.path("share-item", 1)))
    assert "Better now?" in page
    assert "Ours alone" not in page
    reply = Comment.objects.exclude(pk=thread.pk).get()
    assert "aria-current" not in text_of(
        browser.get(other.path("share-item", 1) + f"?c={reply.pk}")
    )


def test_a_mention_is_hidden_as_names_are(named, shared, user):
    body = "@Nadia Holm looks at it"
    post(shared.outputs[0], author=user, body=body, audience=Audience.GUESTS)
    page = text_of(named.get(shared.path("share-item", 1)))
    assert "Nadia Holm" not in page
    assert "looks at it" in page
    shared.set(show_names=True)
    assert "@Nadia Holm" in text_of(named.get(shared.path("share-item", 1)))


def test_what_is_for_members_alone_is_on_no_page_of_guests(named, shared, user):
    row = post(shared.outputs[0], author=user, body="For all", audience=Audience.GUESTS)
    resolve(row, user)
    write(named, shared, "Mine")
    page = text_of(named.get(shared.path("share-item", 1)))
    assert "For all" in page  # resolved, and still to be read
    for one in (
        "/resolve/",
        "/comments/edit",
        "Open again",
        'name="guests"',
        "data-live",
        "rv-shown",
    ):
        assert one not in page


def test_one_changes_ones_own_words_for_a_quarter_of_an_hour(named, shared):
    write(named, shared)
    row = Comment.objects.get()
    path = shared.path("share-comment", 1, row.pk)
    named.post(path, {"body": "The label is a little dark."})
    row.refresh_from_db()
    assert (row.body, row.edited_at is None) == ("The label is a little dark.", False)
    assert "edited" in text_of(named.get(shared.path("share-item", 1)))
    Comment.objects.update(created_at=timezone.now() - timedelta(minutes=16))
    assert named.post(path, {"body": "Late"}).status_code == 404
    assert named.post(path, {"delete": "1"}).status_code == 404
    assert path not in text_of(named.get(shared.path("share-item", 1)))
    Comment.objects.update(created_at=timezone.now())
    named.post(path, {"delete": "1"})
    assert not Comment.objects.exists()


def test_nobody_else_changes_them_not_even_the_same_person_by_another_link(named, shared, user):
    write(named, shared)
    row = Comment.objects.get()
    assert (
        another(shared).post(shared.path("share-comment", 1, row.pk), {"body": "x"}).status_code
        == 404
    )
    link = make_link(user, collection=shared.collection)
    other = Shared(link, link.token(), shared.collection, shared.outputs)
    named.get(other.path())
    named.post(other.path("share-name"), {"name": "Claire Dubois"})
    assert named.post(other.path("share-comment", 1, row.pk), {"body": "x"}).status_code == 404
    assert named.post(shared.path("share-comment", 2, row.pk), {"body": "x"}).status_code == 404
    row.refresh_from_db()
    assert row.body == "The label is dark."


def test_a_reply_stands_below_its_comment(named, shared, user):
    thread = post(shared.outputs[0], author=user, body="Better now?", audience=Audience.GUESTS)
    write(named, shared, "Much better", parent=thread.pk)
    row = Comment.objects.exclude(pk=thread.pk).get()
    assert row.parent == thread
    hidden = post(shared.outputs[0], author=user, body="For us", audience=Audience.TEAM)
    assert write(named, shared, "Guess", parent=hidden.pk).status_code == 409


def test_more_than_twenty_an_hour_wait_with_their_text(named, shared):
    for place in range(20):
        write(named, shared, f"Number {place}")
    refused = write(named, shared, "One too many")
    assert refused.status_code == 429
    assert "One too many</textarea>" in text_of(refused)
    assert Comment.objects.count() == 20
    assert write(another(shared), shared).status_code == 302


def test_a_link_without_comments_takes_and_shows_none(named, shared):
    write(named, shared)
    shared.set(comments="off")
    assert write(named, shared).status_code == 404
    page = text_of(named.get(shared.path("share-item", 1)))
    assert "The label is dark." not in page
    assert "<textarea" not in page


def test_a_link_that_closed_takes_nothing(named, shared):
    shared.set(revoked_at=timezone.now(), generation=2, may_approve=True)
    assert write(named, shared).status_code == 404
    assert named.post(shared.path("share-answer", 1), {"state": "approved"}).status_code == 404
    assert not Comment.objects.exists()


# --- Answers --------------------------------------------------------------------------------------


def answer(browser, shared, state="approved", number=1, note=""):
    path = shared.path("share-answer", number)
    return browser.post(path, {"state": state, "note": note})


@pytest.fixture
def asked(shared, user):
    shared.set(may_approve=True)
    reviews.ask(shared.outputs[0], by=user, links=[shared.link])
    return shared


def test_the_first_answer_closes_and_the_second_reads_who_was_quicker(named, asked):
    page = text_of(named.get(asked.path("share-item", 1)))
    assert "Waiting for your answer" in page
    late = another(asked)
    assert answer(named, asked).url == asked.path("share-item", 1) + "#answer"
    row = ReviewDecision.objects.get()
    assert (row.state, row.name_then, row.request.sha256) == (
        "approved", "Claire Dubois", asked.outputs[0].media.sha256,
    )  # fmt: skip
    assert Output.objects.get(pk=asked.outputs[0].pk).review == ReviewState.APPROVED
    refused = answer(late, asked, "changes", note="Too dark")
    assert refused.status_code == 409
    assert f"Already answered by Claire Dubois at {row.at:%H:%M}" in text_of(refused)
    assert Output.objects.get(pk=asked.outputs[0].pk).review == ReviewState.APPROVED
    assert "You approved this" in text_of(named.get(asked.path("share-item", 1)))
    assert "Claire Dubois approved this" in text_of(late.get(asked.path("share-item", 1)))


def test_changes_are_asked_for_with_words(named, asked):
    refused = answer(named, asked, "changes")
    assert refused.status_code == 422
    assert "Say what should change." in text_of(refused)
    answer(named, asked, "changes", note="The label is too dark")
    assert Output.objects.get(pk=asked.outputs[0].pk).review == ReviewState.CHANGES
    assert "The label is too dark" in text_of(named.get(asked.path("share-item", 1)))


def test_an_answer_needs_a_name_and_a_link_that_lets_answer(guest, shared):
    shared.set(may_approve=True)
    guest.get(shared.path())
    assert answer(guest, shared).url == shared.path("share-name") + "?back=1"
    guest.post(shared.path("share-name"), {"name": "Ana"})
    shared.set(may_approve=False)
    assert answer(guest, shared).status_code == 404
    assert "Approve" not in text_of(guest.get(shared.path("share-item", 1)))
    assert not ReviewDecision.objects.exists()


def test_what_nobody_asked_is_written_down_and_the_maker_hears(named, shared, user):
    shared.set(may_approve=True)
    answer(named, shared)
    row = ReviewDecision.objects.get()
    assert (row.asked, row.name_then) == (False, "Claire Dubois")
    assert Notice.objects.filter(kind=NoticeKind.REVIEW_ANSWERED, user=user).count() == 1


def test_the_button_names_the_version(named, asked, user):
    make_stack(user, [asked.outputs[0], asked.outputs[1]])
    assert "Approve v1" in text_of(named.get(asked.path("share-item", 1)))


def test_a_member_who_answered_is_called_by_the_team(named, asked, user):
    reviews.withdraw(asked.outputs[0].review_requests.get(), user)
    question = reviews.ask(asked.outputs[0], by=user, reviewers=[user], links=[asked.link],
                           needed="any")  # fmt: skip
    reviews.answer(question, reviewer=user, state="approved")
    refused = answer(named, asked)
    assert refused.status_code == 409
    assert "Already answered by Studio Nord at" in text_of(refused)
    assert "Nadia Holm" not in text_of(refused)


def test_no_guest_reads_who_answered_by_a_link_that_is_gone(user, named, shared):
    output = shared.outputs[0]
    gone = make_link(user, output=output, may_approve=True)
    other = make_visitor(gone, "Other client")
    answer_as_guest(output, visitor=other, link=gone, state=Answer.CHANGES, note="Slower")
    shared.set(show_names=True, may_approve=True)
    ask(output, by=user, links=[gone, shared.link])
    again = make_visitor(gone, "Other client")
    answer_as_guest(output, visitor=again, link=gone, state=Answer.CHANGES, note="Slower")
    for _time in range(2):
        page = named.get(shared.path("share-item", 1)).content.decode()
        late = named.post(shared.path("share-answer", 1), {"state": "approved"})
        assert late.status_code == 409
        assert "Other client" not in page + late.content.decode()
        assert "A guest" in page
        ShareLink.objects.filter(pk=gone.pk).delete()


def test_what_the_team_answers_other_guests_is_not_counted_for_these(user, named, shared):
    output = shared.outputs[0]
    other = make_link(user, output=output)
    theirs = post(output, visitor=make_visitor(other), link=other, body="Theirs")
    reply = post(output, author=user, parent=theirs, body="For them")
    answer = write(named, shared, "Into it", parent=str(reply.pk))
    assert answer.status_code == 409
    rows = Comment.objects.filter(guest_comments(shared.link), output=output)
    assert not rows.exists()
    ours = post(output, author=user, body="For all", audience=Audience.GUESTS)
    below = post(output, author=user, parent=ours, body="More")
    assert set(rows) == {ours, below}
