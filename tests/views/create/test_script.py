"""The scripts of the Create page in a real browser; the test client answers every request."""

import mimetypes
import re
import shutil
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.db.models import F
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from generation.models import Batch, Task, Team
from tests.browser import be_patient
from tests.factories import make_media, make_output, make_task, team_of

pytestmark = pytest.mark.browser
SITE = "http://localhost"
URL = f"{SITE}/create/image/"
LOCAL = ("accept", "content-type", "x-csrftoken")


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    # The browser keeps a loop running in the thread that also talks to the database.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Site:
    """The studio behind a browser, without a port: each request goes through the test client."""

    def __init__(self, client: Client) -> None:
        self.client = client
        client.defaults["SERVER_NAME"] = "localhost"
        self.context = copy_context()  # holds the test's own connection to the database
        self.seen: list[str] = []
        self.broken = self.lost = False
        self.held: list | None = None  # answers to polls that are to come later
        self.meanwhile = lambda: None  # what the person does while a form is on its way

    def answer(self, route):
        request = route.request
        parts = urlsplit(request.url)
        if parts.path.startswith("/static/"):
            file = finders.find(parts.path.removeprefix("/static/"))
            return route.fulfill(path=file, content_type=mimetypes.guess_type(file)[0])
        self.seen.append(f"{request.method} {request.url.removeprefix(SITE)}")
        if self.broken:
            return route.abort()
        response = self.ask(request, f"{parts.path}?{parts.query}" if parts.query else parts.path)
        if request.method == "POST":
            self.meanwhile()
        if self.lost and request.method == "POST":
            return route.abort()
        body = response.getvalue()
        fulfill = partial(
            route.fulfill, status=response.status_code, headers=dict(response.items()), body=body
        )
        if self.held is not None and parts.path == "/live/":
            return self.held.append(fulfill)
        return fulfill()

    def ask(self, request, path):
        given = request.all_headers()
        headers = {name: given[name] for name in given if name.startswith("hx-") or name in LOCAL}
        kind = headers.pop("content-type", "text/plain")
        data = request.post_data_buffer or b""
        ask = partial(self.client.generic, request.method, path, data, kind, headers=headers)
        return self.context.copy().run(ask)

    def polls(self):
        return [one for one in self.seen if "/live/?" in one]


@pytest.fixture
def site(client):
    return Site(client)


@pytest.fixture
def page(chromium, site):
    context = be_patient(chromium.new_context(viewport={"width": 1440, "height": 900}))
    context.route("**/*", site.answer)
    page = context.new_page()
    page.clock.install()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda told: page.faults.append(told.text) if is_fault(told) else None)
    yield page
    context.close()


def is_fault(told):
    """A question that a newer one replaced is none, though htmx prints it."""
    return told.type == "error" and not re.match(r"htmx:(sendAbort|afterRequest)", told.text)


def card(page, task):
    return page.locator(f"#task-{task.pk}")


def hide(page, hidden):
    page.evaluate(
        """(value) => { Object.defineProperty(document, "hidden", {value, configurable: true});
        document.dispatchEvent(new Event("visibilitychange")); }""",
        hidden,
    )


def stop(page):
    """From now on time passes only when the test says so."""
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 1)


def test_a_change_comes_to_its_card_by_itself(page, user):
    task = make_task(user)
    page.goto(URL)
    task.move("submitting")
    page.clock.run_for(2_100)
    expect(card(page, task)).to_have_attribute("data-state", "sending")
    task.move("running", remote_id="1", sent_at=timezone.now())
    page.clock.run_for(2_100)
    expect(card(page, task)).to_have_attribute("data-state", "rendering")
    assert not page.faults


def test_a_card_that_this_page_does_not_hold_is_left_out_without_a_complaint(page, user):
    shown, hidden = make_task(user, prompt="boat"), make_task(user, prompt="lamp")
    page.goto(f"{URL}?q=boat")
    shown.move("submitting")
    hidden.move("submitting")
    page.clock.run_for(2_100)
    expect(card(page, shown)).to_have_attribute("data-state", "sending")
    assert card(page, hidden).count() == 0
    assert not page.faults


