"""The upload module in a real browser, on a form like the composer's; the answers are made here."""

import re
import shutil
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import render_to_string
from playwright.sync_api import expect, sync_playwright

from generation.catalogue.types import ImageLimits, Limit, VideoLimits
from generation.views.files.input_zones import InputSlot, InputTile, InputZone

pytestmark = pytest.mark.browser
SITE = "http://studio.test"
PAGE = """{% load static %}<!doctype html><html lang="en"><title>x</title>
<link rel="stylesheet" href="/static/css/studio.css">
<link rel="stylesheet" href="/static/css/uploads.css">
<script src="/htmx.js" defer></script>
<script src="/static/js/upload.js" type="module"></script>
<body><form class="composer" id="compose" method="post">
<input type="hidden" name="csrfmiddlewaretoken" value="token">
<input name="model" value="demo/viduq2"><textarea name="prompt"></textarea>
{% include "generation/uploads/_zone.html" %}</form></body></html>"""
WATCH = """window.changes = 0;
document.addEventListener("change", (e) => (changes += e.target.matches("[data-uploads]")));"""
TRANSFER = """([event, selector, content]) => {
  const data = new DataTransfer();
  for (const [name, text] of Object.entries(content))
    if (text === true) data.items.add(new File(["pixels"], name, {type: "image/png"}));
    else data.setData(name, text);
  const init = {bubbles: true, cancelable: true};
  const made = event === "paste" ? new ClipboardEvent(event, {...init, clipboardData: data})
    : new DragEvent(event, {...init, dataTransfer: data});
  document.querySelector(selector).dispatchEvent(made);
}"""
PERSON = SimpleNamespace(user=SimpleNamespace(pk=1))


def htmx_file() -> Path:
    import django_htmx

    return next(Path(django_htmx.__file__).parent.rglob("htmx-2.min.js"))


@pytest.fixture(scope="module")
def window():
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser.new_page(reduced_motion="reduce")
        browser.close()


def tile(number: int, name: str) -> str:
    media = SimpleNamespace(
        pk=number, name=name, width=320, height=240, thumb_url="/thumb", uploaded=True,
        created_by_id=1, kind="image", get_kind_display="Image",
    )  # fmt: skip
    context = {"tile": InputTile("images", media), "request": PERSON}
    return render_to_string("generation/uploads/_tile.html", context)


class Server:
    """Takes every picture but those called "bad", and remembers what it was sent."""

    def __init__(self) -> None:
        self.numbers, self.seen, self.removed = count(1), [], []

    def __call__(self, route: Any) -> None:
        body = (route.request.post_data_buffer or b"").decode("latin-1")
        self.seen.append((route.request.headers, body))
        given = re.search(r'filename="(.*?)"|name="url"\s+(\S+)', body)
        name = given and (given[1] or given[2].split("/")[-1])
        if "bad" in name:
            context = {"name": name, "sentence": "This is a GIF. Use PNG, JPEG or WebP."}
            text, status = render_to_string("generation/uploads/_refused.html", context), 422
        else:
            text, status = tile(next(self.numbers), name), 200
        route.fulfill(body=text, status=status, content_type="text/html; charset=utf-8")

    def remove(self, route: Any) -> None:
        self.removed.append(route.request.url)
        route.fulfill(body="")


class Scope:
    """A page with the section on it, and what came of it."""

    def __init__(self, page: Any) -> None:
        self.page, self.server = page, Server()
        self.figures = page.locator("figure[data-image]")
        self.waiting = page.locator("figure.waiting")
        self.refused = page.locator("figure.failed")
        self.input = page.locator("input[type=file]")
        self.problem = page.locator("[data-problem]")

    def choose(self, *names: str, size: int = 9, kind: str = "image/png") -> None:
        files = [{"name": name, "mimeType": kind, "buffer": bytes(size)} for name in names]
        self.input.set_input_files(files)

    def ids(self) -> list[str]:
        return self.page.locator("[name=images]").evaluate_all("all => all.map(one => one.value)")

    def transfer(self, event: str, selector: str, **content: Any) -> None:
        """Drop or paste files (name=True) or text (type=text)."""
        self.page.evaluate(TRANSFER, [event, selector, content])


