"""Asking for a review and answering one, in the viewer and over a selection, with and without
scripts."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from generation.engine.reviews import answer, answer_as_guest, ask
from generation.forms.reviews import links_to_ask
from generation.models import Output, ReviewRequest, Role, Team
from tests.factories import (
    make_collection,
    make_link,
    make_member,
    make_output,
    make_stack,
    make_user,
    make_visitor,
    team_of,
)

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def output(user):
    return make_output(user)


@pytest.fixture
def ana(user):
    return make_member(team_of(user), name="Ana")


def browser_of(person):
    browser = Client()
    browser.force_login(person)
    return browser


def state(output):
    output.refresh_from_db()
    return output.review


def box(client, output):
    page = client.get(f"/a/{output.pk}/").content.decode()
    return page[page.index('id="ask"') : page.index("</section>", page.index('id="ask"'))]


def answered(client, request, said, **more):
    body = {"request": request.pk, "answer": said, **more}
    return client.post(f"/a/{request.output_id}/review/answer/", body)


# --- Asking ---------------------------------------------------------------------------------------


def test_asking_without_scripts(client, user, output, ana):
    page = client.get(f"/review/ask/?ids={output.pk}&next=/a/{output.pk}/")
    assert "Ask for a review" in page.content.decode()
    sent = {"ids": output.pk, "people": [ana.pk], "needed": "any", "send": "1",
            "message": "The light?", "due": "2099-12-28"}  # fmt: skip
    refused = client.post("/review/ask/", sent)
    assert refused.status_code == 422
    sent["due"] = (timezone.localdate() + timedelta(days=3)).isoformat()
    answer = client.post("/review/ask/", sent | {"next": f"/a/{output.pk}/"})
    assert answer.url == f"/a/{output.pk}/"
    made = ReviewRequest.objects.get()
    assert (made.needed, made.message, made.created_by) == ("any", "The light?", user)
    assert "The light?" in box(client, output)


def test_the_form_proposes_whom_one_asked_before_else_who_leads(client, user, output, ana):
    lead = make_member(team_of(user), Role.ADMIN, name="Lead")
    page = client.get(f"/review/ask/?ids={output.pk}")
    assert page.context["form"]["people"].value() == [str(lead.pk)]
    ask(make_output(user), by=user, reviewers=[ana])
    page = client.get(f"/review/ask/?ids={output.pk}")
    assert page.context["form"]["people"].value() == [str(ana.pk)]


def test_who_is_alone_may_ask_themselves_and_approve(client, user, output):
    page = client.get(f"/review/ask/?ids={output.pk}")
    assert page.context["form"]["people"].value() == [str(user.pk)]
    client.post("/review/ask/", {"ids": output.pk, "people": [user.pk], "needed": "all",
                                 "send": "1"})  # fmt: skip
    answered(client, ReviewRequest.objects.get(), "approved")
    assert state(output) == "approved"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"people": []}, "Choose at least one person or link."),
        ({"due": "2020-01-01"}, "This day is over."),
        ({"due": "soon"}, "Enter a day"),
        ({"people": ["999999"]}, "Select a valid choice"),
        ({"message": "x" * 2_001}, "2000"),
    ],
)
def test_a_form_that_does_not_fit_says_why(client, output, ana, changed, sentence):
    sent = {"ids": output.pk, "people": [ana.pk], "needed": "all", "send": "1"}
    answer = client.post("/review/ask/", sent | changed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not ReviewRequest.objects.exists()


def test_today_is_the_day_of_the_team(client, user, output, ana):
    Team.objects.update(time_zone="Pacific/Kiritimati")  # the first to have a new day
    ahead = timezone.localdate(timezone=timezone.get_fixed_timezone(14 * 60))
    sent = {"ids": output.pk, "people": [ana.pk], "needed": "all", "send": "1"}
    late = client.post("/review/ask/", sent | {"due": str(ahead - timedelta(days=1))})
    assert late.status_code == 422
    assert client.post("/review/ask/", sent | {"due": str(ahead)}).status_code == 302


def test_a_selection_is_asked_about_at_once(client, user, ana):
    outputs = [make_output(user) for _ in range(3)]
    ask(outputs[0], by=user, reviewers=[ana])
    ids = ",".join(str(one.pk) for one in outputs)
    form = client.post("/review/ask/", {"ids": ids}, **HTMX)
    assert "Ask for a review of 3 items" in form.content.decode()
    sent = {"ids": ids, "people": [ana.pk], "needed": "all", "send": "1"}
    answer = client.post("/review/ask/", sent, **HTMX)
    assert answer.status_code == 204
    assert "dialog:close" in answer.headers["HX-Trigger"]
    assert "Asked for a review of 2. 1 is left out" in answer.headers["HX-Trigger"]
    assert {state(one) for one in outputs} == {"in_review"}


def test_members_ask_about_what_they_made_and_viewers_about_nothing(client, user, output, ana):
    own = make_output(ana, team=output.team, task=output.task, position=7)
    browser = browser_of(ana)
    sent = {"ids": f"{output.pk},{own.pk}", "people": [user.pk], "needed": "all", "send": "1"}
    browser.post("/review/ask/", sent)
    assert (state(output), state(own)) == ("none", "in_review")
    viewer = browser_of(make_member(team_of(user), Role.VIEWER))
    assert viewer.post("/review/ask/", sent).status_code == 404
    assert "Ask for a review" not in viewer.get("/library/").content.decode()


def test_what_is_not_of_the_team_cannot_be_asked_about(client, user, output, ana):
    theirs = make_output(make_user())
    sent = {"ids": f"{output.pk},{theirs.pk}", "people": [ana.pk], "needed": "all", "send": "1"}
    assert client.post("/review/ask/", sent).status_code == 404
    assert not ReviewRequest.objects.exists()


def test_only_links_that_show_it_and_let_guests_approve_are_offered(client, user, output):
    mine = make_link(user, output=output, may_approve=True, title="For the client")
    make_link(user, output=output, title="Only to look at")
    make_link(user, output=make_output(user), may_approve=True, title="Something else")
    page = client.get(f"/review/ask/?ids={output.pk}")
    assert list(page.context["form"].links) == [str(mine.pk)]
    client.post("/review/ask/", {"ids": output.pk, "guests": [mine.pk], "needed": "all",
                                 "send": "1"})  # fmt: skip
    assert ReviewRequest.objects.get().decisions.get().link == mine


# --- Answering ------------------------------------------------------------------------------------


def test_approving_is_one_press(user, output, ana):
    request = ask(output, by=user, reviewers=[ana])
    browser = browser_of(ana)
    assert "Approve" in box(browser, output)
    answer = browser.post(f"/a/{output.pk}/review/answer/", {"request": request.pk,
                          "answer": "approved"}, **HTMX)  # fmt: skip
    assert 'class="ask ok"' in answer.content.decode()
    assert state(output) == "approved"


def test_the_tile_behind_the_dialog_shows_it_too(user, output, ana):
    request = ask(output, by=user, reviewers=[ana])
    sent = {"request": request.pk, "answer": "approved", "tile": "1"}
    page = browser_of(ana).post(f"/a/{output.pk}/review/answer/", sent, **HTMX).content.decode()
    assert re.search(rf'<span id="f{output.pk}" hx-swap-oob="true"\s+class="badge flag ok">', page)


def test_without_scripts_the_answer_leads_back(user, output, ana):
    request = ask(output, by=user, reviewers=[ana])
    assert answered(browser_of(ana), request, "approved").url == f"/a/{output.pk}/"
    assert "Approved" in box(browser_of(user), output)


def test_asking_for_changes_needs_a_word_and_shows_it_to_all(client, user, output, ana):
    request = ask(output, by=user, reviewers=[ana])
    refused = answered(browser_of(ana), request, "changes", note="  ")
    assert (refused.status_code, state(output)) == (422, "in_review")
    assert "Say what should change." in refused.content.decode()
    answered(browser_of(ana), request, "changes", note="<b>Warmer</b>, please")
    assert "&lt;b&gt;Warmer&lt;/b&gt;, please" in box(client, output)
    assert state(output) == "changes"


def test_who_comes_late_reads_who_was_quicker_and_keeps_the_words(user, output, ana):
    ben = make_member(team_of(user), name="Ben")
    request = ask(output, by=user, reviewers=[ana, ben], needed="any")
    answer(request, reviewer=ana, state="approved")
    late = answered(browser_of(ben), request, "changes", note="Darker")
    page = late.content.decode()
    assert late.status_code == 409
    assert "Already answered by Ana at" in page
    assert "Darker" in page
    assert state(output) == "approved"
    assert "Already answered by Ana at" in box(browser_of(ben), output)


def test_who_was_not_asked_has_no_button_and_no_answer(client, user, output, ana):
    request = ask(output, by=user, reviewers=[ana])
    assert "review/answer" not in box(client, output)
    assert answered(client, request, "approved").status_code == 404
    assert state(output) == "in_review"


def test_an_answer_is_to_the_question_of_this_output(user, output, ana):
    other = ask(make_output(user), by=user, reviewers=[ana])
    browser = browser_of(ana)
    wrong = {"request": other.pk, "answer": "approved"}
    assert browser.post(f"/a/{output.pk}/review/answer/", wrong).status_code == 404
    wrong["request"] = "x"
    assert browser.post(f"/a/{output.pk}/review/answer/", wrong).status_code == 404


def test_nothing_is_answered_in_the_trash(user, output, ana):
    request = ask(output, by=user, reviewers=[ana])
    output.trash(user)
    assert answered(browser_of(ana), request, "approved").status_code == 404


def test_withdrawing_is_for_who_asked_or_made_it_or_manages(client, user, output, ana):
    ask(output, by=user, reviewers=[ana])
    assert browser_of(ana).post(f"/a/{output.pk}/review/withdraw/").status_code == 404
    client.post(f"/a/{output.pk}/review/withdraw/")
    assert state(output) == "none"
    assert "No review yet" in box(client, output)


def test_a_guest_whom_nobody_asked_is_shown_as_that(client, user, output):
    link = make_link(user, output=output, may_approve=True)
    answer_as_guest(output, visitor=make_visitor(link), link=link, state="approved")
    shown = box(client, output)
    assert "Claire Dubois" in shown
    assert "approves (not asked)" in shown
    assert "No review yet" in shown


def test_the_box_says_why_an_approval_is_of_another_version(client, user, ana):
    first, second = make_output(user), make_output(user)
    make_stack(user, [first, second])
    answer(ask(first, by=user, reviewers=[ana]), reviewer=ana, state="approved")
    answer(ask(second, by=user, reviewers=[ana]), reviewer=ana, state="approved")
    assert "when the approval moved to v2" in box(client, first)
    assert "The approval of v1 moved here." in box(client, second)
    assert "v2 approved" in box(client, second)


def test_the_due_day_is_that_of_the_team_and_says_when_it_is_over(client, user, output, ana):
    Team.objects.update(time_zone="Asia/Shanghai")
    request = ask(output, by=user, reviewers=[ana])
    at = datetime(2098, 12, 28, 15, 59, 59, tzinfo=UTC)
    ReviewRequest.objects.filter(pk=request.pk).update(due_at=at)
    assert "due December 28" in box(client, output)
    ReviewRequest.objects.filter(pk=request.pk).update(due_at=at - timedelta(days=365 * 90))
    assert "overdue since" in box(client, output)


# --- The library ----------------------------------------------------------------------------------


def shown(client, query):
    page = client.get(f"/library/?{query}")
    return {tile.output.pk for tile in page.context["tiles"]}


def test_the_library_filters_by_state_and_by_what_waits_for_me(client, user, ana):
    open_one, approved, changed, plain = (make_output(user) for _ in range(4))
    ask(open_one, by=user, reviewers=[ana])
    answer(ask(approved, by=user, reviewers=[ana]), reviewer=ana, state="approved")
    answer(ask(changed, by=user, reviewers=[ana]), reviewer=ana, state="changes", note="x")
    assert shown(client, "review=in_review") == {open_one.pk}
    assert shown(client, "review=approved") == {approved.pk}
    assert shown(client, "review=changes") == {changed.pk}
    assert shown(client, "review=none") == {plain.pk}
    assert shown(client, "review=mine") == set()
    assert shown(browser_of(ana), "review=mine") == {open_one.pk}
    assert len(shown(client, "review=nonsense")) == 4
    assert "Waiting for my answer" in client.get("/library/?review=mine").content.decode()


def test_tiles_carry_the_state_and_news_of_it(client, user, output, ana):
    page = client.get("/library/").content.decode()
    assert re.search(rf'<span id="f{output.pk}"\s*></span>', page)
    cursor = team_of(user).change_seq
    ask(output, by=user, reviewers=[ana])
    page = client.get("/library/").content.decode()
    assert re.search(rf'<span id="f{output.pk}"\s+class="badge flag wait">', page)
    news = client.get(f"/library/live/?c={cursor}&n=1&t={output.pk}").content.decode()
    flag = rf'<span id="f{output.pk}" hx-swap-oob="morph"\s+class="badge flag wait">'
    assert re.search(flag, news)


def test_a_collection_can_be_seen_by_what_is_approved(client, user, ana):
    approved, plain = make_output(user), make_output(user)
    row = make_collection(user, [plain, approved])
    answer(ask(approved, by=user, reviewers=[ana]), reviewer=ana, state="approved")
    page = client.get(f"/collections/{row.pk}/?only=approved")
    assert [tile.output.pk for tile in page.context["tiles"]] == [approved.pk]
    assert "Approved only" in page.content.decode()
    assert len(client.get(f"/collections/{row.pk}/").context["tiles"]) == 2


# --- The trash asks twice -------------------------------------------------------------------------


@pytest.fixture
def approved(user, output, ana):
    answer(ask(output, by=user, reviewers=[ana]), reviewer=ana, state="approved")
    return output


def in_trash(output):
    return Output.objects.get(pk=output.pk).trashed_at is not None


def test_what_is_approved_goes_to_the_trash_on_a_second_word(client, approved):
    question = client.post(f"/a/{approved.pk}/trash/", {"next": "/library/"})
    assert question.status_code == 200
    assert "approved by Ana" in question.content.decode()
    assert not in_trash(approved)
    sure = client.post("/library/trash/", {"ids": approved.pk, "sure": "1", "next": "/library/"})
    assert sure.url == "/library/"
    assert in_trash(approved)


def test_in_a_selection_one_approval_is_enough_to_ask(client, user, approved):
    plain = make_output(user)
    ids = f"{plain.pk},{approved.pk}"
    question = client.post("/library/trash/", {"ids": ids}, **HTMX)
    assert question.headers["HX-Retarget"] == "#dialog-body"
    assert "approved by Ana" in question.content.decode()
    assert not in_trash(plain)
    sure = client.post("/library/trash/", {"ids": ids, "sure": "1"}, **HTMX)
    assert sure.status_code == 204
    assert "vs:moved" in sure.headers["HX-Trigger"]
    assert in_trash(plain)
    assert in_trash(approved)


def test_what_is_not_approved_asks_nothing(client, user, output):
    assert client.post(f"/a/{output.pk}/trash/").status_code == 302
    assert in_trash(output)


def test_restored_it_is_approved_as_before(client, user, approved):
    client.post("/library/trash/", {"ids": approved.pk, "sure": "1"})
    client.post("/library/trash/", {"ids": approved.pk, "to": "restore"})
    assert not in_trash(approved)
    assert state(approved) == "approved"


def test_no_link_is_offered_that_does_not_show_it(user):
    older, output = make_output(user), make_output(user)
    stack = make_stack(user, [older, output])
    filled = [make_output(user) for _ in range(21)]
    collection = make_collection(user, filled)
    frozen = make_link(user, project=output.project, may_approve=True, mode="frozen")
    head = make_link(user, stack=stack, may_approve=True)
    whole = make_link(user, stack=stack, may_approve=True, show_versions=True)
    shared = make_link(user, collection=collection, may_approve=True)
    assert links_to_ask([output]) == [whole, head]
    assert links_to_ask([older]) == [whole]
    assert links_to_ask(filled) == [shared]
    assert links_to_ask([*filled, older]) == []
    frozen.items.create(output=older, number=1)
    assert links_to_ask([older]) == [whole, frozen]
