"""The pages of collections: who may do what, filling, arranging, and how much they cost."""

import pytest
from django.test import Client

from generation.models import AuditEvent, Collection, Output, Role, Verb
from tests.factories import make_member, make_output, make_user, team_of
from tests.views.library.test_grid import many

HTMX = {"HX-Request": "true"}


@pytest.fixture
def collection(user):
    row = Collection.objects.create(team=team_of(user), name="Final picks", created_by=user)
    row.add([make_output(user) for _ in range(3)], user)
    return row


def order(collection):
    return list(collection.shown_items.values_list("output", flat=True))


def shown(page):
    return [tile.output.pk for tile in page.context["tiles"]]


def browser_of(person):
    client = Client()
    client.force_login(person)
    return client


def test_a_collection_is_made_named_anew_and_deleted(client, user):
    page = client.post("/collections/new/", {"name": "Client round 2", "note": "Hero first"})
    row = Collection.objects.get()
    assert page.url == f"/collections/{row.pk}/"
    client.post(f"/collections/{row.pk}/edit/", {"name": "Client round 3", "note": ""})
    row.refresh_from_db()
    assert (row.name, row.note) == ("Client round 3", "")
    row.add([make_output(user)], user)
    assert "stays in the library" in client.get(f"/collections/{row.pk}/delete/").text
    client.post(f"/collections/{row.pk}/delete/")
    assert not Collection.objects.exists()
    assert Output.objects.kept().count() == 1
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [
        Verb.COLLECTION_CREATED, Verb.COLLECTION_CHANGED, Verb.COLLECTION_DELETED,
    ]  # fmt: skip


def test_a_name_is_needed_and_what_was_typed_stays(client):
    page = client.post("/collections/new/", {"name": " ", "note": "Only this"})
    assert page.status_code == 422
    assert "Give the collection a name." in page.text
    assert "Only this" in page.text


def test_the_page_shows_items_in_their_order_with_their_numbers(client, collection):
    pks = order(collection)
    collection.move(pks[2], 1)
    page = client.get(f"/collections/{collection.pk}/")
    assert shown(page) == [pks[2], pks[0], pks[1]]
    assert [tile.place for tile in page.context["tiles"]] == [1, 2, 3]


def test_a_selection_is_put_into_a_collection_that_the_dialog_offers(client, user, collection):
    new = [make_output(user), make_output(user)]
    ids = ",".join(str(one.pk) for one in new)
    dialog = client.post("/collections/collect/", {"ids": ids}, headers=HTMX)
    assert f'value="{collection.pk}"' in dialog.text
    asked = {"ids": ids, "into": collection.pk}
    answer = client.post("/collections/collect/", asked, headers=HTMX)
    assert "2 added to Final picks." in answer.headers["HX-Trigger"]
    assert "dialog:close" in answer.headers["HX-Trigger"]
    assert order(collection)[-2:] == [one.pk for one in new]
    again = client.post("/collections/collect/", asked, headers=HTMX)
    assert "are in Final picks already" in again.headers["HX-Trigger"]


def test_a_selection_is_put_into_a_new_collection_without_a_script(client, user):
    output = make_output(user)
    page = client.post("/collections/collect/", {"ids": output.pk})
    assert "Create and put in" in page.text
    page = client.post("/collections/collect/", {"ids": output.pk, "name": "Mood: dusk"})
    assert page.url == "/library/"
    assert order(Collection.objects.get()) == [output.pk]


def test_a_new_collection_without_a_name_asks_again_and_makes_none(client, user):
    asked = {"ids": make_output(user).pk, "name": ""}
    page = client.post("/collections/collect/", asked, headers=HTMX)
    assert page.status_code == 422
    assert "Give the collection a name." in page.text
    assert not Collection.objects.exists()


def test_taking_out_and_the_cover(client, collection):
    pks = order(collection)
    answer = client.post(f"/collections/{collection.pk}/out/", {"ids": pks[0]}, headers=HTMX)
    assert f'id="o{pks[0]}" hx-swap-oob="delete"' in answer.text
    assert order(collection) == pks[1:]
    client.post(f"/collections/{collection.pk}/cover/", {"ids": pks[2]})
    collection.refresh_from_db()
    assert collection.cover_id == pks[2]
    media = Output.objects.get(pk=pks[2]).media_id
    assert client.get("/collections/").context["cards"][0][1][0] == f"/media/{media}/thumb/"
    assert client.post(f"/collections/{collection.pk}/cover/", {"ids": pks[0]}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"to": "first"}, [2, 0, 1]), ({"to": "earlier"}, [0, 2, 1]), ({"to": "later"}, [0, 1, 2]),
        ({"to": "place", "place": "1"}, [2, 0, 1]), ({"to": "place", "place": "77"}, [0, 1, 2]),
    ],
)  # fmt: skip
def test_each_press_moves_one_and_says_where_it_is(client, collection, asked, expected):
    pks = order(collection)
    address = f"/collections/{collection.pk}/arrange/"
    answer = client.post(address, {"output": pks[2]} | asked, headers=HTMX)
    assert order(collection) == [pks[n] for n in expected]
    assert f"now {order(collection).index(pks[2]) + 1} of 3" in answer.text
    plain = client.post(address, {"output": pks[2]} | asked)
    assert plain.url == f"{address}?page=1#i{pks[2]}"


