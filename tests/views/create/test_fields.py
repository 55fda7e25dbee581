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


def test_what_is_not_offered_is_left_out_and_its_reason_is_one_click_away(client):
    response = client.get(URL, {"model": "demo/viduq1"}, **HTMX)
    assert not re.search(r'name="resolution" value="4K"', text(response))
    missing = re.search(r'<details[^>]* id="missing".*?</details>', text(response))[0]
    assert "<b>Resolution: 2K, 4K</b> Vidu Q1 offers 1080p." in missing


def test_a_refused_value_stays_in_sight_though_it_is_not_offered(client, user):
    fields = {"model": "demo/viduq1", "prompt": "Go", "resolution": "4K", "intent": "i" * 32}
    response = client.post("/create/image/", fields, **HTMX)
    assert response.status_code == 422
    assert re.search(r'name="resolution" value="4K" checked disabled', text(response))


def test_settings_for_developers_stand_apart_and_open_where_they_are_wrong(client, user):
    page = text(client.get("/create/image/"))
    advanced, developer = (
        re.search(rf'<details[^>]* id="{name}"[^>]*>.*?</details>', page)[0]
        for name in ("advanced", "developer")
    )
    assert re.findall(r' name="(\w+)"', advanced) == ["seed"]
    assert re.findall(r' name="(\w+)"', developer) == ["payload", "callback_url"]
    fields = {"model": "demo/viduq2", "prompt": "Go", "callback_url": "nowhere"}
    refused = text(client.post("/create/image/", fields, **HTMX))
    assert re.search(r'<details[^>]* id="developer" open>', refused)
    assert not re.search(r'<details[^>]* id="advanced" open>', refused)


def test_what_was_set_apart_is_counted_on_the_closed_disclosure(client):
    response = client.get(URL, {"model": "demo/viduq2", "seed": "7"}, **HTMX)
    advanced = re.search(r'<details[^>]* id="advanced".*?</details>', text(response))[0]
    assert 'title="Seed"' in advanced


@pytest.mark.parametrize(("mode", "name"), [("speech", "pitch"), ("text-video", "duration")])
def test_a_number_is_typed_beside_its_slider_and_sent_without_script(client, mode, name):
    page = text(client.get(f"/create/{mode}/"))
    assert re.search(rf'<input type="range" data-slides="id_{name}"', page)
    assert re.search(rf'<input class="input" id="id_{name}" name="{name}"', page)


def test_the_presets_show_which_one_the_form_is_set_to(client, user):
    make_key(user)
    asked = {"model": "vidu/viduq2", "resolution": "1080p"}
    for resolution, on in (("1080p", "draft"), ("4K", "final")):
        page = text(client.get(URL, asked | {"resolution": resolution}, **HTMX))
        assert re.findall(r'value="preset:(\w+)" aria-pressed="true"', page) == [on]


def test_a_image_opens_the_automatic_ratio(client, user):
    bare = client.get(URL, {"model": "demo/viduq2"}, **HTMX)
    asked = {"model": "demo/viduq2", "images": [make_media(user).pk], "aspect_ratio": "auto"}
    with_image = client.get(URL, asked, **HTMX)
    assert 'name="aspect_ratio" value="auto"' not in text(bare)
    assert "checked" in option(with_image, "aspect_ratio", "auto")
    assert "Works from your image" in words(with_image)


def test_the_images_of_others_do_not_count(client):
    asked = {"model": "demo/viduq2", "images": [make_media(make_user()).pk]}
    assert 'value="auto"' not in text(client.get(URL, asked, **HTMX))


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