def test_a_hidden_tab_asks_nothing_and_a_shown_one_at_once(page, site, user):
    make_task(user)
    page.goto(URL)
    hide(page, True)
    page.clock.run_for(60_000)
    assert site.polls() == []
    with page.expect_response(lambda answer: "/live/?" in answer.url):
        hide(page, False)
    assert len(site.polls()) == 1


def test_without_a_connection_the_page_says_so_and_asks_less_often(page, site, user):
    make_task(user)
    stop(page)
    page.goto(URL)
    site.broken = True
    page.clock.run_for(2_100)
    banner = page.locator("#offline")
    expect(banner).to_contain_text("this page looks again by itself")
    page.clock.run_for(3_000)
    expect(banner).to_be_visible()
    assert len(site.polls()) == 1
    site.broken = False
    page.clock.run_for(1_100)
    expect(banner).to_have_count(0)
    assert page.locator(".toast").count() == 0


def test_when_all_is_done_the_page_is_quiet(page, site, user):
    task = make_task(user)
    page.goto(URL)
    task.move("cancelled")
    page.clock.run_for(2_100)
    expect(card(page, task)).to_have_attribute("data-state", "cancelled")
    page.clock.run_for(60_000)
    assert len(site.polls()) == 1


def test_the_time_goes_on_between_polls_and_the_bar_stops_short_of_the_end(page, user):
    now = timezone.now()
    for _ in range(3):
        make_task(user, status="succeeded", sent_at=now - timedelta(seconds=4), finished_at=now)
    task = make_task(user, status="running", remote_state="running", sent_at=now)
    Task.objects.filter(pk=task.pk).update(created_at=now - timedelta(seconds=400))
    page.goto(URL)
    expect(card(page, task)).to_contain_text("of about 0:04")
    page.clock.run_for(7_000)
    expect(card(page, task)).to_contain_text("longer than usual")
    assert card(page, task).locator("progress").evaluate("bar => bar.value") == 95


def test_a_bar_that_the_provider_reports_is_not_moved_by_the_clock(page, user):
    now = timezone.now()
    for _ in range(3):
        make_task(user, status="succeeded", sent_at=now - timedelta(seconds=40), finished_at=now)
    task = make_task(user, status="running", remote_state="running", sent_at=now, progress=0.1)
    page.goto(URL)
    page.clock.run_for(30_000)
    expect(card(page, task)).to_contain_text("of about 0:40")
    assert card(page, task).locator("progress").evaluate("bar => bar.value") == 10


def test_a_task_that_never_ends_gets_its_way_out_while_the_page_is_open(page, user):
    sent = timezone.now() - timedelta(seconds=3_500)
    task = make_task(user, status="running", remote_state="processing", sent_at=sent)
    Task.objects.filter(pk=task.pk).update(created_at=sent)
    page.goto(URL)
    stop = card(page, task).get_by_role("button", name="Stop waiting")
    expect(card(page, task).locator(".stop")).to_have_count(1)
    expect(stop).to_have_count(0)  # hidden things have no role
    page.clock.run_for(101_000)
    expect(stop).to_be_visible()
    Task.objects.filter(pk=task.pk).update(sent_at=sent - timedelta(seconds=101))
    stop.click()
    expect(card(page, task)).to_have_attribute("data-state", "failed")
    expect(card(page, task)).to_contain_text("Stopped waiting.")


def test_ctrl_enter_pressed_and_held_starts_once(page, user):
    page.goto(URL)
    page.fill("#id_prompt", "A lamp")
    page.focus("#id_prompt")
    page.keyboard.down("Control")
    for _ in range(4):
        page.keyboard.down("Enter")
    expect(page.locator("#feed .batch")).to_have_count(1)
    assert Task.objects.count() == 1
    assert page.input_value("#id_prompt") == "A lamp"
    assert page.evaluate("document.activeElement.id") == "id_prompt"


