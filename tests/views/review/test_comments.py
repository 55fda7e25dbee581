"""The comments of the review room, without a script and for it."""

import re
from fractions import Fraction

import pytest
from django.test import Client

from generation.engine import comments
from generation.models import AuditEvent, Comment, Output, Role, ShareLink, Verb, Visitor
from tests.factories import make_media, make_member, make_output, make_user, team_of

PART = {"X-Part": "talk"}


@pytest.fixture
def video(user) -> Output:
    media = make_media(
        user, uploaded=False, kind="video", seconds=6.0, constant_rate=True, rate_numerator=24,
        rate_denominator=1, frame_count=144, format="mp4",
    )  # fmt: skip
    return make_output(user, media=media)


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(frame: int) -> dict[str, int]:
    rate = Fraction(24)
    return {"frame": frame, "at_ms": round((frame + Fraction(1, 2)) * 1_000 / rate)}


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_without_a_script_a_typed_time_is_posted_and_leads_to_the_frame(client, video):
    answer = client.post(f"/a/{video.pk}/comments/", {"body": "Here", "at": "0:02.23"})
    comment = Comment.objects.get()
    assert (comment.frame, comment.at_ms, comment.audience) == (71, 2_979, "team")
    assert answer["Location"] == f"/a/{video.pk}/?c={comment.pk}#c-{comment.pk}"
    page = text_of(client.get(answer["Location"]))
    assert f'src="{video.media.url}#t=2.979"' in page
    assert 'data-start="71"' in page
    assert '<li class="rv-one now"' in page
    assert 'title="00:00:02:23">0:02.23</a>' in page


def test_a_time_in_the_address_begins_there_without_a_script(client, video):
    assert f"{video.media.url}#t=0.979" in text_of(client.get(f"/a/{video.pk}/?t=23"))
    assert f"{video.media.url}#t=5.979" in text_of(client.get(f"/a/{video.pk}/?t=9999"))
    assert f'src="{video.media.url}"' in text_of(client.get(f"/a/{video.pk}/?t=-1"))


def test_what_is_refused_stays_as_it_was_typed(client, video):
    answer = client.post(f"/a/{video.pk}/comments/", {"body": "My words", "at": "soon"})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Write the time like 0:03.08, or in seconds." in page
    assert ">My words</textarea>" in page
    assert 'value="soon"' in page
    assert not Comment.objects.exists()


def test_the_script_gets_the_list_or_one_sentence(client, video):
    url = f"/a/{video.pk}/comments/"
    refusal = client.post(url, {"body": " "}, headers=PART)
    assert (refusal.status_code, text_of(refusal)) == (422, "Write something, or draw it.")
    answer = client.post(url, {"body": "Here", "at": "0:01.00"}, headers=PART)
    assert 'data-part-region="talk"' in text_of(answer)
    assert "<html" not in text_of(answer)


def test_a_page_that_asks_again_learns_of_what_is_new(client, user, video):
    first = client.get(f"/a/{video.pk}/comments/")
    mark = re.search(r'data-mark="(\w+)"', text_of(first))[1]
    assert client.get(f"/a/{video.pk}/comments/", {"v": mark}).status_code == 204
    one = comments.post(video, author=make_member(team_of(user)), body="Look here")
    for act in (
        lambda: None,
        lambda: comments.resolve(one, user),
        lambda: comments.post(video, author=user, parent=one, body="Re"),
        lambda: comments.delete(one, author=one.author),
    ):
        act()
        answer = client.get(f"/a/{video.pk}/comments/", {"v": mark})
        assert answer.status_code == 200
        mark = re.search(r'data-mark="(\w+)"', text_of(answer))[1]


def test_words_are_never_markup(client, user, video):
    user.name = "<i>Nadia</i>"
    user.save()
    body = "<script>alert(1)</script> @<i>Nadia</i>"
    comments.post(video, author=user, body=body, **at(3))
    page = text_of(client.get(f"/a/{video.pk}/"))
    assert "<script>alert" not in page
    assert "<i>" not in page
    assert '<b class="rv-at">@&lt;i&gt;Nadia&lt;/i&gt;</b>' in page


