"""Comments: who may do what, and that `open_comments` is always right."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import comments
from generation.models import Comment, Notice, NoticeKind, Output, ShareLink, Visitor, rate
from tests.at_once import at_once
from tests.factories import make_member, make_output, team_of

DRAWING = [{"tool": "box", "ink": 1, "points": [[0.1, 0.2], [0.3, 0.4]]}]


@pytest.fixture
def output(user):
    return make_output(user)


@pytest.fixture
def guest(user, output):
    return make_guest(user, output)


def make_guest(user, output, name="Claire"):
    link = ShareLink(team=team_of(user), output=output, title="Round", created_by=user)
    link.set_token()
    return Visitor.objects.create(link=link, secret_hash=name, generation=1, name=name)


def open_comments(output) -> int:
    return Output.objects.get(pk=output.pk).open_comments


def by_guest(output, guest, **more):
    return comments.post(output, visitor=guest, link=guest.link, body="Hm", **more)


def test_a_comment_counts_while_it_is_open_and_a_reply_never(user, output):
    first = comments.post(output, author=user, body="One")
    comments.post(output, author=user, body="Two")
    comments.post(output, author=user, body="Re", parent=first)
    assert open_comments(output) == 2
    comments.resolve(first, user)
    assert open_comments(output) == 1
    comments.resolve(first, user, resolved=False)
    assert open_comments(output) == 2
    comments.delete(first, author=user)
    assert open_comments(output) == 1


def test_open_pages_learn_of_each_act(user, output):
    def cursor() -> int:
        return team_of(user).change_seq

    seen = cursor()
    comment = comments.post(output, author=user, body="One")
    for act in (
        lambda: comments.edit(comment, "Two", author=user),
        lambda: comments.resolve(comment, user),
        lambda: comments.delete(comment, author=user),
    ):
        assert cursor() > seen
        seen = cursor()
        act()
    assert cursor() > seen
    output.task.refresh_from_db()
    assert output.task.change == cursor()


def test_guests_write_to_guests_and_replies_stay_where_their_comment_is(user, output, guest):
    team = comments.post(output, author=user, body="Among us", audience="team")
    shown = comments.post(output, author=user, body="To all", audience="guests")
    assert by_guest(output, guest, audience="team").audience == "guests"
    widened = comments.post(output, author=user, parent=team, body="Re", audience="guests")
    assert widened.audience == "team"
    assert comments.post(output, author=user, parent=shown, body="Re").audience == "guests"
    assert by_guest(output, guest, parent=shown).parent == shown
    with pytest.raises(comments.Refused):
        by_guest(output, guest, parent=team)


def test_a_reply_to_a_reply_stands_below_the_same_comment(user, output):
    first = comments.post(output, author=user, body="One")
    reply = comments.post(output, author=user, body="Re", parent=first)
    assert comments.post(output, author=user, body="Re re", parent=reply).parent == first


def test_a_reply_to_a_comment_of_another_output_is_refused(user, output):
    other = comments.post(make_output(user), author=user, body="There")
    with pytest.raises(comments.Refused):
        comments.post(output, author=user, parent=other, body="Re")


def test_a_name_stays_as_it_was_then(user, output):
    user.name = "Nadia Herz"
    user.save()
    comment = comments.post(output, author=user, body="One")
    user.delete()
    comment.refresh_from_db()
    assert (comment.author, comment.name_then) == (None, "Nadia Herz")


def test_only_members_are_mentioned_and_the_longest_name_counts(user, output, guest):
    team = team_of(user)
    mira, longer = make_member(team, name="Mira"), make_member(team, name="Mira Kessler")
    han = make_member(team, name="林晓雯")
    make_member(team, name="Gone", is_active=False)

    def named(body):
        made = comments.post(output, author=user, body=body)
        return set(made.mentions.all())

    assert named("@Mira Kessler look, and @mira.") == {mira, longer}
    assert named("@Mira Kesslers") == {mira}
    assert named("@林晓雯请看") == {han}
    assert named("Mira, @Gone, @Nobody, a@b.example") == set()
    guests_own = comments.post(output, visitor=guest, link=guest.link, body="@Mira")
    assert not guests_own.mentions.exists()


def test_its_author_edits_for_a_quarter_of_an_hour(user, output):
    comment = comments.post(output, author=user, body="One")
    with pytest.raises(comments.Refused):
        comments.edit(comment, "Two", author=make_member(team_of(user)))
    assert comments.edit(comment, "Two", author=user).edited_at
    Comment.objects.update(created_at=timezone.now() - timedelta(minutes=15))
    with pytest.raises(comments.Refused):
        comments.edit(comment, "Three", author=user)
    comment.refresh_from_db()
    assert comment.body == "Two"


def test_a_guest_changes_nothing_through_another_link(user, output, guest):
    mine = by_guest(output, guest)
    other = make_guest(user, output)
    for stranger in ({"visitor": other}, {"author": user}):
        with pytest.raises(comments.Refused):
            comments.edit(mine, "Mine now", **stranger)
        with pytest.raises(comments.Refused):
            comments.delete(mine, **stranger)
    moved = Visitor.objects.get(pk=guest.pk)
    moved.link_id = other.link_id  # as if its cookie were taken to the other link
    with pytest.raises(comments.Refused):
        comments.edit(mine, "Mine now", visitor=moved)
    assert comments.edit(mine, "Better", visitor=guest).body == "Better"


def test_what_was_replied_to_leaves_its_place(user, output):
    first = comments.post(output, author=user, body="Secret", drawing=DRAWING)
    reply = comments.post(output, author=user, body="Re", parent=first)
    comments.delete(first, author=user)
    first.refresh_from_db()
    assert (first.body, first.drawing, bool(first.deleted_at)) == ("", None, True)
    assert list(comments.threads_of(output)) == [first]
    for act in (lambda: comments.edit(first, "x", author=user),
                lambda: comments.resolve(first, user),
                lambda: comments.post(output, author=user, parent=reply, body="x")):  # fmt: skip
        with pytest.raises(comments.Refused):
            act()
    comments.delete(reply, author=user)
    assert not Comment.objects.exists()


def test_twenty_an_hour_are_the_most_of_a_guest(user, output, guest):
    for _ in range(comments.GUEST_HOURLY):
        by_guest(output, guest)
    with pytest.raises(comments.TooManyComments):
        by_guest(output, guest)
    Comment.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    by_guest(output, guest)


def test_all_guests_of_a_link_have_a_limit_too(user, output, guest):
    other = Visitor.objects.create(link=guest.link, secret_hash="b", generation=1, name="B")
    Comment.objects.bulk_create(
        Comment(team=output.team, output=output, link=guest.link, body="x", by_guest=True,
                audience="guests", name_then="A")
        for _ in range(comments.LINK_HOURLY)
    )  # fmt: skip
    with pytest.raises(comments.TooManyComments):
        by_guest(output, other)


def test_comments_stay_with_what_lies_in_the_trash(user, output):
    comments.post(output, author=user, body="One")
    output.trash(user)
    output.restore()
    assert open_comments(output) == Comment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_at_once_none_is_lost_from_the_count(user):
    output = make_output(user)
    first = comments.post(output, author=user, body="One")

    def work():
        mine = comments.post(output, author=user, body="Mine")
        comments.post(output, author=user, body="Mine too")
        rate(user, [output.pk], stars=3)
        comments.resolve(first, user)
        comments.delete(mine, author=user)

    assert at_once(work) == []
    assert open_comments(output) == 4


def told(person) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(user=person).order_by("pk")
    return [(row.kind, str(row.sentence)) for row in rows]


def test_each_who_is_concerned_hears_once_and_who_writes_never(user, output):
    kenji = make_member(team_of(user), name="Kenji Watanabe")
    mira = make_member(team_of(user), name="Mira Kessler")
    first = comments.post(output, author=kenji, body="@Mira Kessler the shoulder flickers")
    assert told(kenji) == []
    assert [kind for kind, _text in told(mira)] == [NoticeKind.MENTION]
    assert [kind for kind, _text in told(user)] == [NoticeKind.COMMENT_NEW]
    assert "Kenji Watanabe mentions you" in told(mira)[0][1]
    assert "flickers" not in str(told(mira) + told(user))
    comments.post(output, author=user, body="Agreed, @Kenji Watanabe", parent=first)
    assert [kind for kind, _text in told(kenji)] == [NoticeKind.MENTION]
    comments.post(output, author=mira, body="Mended in v4", parent=first)
    assert "Mira Kessler answered your comment" in told(kenji)[1][1]
    opened = Notice.objects.filter(user=mira).get()
    assert opened.url == f"/a/{output.pk}/?c={first.pk}"


def test_many_comments_within_minutes_are_one_notice(user, output):
    kenji = make_member(team_of(user), name="Kenji Watanabe")
    for body in ("One", "Two", "Three"):
        comments.post(output, author=kenji, body=body)
    assert len(told(user)) == 1
    assert "3 new comments on your work" in told(user)[0][1]