@pytest.fixture
def scope(window):
    complaints = []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    images = Limit(maximum=3, image=ImageLimits(max_bytes=1 << 20))
    videos = Limit(maximum=1, video=VideoLimits(("mp4", "webm"), max_bytes=1 << 20, max_seconds=2))
    kinds = [InputSlot("images", images, 0), InputSlot("videos", videos, 0)]
    context = {"mode": "reference", "zone": InputZone("reference", kinds, [])}
    html = engines["django"].from_string(PAGE).render(context)
    made = Scope(window)
    window.route("**/thumb", lambda route: route.fulfill(body=""))
    window.route("**/form/", lambda route: route.fulfill(body=html, content_type="text/html"))
    window.route("**/htmx.js", lambda route: route.fulfill(path=htmx_file()))
    window.route("**/static/**", lambda route: route.fulfill(path=asset(route.request.url)))
    window.route("**/uploads/?for=*", made.server)
    window.route("**/remove/", made.server.remove)
    window.goto(f"{SITE}/form/")
    window.evaluate(WATCH)
    yield made
    window.unroute_all(behavior="ignoreErrors")
    assert complaints == []


def asset(url: str) -> Path:
    return settings.BASE_DIR / url.removeprefix(f"{SITE}/")


def test_chosen_files_become_tiles_that_the_form_carries(scope):
    scope.choose("one.png", "two.png")
    expect(scope.figures).to_have_count(2)
    expect(scope.page.locator("[data-counter]")).to_have_text("2 of 3 images · 0 of 1 videos")
    assert sorted(scope.ids()) == ["1", "2"]
    assert scope.input.input_value() == ""
    assert scope.page.evaluate("changes") == 2


def test_an_image_is_sent_with_its_token_and_what_it_is_for(scope):
    scope.choose("one.png")
    expect(scope.figures).to_have_count(1)
    headers, body = scope.server.seen[0]
    assert (headers["x-csrftoken"], headers["hx-request"]) == ("token", "true")
    assert 'name="file"; filename="one.png"' in body
    assert re.search(r'name="mode"\s+reference\s', body)
    assert re.search(r'name="for"\s+images\s', body)
    assert re.search(r'name="model"\s+demo/viduq2\s', body)


def test_files_beyond_the_limit_are_reported_and_not_sent(scope):
    scope.choose("1.png", "2.png", "3.png", "4.png")
    expect(scope.figures).to_have_count(3)
    expect(scope.problem).to_contain_text("No more fit here.")
    expect(scope.page.locator("[data-counter]")).to_contain_text("3 of 3 images")
    scope.figures.first.locator(".out").click()
    expect(scope.page.locator("[data-counter]")).to_contain_text("2 of 3 images")
    assert len(scope.server.seen) == 3


@pytest.mark.parametrize(
    ("size", "kind", "message"),
    [(1 + (1 << 20), "video/mp4", "a.x is too large. Use a file of up to 1 MB."),
     (9, "image/gif", "a.x cannot be used here. Use PNG, JPEG, WEBP.")],
)  # fmt: skip
def test_size_and_type_are_checked_before_sending(scope, size, kind, message):
    scope.choose("a.x", size=size, kind=kind)
    expect(scope.problem).to_have_text(message)
    assert scope.server.seen == []


def test_a_video_that_is_too_long_is_refused_before_it_is_sent(scope, tmp_path):
    video = tmp_path / "long.webm"
    record(video, seconds=4)
    scope.input.set_input_files(video)
    expect(scope.problem).to_contain_text("long.webm lasts 4.0 s. Cut it to at most 2 s.")
    assert scope.server.seen == []
    expect(scope.waiting).to_have_count(0)


def record(path: Path, seconds: int) -> None:
    """A film of one grey."""
    with av.open(str(path), "w", format="webm") as video:
        stream = video.add_stream("libvpx", rate=5)
        stream.width, stream.height = 128, 128
        for _ in range(5 * seconds):
            video.mux(stream.encode(av.VideoFrame(128, 128, "yuv420p")))
        video.mux(stream.encode())


def test_handles_follow_the_order(scope):
    for number in (1, 2):
        scope.choose(f"{number}.png")
        expect(scope.figures).to_have_count(number)
    handles = "all => all.map(one => [one.querySelector('input').value, one.dataset.handle])"
    assert scope.figures.evaluate_all(handles) == [["1", "image1"], ["2", "image2"]]
    scope.figures.first.locator(".right").dispatch_event("click")
    assert scope.figures.evaluate_all(handles) == [["2", "image1"], ["1", "image2"]]


