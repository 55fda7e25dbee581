"""The scripts of the library, the viewer and the task page in a real browser."""

import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from generation.models import Media, Output, Status
from tests.browser import be_patient
from tests.e2e.media import video
from tests.factories import (
    make_media,
    make_output,
    make_task,
    make_video,
    project_of,
    team_of,
)
from tests.views.create.test_script import SITE, Site, chromium  # noqa: F401
from tests.views.library.test_grid import many

pytestmark = pytest.mark.browser
LIBRARY = f"{SITE}/library/"


@pytest.fixture
def site(client):
    return Site(client)


@pytest.fixture
def page(chromium, site):  # noqa: F811
    context = be_patient(chromium.new_context(viewport={"width": 1440, "height": 900}))
    context.route("**/*", site.answer)
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda entry: faults.append(entry.text) if entry.type == "error" else None)
    yield page
    context.close()
    assert not [fault for fault in faults if "404" not in fault]  # outputs here have no files


def tile(page, output):
    return page.locator(f"#o{output.pk}")


def shown(page) -> str:
    return page.locator("#viewer").get_attribute("data-output")


def pages(site) -> list[str]:
    return [one for one in site.seen if "/media/" not in one]


def ticked(page):
    return page.locator(".tick :checked")


def test_pages_append_themselves_and_a_filter_follows(page, user):
    many(user, 150)
    page.goto(f"{LIBRARY}?sort=oldest")
    for count in (120, 150):
        page.locator(".more, .card:last-of-type").last.scroll_into_view_if_needed()
        expect(page.locator(".card")).to_have_count(count)
    expect(page.locator(".day")).to_have_count(len(set(page.locator(".day h2").all_inner_texts())))
    assert page.url.startswith(f"{LIBRARY}?sort=oldest")
    assert "after=" not in page.url


def test_a_tile_opens_the_viewer_and_back_leads_to_the_tile_of_the_last_one_shown(page, user):
    old, new = make_output(user), make_output(user)
    page.goto(LIBRARY)
    tile(page, new).locator("a").first.click()
    expect(page.locator("#viewer")).to_be_visible()
    assert page.url == f"{SITE}{new.get_absolute_url()}"
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"#viewer[data-output='{old.pk}']")).to_be_visible()
    page.go_back()
    expect(page.locator("#dialog")).not_to_be_visible()
    assert page.url == LIBRARY
    expect(tile(page, old).locator("a").first).to_be_focused()
    page.go_forward()
    expect(page.locator("#viewer")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url(LIBRARY)


def test_a_viewer_that_was_reloaded_still_leads_back_to_the_grid_and_on(page, user):
    output = make_output(user)
    page.goto(LIBRARY)
    tile(page, output).locator("a").first.click()
    expect(page.locator("#dialog #viewer")).to_be_visible()
    page.reload()
    expect(page.locator("#main #viewer")).to_be_visible()
    page.go_back()
    expect(tile(page, output)).to_be_visible()
    assert page.url == LIBRARY
    page.go_forward()
    expect(page.locator("#dialog #viewer")).to_be_visible()


def test_back_from_the_viewer_keeps_a_page_whose_filter_was_pushed(page, user, site):
    there = team_of(user).projects.create(name="There", created_by=user)
    output = make_output(user)
    page.goto(LIBRARY)
    page.get_by_text("Project", exact=True).click()
    page.get_by_label(project_of(user).name).check()
    page.wait_for_url(f"{LIBRARY}?project={project_of(user).slug}")
    page.keyboard.press("Escape")
    tile(page, output).locator("a").first.click()
    expect(page.locator("#viewer")).to_be_visible()
    asked = pages(site)
    page.go_back()
    expect(page.locator("#dialog")).not_to_be_visible()
    assert pages(site) == asked
    page.go_back()  # to before the filter: htmx loads that page again
    page.wait_for_url(LIBRARY)
    expect(page.locator(f"[value='{there.slug}']")).not_to_be_checked()
    expect(page.locator(f"[value='{project_of(user).slug}']")).not_to_be_checked()


def test_keys_move_select_and_clear_and_are_letters_in_a_field(page, user):
    outputs = many(user, 9)[::-1]
    page.goto(LIBRARY)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(tile(page, outputs[2]).locator("a").first).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".bulk b")).to_have_text("2 selected")
    page.keyboard.press("Control+a")
    expect(ticked(page)).to_have_count(9)
    page.keyboard.press("Escape")
    expect(ticked(page)).to_have_count(0)
    page.keyboard.press("Alt+x")
    page.get_by_placeholder("Search library").press_sequentially("xd")
    page.get_by_placeholder("Search library").press("Control+a")
    expect(ticked(page)).to_have_count(0)