def test_filters_show_open_resolved_and_what_is_mine(client, user, video):
    mira = make_member(team_of(user), name="Mira")
    comments.post(video, author=mira, body="Open one")
    comments.resolve(comments.post(video, author=mira, body="Done one"), user)
    comments.post(video, author=mira, body="@Nadia Holm look")
    shown = {show: text_of(client.get(f"/a/{video.pk}/comments/?show={show}"))
             for show in ("open", "resolved", "mine", "no-such")}  # fmt: skip
    words = {show: {one for one in ("Open one", "Done one", "look") if one in text}
             for show, text in shown.items()}  # fmt: skip
    assert words == {"open": {"Open one", "look"}, "resolved": {"Done one"}, "mine": {"look"},
                     "no-such": {"Open one", "look"}}  # fmt: skip


def test_a_link_to_what_is_resolved_shows_it(client, user, video):
    done = comments.post(video, author=user, body="Done one", **at(9))
    reply = comments.post(video, author=user, body="A reply", parent=done)
    comments.resolve(done, user)
    for one in (done, reply):
        page = text_of(client.get(one.get_absolute_url()))
        assert f'id="c-{one.pk}"' in page
        assert 'data-start="9"' in page


def test_a_comment_in_an_address_is_of_this_output(client, user, video):
    other = comments.post(make_output(make_user()), author=make_user(), body="Elsewhere")
    for asked in (other.pk, "x", ""):
        page = text_of(client.get(f"/a/{video.pk}/", {"c": asked}))
        assert "Elsewhere" not in page


def test_reply_resolve_edit_and_delete_without_a_script(client, user, video):
    url = f"/a/{video.pk}/comments/"
    client.post(url, {"body": "One", "guests": "1"})
    one = Comment.objects.get()
    client.post(url, {"body": "Re", "parent": str(one.pk), "at": "0:01.00"})
    reply = Comment.objects.exclude(pk=one.pk).get()
    assert (reply.parent, reply.frame, reply.audience) == (one, None, "guests")
    client.post(f"/comments/{one.pk}/edit/", {"body": "Two"})
    client.post(f"/comments/{one.pk}/resolve/", {"next": f"/a/{video.pk}/"})
    one.refresh_from_db()
    assert (one.body, one.state, one.resolved_by) == ("Two", "resolved", user)
    client.post(f"/comments/{one.pk}/resolve/", {"state": "open"})
    client.post(f"/comments/{one.pk}/delete/")
    one.refresh_from_db()
    assert (one.state, one.body, bool(one.deleted_at)) == ("open", "", True)
    video.refresh_from_db()
    assert video.open_comments == 0


def test_an_edit_needs_words_unless_there_is_a_drawing(client, user, video):
    drawing = [{"tool": "box", "ink": 1, "points": [[0, 0], [1, 1]]}]
    plain = comments.post(video, author=user, body="One")
    drawn = comments.post(video, author=user, body="Two", drawing=drawing, **at(3))
    assert client.post(f"/comments/{plain.pk}/edit/", {"body": ""}).status_code == 422
    assert client.post(f"/comments/{drawn.pk}/edit/", {"body": ""}).status_code == 302
    page = text_of(client.get(f"/a/{video.pk}/"))
    assert "Drawing by Nadia Holm at 0:00.03" in page