def forget():
    """The server takes the same order again, as it does after two seconds."""
    Batch.objects.update(ordered_at=F("ordered_at") - timedelta(seconds=3))


@pytest.mark.parametrize("gap", [0, 50, 200, 500, 700, 990])
def test_a_second_click_within_a_second_after_the_answer_starts_nothing(page, site, user, gap):
    page.goto(URL)
    page.fill("#id_prompt", "A lamp")
    stop(page)
    page.click(".go")
    expect(page.locator("#feed .batch")).to_have_count(1)
    forget()
    expect(page.locator(".go")).to_have_attribute("aria-disabled", "true")
    page.clock.run_for(gap)
    page.click(".go", force=True)
    page.press("#id_prompt", "Control+Enter")
    assert site.seen.count("POST /create/image/") == 1
    page.clock.run_for(1_000 - gap)
    expect(page.locator(".go")).not_to_have_attribute("aria-disabled", "true")
    page.click(".go")
    expect(page.locator("#feed .batch")).to_have_count(2)


def test_a_changed_form_goes_at_once_and_its_button_says_so(page, user):
    page.goto(URL)
    page.fill("#id_prompt", "A lamp")
    stop(page)
    page.click(".go")
    expect(page.locator("#feed .batch")).to_have_count(1)
    page.click("label:has([name=aspect_ratio][value='1:1'])")
    expect(page.locator(".go")).not_to_have_attribute("aria-disabled", "true")
    page.click(".go")
    expect(page.locator("#feed .batch")).to_have_count(2)
    page.fill("#id_prompt", "A lamp at night")
    page.click(".go")
    expect(page.locator("#feed .batch")).to_have_count(3)
    assert Task.objects.count() == 3


def test_a_form_that_was_drawn_again_rests_too(page, site, user):
    page.goto(URL)
    page.fill("#id_prompt", "x" * 2_001)
    stop(page)
    page.click(".go")
    expect(page.locator("#id_prompt_error")).to_be_visible()
    page.fill("#id_prompt", "  A lamp  ")
    page.click(".go")
    expect(page.locator("#id_prompt_error")).to_have_count(0)
    page.clock.run_for(100)
    expect(page.locator("#feed .batch")).to_have_count(1)
    forget()
    expect(page.locator(".go")).to_have_attribute("aria-disabled", "true")
    page.click(".go", force=True)
    assert site.seen.count("POST /create/image/") == 2
    assert Task.objects.count() == 1


def test_the_same_order_from_another_tab_is_made_again_only_on_request(page, user):
    page.goto(URL)
    page.fill("#id_prompt", "A lamp")
    stop(page)
    page.click(".go")
    expect(page.locator("#feed .batch")).to_have_count(1)
    page.clock.run_for(1_000)
    page.click(".go")
    expect(page.locator(".notice")).to_contain_text("This was started already.")
    assert page.input_value("#id_prompt") == "A lamp"
    page.get_by_role("button", name="Make it again").dblclick()
    expect(page.locator(".notice")).to_have_count(0)
    page.clock.run_for(100)
    expect(page.locator("#feed .batch")).to_have_count(2)
    assert Task.objects.count() == 2
    assert [one for one in page.faults if "422" not in one] == []


def test_after_back_another_text_is_kept_and_starts_with_the_next_press(page, user):
    page.goto(URL)
    page.fill("#id_prompt", "A lamp")
    intent = page.input_value("[name=intent]")
    stop(page)
    page.click(".go")
    expect(page.locator("#feed .batch")).to_have_count(1)
    page.evaluate("value => { document.querySelector('[name=intent]').value = value }", intent)
    page.fill("#id_prompt", "A lamp at night")
    page.click(".go")
    expect(page.locator(".notice")).to_contain_text("This one has a new text: press Generate")
    assert page.input_value("#id_prompt") == "A lamp at night"
    assert Task.objects.count() == 1
    page.click(".go")
    expect(page.locator(".notice")).to_have_count(0)
    page.clock.run_for(100)
    expect(page.locator("#feed .batch")).to_have_count(2)
    assert Task.objects.latest("pk").prompt == "A lamp at night"


