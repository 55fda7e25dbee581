"""Comparing two to four results: which may be, what differs, and the winner."""

import pytest
from django.test import Client

from generation.models import Rating
from generation.views.library.compare import compared_rows, marked_prompts
from tests.factories import make_member, make_output, make_task, make_user, make_video, team_of
from tests.markup import compact

HTMX = {"HX-Request": "true"}


@pytest.fixture
def pair(user):
    return [make_output(user, make_task(user, prompt=prompt)) for prompt in ("a boat", "a barge")]


def address(outputs, **more):
    names = dict(zip("abcd", (str(one.pk) for one in outputs), strict=False))
    return "/compare/", names | more


def test_a_selection_leads_to_an_address_that_can_be_kept(client, pair):
    ids = ",".join(str(one.pk) for one in pair)
    there = f"/compare/?a={pair[0].pk}&b={pair[1].pk}"
    assert client.post("/compare/", {"ids": ids}).url == there
    answer = client.post("/compare/", {"ids": ids}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == there
    page = client.get(there)
    assert [cell.output.pk for cell in page.context["cells"]] == [one.pk for one in pair]


def test_five_are_too_many_and_one_too_few(client, user, pair):
    more = [make_output(user) for _ in range(3)]
    ids = ",".join(str(one.pk) for one in [*pair, *more])
    assert client.post("/compare/", {"ids": ids}).url == "/library/"
    page = client.get(*address(pair[:1]))
    assert "Choose two to four results" in page.text
    assert not page.context["cells"]


def test_different_kinds_are_not_compared(client, user, pair):
    video = make_output(user, make_task(user, mode="text-video"), media=make_video(user))
    page = client.get(*address([pair[0], video]))
    assert "Compare images with images" in page.text


def test_what_is_foreign_is_not_found_and_what_is_in_the_trash_is_left_out(client, user, pair):
    foreign = make_output(make_user())
    assert client.get(*address([pair[0], foreign])).status_code == 404
    assert client.get("/compare/", {"a": "x", "b": str(pair[0].pk)}).status_code == 404
    pair[1].trash(user)
    assert "Choose two to four results" in client.get(*address(pair)).text


def test_the_words_of_prompts_that_differ_are_marked():
    first, second, third = marked_prompts(
        ["a red boat at dusk", "a blue boat at dusk", "a red boat at dusk in fog"]
    )
    assert first == "a red boat at dusk"  # the third has all of it
    assert second == "a <ins>blue</ins> boat at dusk"
    assert third == "a red boat at dusk <ins>in</ins> <ins>fog</ins>"
    first, _second = marked_prompts(["a red boat", "a boat"])
    assert first == "a <del>red</del> boat"


def test_prompts_are_text(client, user):
    evil = "<img src=x onerror=alert(1)>"
    pair = [make_output(user, make_task(user, prompt=prompt)) for prompt in (evil, "calm")]
    page = client.get(*address(pair)).text
    assert "<img src=x" not in page
    assert "&lt;img" in page


def test_settings_that_differ_come_first_and_a_missing_one_is_empty(user):
    tasks = [
        make_task(user, values={"resolution": "1080p", "aspect_ratio": "16:9"}),
        make_task(user, values={"resolution": "1080p", "aspect_ratio": "1:1", "seed": 7}),
    ]
    rows = compared_rows([make_output(user, task) for task in tasks])
    differing = [row.label for row in rows if row.differs]
    assert [row.label for row in rows][: len(differing)] == differing
    assert "Aspect ratio" in differing
    assert "Resolution" not in differing


def test_the_winner_is_a_favourite_and_the_others_are_rejected(client, user, pair):
    ids = ",".join(str(one.pk) for one in pair)
    asked = {"ids": ids, "winner": pair[0].pk}
    answer = client.post("/compare/winner/", asked, headers=HTMX)
    won, lost = (Rating.objects.get(user=user, output=one) for one in pair)
    assert (won.favourite, won.rejected, lost.favourite, lost.rejected) == (
        True,
        False,
        False,
        True,
    )
    assert all(f'id="rate-{one.pk}"' in answer.text for one in pair)
    assert "Undo" in answer.headers["HX-Trigger"]
    undo = f"/compare/winner/?ids={ids}&winner={pair[0].pk}&undo=1"
    answer = client.post(undo, headers=HTMX)
    lost.refresh_from_db()
    assert not lost.rejected
    assert f'id="rate-{pair[1].pk}"' in answer.text
    assert client.post("/compare/winner/", asked).url == f"/compare/?a={pair[0].pk}&b={pair[1].pk}"


@pytest.mark.parametrize("asked", [{}, {"winner": "0"}, {"winner": "x"}])
def test_a_winner_is_one_of_them(client, pair, asked):
    ids = ",".join(str(one.pk) for one in pair)
    assert client.post("/compare/winner/", {"ids": ids} | asked).status_code == 404
    assert (
        client.post("/compare/winner/", {"ids": pair[0].pk, "winner": pair[0].pk}).status_code
        == 404
    )
    assert not Rating.objects.exists()


def test_a_cell_gets_its_own_form_again(client, pair):
    target = f"rate-{pair[0].pk}"
    answer = client.post(
        f"/a/{pair[0].pk}/rate/", {"stars": "3"}, headers=HTMX | {"HX-Target": target}
    )
    assert f'id="{target}"' in compact(answer.text)
    assert 'id="rate"' not in answer.text


def test_a_comparison_costs_few_queries(client, user, django_assert_max_num_queries):
    outputs = [make_output(user) for _ in range(4)]
    client.get(*address(outputs))
    with django_assert_max_num_queries(12):
        client.get(*address(outputs))


def test_a_stranger_compares_nothing_of_ours(user, pair):
    stranger, viewer = Client(), Client()
    stranger.force_login(make_user())
    viewer.force_login(make_member(team_of(user), "viewer"))
    assert stranger.get(*address(pair)).status_code == 404
    assert viewer.get(*address(pair)).status_code == 200
    ids = ",".join(str(one.pk) for one in pair)
    assert stranger.post("/compare/winner/", {"ids": ids, "winner": pair[0].pk}).status_code == 404