def test_a_smaller_copy_is_made_only_when_it_is_asked_for(scope):
    heavy = {"name": "big.png", "sentence": "This image has 9 MB.", "pixels": "2048 x 1365"}
    context = heavy | {"heavy": SimpleNamespace(pk=5), "for": "images"}
    refusal = render_to_string("generation/uploads/_refused.html", context)
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(body=tile(7, "Smaller copy"), content_type="text/html")

    kind = {"status": 422, "content_type": "text/html"}
    scope.page.route("**/uploads/?for=*", lambda route: route.fulfill(body=refusal, **kind))
    scope.page.route("**/uploads/5/smaller/**", answer)
    scope.choose("big.png")
    expect(scope.refused).to_contain_text("This image has 9 MB.")
    assert asked == []
    scope.page.get_by_role("button", name="Use a smaller copy, 2048 x 1365").click()
    expect(scope.figures).to_have_count(1)
    assert (len(asked), scope.ids()) == (1, ["7"])


def test_a_place_stays_in_sight_while_a_file_is_dragged_over_it(scope):
    """The sheets of the whole studio are here: a word of a tile's must not hide a place."""
    scope.transfer("dragover", "[data-uploads]", **{"a.png": True})
    section = scope.page.locator("[data-uploads]")
    expect(section).to_have_class(re.compile("dropping"))
    assert section.evaluate("one => getComputedStyle(one).opacity") == "1"
    assert section.evaluate("one => getComputedStyle(one).position") != "absolute"
    scope.transfer("drop", "[data-uploads]", **{"a.png": True})
    expect(section).not_to_have_class(re.compile("dropping"))


def test_what_the_server_refuses_is_a_tile_to_dismiss(scope):
    scope.choose("bad.png")
    expect(scope.refused).to_contain_text("bad.png This is a GIF. Use PNG, JPEG or WebP.")
    expect(scope.refused.locator("[data-retry]")).to_have_count(0)
    scope.page.locator("[data-dismiss]").click()
    expect(scope.refused).to_have_count(0)
    assert scope.ids() == []


def test_a_broken_connection_offers_another_try(scope):
    scope.page.route("**/uploads/?for=*", lambda route: route.abort(), times=1)
    scope.choose("lamp.png")
    expect(scope.refused).to_contain_text("lamp.png The connection broke off.")
    scope.page.locator("[data-retry]").click()
    expect(scope.figures).to_have_count(1)
    expect(scope.refused).to_have_count(0)


def test_three_are_sent_at_once_and_one_can_be_stopped(scope):
    held = []
    scope.page.evaluate(
        """() => { const at = document.querySelector("[data-kinds]");
        const kinds = JSON.parse(at.dataset.kinds);
        kinds.images.max = 9; at.dataset.kinds = JSON.stringify(kinds); }"""
    )
    scope.page.route("**/uploads/?for=*", lambda route: held.append(route))
    with scope.page.expect_request(lambda request: "3.png" in (request.post_data or "")):
        scope.choose("1.png", "2.png", "3.png", "4.png")
    expect(scope.waiting).to_have_count(4)
    assert len(held) == 3
    with scope.page.expect_request(lambda request: "4.png" in (request.post_data or "")):
        scope.page.locator("[data-abort]").first.click()
    expect(scope.waiting).to_have_count(3)
    for route in held[1:]:
        scope.server(route)
    expect(scope.figures).to_have_count(3)


@pytest.mark.parametrize(("name", "sent"), [("second.png", 1), ("bad.png", 0)])
def test_a_form_sent_too_early_goes_with_its_files_or_not_at_all(scope, name, sent):
    held = []
    scope.page.evaluate(
        """() => { window.sent = [];
        document.addEventListener("submit", (event) => {
          event.preventDefault();
          sent.push(new FormData(event.target).getAll("images").sort().join());
        });
        const go = Object.assign(document.createElement("button"), {className: "go"});
        document.getElementById("compose").append(go); }"""
    )
    scope.page.route("**/uploads/?for=*", lambda route: held.append(route))
    with (
        scope.page.expect_request(lambda request: "first.png" in (request.post_data or "")),
        scope.page.expect_request(lambda request: name in (request.post_data or "")),
    ):
        scope.choose("first.png", name)
    scope.page.evaluate("document.querySelector('.go').click()")
    for route in held:
        assert scope.page.evaluate("sent.length") == 0
        scope.server(route)
    expect(scope.waiting).to_have_count(0)
    assert scope.page.evaluate("sent") == ["1,2"] * sent


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_files_can_be_dropped_and_pasted_anywhere_on_the_form(scope, event):
    scope.transfer(event, "textarea", **{"a.png": True})
    expect(scope.figures).to_have_count(1)