def test_a_double_click_on_try_again_is_one_task(page, site, user):
    old = make_task(user, status="failed", finished_at=timezone.now())
    page.goto(URL)
    card(page, old).get_by_role("button", name="Try again").dblclick()
    expect(page.locator("#feed .batch")).to_have_count(2)
    card(page, old).get_by_role("button", name="Try again").click()
    expect(page.locator(".toast").last).to_contain_text("This was started already")
    assert old.retries.count() == 1
    page.get_by_role("button", name="Make it again").click()
    expect(page.locator("#feed .batch")).to_have_count(3)
    assert old.retries.count() == 2
    assert not page.faults


@pytest.mark.parametrize("how", ["in a small field", "while composing"])
def test_a_stray_enter_starts_nothing(page, site, user, how):
    page.goto(URL)
    page.fill("#id_prompt", "灯塔")
    if how == "while composing":
        page.evaluate(
            """() => document.getElementById("id_prompt").dispatchEvent(new KeyboardEvent("keydown",
            {key: "Enter", ctrlKey: true, isComposing: true, bubbles: true}))"""
        )
    else:
        page.locator("details.advanced").evaluate("box => box.open = true")
        page.press("#id_seed", "Enter")
    page.clock.run_for(500)
    assert not Batch.objects.exists()
    assert "POST /create/image/" not in site.seen


def test_the_counter_counts_characters_and_warns(page, user):
    page.goto(URL)
    counter = page.locator("#prompt-count")
    page.fill("#id_prompt", "🌊灯塔")
    expect(counter).to_have_text("3 / 2,000")
    page.fill("#id_prompt", "x" * 2_001)
    expect(counter).to_have_class(re.compile("too-long"))


def test_a_refused_form_keeps_its_text_and_leads_to_the_fault(page, user):
    page.goto(URL)
    page.locator("details.advanced").evaluate("box => box.open = true")
    page.fill("#id_prompt", "A lamp")
    page.fill("#id_seed", "many")
    page.click(".go")
    expect(page.locator("#id_seed")).to_be_focused()
    assert (page.input_value("#id_prompt"), page.input_value("#id_seed")) == ("A lamp", "many")