def test_strangers_find_nothing_and_viewers_may_write(user, video):
    stranger, viewer = browser_of(make_user()), browser_of(make_member(team_of(user), Role.VIEWER))
    one = comments.post(video, author=user, body="One")
    assert viewer.post(f"/a/{video.pk}/comments/", {"body": "Mine"}).status_code == 302
    assert viewer.post(f"/comments/{one.pk}/edit/", {"body": "x"}).status_code == 404
    assert viewer.post(f"/comments/{one.pk}/delete/").status_code == 404
    for path in (f"/a/{video.pk}/comments/", f"/comments/{one.pk}/edit/",
                 f"/comments/{one.pk}/delete/", f"/comments/{one.pk}/resolve/"):  # fmt: skip
        assert stranger.post(path, {"body": "x"}).status_code == 404
    assert Comment.objects.count() == 2


def test_in_the_trash_comments_are_read_only(client, user, video):
    one = comments.post(video, author=user, body="One")
    video.trash(user)
    page = text_of(client.get(f"/a/{video.pk}/"))
    assert "One" in page
    assert "data-say" not in page
    assert client.post(f"/a/{video.pk}/comments/", {"body": "x"}).status_code == 404
    assert client.post(f"/comments/{one.pk}/resolve/").status_code == 404


def test_the_room_opens_at_the_comments_where_there_are_some(client, user, video):
    quiet = text_of(client.get(f"/a/{video.pk}/"))
    assert 'data-panel="comments" hidden' in quiet
    assert 'data-panel="comments">' in text_of(client.get(f"/a/{video.pk}/?tab=comments"))
    comments.post(video, author=user, body="One")
    assert 'data-panel="comments">' in text_of(client.get(f"/a/{video.pk}/"))


def test_a_page_of_many_comments_costs_as_few_queries(
    client, user, video, django_assert_max_num_queries
):
    link = ShareLink(team=team_of(user), output=video, title="R", created_by=user)
    link.set_token()
    guest = Visitor.objects.create(link=link, secret_hash="a", generation=1, name="Claire")
    for number in range(12):
        one = comments.post(video, author=user, body="@Nadia Holm", **at(number))
        comments.post(video, author=user, parent=one, body="Re")
        comments.post(video, visitor=guest, link=link, body="Hm", **at(number))
    with django_assert_max_num_queries(21):
        page = text_of(client.get(f"/a/{video.pk}/"))
    assert page.count('class="rv-one') == 24
    assert '<span class="rv-tag">Guest</span>' in page


def test_tiles_say_how_many_are_open_and_open_grids_learn_of_it(client, user, video):
    seen = team_of(user).change_seq
    one = comments.post(video, author=user, body="One")
    comments.post(video, author=user, body="Two")
    wanted = '<span class="vh">Open comments:</span> 2 </span>'
    assert wanted in text_of(client.get("/library/"))
    answer = client.get("/library/live/", {"c": seen, "n": 1, "t": video.pk, "scope": ""})
    assert wanted in text_of(answer)
    comments.resolve(one, user)
    assert wanted.replace("2", "1") in text_of(client.get("/library/"))
    comments.resolve(Comment.objects.get(body="Two"), user)
    assert "Open comments:" not in text_of(client.get("/library/"))


def test_admins_remove_what_a_guest_wrote_and_the_log_keeps_that(client, user, video):
    link = ShareLink(team=team_of(user), output=video, title="R", created_by=user)
    link.set_token()
    guest = Visitor.objects.create(link=link, secret_hash="a", generation=1, name="Claire")
    row = comments.post(video, visitor=guest, link=link, body="Rude words")
    removed = f"/comments/{row.pk}/delete/"
    colleague = make_member(team_of(user))
    member = browser_of(colleague)
    assert removed not in text_of(member.get(f"/a/{video.pk}/"))
    assert member.post(removed).status_code == 404
    assert removed in text_of(client.get(f"/a/{video.pk}/"))
    client.post(removed)
    assert not Comment.objects.exists()
    event = AuditEvent.objects.get(verb=Verb.COMMENT_REMOVED)
    assert event.changes == {"guest": "Claire"}
    assert "Rude" not in str(event.changes)
    ours = comments.post(video, author=colleague, body="Mine")
    assert client.post(f"/comments/{ours.pk}/delete/").status_code == 404