def test_up_and_down_go_by_place_and_tab_stops_once(page, user):
    many(user, 30)
    page.goto(LIBRARY)
    page.keyboard.press("ArrowRight")
    place = "document.activeElement.closest('.card').getBoundingClientRect()"
    before = page.evaluate(place)
    page.keyboard.press("ArrowDown")
    below = page.evaluate(place)
    assert below["top"] > before["bottom"]
    assert abs(below["left"] - before["left"]) < before["width"]
    stops = ".justified :is(a, button, input):not([tabindex='-1'])"
    assert (
        page.locator(stops).evaluate_all("all => new Set(all.map(e => e.closest('.card'))).size")
        == 1
    )


def test_single_keys_that_are_switched_off_do_nothing(page, user, client):
    many(user, 2)
    client.post("/settings/shortcuts/", {})
    page.goto(LIBRARY)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(ticked(page)).to_have_count(0)


def test_what_is_selected_is_trashed_as_one_list_and_undo_brings_it_back(page, user, site):
    outputs = many(user, 4)[::-1]
    page.goto(LIBRARY)
    tile(page, outputs[0]).locator("input").check(force=True)
    tile(page, outputs[2]).locator("input").click(force=True, modifiers=["Shift"])
    page.keyboard.press("Delete")
    expect(page.locator(".card:visible")).to_have_count(1)
    assert Output.objects.trashed().count() == 3
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".card:visible")).to_have_count(4)
    expect(page.get_by_text("3 are back in the library.")).to_be_visible()
    assert not Output.objects.trashed().exists()


