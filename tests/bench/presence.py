"""How soon one member sees what another does: run as `python -m tests.bench.presence`.

Two browsers on a studio of its own, as in `tests/e2e/test_teams.py`: seconds from the press of one
to the sight of the other, `--rounds` times each. The product promises five.
"""

import argparse
import os
import shutil
import statistics
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from playwright.sync_api import Page, expect, sync_playwright  # noqa: E402

from tests.browser import be_patient  # noqa: E402
from tests.e2e.conftest import FLAGS, QUICK, Person  # noqa: E402
from tests.e2e.test_first_minutes import READY, first_result, generate  # noqa: E402
from tests.e2e.test_invitations import join_anew, new_link  # noqa: E402
from tests.studio import running_studio  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with running_studio(**QUICK) as studio, sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        people = [Person(be_patient(browser.new_context()), studio) for _ in range(2)]
        owner, member = people
        owner.sign_up_unseen()
        join_anew(member, new_link(owner, member.email))
        report("a batch in the feed", [batch_seen(owner, member, n) for n in range(rounds)])
        report("a rating in the library", [rating_seen(owner, member, n) for n in range(rounds)])
        report("a removal", [removal_seen(owner, member)])
        browser.close()


def report(what: str, seconds: list[float]) -> None:
    print(f"{what}: median {statistics.median(seconds):.1f} s, longest {max(seconds):.1f} s")


def time_until(act: Callable[[], None], sight: Callable[[], None]) -> float:
    act()
    began = time.monotonic()
    sight()
    return time.monotonic() - began


def pace_is_set(page: Page) -> None:
    page.wait_for_function("document.querySelector('#live').dataset.next === '3000'")


def batch_seen(owner: Person, member: Person, number: int) -> float:
    page, other = owner.goto("/create/image/"), member.goto("/create/image/")
    prompt = f"A boat for round {number}"
    shown = page.locator("#feed .batch", has_text=prompt)
    return time_until(lambda: generate(other, prompt), lambda: expect(shown).to_have_count(1))


def rating_seen(owner: Person, member: Person, number: int) -> float:
    first_result(owner.goto("/create/image/")).wait_for(timeout=READY)
    page, other = owner.goto("/library/"), member.goto("/library/")
    pace_is_set(page)
    other.locator(".card .open").first.focus()
    stars = number % 5 + 1
    shown = page.locator(".card .of").first
    return time_until(
        lambda: other.keyboard.press(str(stars)),
        lambda: expect(shown).to_have_text(f"Team {stars} (1)"),
    )


def removal_seen(owner: Person, member: Person) -> float:
    page, other = owner.goto("/team/members/"), member.goto("/create/image/")
    row = page.locator(".people > li", has_text=member.email)
    row.get_by_role("link", name="Remove").click()
    button = page.locator("#dialog").get_by_role("button", name="Remove")
    return time_until(button.click, lambda: other.wait_for_url("**/team/ended/"))


if __name__ == "__main__":
    main()
