"""Versions on pages: making one, the library with piles, the menu, the page of a stack, trash."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generation.engine.comments import post, resolve
from generation.models import Batch, Comment, Output, Role, Stack, StackVersion, Task
from tests.factories import (
    make_collection,
    make_link,
    make_member,
    make_output,
    make_stack,
    make_task,
    make_user,
    make_video,
    team_of,
)

HTMX = {"HX-Request": "true"}


@pytest.fixture
def stack(user):
    outputs = [
        make_output(user, make_task(user, prompt=f"Flacon {n}"))
        for n in ("amber", "bronze", "copper")
    ]
    return make_stack(user, outputs)


def versions(stack):
    return [one.output for one in stack.versions.order_by("number").select_related("output")]


def ids_of(answer):
    return {tile.output.pk for tile in answer.context["tiles"]}


def toast_of(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]


# --- Making one -----------------------------------------------------------------------------------


def test_the_choice_offers_results_of_its_kind_and_finds_others_by_words(client, user):
    output, other = make_output(user), make_output(user, make_task(user, prompt="A ferry"))
    video = make_output(user, media=make_video(user))
    foreign = make_output(make_user())
    page = client.get(f"/a/{output.pk}/version/")
    assert [one.pk for one, _title in page.context["offered"]] == [other.pk]
    assert f'value="{video.pk}"' not in page.text
    assert f'value="{foreign.pk}"' not in page.text
    found = client.get(f"/a/{output.pk}/version/?q=ferry", headers=HTMX)
    assert [one.pk for one, _title in found.context["offered"]] == [other.pk]
    assert "<html" not in found.text
    assert "has these words" in client.get(f"/a/{output.pk}/version/?q=zeppelin").text


def test_a_press_makes_it_the_next_version_and_returns_to_it(client, user, stack):
    output = make_output(user)
    answer = client.post(f"/a/{output.pk}/version/", {"of": versions(stack)[0].pk})
    assert answer.headers["Location"] == f"/a/{output.pk}/"
    output.refresh_from_db()
    assert output.version_number == 4
    assert "Now v4." in client.get(f"/a/{output.pk}/").text


def test_what_is_refused_is_said_and_changes_nothing(client, user, stack):
    video = make_output(user, media=make_video(user))
    answer = client.post(f"/a/{video.pk}/version/", {"of": versions(stack)[0].pk}, headers=HTMX)
    assert "Versions are of one kind" in toast_of(answer)["text"]
    assert stack.versions.count() == 3
    shown = client.get(f"/a/{versions(stack)[1].pk}/version/")
    assert "It is a version already" in shown.text
    for of in (make_output(make_user()).pk, 0, "x", ""):
        assert client.post(f"/a/{video.pk}/version/", {"of": of}).status_code == 404


def test_a_drag_answers_with_what_goes_and_with_the_way_back(client, user):
    first, second = make_output(user), make_output(user)
    answer = client.post(f"/a/{second.pk}/version/", {"of": first.pk}, headers=HTMX)
    heard = json.loads(answer.headers["HX-Trigger"])
    assert heard["vs:version"] == {"id": second.pk, "label": "v2", "gone": [first.pk]}
    undone = client.post(heard["toast"]["href"], headers=HTMX)
    assert undone.headers["HX-Refresh"] == "true"
    assert not Stack.objects.exists()


def test_a_selection_becomes_versions_in_the_order_it_was_made_in(client, user):
    outputs = [make_output(user) for _ in range(3)]
    ids = ",".join(str(one.pk) for one in reversed(outputs))
    client.post("/library/versions/", {"ids": ids})
    assert versions(Stack.objects.get()) == outputs
    assert (
        "Select two"
        in toast_of(client.post("/library/versions/", {"ids": outputs[0].pk}, headers=HTMX))["text"]
    )


def test_a_selection_of_two_stacks_is_refused_whole(client, user, stack):
    other = make_stack(user, [make_output(user), make_output(user)])
    plain = make_output(user)
    ids = [versions(stack)[0].pk, plain.pk, versions(other)[0].pk]
    answer = client.post("/library/versions/", {"ids": ids}, headers=HTMX)
    assert "version of something else" in toast_of(answer)["text"]
    plain.refresh_from_db()
    assert plain.version_number is None


def test_a_member_stacks_what_they_made_and_not_what_others_did(client, user, stack):
    member = make_member(team_of(user))
    client.force_login(member)
    own, theirs = make_output(member, make_task(member, team=team_of(user))), make_output(user)
    assert client.post(f"/a/{theirs.pk}/version/", {"of": own.pk}).status_code == 404
    assert client.post("/library/versions/", {"ids": [theirs.pk]}).status_code == 404
    assert client.post(f"/a/{own.pk}/version/", {"of": theirs.pk}).status_code == 302
    assert f"/a/{own.pk}/version/" not in client.get(f"/a/{theirs.pk}/").text


# --- The library ----------------------------------------------------------------------------------


def test_the_library_shows_a_stack_by_its_head_with_a_pile(client, user, stack):
    first, second, head = versions(stack)
    plain = make_output(user)
    page = client.get("/library/")
    assert ids_of(page) == {plain.pk, head.pk}
    assert page.text.count(" pile") == 1
    assert "<b>v3</b>" in page.text
    assert f"version_of={head.pk}" in page.text
    every = client.get("/library/?versions=all")
    assert ids_of(every) == {plain.pk, head.pk, second.pk, first.pk}
    assert every.text.count(" pile") == 1
    assert "All versions" in every.text


def test_a_search_that_finds_nothing_offers_older_versions(client, stack):
    page = client.get("/library/?q=amber")
    assert ids_of(page) == set()
    assert "?q=amber&amp;versions=all" in page.text
    assert ids_of(client.get("/library/?q=amber&versions=all")) == {versions(stack)[0].pk}


def test_headings_count_what_is_shown(client, stack):
    assert [tile.count for tile in client.get("/library/").context["tiles"]] == [1]


def test_a_collection_holds_any_version(client, user, stack):
    row = make_collection(user, versions(stack))
    page = client.get(f"/collections/{row.pk}/")
    assert ids_of(page) == {one.pk for one in versions(stack)}
    assert page.text.count(" pile") == 1


def test_an_open_library_hears_that_a_version_took_the_place(client, user):
    first, second = make_output(user), make_output(user)
    cursor = team_of(user).change_seq
    client.post(f"/a/{second.pk}/version/", {"of": first.pk})
    heard = client.get(f"/library/live/?c={cursor}&n=0&t={second.pk}", headers=HTMX)
    assert f'id="o{first.pk}" hx-swap-oob="delete"' in heard.text
    assert f'id="o{second.pk}" hx-swap-oob="delete"' not in heard.text


# --- The viewer -----------------------------------------------------------------------------------


def test_the_menu_lists_versions_with_notes_and_compares_with_the_one_before(client, stack):
    first, second, head = versions(stack)
    StackVersion.objects.filter(output=second).update(note="Slower push-in")
    page = client.get(f"/a/{head.pk}/").text
    assert "Slower push-in" in page
    assert f"/compare/?a={second.pk}&amp;b={head.pk}" in page
    assert "Compare with v2" in page
    assert "Make v4 from this" in page
    older = client.get(f"/a/{first.pk}/").text
    assert f"/compare/?a={first.pk}&amp;b={head.pk}" in older
    assert "v3 has taken its place" in older


def test_a_gap_and_what_lies_in_the_trash_are_told(client, user, stack):
    first, second, head = versions(stack)
    first.trash(user)
    second.delete()
    page = client.get(f"/a/{head.pk}/").text
    assert "no longer here" in page
    assert "In the trash" in page
    assert "Compare with" not in page


def test_plain_outputs_cost_no_query_more(client, user, stack):
    output = make_output(user)
    client.get(f"/a/{output.pk}/")
    with CaptureQueriesContext(connection) as plain:
        client.get(f"/a/{output.pk}/")
    assert not [one for one in plain.captured_queries if 'FROM "generation_stack' in one["sql"]]


# --- The page of a stack --------------------------------------------------------------------------


def test_the_page_of_a_stack_has_its_notes_and_name(client, stack):
    version = stack.versions.get(number=2)
    answer = client.post(f"/versions/{version.pk}/note/", {"note": " Slower "})
    assert answer.headers["Location"] == f"/stacks/{stack.pk}/#v2"
    assert client.post(f"/versions/{version.pk}/note/", {"note": "x" * 501}).status_code == 302
    client.post(f"/stacks/{stack.pk}/", {"name": "Flacon hero"})
    page = client.get(f"/stacks/{stack.pk}/").text
    assert 'value="Slower"' in page
    assert "hx-disable>Flacon hero</h1>" in page
    stack.refresh_from_db()
    assert not stack.ask_again
    assert client.post(f"/stacks/{stack.pk}/", {"name": "x" * 121}).status_code == 422


def test_a_version_is_taken_out_and_a_stack_dissolved(client, user, stack):
    make_link(user, stack=stack)
    version = stack.versions.get(number=2)
    client.post(f"/versions/{version.pk}/out/")
    assert stack.versions.count() == 2
    assert "1 link to it ends" in client.get(f"/stacks/{stack.pk}/dissolve/").text
    assert Stack.objects.exists()
    client.post(f"/stacks/{stack.pk}/dissolve/")
    assert not Stack.objects.exists()
    assert Output.objects.kept().filter(superseded=False).count() == 3


def test_a_viewer_sees_the_stack_and_changes_nothing(client, user, stack):
    client.force_login(make_member(team_of(user), Role.VIEWER))
    page = client.get(f"/stacks/{stack.pk}/").text
    assert "<form" not in page.split('<main class="page narrow"')[1].split("</main>")[0]
    assert client.post(f"/stacks/{stack.pk}/", {"name": "Mine"}).status_code == 404


# --- Trash ----------------------------------------------------------------------------------------


def test_the_trash_asks_for_one_of_several_versions(client, stack):
    first, _second, head = versions(stack)
    asked = client.post(f"/a/{head.pk}/trash/", headers=HTMX)
    assert asked.headers["HX-Retarget"] == "#dialog-body"
    assert "All 3 versions" in asked.text
    assert not Output.objects.trashed().exists()
    assert "<html" in client.post("/library/trash/", {"ids": [head.pk]}).text
    done = client.post("/library/trash/", {"ids": [head.pk], "versions": "these"}, headers=HTMX)
    assert json.loads(done.headers["HX-Trigger"])["vs:moved"]["ids"] == [head.pk]
    assert "dialog:close" in done.headers["HX-Trigger"]
    assert ids_of(client.get("/library/")) == {versions(stack)[1].pk}
    client.post("/library/trash/", {"ids": [first.pk], "versions": "all"})
    assert Output.objects.trashed().count() == 3
    assert "v3" in client.get("/trash/").text


def test_the_last_version_goes_without_a_question_and_undo_asks_nothing(client, user, stack):
    Output.objects.exclude(pk=versions(stack)[2].pk).update(trashed_at=timezone.now())
    head = versions(stack)[2]
    assert client.post(f"/a/{head.pk}/trash/", headers=HTMX).status_code == 204
    client.post(f"/library/trash/?ids={head.pk}&to=restore&undo=1", headers=HTMX)
    assert ids_of(client.get("/library/")) == {head.pk}


def test_the_whole_stack_leaves_out_what_is_not_ones_own(client, user, stack):
    member = make_member(team_of(user))
    client.force_login(member)
    own = make_output(member, make_task(member, team=team_of(user)))
    client.post(f"/a/{own.pk}/version/", {"of": versions(stack)[2].pk})
    client.post("/library/trash/", {"ids": [own.pk], "versions": "all"})
    assert list(Output.objects.trashed()) == [own]
    assert client.post(f"/a/{versions(stack)[0].pk}/trash/").status_code == 404


# --- Made again -----------------------------------------------------------------------------------

FORM = {
    "model": "demo/viduq2", "count": "2", "prompt": "Slower", "resolution": "1080p",
    "aspect_ratio": "16:9", "key": "", "intent": "intent-of-a-version-1",
}  # fmt: skip


def test_create_offers_the_next_version_only_where_it_was_opened_for_one(client, user, stack):
    head = versions(stack)[2]
    offered = client.get(f"/create/image/?from={head.task_id}&version_of={head.pk}").text
    assert "As v4 of “Flacon copper”" in offered
    assert 'name="as_version" value="1">' in offered
    chosen = client.get(f"/create/image/?from={head.task_id}&version_of={head.pk}&as_version=1")
    assert 'name="as_version" value="1" checked>' in chosen.text
    for plain in ("", f"?from={head.task_id}", f"?version_of={make_output(user).pk}",
                  f"?version_of={make_output(make_user()).pk}"):  # fmt: skip
        assert "as_version" not in client.get(f"/create/image/{plain}").text
    other_kind = client.get(f"/create/text-video/?version_of={head.pk}")
    assert "as_version" not in other_kind.text


def test_the_choice_goes_with_the_order_and_stays_when_the_form_is_shown_again(client, stack):
    head = versions(stack)[2]
    body = FORM | {"project": stack.project.slug, "version_of": head.pk, "as_version": "1"}
    again = client.post("/create/image/", body | {"edit": "apply"})
    assert 'name="as_version" value="1" checked>' in again.text
    client.post("/create/image/", body)
    assert Batch.objects.get(intent=FORM["intent"]).stack == stack
    assert Task.objects.filter(batch__stack=stack).count() == 2
    unchosen = {name: value for name, value in body.items() if name != "as_version"}
    client.post("/create/image/", unchosen | {"intent": "intent-of-a-version-2"})
    assert Batch.objects.get(intent="intent-of-a-version-2").stack is None


def test_create_of_a_foreign_stack_starts_a_plain_order(client, user):
    other = make_user()
    foreign = make_stack(other, [make_output(other), make_output(other)])
    project = team_of(user).projects.first().slug
    body = FORM | {"project": project, "as_version": "1"}
    client.post("/create/image/", body | {"version_of": foreign.versions.first().output_id})
    assert Batch.objects.get(intent=FORM["intent"]).stack is None


# --- Open from the version before -----------------------------------------------------------------


def test_what_is_open_on_the_version_before_is_carried_over_once(client, user, stack):
    _first, second, head = versions(stack)
    said = post(second, author=user, body="Label is off", frame=71, at_ms=2979)
    resolve(post(second, author=user, body="Done"), user)
    page = client.get(f"/a/{head.pk}/").text
    assert "Open from v2" in page
    assert "Label is off" in page
    assert "Done" not in page.split("Open from v2")[1].split("</details>")[0]
    address = f"/versions/{head.version.pk}/still-open/"
    for _press in range(2):
        client.post(address, {"comment": said.pk})
    copy = Comment.objects.get(output=head)
    assert (copy.carried_from, copy.body, copy.frame, copy.author) == (said, said.body, 71, user)
    assert (copy.stack, copy.version_number) == (stack, 3)
    head.refresh_from_db()
    assert head.open_comments == 1
    assert "Open from v2" not in client.get(f"/a/{head.pk}/").text
    said.refresh_from_db()
    assert said.state == "open"


def test_only_open_comments_of_the_version_before_can_be_carried(client, user, stack):
    first, _second, head = versions(stack)
    older = post(first, author=user, body="Of the first")
    stranger = make_user()
    foreign = post(make_output(stranger), author=stranger, body="Elsewhere")
    address = f"/versions/{head.version.pk}/still-open/"
    assert client.post(address, {"comment": older.pk}).status_code == 302
    assert not Comment.objects.filter(output=head).exists()
    for unknown in (foreign.pk, "x", ""):
        assert client.post(address, {"comment": unknown}).status_code == 404