def test_toasts_of_one_kind_become_one_and_are_undone_together(page, user):
    outputs = many(user, 4)
    page.goto(LIBRARY)
    for output in outputs[:3]:
        tile(page, output).hover()
        tile(page, output).locator("[data-do=trash]").click()
        expect(tile(page, output)).not_to_be_visible()
    expect(page.locator("#toasts div.toast")).to_have_count(1)
    expect(page.locator("#toasts")).to_contain_text("3 moved to the trash.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".card:visible")).to_have_count(4)
    assert not Output.objects.trashed().exists()


def test_what_is_selected_is_downloaded_as_one_list_and_the_page_stays(page, user, site):
    first, _second, third = (make_output(user) for _ in range(3))
    page.goto(LIBRARY)
    for output in (third, first):
        tile(page, output).locator("input").check(force=True)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").last.click()
    with ZipFile(download.value.path()) as zipped:
        assert [name[:27] for name in zipped.namelist()] == ["a-lighthouse-at-dusk_viduq2"] * 2
    with page.expect_download():
        page.keyboard.press("d")
    expect(page.locator(".bulk b")).to_have_text("2 selected")
    assert page.url == LIBRARY


@pytest.mark.parametrize("where", ["grid", "viewer"])
def test_a_double_click_trashes_one_however_late_its_second_half_comes(page, user, where):
    outputs = many(user, 5)[::-1]
    page.goto(LIBRARY)
    if where == "viewer":
        tile(page, outputs[0]).locator("a").first.click()
        expect(page.locator("#viewer")).to_be_visible()
        page.locator(".output-actions summary", has_text="More").click()
    button = page.locator("#viewer" if where == "viewer" else f"#o{outputs[0].pk}")
    box = button.locator("[data-do=trash]").bounding_box()
    page.mouse.click(box["x"] + 9, box["y"] + 9)
    expect(tile(page, outputs[0])).to_be_hidden()
    if where == "viewer":
        expect(page.locator(f"#viewer[data-output='{outputs[1].pk}']")).to_be_visible()
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    page.keyboard.press("Escape")
    page.wait_for_url(LIBRARY)
    page.goto(LIBRARY)  # answered after all that was asked before
    assert list(Output.objects.trashed().values_list("pk", flat=True)) == [outputs[0].pk]
    expect(page.locator(".card")).to_have_count(4)


def test_trashing_in_the_viewer_shows_the_next_and_undo_can_be_pressed_there(page, user):
    old, new = make_output(user), make_output(user)
    page.goto(LIBRARY)
    tile(page, new).locator("a").first.click()
    expect(page.locator("#viewer")).to_be_visible()
    page.keyboard.press("Delete")
    expect(page.locator(f"#viewer[data-output='{old.pk}']")).to_be_visible()
    expect(tile(page, new)).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Back in the library.")).to_be_visible()
    expect(tile(page, new)).to_be_attached()
    page.keyboard.press("Escape")
    expect(tile(page, new)).to_be_visible()


@pytest.mark.parametrize("kind", ["image", "video"])
def test_a_tall_image_or_video_fits_with_its_controls(page, user, kind, tmp_path):
    if kind == "video":
        data = video(tmp_path / "tall.mp4", 0.5, 90, 160).read_bytes()
        made = make_video(user, data, width=900, height=1600)
    else:
        made = make_media(user, width=900, height=1600)
    output = make_output(user, media=made)
    page.goto(LIBRARY)
    tile(page, output).locator("a").first.click()
    for address in (page.url, f"{SITE}{output.get_absolute_url()}"):
        if page.url != address:
            page.goto(address)
        shown = page.locator("#viewer").locator("video" if kind == "video" else ".media img")
        expect(shown).to_be_visible()
        expect(shown).to_have_css("object-fit", "contain")  # its style sheet is here
        page.wait_for_function("one => one.poster || one.naturalWidth", arg=shown.element_handle())
        box = shown.bounding_box()
        assert box["height"] > 400
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900
        assert abs(box["width"] / box["height"] - 9 / 16) < 0.02
    if kind == "video":
        expect(page.get_by_role("button", name="Loop")).to_be_in_viewport(ratio=1)


def test_a_page_of_its_own_is_shown_again_after_a_move(page, user):
    output = make_output(user)
    page.goto(f"{SITE}{output.get_absolute_url()}")
    page.locator(".output-actions summary", has_text="More").click()
    page.get_by_role("button", name="Move to trash").click()
    restore = page.get_by_role("button", name="Restore")
    restore.click()
    expect(restore).to_have_count(0)  # the page is drawn anew, which closes an open menu
    page.locator(".output-actions summary", has_text="More").click()
    expect(page.get_by_role("button", name="Move to trash")).to_be_visible()


def test_a_tile_without_its_file_says_so(page, user):
    many(user, 1)
    page.goto(LIBRARY)
    expect(page.locator(".card.lost .open")).to_have_attribute("data-lost", "File missing")
    expect(page.get_by_role("link", name="A lighthouse at dusk")).to_have_count(1)


@pytest.mark.parametrize("kind", ["image", "video"])
def test_the_viewer_says_that_a_file_is_missing(page, user, kind):
    (output,) = many(user, 1)
    Media.objects.update(kind=kind, seconds=5)
    Output.objects.update(kind=kind)
    page.goto(LIBRARY)
    tile(page, output).locator("a").first.click()
    expect(page.locator("#viewer .media")).to_have_attribute("data-lost", re.compile("is missing"))
    page.goto(f"{SITE}{output.get_absolute_url()}")
    expect(page.locator("#viewer .media")).to_have_attribute("data-lost", re.compile("is missing"))


def test_the_viewer_says_that_this_browser_cannot_play_a_file(page, user):
    output = make_output(user, kind="video")
    Media.objects.update(kind="video", seconds=5)
    page.goto(f"{SITE}{output.get_absolute_url()}")
    expect(page.locator("#viewer .media")).to_have_attribute("data-lost", re.compile("cannot play"))


def test_the_file_of_an_image_that_is_there_is_not_missing(page, user):
    output = make_output(user)
    page.goto(f"{SITE}{output.get_absolute_url()}")
    page.wait_for_function("() => document.querySelector('.media img').naturalWidth")
    expect(page.locator("#viewer .media")).not_to_have_attribute("data-lost", re.compile("."))


def test_the_log_of_a_task_follows_its_card(page, user):
    task = make_task(user)
    page.goto(f"{SITE}{task.get_absolute_url()}")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".log")).to_contain_text("Cancelled")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    task.refresh_from_db()
    assert task.status == Status.CANCELLED


def test_what_opens_in_the_viewer_of_a_phone_stays_above_the_comment_bar(page, user):
    output = make_output(user)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{SITE}{output.get_absolute_url()}?tab=settings")
    for name in ("Use as", "More"):
        page.locator(".output-actions summary", has_text=name).click()
        menu = page.locator(".output-actions details[open] .pop").bounding_box()
        bar = page.locator(".rv-say").bounding_box()
        assert menu["y"] + menu["height"] <= bar["y"]
        assert menu["y"] >= 0
        page.keyboard.press("Escape")
