"""Rating from the viewer, a tile and a selection, and what the library shows of it."""

import pytest
from django.test import Client

from generation.forms.library_filter import Filter
from generation.models import Membership, Output, Rating, Role, rate
from tests.factories import make_member, make_output, make_user, team_of
from tests.markup import compact

HTMX = {"HX-Request": "true"}


@pytest.fixture
def output(user):
    return make_output(user)


def shown(client, query=""):
    """The numbers of the tiles, in their order."""
    page = client.get(f"/library/{query}")
    return [tile.output.pk for tile in page.context["tiles"]]


def own(user, output):
    return Rating.objects.get(user=user, output=output)


def test_the_viewer_shows_and_gives_stars_without_a_script(client, user, output):
    answer = client.post(f"/a/{output.pk}/rate/", {"stars": "4"}, follow=True)
    assert answer.redirect_chain == [(f"/a/{output.pk}/", 302)]
    assert own(user, output).stars == 4
    assert b"Team 4 (1)" in answer.content
    assert b'id="rate-4"' in answer.content


def test_the_answer_to_the_viewer_draws_the_tile_behind_it_only_where_there_is_one(client, output):
    alone = client.post(f"/a/{output.pk}/rate/", {"stars": "4"}, headers=HTMX)
    assert f'id="r{output.pk}"' not in compact(alone.text)
    behind = client.post(f"/a/{output.pk}/rate/", {"stars": "4", "tile": "1"}, headers=HTMX)
    assert f'id="r{output.pk}" hx-swap-oob="true"' in compact(behind.text)
    assert behind.text.count('id="rate"') == 1


def test_a_selection_is_rated_at_once_and_its_tiles_come_back(client, user):
    outputs = [make_output(user) for _ in range(3)]
    ids = ",".join(str(one.pk) for one in outputs)
    answer = client.post("/library/rate/", {"ids": ids, "stars": "3"}, headers=HTMX)
    assert [own(user, one).stars for one in outputs] == [3, 3, 3]
    assert all(f'id="r{one.pk}" hx-swap-oob="true"' in compact(answer.text) for one in outputs)


def test_a_rejection_can_be_taken_back_from_its_toast(client, user, output):
    answer = client.post("/library/rate/", {"ids": output.pk, "rejected": "1"}, headers=HTMX)
    assert "Undo" in answer.headers["HX-Trigger"]
    assert own(user, output).rejected
    client.post(f"/library/rate/?ids={output.pk}&rejected=0", headers=HTMX)
    assert not own(user, output).rejected


@pytest.mark.parametrize(
    "asked", [{}, {"stars": "6"}, {"stars": "-1"}, {"stars": "many"}, {"favourite": "yes"}]
)
def test_what_cannot_be_given_changes_nothing(client, output, asked):
    assert client.post(f"/a/{output.pk}/rate/", asked).status_code == 404
    assert not Rating.objects.exists()


def test_a_viewer_may_rate_and_a_stranger_may_not(user, output):
    viewer, stranger = Client(), Client()
    viewer.force_login(make_member(team_of(user), Role.VIEWER))
    stranger.force_login(make_user())
    assert viewer.post(f"/a/{output.pk}/rate/", {"stars": "2"}).status_code == 302
    assert stranger.post(f"/a/{output.pk}/rate/", {"stars": "2"}).status_code == 404
    mixed = {"ids": str(output.pk), "stars": "2"}
    assert stranger.post("/library/rate/", mixed).status_code == 404
    assert Rating.objects.count() == 1


def test_a_team_that_is_deleted_is_rated_no_more(client, user, output):
    team = team_of(user)
    team.leaving_since = output.created_at
    team.save()
    assert client.post(f"/a/{output.pk}/rate/", {"stars": "2"}).status_code == 404
    assert client.post("/library/rate/", {"ids": output.pk, "stars": "2"}).status_code == 404


def test_what_i_rejected_is_hidden_from_me_alone(client, user, output):
    other = make_member(team_of(user))
    kept = make_output(user)
    rate(user, [output.pk], rejected=True)
    assert shown(client) == [kept.pk]
    assert shown(client, "?rejected=shown") == [kept.pk, output.pk]
    assert shown(client, "?rejected=only") == [output.pk]
    client.force_login(other)
    assert shown(client) == [kept.pk, output.pk]


def test_the_library_is_filtered_by_my_stars_and_by_the_median(client, user):
    other = make_member(team_of(user))
    high, low, none = (make_output(user) for _ in range(3))
    rate(user, [high.pk], stars=5)
    rate(user, [low.pk], stars=3)
    rate(other, [low.pk], stars=5)
    rate(other, [none.pk], stars=5)
    assert shown(client, "?stars=4") == [high.pk]
    assert shown(client, "?stars=3") == [low.pk, high.pk]
    assert shown(client, "?stars=unrated") == [none.pk]
    assert shown(client, "?stars=5&by=team") == [none.pk, high.pk]
    assert shown(client, "?stars=4&by=team") == [none.pk, low.pk, high.pk]


def test_favourites_are_found(client, user, output):
    make_output(user)
    rate(user, [output.pk], favourite=True)
    assert shown(client, "?favourite=1") == [output.pk]


def test_applied_ratings_are_chips_that_lead_out_of_them(client, user, output):
    rate(user, [output.pk], stars=5)
    page = client.get("/library/?stars=5&by=team&favourite=1")
    chips = dict(page.context["chips"])
    assert chips["5 stars (Median of the team)"] == "favourite=1"
    assert chips["My favourites"] == "stars=5&by=team"


def test_what_nobody_offers_is_left_out(client, output):
    assert shown(client, "?stars=9&rejected=all&favourite=2") == [output.pk]


def test_the_neighbours_in_the_viewer_leave_out_what_i_rejected(client, user):
    first, second, third = (make_output(user) for _ in range(3))
    rate(user, [second.pk], rejected=True)
    page = client.get(f"/a/{third.pk}/")
    assert page.context["next"] == f"/a/{first.pk}/"


def test_a_filter_keeps_its_ratings_when_it_is_sealed():
    chosen = Filter(stars="4", by_team=True, favourite=True, rejected="only")
    assert Filter.opened(chosen.sealed()) == chosen


def test_a_page_of_tiles_asks_once_for_all_ratings(client, user, django_assert_max_num_queries):
    for _ in range(12):
        rate(user, [make_output(user).pk], stars=4)
    client.get("/library/")
    with django_assert_max_num_queries(12):
        page = client.get("/library/")
    assert page.content.count(b"You gave") == 12


def test_the_poller_of_the_library_brings_a_colleagues_rating(client, user, output):
    other = make_member(team_of(user))
    live = client.get("/library/").context["live"]
    rate(other, [output.pk], stars=2)
    answer = client.get(live.url, headers=HTMX)
    assert f'id="r{output.pk}" hx-swap-oob="morph"' in compact(answer.text)
    assert "Team 2 (1)" in answer.text
    assert Membership.objects.count() == 2
    assert Output.objects.get().raters == 1