def test_a_sheet_opened_by_its_address_shows_its_mode(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{SITE}/create/upscale/#compose")
    expect(page.locator(".modes [aria-current]")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [(1440, 900), (390, 844), (844, 390)], ids=str)
def test_what_a_refused_press_said_is_in_sight_and_covered_by_nothing(page, user, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{URL}#compose")
    page.evaluate("document.querySelectorAll('#compose details').forEach(one => one.open = true)")
    for name, value in (("prompt", "A lamp"), ("seed", "many")):
        page.locator(f"#id_{name}").evaluate("(one, text) => one.value = text", value)
    page.locator("#compose").evaluate("form => form.requestSubmit(form.querySelector('.go'))")
    expect(page.locator("#id_seed_error")).to_be_in_viewport()
    expect(page.locator("#id_seed")).to_be_focused()
    assert page.locator("#id_seed_error").evaluate(
        """one => { const {left, top, width, height} = one.getBoundingClientRect();
        return one.contains(document.elementFromPoint(left + 12, top + height / 2)); }"""
    )


def test_what_a_refused_press_said_is_gone_after_a_good_one(page, user):
    page.goto(URL)
    page.locator("details.advanced").evaluate("box => box.open = true")
    page.fill("#id_prompt", "A lamp")
    page.fill("#id_seed", "many")
    page.click(".go")
    expect(page.locator("#id_seed_error")).to_be_visible()
    page.fill("#id_seed", "7")
    page.click(".go")
    expect(page.locator("#feed .batch")).to_have_count(1)
    expect(page.locator("#compose .error, #compose [aria-invalid]")).to_have_count(0)
    assert (page.input_value("#id_prompt"), page.input_value("#id_seed")) == ("A lamp", "7")


@pytest.mark.parametrize("query", ["?q=boat", "?show=images"])
def test_a_batch_comes_on_top_of_a_part_of_the_feed(page, user, query):
    make_output(user, make_task(user, prompt="A boat", status="succeeded"))
    page.goto(f"{URL}{query}")
    page.fill("#id_prompt", "A lamp")
    page.click(".go")
    expect(page.locator("#feed .batch").first).to_contain_text("A lamp")
    expect(page.locator("#feed .batch")).to_have_count(2)
    expect(page.locator("#running").first).to_have_text("1")
    assert not page.faults


def test_a_batch_whose_card_got_lost_comes_with_the_next_question(page, site, user):
    page.goto(URL)
    page.fill("#id_prompt", "A lamp")
    stop(page)
    site.meanwhile = lambda: setattr(site, "broken", True)
    page.click(".go")
    expect(page.locator("#offline")).to_be_visible()
    assert page.locator("#feed .batch").count() == 0
    site.broken, site.meanwhile = False, lambda: None
    page.clock.run_for(4_100)
    expect(page.locator("#feed .batch")).to_have_count(1)
    expect(page.locator("#offline")).to_have_count(0)
    assert Batch.objects.count() == 1


def test_the_late_answer_of_a_replaced_poller_changes_nothing(page, site, user):
    task = make_task(user)
    page.goto(URL)
    page.fill("#id_prompt", "A lamp")
    stop(page)
    task.move("submitting")
    site.held = []
    page.clock.run_for(2_100)
    page.click(".go")
    while len(site.held) < 2:
        page.evaluate("1")
    old, new = site.held
    new()
    expect(page.locator("#feed .batch")).to_have_count(2)
    task.move("running", remote_id="1", sent_at=timezone.now())
    site.held = None
    page.clock.run_for(2_100)
    expect(card(page, task)).to_have_attribute("data-state", "rendering")
    old()
    page.clock.run_for(100)
    expect(card(page, task)).to_have_attribute("data-state", "rendering")
    assert not page.faults


def test_an_answer_that_got_lost_leaves_one_batch_and_one_card(page, site, user):
    page.goto(URL)
    page.fill("#id_prompt", "A lamp")
    site.lost = True
    page.click(".go")
    again = page.locator(".toast .do")
    expect(again).to_be_visible()
    site.lost = False
    page.clock.fast_forward(1_000)
    again.click()
    expect(page.locator("#feed .batch")).to_have_count(1)
    page.clock.fast_forward(1_000)
    forget()
    page.click(".go")
    expect(page.locator("#feed .batch")).to_have_count(2)
    assert Batch.objects.count() == 2


def test_a_batch_that_is_shown_does_not_come_twice(page, site, user):
    page.goto(URL)
    page.fill("#id_prompt", "A lamp")
    intent = page.input_value("[name=intent]")
    page.click(".go")
    expect(page.locator("#feed .batch")).to_have_count(1)
    page.evaluate("value => { document.querySelector('[name=intent]').value = value }", intent)
    page.clock.fast_forward(1_000)
    page.click(".go")
    expect(page.locator(".toast").last).to_contain_text("started already")
    assert page.locator("#feed .batch").count() == 1


def test_another_model_brings_its_settings_and_says_what_changed(page, user):
    page.goto(URL)
    page.fill("#id_prompt", "Stays")
    page.click("label:has([value='4K'])")
    page.click("details.models summary")
    page.click("label:has([value='demo/viduq1'])")
    expect(page.locator("#notes")).to_contain_text("Resolution set to 1080p")
    expect(page.locator("#chosen")).to_contain_text("Vidu Q1")
    expect(page.locator("[name=resolution][value='4K']")).to_have_count(0)
    expect(page.locator("#missing")).to_contain_text("Resolution: 2K, 4K Vidu Q1 offers 1080p.")
    page.clock.run_for(300)
    expect(page.locator("details.models")).not_to_have_attribute("open", "")
    assert page.input_value("#id_prompt") == "Stays"


def test_a_draft_outlives_the_tab(page, site, user):
    image = make_media(user)
    page.goto(f"{URL}?images={image.pk}")
    page.locator("#developer").evaluate("box => box.open = true")
    page.fill("#id_payload", "only for me")
    page.fill("#id_prompt", "Half a thought")
    page.click("label:has([value='1:1'])")
    page.clock.run_for(400)
    stored = page.evaluate("JSON.stringify({...localStorage})")
    assert "only for me" not in stored
    page.goto(URL)
    expect(page.locator("#id_prompt")).to_have_value("Half a thought")
    expect(page.locator("[name=aspect_ratio][value='1:1']")).to_be_checked()
    expect(page.locator("[name=images]")).to_have_value(str(image.pk))


def test_a_draft_never_goes_over_what_was_asked_for(page, user):
    task = make_task(user, values={"prompt": "From the task"})
    page.goto(URL)
    page.fill("#id_prompt", "A draft")
    page.clock.run_for(400)
    page.goto(f"{URL}?from={task.pk}")
    page.clock.run_for(400)
    expect(page.locator("#id_prompt")).to_have_value("From the task")
    page.goto(URL)
    expect(page.locator("#id_prompt")).to_have_value("A draft")


def test_a_draft_of_nonsense_is_no_obstacle(page, user):
    page.goto(URL)
    page.evaluate("name => localStorage.setItem(name, '{not json')", f"draft:{user.pk}:image")
    page.goto(URL)
    page.fill("#id_prompt", "Goes on")
    expect(page.locator("#prompt-count")).to_contain_text("7 /")
    assert not page.faults


def test_what_is_typed_while_the_answer_is_on_its_way_stays(page, site, user):
    page.goto(URL)
    page.fill("#id_prompt", "Two boats")
    more = "() => { document.getElementById('id_prompt').value = 'Two boats at dawn' }"
    site.meanwhile = lambda: page.evaluate(more)
    page.press("#id_prompt", "Control+Enter")
    expect(page.locator("#feed .batch")).to_have_count(1)
    assert page.input_value("#id_prompt") == "Two boats at dawn"
    assert Task.objects.get().prompt == "Two boats"


def test_more_of_the_feed_comes_before_the_end_is_reached(page, user):
    for _ in range(20):
        make_output(user)
    page.goto(URL)
    page.locator("a.more").scroll_into_view_if_needed()
    expect(page.locator("#feed .batch")).to_have_count(20)
    expect(page.locator("a.more")).to_have_count(0)


def test_on_a_phone_the_sheet_gives_way_to_what_was_started(page, user):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(URL)
    expect(page.locator("#compose")).not_to_be_visible()
    page.click(".dock")
    page.fill("#id_prompt", "From the road")
    page.click(".go")
    expect(page.locator("#feed .batch")).to_have_count(1)
    expect(page.locator("#compose")).not_to_be_visible()
    assert team_of(user) == Team.objects.get()


# --- Other modes ----------------------------------------------------------------------------------


def test_another_mode_begins_with_what_this_one_holds(page, user):
    page.goto(URL)
    page.fill("#id_prompt", "Two boats")
    page.click("nav a[data-carry=text-video]")
    page.wait_for_url("**/create/text-video/")
    expect(page.locator("#id_prompt")).to_have_value("Two boats")
    page.click("nav a[data-carry=image-video]")
    page.wait_for_url("**/create/image-video/")
    expect(page.locator("#id_prompt")).to_have_value("Two boats")


def test_a_mode_chosen_by_its_key_begins_with_it_too(page, user):
    page.goto(f"{SITE}/create/text-video/")
    page.fill("#id_prompt", "Two boats")
    page.keyboard.press("Alt+3")
    page.wait_for_url("**/create/image-video/")
    expect(page.locator("#id_prompt")).to_have_value("Two boats")


def test_inputs_go_along_to_a_mode_that_takes_them(page, user):
    first, second = make_media(user), make_media(user)
    page.goto(f"{SITE}/create/start-end/?images={first.pk}&images={second.pk}")
    page.fill("#id_prompt", "Kept")
    page.click("nav a[data-carry=image-video]")
    expect(page.locator("[name=images]")).to_have_value(str(first.pk))
    expect(page.locator("#notes")).to_contain_text("the rest is left out")
    expect(page.locator("#id_prompt")).to_have_value("Kept")


def test_a_setting_that_another_rests_on_brings_it(page, user):
    page.goto(f"{SITE}/create/text-video/")
    page.click("#advanced summary")
    expect(page.locator("[name=wm_position]")).to_have_count(0)
    page.click("label:has(#id_watermark)")
    expect(page.locator("[name=wm_position]")).to_have_count(4)
    expect(page.locator("#advanced")).to_have_attribute("open", "")


def test_a_slider_and_its_number_keep_in_step(page, user):
    page.goto(f"{SITE}/create/text-video/")
    slider = page.locator("[data-slides=id_duration]")
    slider.evaluate(
        "one => { one.value = 9; one.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    assert page.input_value("#id_duration") == "9"
    page.fill("#id_duration", "12")
    assert slider.input_value() == "12"
    page.press("#id_duration", "Tab")
    page.clock.run_for(500)
    expect(page.locator("#fields:not(.htmx-request) #id_duration")).to_have_value("12")
    page.fill("#id_duration", "99")
    page.press("#id_duration", "Tab")
    page.clock.run_for(500)
    expect(page.locator("#notes")).to_contain_text("Duration set to 16 s, the maximum")
    assert (page.input_value("#id_duration"), slider.input_value()) == ("16", "16")


def test_a_length_of_nothing_is_called_automatic(page, user):
    page.goto(f"{SITE}/create/reference/?model=demo/viduq2-pro")
    page.fill("#id_duration", "0")
    expect(page.locator("output[for=id_duration]")).to_have_text("Auto")


def test_a_change_is_not_undone_by_the_answer_to_an_older_one(page, site, user):
    page.goto(f"{SITE}/create/text-video/")
    again = "() => document.querySelector('label:has([value=\"1080p\"])').click()"
    site.meanwhile = lambda: (setattr(site, "meanwhile", lambda: None), page.evaluate(again))
    page.click("label:has([name=resolution][value='540p'])")
    page.clock.run_for(500)
    expect(page.locator("[name=resolution][value='1080p']")).to_be_checked()
    page.clock.run_for(500)
    expect(page.locator("[name=resolution][value='1080p']")).to_be_checked()


def test_rows_of_audio_come_and_go_without_losing_words(page, user):
    page.goto(f"{SITE}/create/timed-sound/")
    page.fill("[name='cues.prompt']", "Rain")
    page.get_by_role("button", name="Add a sound effect").click()
    expect(page.locator("[name='cues.prompt']")).to_have_count(2)
    page.get_by_role("button", name="Add a sound effect").click()
    expect(page.locator("[name='cues.prompt']")).to_have_count(3)
    expect(page.locator("[name='cues.prompt']").first).to_have_value("Rain")
    assert not Batch.objects.exists()


def test_a_file_of_the_library_is_taken_in_the_dialog(page, user):
    output = make_output(user)
    page.goto(f"{SITE}/create/image-video/")
    page.fill("#id_prompt", "Kept")
    page.get_by_role("button", name="From the library").click()
    page.locator("#dialog [data-take]").click()
    expect(page.locator("[name=images]")).to_have_value(str(output.media_id))
    expect(page.locator("#dialog")).not_to_have_attribute("open", "")
    expect(page.locator("[data-counter]")).to_have_text("1 of 1")
    assert page.input_value("#id_prompt") == "Kept"
    assert not page.faults


def test_a_draft_keeps_rows_and_switches(page, user):
    page.goto(f"{SITE}/create/timed-sound/")
    for name, value in (("from", "1"), ("to", "2"), ("prompt", "A door")):
        page.fill(f"[name='cues.{name}']", value)
    page.clock.run_for(400)
    page.goto(f"{SITE}/create/timed-sound/")
    expect(page.locator("[name='cues.from']")).to_have_value("1")
    expect(page.locator("[name='cues.prompt']")).to_have_value("A door")