def test_an_item_is_shown_on_the_page_that_it_was_moved_to(client, collection, monkeypatch):
    monkeypatch.setattr("generation.views.collections.arrange.PAGE", 2)
    pks, address = order(collection), f"/collections/{collection.pk}/arrange/"
    first, last = client.get(address), client.get(address, {"page": "2"})
    assert shown_on(first) == [(1, pks[0]), (2, pks[1])]
    assert shown_on(last) == [(3, pks[2])]
    assert "3 to 3 of 3" in last.text
    moved = client.post(address, {"output": pks[0], "to": "last"}, headers=HTMX)
    assert shown_on(moved) == [(3, pks[0])]
    plain = client.post(address, {"output": pks[2], "to": "place", "place": "3"})
    assert plain.url == f"{address}?page=2#i{pks[2]}"
    assert shown_on(client.get(address, {"page": "nine"})) == [(1, pks[1]), (2, pks[0])]


def test_an_open_page_hears_what_a_colleague_added_and_trashed(client, user, collection):
    colleague, earlier = make_member(team_of(user)), make_output(user)
    live = client.get(f"/collections/{collection.pk}/").context["live"]
    assert client.get(live.url, headers=HTMX).status_code == 204
    collection.add([earlier], colleague)  # older than what the page shows
    gone = order(collection)[0]
    Output.objects.filter(pk=gone).trash(colleague)
    answer = client.get(live.url, headers=HTMX)
    assert "1 new: show it" in answer.text
    assert f'id="o{gone}" hx-swap-oob="delete"' in answer.text


def shown_on(answer):
    return [(number, tile.output.pk) for number, tile in answer.context["items"]]


@pytest.mark.parametrize("asked", [{}, {"to": "up"}, {"to": "place", "place": "x"}])
def test_a_move_that_nobody_offers_is_not_found(client, collection, asked):
    pks = order(collection)
    address = f"/collections/{collection.pk}/arrange/"
    assert client.post(address, {"output": pks[0]} | asked).status_code == 404
    assert client.post(address, {"output": pks[-1] + 99, "to": "first"}).status_code == 404
    assert order(collection) == pks


def test_the_viewer_goes_on_in_the_order_of_the_collection(client, collection):
    pks = order(collection)
    collection.move(pks[2], 1)
    page = client.get(f"/collections/{collection.pk}/")
    sealed = page.context["context"]
    page = client.get(f"/a/{pks[0]}/?ctx={sealed}")
    assert page.context["previous"] == f"/a/{pks[2]}/?ctx={sealed.replace(':', '%3A')}"
    assert page.context["next"].startswith(f"/a/{pks[1]}/")
    Output.objects.filter(pk=pks[1]).update(trashed_at=page.context["output"].created_at)
    assert client.get(f"/a/{pks[0]}/?ctx={sealed}").context["next"] == ""


def test_members_change_their_own_and_viewers_none(user, collection):
    team = team_of(user)
    member, viewer, admin = (
        browser_of(make_member(team, role)) for role in (Role.MEMBER, Role.VIEWER, Role.ADMIN)
    )
    for browser in (member, viewer):
        assert browser.get(f"/collections/{collection.pk}/").status_code == 200
        assert browser.get(f"/collections/{collection.pk}/edit/").status_code == 404
        assert browser.post(f"/collections/{collection.pk}/delete/").status_code == 404
    assert viewer.get("/collections/new/").status_code == 404
    assert member.get("/collections/new/").status_code == 200
    assert admin.get(f"/collections/{collection.pk}/edit/").status_code == 200
    asked = {"ids": order(collection)[0], "into": collection.pk}
    assert member.post("/collections/collect/", asked).status_code == 404


def test_what_is_of_another_team_goes_into_no_collection(client, collection):
    foreign = make_output(make_user())
    asked = {"ids": foreign.pk, "into": collection.pk}
    assert client.post("/collections/collect/", asked).status_code == 404
    stranger = browser_of(make_user())
    assert stranger.get(f"/collections/{collection.pk}/").status_code == 404


def test_the_list_is_searched_and_narrowed_to_my_own(client, user, collection):
    other = make_member(team_of(user))
    theirs = Collection.objects.create(team=team_of(user), name="Mood: dusk", created_by=other)

    def listed(query=""):
        return {row.pk for row, _covers in client.get(f"/collections/{query}").context["cards"]}

    assert listed() == {collection.pk, theirs.pk}
    assert listed("?whose=mine") == {collection.pk}
    assert listed("?q=dusk") == {theirs.pk}
    assert "No collection fits." in client.get("/collections/?q=nothing").text


def test_two_thousand_items_cost_few_queries(client, user, django_assert_max_num_queries):
    row = Collection.objects.create(team=team_of(user), name="All", created_by=user)
    row.add(many(user, 2_000), user)
    with django_assert_max_num_queries(12):
        page = client.get(f"/collections/{row.pk}/?after=1920")
    assert [tile.place for tile in page.context["tiles"]] == list(range(1_921, 1_981))
    assert page.context["more"] == "1980"
    with django_assert_max_num_queries(12):
        client.get("/collections/")


def test_a_collection_goes_to_the_heir_with_its_makers_name(client, user, collection):
    other = make_member(team_of(user), Role.OWNER)
    member = user.memberships.get()
    client.post(
        f"/team/members/{member.pk}/remove/", {"heir": other.memberships.get().pk}, follow=True
    )
    collection.refresh_from_db()
    assert (collection.created_by, collection.maker_name) == (other, user.shown_name)
