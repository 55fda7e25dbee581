"""Collecting and arranging in a real browser."""

import pytest
from playwright.sync_api import expect

from generation.models import Collection
from tests.factories import make_output, team_of
from tests.views.create.test_script import SITE, chromium  # noqa: F401
from tests.views.library.test_script import LIBRARY, page, site, tile  # noqa: F401

pytestmark = pytest.mark.browser


@pytest.fixture
def collection(user):
    row = Collection.objects.create(team=team_of(user), name="Final picks", created_by=user)
    row.add([make_output(user) for _ in range(3)], user)
    return row


def order(collection):
    return list(collection.shown_items.values_list("output", flat=True))


def test_a_selection_is_collected_and_stays_selected(page, user, collection):  # noqa: F811
    output = make_output(user)
    page.goto(LIBRARY)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.locator(".bulk").get_by_role("button", name="Collect").click()
    page.locator("#dialog").get_by_role("button", name="Final picks").click()
    expect(page.locator("#toasts")).to_contain_text("1 added to Final picks.")
    expect(page.locator("#dialog")).not_to_be_visible()
    expect(tile(page, output).locator(".tick :checked")).to_have_count(1)
    assert order(collection)[-1] == output.pk


def test_keys_arrange_and_the_focus_stays_with_what_moves(page, collection):  # noqa: F811
    pks = order(collection)
    page.goto(f"{SITE}/collections/{collection.pk}/arrange/")
    page.locator(f"#l{pks[0]}").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(".move-status")).to_contain_text("now 2 of 3")
    page.keyboard.press("Alt+End")
    expect(page.locator(".move-status")).to_contain_text("now 3 of 3")
    expect(page.locator(f"#z{pks[0]}, #l{pks[0]}")).to_have_count(2)
    assert order(collection) == [pks[1], pks[2], pks[0]]
    page.locator(f"#p{pks[0]}").fill("1")
    page.keyboard.press("Enter")
    expect(page.locator(".move-status")).to_contain_text("now 1 of 3")
    assert order(collection) == pks


def test_what_is_taken_out_leaves_the_page(page, collection):  # noqa: F811
    pks = order(collection)
    page.goto(f"{SITE}/collections/{collection.pk}/")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.get_by_role("button", name="Take out").click()
    expect(page.locator(f"#o{pks[0]}")).to_have_count(0)
    assert order(collection) == pks[1:]


def test_a_finger_that_holds_carries_an_item_and_one_that_moves_at_once_scrolls(
    page,  # noqa: F811
    collection,
):
    pks = order(collection)
    page.goto(f"{SITE}/collections/{collection.pk}/arrange/")
    finger = page.context.new_cdp_session(page)
    from_, to = (page.locator(f"#i{pk} .pic-box").bounding_box() for pk in (pks[0], pks[2]))

    def touch(kind, box=None):
        points = [{"x": box["x"] + 30, "y": box["y"] + 30}] if box else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", from_)
    touch("touchMove", from_ | {"y": from_["y"] + 300})  # down: Chromium goes back at one sideways
    touch("touchEnd")
    assert order(collection) == pks
    touch("touchStart", from_)
    expect(page.locator(f"#i{pks[0]}")).to_have_class("held")
    touch("touchMove", to)
    expect(page.locator(f"#i{pks[2]}")).to_have_class("drop")
    touch("touchEnd")
    expect(page.locator(".move-status")).to_contain_text("now 3 of 3")
    assert order(collection) == [pks[1], pks[2], pks[0]]