def test_files_can_be_dropped_anywhere_in_the_window_and_the_page_stays(scope):
    scope.transfer("drop", "body", **{"a.png": True})
    expect(scope.figures).to_have_count(1)
    assert scope.page.url.endswith("/form/")


def test_behind_a_dialog_without_inputs_a_dropped_file_goes_nowhere(scope):
    scope.page.evaluate("""() => { const dialog = document.createElement("dialog");
        document.body.append(dialog); dialog.showModal(); }""")
    scope.transfer("drop", "body", **{"a.png": True})
    assert scope.page.url.endswith("/form/")
    assert scope.server.seen == []


def test_a_link_is_taken_only_where_inputs_are_and_text_stays_text(scope):
    scope.transfer("drop", "body", **{"text/uri-list": "https://cdn.test/2.png"})
    scope.transfer("drop", "textarea", **{"text/plain": "https://cdn.test/3.png"})
    assert scope.server.seen == []


def test_an_address_can_be_entered_dropped_or_pasted_but_not_while_typing(scope):
    scope.transfer("paste", "body", **{"text/plain": "https://cdn.test/1.png"})
    scope.transfer("drop", "textarea", **{"text/uri-list": "https://cdn.test/2"})
    scope.transfer("paste", "textarea", **{"text/plain": "https://cdn.test/no.png"})
    scope.page.locator("summary").click()
    field = scope.page.locator("[name=images_url]")
    field.fill("https://cdn.test/3")
    field.press("Enter")
    expect(scope.figures).to_have_count(3)
    assert field.input_value() == ""
    assert not any("no.png" in body for _headers, body in scope.server.seen)


def test_images_change_places_by_buttons_and_keep_the_focus(scope):
    for number in (1, 2, 3):
        scope.choose(f"{number}.png")
        expect(scope.figures).to_have_count(number)
    button = scope.figures.first.locator(".right")
    button.focus()
    button.press("Enter")
    assert scope.ids() == ["2", "1", "3"]
    scope.page.keyboard.press("Enter")
    assert scope.ids() == ["2", "3", "1"]
    label = scope.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label == "Move 1.png to the left"
    assert scope.page.evaluate("changes") == 5


def test_removing_takes_the_file_from_the_studio_too(scope):
    scope.choose("1.png")
    with scope.page.expect_response("**/remove/"):
        scope.figures.locator(".out").click()
    assert scope.server.removed == [f"{SITE}/uploads/1/remove/"]
    expect(scope.figures).to_have_count(0)
    expect(scope.input).to_be_focused()


def test_running_uploads_survive_a_form_that_is_rendered_again(scope):
    held = []
    scope.page.route("**/uploads/?for=*", lambda route: held.append(route))
    with scope.page.expect_request("**/uploads/?for=*"):
        scope.choose("1.png")
    drawn = (
        "document.querySelector('#zone-images').outerHTML.replace(/<figure id=.*?<.figure>/s, '')"
    )
    scope.page.evaluate(f"htmx.swap('#zone-images', {drawn}, {{swapStyle: 'outerHTML'}})")
    expect(scope.waiting).to_have_count(1)
    scope.server(held[0])
    expect(scope.figures).to_have_count(1)


def test_a_lost_session_leads_to_the_login(scope):
    scope.page.route("**/login/", lambda route: route.fulfill(body="log in"))
    lost = {"status": 401, "headers": {"HX-Redirect": "/login/"}}
    scope.page.route("**/uploads/?for=*", lambda route: route.fulfill(**lost))
    scope.choose("1.png")
    scope.page.wait_for_url("**/login/")


def test_the_markup_holds_no_script_and_no_style(scope):
    scope.choose("1.png")
    expect(scope.figures).to_have_count(1)
    section = scope.page.locator("#zone-images").evaluate("one => one.outerHTML")
    assert not re.search(r"\sstyle=|\son\w+=|javascript:", section)
