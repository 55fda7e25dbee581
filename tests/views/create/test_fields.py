"""The settings that follow the model, and what they cost."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.factories import make_key, make_media, make_task, make_user
from tests.markup import compact

URL = "/create/image/fields/"
HTMX = {"HTTP_HX_REQUEST": "true"}


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def option(response, name, value):
    """The <input> of one choice."""
    return re.search(rf'<input[^>]*name="{name}" value="{value}"[^>]*>', text(response))[0]


def test_what_is_legal_is_kept(client):
    asked = {"model": "demo/viduq2", "resolution": "4K", "aspect_ratio": "2:3"}
    response = client.get(URL, asked, **HTMX)
    assert "checked" in option(response, "resolution", "4K")
    assert "checked" in option(response, "aspect_ratio", "2:3")
    assert re.search(r'<p id="notes"[^>]*></p>', text(response))


def test_what_the_new_model_lacks_is_set_to_its_default_and_said(client):
    asked = {"model": "demo/viduq1", "resolution": "4K", "aspect_ratio": "21:9"}
    response = client.get(URL, asked, **HTMX)
    assert "checked" in option(response, "resolution", "1080p")
    assert "checked" in option(response, "aspect_ratio", "16:9")
    assert "Resolution set to 1080p, the default of Vidu Q1." in words(response)
    assert "Aspect ratio set to 16:9, the default of Vidu Q1." in words(response)


def test_a_choice_that_is_not_offered_is_disabled_with_its_reason(client):
    response = client.get(URL, {"model": "demo/viduq1"}, **HTMX)
    assert "disabled" in option(response, "resolution", "4K")
    assert text(response).count("Vidu Q1 offers 1080p.") == 5  # 2 titles, 2 spoken, 1 line


def test_a_image_opens_the_automatic_ratio(client, user):
    bare = client.get(URL, {"model": "demo/viduq2"}, **HTMX)
    asked = {"model": "demo/viduq2", "images": [make_media(user).pk], "aspect_ratio": "auto"}
    with_image = client.get(URL, asked, **HTMX)
    assert "disabled" in option(bare, "aspect_ratio", "auto")
    assert "checked" in option(with_image, "aspect_ratio", "auto")
    assert "Works from your image" in words(with_image)


def test_the_images_of_others_do_not_count(client):
    asked = {"model": "demo/viduq2", "images": [make_media(make_user()).pk]}
    assert "disabled" in option(client.get(URL, asked, **HTMX), "aspect_ratio", "auto")


def test_the_answer_carries_the_price_the_model_and_the_key_out_of_band(client, user):
    make_key(user)
    response = text(client.get(URL, {"model": "vidu/viduq2", "resolution": "2K"}, **HTMX))
    assert re.search(
        r'<output id="cost"[^>]* hx-swap-oob="true"[^>]* hx-post="/create/cost/', response
    )
    assert "<b>8 credits</b>" in response
    assert re.search(r'<span id="chosen"[^>]* hx-swap-oob="true"', response)
    assert re.search(r'<div id="key-at">\s*<input type="hidden" name="key"', response)


def test_a_model_that_cannot_be_used_gives_way_and_says_so(client):
    response = client.get(URL, {"model": "vidu/viduq2"}, **HTMX)
    assert "You cannot use Vidu now. Vidu Q2 of Demo is chosen instead." in words(response)


def test_a_key_that_the_provider_rejected_is_told_before_the_click(client, user):
    key = make_key(user)
    asked = {"model": "vidu/viduq2"}
    assert "Open keys" not in words(client.get(URL, asked, **HTMX))
    key.record_test("rejected", "Vidu does not accept this key.")
    response = client.get(URL, asked, **HTMX)
    assert "Vidu does not accept this key. Open keys" in words(response)
    assert re.search(r'<p id="key-trouble"[^>]* hx-swap-oob="true"', text(response))


def test_two_keys_of_one_provider_are_a_choice(client, user):
    make_key(user, label="Studio")
    assert "<select" not in text(client.get(URL, {"model": "vidu/viduq2"}, **HTMX))
    second = make_key(user, label="Client")
    response = client.get(URL, {"model": "vidu/viduq2", "key": second.pk}, **HTMX)
    assert re.search(rf'<option value="{second.pk}" selected>Client', compact(text(response)))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"model": "demo/viduq2"}, "Free for 1 demo image"),
        ({"model": "vidu/viduq2", "count": "3", "resolution": "4K"}, "30 credits for 3 images"),
        ({"model": "vidu/viduq1"}, "20 credits for 1 image"),
        ({"model": "vtrix/viduq2_reference2image"}, "Price not published for 1 image"),
    ],
)
def test_the_price_is_told_before_the_click(client, user, asked, told):
    make_key(user, "vidu")
    make_key(user, "vtrix")
    response = client.get("/create/cost/", {"mode": "image"} | asked)
    assert told in words(response)


def test_images_change_the_price(client, user):
    make_key(user)
    asked = {"mode": "image", "model": "vidu/viduq2", "images": [make_media(user).pk]}
    assert "8 credits" in words(client.get("/create/cost/", asked))


def test_the_balance_is_told_and_a_short_one_marked(client, user):
    key = make_key(user)
    type(key).objects.filter(pk=key.pk).update(credits=7)
    asked = {"mode": "image", "model": "vidu/viduq2", "key": key.pk}
    assert "<span>7 credits left</span>" in text(client.get("/create/cost/", asked))
    two = client.get("/create/cost/", asked | {"count": "2"})
    assert '<span class="short">7 credits left</span>' in text(two)


def test_the_usual_time_is_told_once_it_is_known(client, user):
    asked = {"mode": "image", "model": "demo/viduq2"}
    now = timezone.now()
    for _ in range(3):
        assert "about" not in words(client.get("/create/cost/", asked))
        sent = now - timedelta(seconds=100)
        make_task(user, status="succeeded", sent_at=sent, finished_at=now)
    cache.clear()
    assert "about 1 min 40 s" in words(client.get("/create/cost/", asked))


@pytest.mark.parametrize("mode", ["", "video", "../x", "IMAGE"])
def test_a_mode_that_is_not_there_is_404(client, mode):
    assert client.get("/create/cost/", {"mode": mode}).status_code == 404


def test_asking_is_cheap_and_changes_nothing(client, user, django_assert_max_num_queries):
    image = make_media(user).pk
    with django_assert_max_num_queries(8) as queries:
        client.get(URL, {"model": "demo/viduq2", "images": [image]}, **HTMX)
    assert [q["sql"] for q in queries if not q["sql"].lstrip("(").startswith("SELECT")] == []
