"""Counts what a person presses with the mouse, over all pages of a tab."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

COUNT = """window.counted ??= !addEventListener("pointerdown", ({isTrusted}) => {
    if (isTrusted) sessionStorage.clicks = 1 + Number(sessionStorage.clicks ?? 0);
}, true)"""
CLICKS = "Number(sessionStorage.clicks ?? 0)"


@contextmanager
def clicks(page: Page, expected: int) -> Iterator[None]:
    """What happens in this block takes so many clicks."""
    page.add_init_script(COUNT)
    page.evaluate(COUNT)
    page.evaluate("sessionStorage.removeItem('clicks')")
    yield
    assert page.evaluate(CLICKS) == expected
