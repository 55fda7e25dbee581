"""Pressing Generate: once an order, another order when it is one, and a clear word otherwise."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F

from generation.models import Batch, Task
from tests.factories import make_task, png, project_of
from tests.markup import compact

URL = "/create/image/"
HTMX = {"HTTP_HX_REQUEST": "true"}
FIRST, SECOND = "first-press-of-generate", "second-press-of-generate"
BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])


def typed(user, intent=FIRST, **fields):
    known = {"intent": intent, "model": "demo/viduq2", "prompt": "A lighthouse at dusk"}
    return known | {"project": project_of(user).slug, "count": "1"} | fields


def text(response):
    return compact(response.content.decode())


def notice(response):
    """The sentence above Generate, and the name of its button."""
    found = re.search(r'<div class="note[^"]* notice" role="alert">(.*?)</div>', text(response))
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def intent_in(response):
    return re.search(r'name="intent" value="([^"]+)"', text(response))[1]


def earlier(seconds):
    Batch.objects.update(ordered_at=F("ordered_at") - timedelta(seconds=seconds))


# --- The same order -------------------------------------------------------------------------------


@BOTH
def test_the_same_order_from_another_form_is_refused_for_two_seconds(client, user, headers):
    client.post(URL, typed(user), **headers)
    response = client.post(URL, typed(user, SECOND), **headers)
    assert notice(response) == "This was started already. Make it again"
    assert Task.objects.count() == 1
    assert "A lighthouse at dusk</textarea>" in text(response)
    assert intent_in(response) not in (FIRST, SECOND)
    earlier(2.1)
    client.post(URL, typed(user, SECOND), **headers)
    assert Task.objects.count() == 2


@BOTH
def test_make_it_again_makes_it_again_and_once(client, user, headers):
    client.post(URL, typed(user, count="2"), **headers)
    intent = intent_in(client.post(URL, typed(user, SECOND, count="2"), **headers))
    for _ in range(2):
        response = client.post(URL, typed(user, intent, count="2", again="1"), **headers)
    assert notice(response) == "This was started already. Make it again"
    assert [batch.tasks.count() for batch in Batch.objects.all()] == [2, 2]


def test_the_page_fetches_the_batch_that_another_form_started(client, user):
    client.post(URL, typed(user), **HTMX)
    response = client.post(URL, typed(user, SECOND), **HTMX)
    assert response.status_code == 422
    assert f"started={Batch.objects.get().pk}" in text(response)
    assert text(response).strip().startswith('<form class="composer"')


def test_a_press_whose_answer_got_lost_shows_its_batch_and_may_be_made_again(client, user):
    client.post(URL, typed(user), **HTMX)
    earlier(60)
    response = client.post(URL, typed(user), **HTMX)
    assert response.status_code == 200
    assert f"started={Batch.objects.get().pk}" in text(response)
    assert notice(response) == "This was started already. Make it again"
    client.post(URL, typed(user, intent_in(response)), **HTMX)
    assert Batch.objects.count() == 2


def test_the_notice_is_gone_after_the_next_start(client, user):
    client.post(URL, typed(user), **HTMX)
    refused = client.post(URL, typed(user, SECOND), **HTMX)
    assert 'name="until-started"' in text(refused)
    fields = {"until-started": "1", "again": "1"}
    response = client.post(URL, typed(user, intent_in(refused), **fields), **HTMX)
    assert notice(response) == ""
    assert text(response).strip().startswith('<form class="composer"')


def test_two_different_orders_go_one_right_after_the_other(client, user):
    client.post(URL, typed(user), **HTMX)
    client.post(URL, typed(user, SECOND, aspect_ratio="1:1"), **HTMX)
    assert Task.objects.count() == 2


def test_without_scripts_a_double_click_with_files_is_one_order(client, user):
    def files():
        return [SimpleUploadedFile("lamp.png", png(), "image/png")]

    client.post(URL, typed(user, new_images=files()))
    response = client.post(URL, typed(user, new_images=files()))
    assert notice(response) == "This was started already. Make it again"
    assert Task.objects.count() == 1


# --- Another order with a used intent -------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"prompt": "A lamp"}, "This one has a new text: press Generate to start it."),
        ({"count": "3"}, "This one has other settings: press Generate to start it."),
    ],
)
def test_another_order_after_back_is_shown_with_all_that_was_typed(
    client, user, headers, changes, sentence
):
    client.post(URL, typed(user), **headers)
    fields = typed(user, seed="7", resolution="2K") | changes
    response = client.post(URL, fields, **headers)
    assert notice(response) == f"Your last order was already started. {sentence}"
    assert f"{fields['prompt']}</textarea>" in text(response)
    assert re.search(r'name="seed"[^>]* value="7"', text(response))
    assert re.search(r'name="resolution" value="2K" checked', text(response))
    assert Task.objects.count() == 1
    client.post(URL, fields | {"intent": intent_in(response)}, **headers)
    assert Task.objects.latest("pk").values["seed"] == 7
    assert Batch.objects.latest("pk").tasks.count() == int(fields["count"])


def test_another_order_with_a_fault_says_both(client, user):
    client.post(URL, typed(user), **HTMX)
    response = client.post(URL, typed(user, prompt="x" * 2_001), **HTMX)
    assert response.status_code == 422
    assert notice(response) == "Your last order was already started. This one was not."
    assert "Shorten it to 2,000" in text(response)
    client.post(URL, typed(user, intent_in(response), prompt="Short"), **HTMX)
    assert Task.objects.latest("pk").prompt == "Short"


def test_a_first_refusal_has_no_notice_and_keeps_its_intent(client, user):
    response = client.post(URL, typed(user, prompt=""), **HTMX)
    assert (notice(response), intent_in(response)) == ("", FIRST)


# --- A full queue ---------------------------------------------------------------------------------


@BOTH
def test_more_than_may_wait_is_refused_with_what_to_do(client, user, settings, headers):
    settings.QUEUED_MOST = 3
    for _ in range(2):
        make_task(user)
    response = client.post(URL, typed(user, count="2"), **headers)
    assert response.status_code == 422
    assert (
        "2 of your tasks wait to be sent, and at most 3 may. Wait until some are on their way, or "
        "cancel some under Running. Nothing was started." in text(response)
    )
    assert "A lighthouse at dusk</textarea>" in text(response)
    assert Task.objects.count() == 2
    client.post(URL, typed(user), **headers)
    assert Task.objects.count() == 3


def test_the_waiting_are_counted_with_one_question(client, user, django_assert_max_num_queries):
    with django_assert_max_num_queries(40) as asked:
        client.post(URL, typed(user), **HTMX)
    assert sum("COUNT(" in one["sql"] and '"status"' in one["sql"] for one in asked) == 1
