"""A reload deep in a grid: the address names a tile, and the page is drawn around it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.forms.paging import ABOVE
from generation.models import Collection, Output
from tests.factories import make_output, make_user, project_of, team_of
from tests.markup import compact
from tests.views.library.test_grid import HTMX, many, next_page, shown


def place(answer) -> str:
    return re.search(r'data-at="o(\d*)"', answer.content.decode())[1]


def earlier(answer, attribute: str = "hx-get") -> str:
    found = re.search(rf'<a[^>]*{attribute}="([^"]*before=[^"]+)"', answer.content.decode())
    return found[1].replace("&amp;", "&") if found else ""


def pks(outputs: list[Output]) -> list[int]:
    return [one.pk for one in outputs]


@pytest.mark.parametrize("order", ["", "&sort=oldest"])
def test_an_address_with_a_tile_shows_what_stands_around_it(client, user, order):
    outputs = many(user, 200)
    rows = outputs if order else outputs[::-1]
    answer = client.get(f"/library/?at={rows[120].pk}{order}")
    assert shown(answer) == pks(rows[120 - ABOVE : 180])
    assert place(answer) == str(rows[120].pk)
    follows = client.get(next_page(answer), headers=HTMX)
    assert shown(follows) == pks(rows[180:])


def test_what_lies_above_comes_in_pages_without_gap_or_double(client, user):
    outputs = many(user, 200, created_at=timezone.now())[::-1]
    answer = client.get(f"/library/?at={outputs[150].pk}")
    found = shown(answer)
    while address := earlier(answer):
        answer = client.get(address, headers=HTMX)
        found = shown(answer) + found
    assert found == pks(outputs)
    assert 'id="to-start" hx-swap-oob="delete"' in answer.content.decode()


def test_a_filter_and_a_search_keep_their_place(client, user):
    outputs = many(user, 200)[::-1]
    there = team_of(user).projects.create(name="There", created_by=user)
    Output.objects.filter(pk__in=pks(outputs[::2])).update(project=there)
    answer = client.get(f"/library/?project={there.slug}&at={outputs[160].pk}")
    assert shown(answer) == pks(outputs[160 - 2 * ABOVE :: 2])
    assert f"project={there.slug}" in earlier(answer)
    assert shown(client.get(f"/library/?q=nothing-like-it&at={outputs[160].pk}")) == []


def test_new_outputs_do_not_move_it(client, user):
    outputs = many(user, 100)[::-1]
    address = f"/library/?at={outputs[50].pk}"
    before = shown(client.get(address))
    make_output(user)
    assert shown(client.get(address)) == before


@pytest.mark.parametrize("gone", ["deleted", "trashed", "filtered"])
def test_a_tile_that_is_gone_leaves_its_neighbours(client, user, gone):
    outputs = many(user, 120)[::-1]
    at = outputs[60]
    if gone == "deleted":
        Output.objects.filter(pk=at.pk).delete()
    else:
        change = {"trashed_at": timezone.now()} if gone == "trashed" else {"superseded": True}
        Output.objects.filter(pk=at.pk).update(**change)
    answer = client.get(f"/library/?at={at.pk}")
    assert place(answer) == str(outputs[61].pk)
    assert {outputs[59].pk, outputs[61].pk} <= set(shown(answer))


def test_the_last_tile_of_all_and_nonsense_are_no_errors(client, user):
    outputs = many(user, 70)[::-1]
    last = client.get(f"/library/?at={outputs[-1].pk}")
    assert shown(last) == pks(outputs[-1 - ABOVE :])
    other = make_output(make_user())
    for nonsense in ("x", "", "0", "-3", "9" * 30, "1.5"):
        assert shown(client.get("/library/", {"at": nonsense})) == pks(outputs[:60])
    assert other.pk not in shown(client.get(f"/library/?at={other.pk}"))
    assert shown(client.get("/library/?before=forged")) == pks(outputs[:60])


def test_near_the_start_it_is_the_start(client, user):
    outputs = many(user, 100)[::-1]
    answer = client.get(f"/library/?at={outputs[10].pk}")
    assert shown(answer) == pks(outputs[:70])
    assert not earlier(answer)
    assert "Back to the start" not in answer.content.decode()


def test_each_day_is_named_once(client, user):
    now = timezone.now()
    new = many(user, 80, created_at=now)[::-1]
    old = many(user, 80, created_at=now - timedelta(days=1))[::-1]
    answer = client.get(f"/library/?at={old[20].pk}")
    page = compact(answer.content.decode())
    assert re.findall(r'class="day"><h2>([^<]*)</h2>', page) == ["Today", "Yesterday"]
    above = client.get(earlier(answer), headers=HTMX)
    text = compact(above.content.decode())
    assert shown(above) == pks(new[10:70])
    assert re.findall(r"<h2>([^<]*)</h2><span>([^<]*)</span>", text) == [("Today", "80 items")]
    assert 'class="row-start"' in text  # the same day goes on below
    deep = client.get(f"/library/?at={old[ABOVE].pk}")
    joint = compact(client.get(earlier(deep), headers=HTMX).content.decode())
    assert re.findall(r'class="day"><h2>([^<]*)</h2>', joint) == ["Today", "Yesterday"]
    assert 'class="row-start"' not in joint


def test_it_works_as_a_link_without_scripts(client, user):
    outputs = many(user, 200)[::-1]
    answer = client.get(f"/library/?at={outputs[150].pk}")
    page = client.get("/library/" + earlier(answer, " href"))
    assert shown(page) == pks(outputs[60:120])
    assert shown(client.get("/library/" + earlier(page, " href"))) == pks(outputs[:60])
    assert shown(client.get(next_page(page))) == pks(outputs[120:180])


def test_a_place_costs_few_queries_at_any_depth(client, user, django_assert_max_num_queries):
    outputs = many(user, 200)
    for address in (f"/library/?at={outputs[20].pk}", f"/library/?at={outputs[20].pk}&sort=oldest"):
        with django_assert_max_num_queries(14):
            answer = client.get(address)
    with django_assert_max_num_queries(12):
        client.get(earlier(answer), headers=HTMX)


def test_a_project_has_places_too(client, user):
    outputs = many(user, 150)[::-1]
    page = client.get(f"{project_of(user).get_absolute_url()}?at={outputs[100].pk}")
    assert shown(page) == pks(outputs[100 - ABOVE :])
    assert shown(client.get(earlier(page), headers=HTMX)) == pks(outputs[10 : 100 - ABOVE])


def test_a_collection_has_places_too(client, user):
    outputs = many(user, 150)
    row = Collection.objects.create(team=team_of(user), created_by=user, name="Best")
    for number, one in enumerate(outputs):
        row.items.create(output=one, position=number, added_by=user)
    page = client.get(f"{row.get_absolute_url()}?at={outputs[120].pk}")
    assert shown(page) == pks(outputs[120 - ABOVE :])
    assert '<span class="num">121</span>' in page.content.decode()
    above = client.get(earlier(page), headers=HTMX)
    assert shown(above) == pks(outputs[30:90])
    assert shown(client.get(earlier(above), headers=HTMX)) == pks(outputs[:30])
    Output.objects.filter(pk=outputs[120].pk).update(trashed_at=timezone.now())
    again = client.get(f"{row.get_absolute_url()}?at={outputs[120].pk}")
    assert place(again) == str(outputs[121].pk)


def test_the_trash_has_places_too(client, user):
    outputs = many(user, 150, trashed_at=timezone.now())[::-1]
    page = client.get(f"/trash/?at={outputs[100].pk}")
    assert shown(page) == pks(outputs[100 - ABOVE :])
    assert shown(client.get(earlier(page), headers=HTMX)) == pks(outputs[10 : 100 - ABOVE])
