"""What the page of a link and the pages of its pieces show, and what they never show."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone, translation

from generation.engine import share_links
from generation.engine.comments import post
from generation.engine.share_items import find_item, items_of
from generation.models import LinkMode, Output, Project, ShareLink, Team
from tests.factories import make_link, make_member, make_output, make_stack, team_of
from tests.views.share.conftest import FILE, PROMPT


def numbers(link):
    return [number for number, _output in items_of(link)]


def shown(page):
    return [piece.number for piece in page.context["page"]]


def test_pieces_stand_in_the_order_of_the_collection(guest, shared):
    assert shown(guest.get(shared.path())) == [1, 2, 3]
    shared.collection.move(shared.outputs[2].pk, 1)
    page = guest.get(shared.path())
    assert shown(page) == [3, 1, 2]
    item = guest.get(shared.path("share-item", 1)).content.decode()
    assert f'rel="prev" href="{shared.path("share-item", 3)}"' in item
    assert f'rel="next" href="{shared.path("share-item", 2)}"' in item
    assert "2 / 3" in item


def test_a_live_link_follows_and_a_frozen_one_stays(guest, shared, user):
    member = team_of(user).memberships.get(user=user)
    terms = share_links.Terms("Frozen", mode=LinkMode.FROZEN, expires_at=shared.link.expires_at
                              or timezone.now() + timedelta(days=3))  # fmt: skip
    frozen = share_links.create(member, shared.collection, terms)
    shared.collection.add([make_output(user)], user)
    shared.collection.take_out([shared.outputs[0].pk])
    assert shown(guest.get(f"/s/{frozen.token()}/")) == [1, 2, 3]
    assert len(shown(guest.get(shared.path()))) == 3
    assert shared.outputs[0] not in [output for _number, output in items_of(shared.link)]
    page = guest.get(f"/s/{frozen.token()}/").content.decode()
    assert "Frozen." in page


def test_what_lies_in_the_trash_is_in_no_link_and_comes_back(guest, shared, user):
    guest.get(shared.path())
    shared.outputs[1].trash(user)
    assert shown(guest.get(shared.path())) == [1, 3]
    assert guest.get(shared.path("share-item", 2)).status_code == 404
    assert guest.get(shared.path("share-media", 2, "thumb")).status_code == 404
    shared.outputs[1].restore()
    assert shown(guest.get(shared.path())) == [1, 2, 3]
    answer = guest.get(shared.path("share-media", 2, "thumb"))
    assert answer.getvalue()
    assert answer.status_code == 200


def test_an_archived_project_is_in_no_link(guest, shared):
    Project.objects.update(archived_at=timezone.now())
    page = guest.get(shared.path())
    assert shown(page) == []
    assert "Nothing here yet" in page.content.decode()


def test_a_link_of_a_stack_shows_its_head_unless_all_are_wanted(guest, user):
    stack = make_stack(user, [make_output(user) for _ in range(3)])
    link = make_link(user, stack=stack)
    assert [output.version_number for _number, output in items_of(link)] == [3]
    Output.objects.filter(version_number=3).update(trashed_at=timezone.now())
    assert [output.version_number for _number, output in items_of(link)] == [2]
    Output.objects.update(trashed_at=None)
    ShareLink.objects.update(show_versions=True)
    link.refresh_from_db()
    assert [output.version_number for _number, output in items_of(link)] == [3, 2, 1]


def test_a_number_of_another_team_is_never_found(shared, user):
    items_of(shared.link)
    assert find_item(shared.link, 1) == shared.outputs[0]
    Output.objects.filter(pk=shared.outputs[0].pk).update(team=Team.found("Other", user))
    assert find_item(shared.link, 1) is None


def test_days_are_those_of_the_team(guest, shared):
    Team.objects.update(time_zone="Asia/Shanghai")
    shared.set(expires_at=datetime(2031, 12, 28, 15, 59, 59, tzinfo=UTC))
    assert "Open until Dec. 28, 2031, 23:59 (Shanghai)" in guest.get(shared.path()).content.decode()


@pytest.mark.parametrize(
    ("downloads", "sentence", "variant"),
    [("none", "not to download", ""), ("preview", "Previews can", "preview"),
     ("original", "Originals can", "original")],
)  # fmt: skip
def test_downloads_are_shown_as_they_are_allowed(guest, shared, downloads, sentence, variant):
    shared.set(downloads=downloads)
    assert sentence in guest.get(shared.path()).content.decode()
    item = guest.get(shared.path("share-item", 1)).content.decode()
    address = f'href="{shared.path("share-media", 1, variant)}?download"' if variant else ""
    assert (" download>" in item) == bool(variant)
    assert address in item


def test_the_tally_counts_answers_and_its_chips_choose(guest, shared):
    shared.set(may_approve=True)
    for output, state in zip(shared.outputs, ("approved", "changes", "none"), strict=True):
        Output.objects.filter(pk=output.pk).update(review=state)
    page = guest.get(shared.path())
    assert "1 approved · 1 to change · 1 to answer" in page.content.decode()
    assert shown(guest.get(shared.path() + "?show=approved")) == [1]
    assert shown(guest.get(shared.path() + "?show=answer")) == [3]
    assert shown(guest.get(shared.path() + "?show=nonsense&page=x")) == [1, 2, 3]


def test_a_page_asks_as_much_for_many_pieces(guest, shared, user, django_assert_max_num_queries):
    shared.collection.add([make_output(user) for _ in range(20)], user)
    guest.get(shared.path())
    with django_assert_max_num_queries(12):
        guest.get(shared.path())


def test_chinese_reads_chinese(guest, shared):
    with translation.override("zh-hans"):
        page = guest.get(shared.path(), headers={"accept-language": "zh-CN"}).content.decode()
    assert '<html lang="zh-hans"' in page
    assert "What is new appears here" not in page


def weights(page):
    """The bytes of all style sheets and scripts of a page, packed."""
    found = {"css": 0, "js": 0}
    for path in re.findall(r'(?:src|href)="/static/([^"]+\.(?:css|js))"', page):
        data = Path(finders.find(path)).read_bytes()
        found[path.rpartition(".")[2]] += len(gzip.compress(data))
    return found


def test_pages_are_light_and_need_no_library(guest, shared):
    shared.set(may_approve=True, downloads="preview")
    guest.get(shared.path())
    guest.post(shared.path("share-name"), {"name": "Ana"})
    for path in (shared.path(), shared.path("share-item", 1), shared.path("share-name")):
        page = guest.get(path).content.decode()
        found = weights(page)
        assert 0 < found["css"] <= 14 * 1024
        assert found["js"] <= 10 * 1024
        assert "htmx" not in page
        assert " hx-" not in page
    assert "js/share.js" in guest.get(shared.path("share-item", 1)).content.decode()


# --- What a link hides ----------------------------------------------------------------------------


def hidden_of(shared, user):
    team = shared.link.team
    found = {PROMPT, FILE, "Canary internal name", user.email, user.name, shared.collection.name}
    for output in shared.outputs:
        media, task = output.media, output.task
        found |= {media.path, media.thumb_path, media.preview_path, media.sha256, task.model_name}
        found |= {f"/a/{output.pk}", f"/media/{media.pk}", f"/tasks/{task.pk}"}
        found |= {output.project.name, output.project.slug}
    return {one for one in found if one} | {f"/team/{team.pk}", "X-Studio"}


def crawl(guest, shared):
    """Every page and file that the pages of a link lead to, with their headers."""
    waiting, seen = [shared.path(), shared.path("share-name")], {}
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        answer = guest.get(path)
        kind = answer.headers.get("Content-Type", "")
        body = answer.getvalue()
        seen[path] = (str(dict(answer.headers)), body if kind.startswith(("text/", "app")) else b"")
        for found in re.findall(r'(?:href|src|poster|action)="([^"]+)"', body.decode("latin-1")):
            place = found.partition("#")[0]
            if place.startswith("/s/") and "/open/" not in place and kind.startswith("text/html"):
                waiting.append(place)
    return seen


@pytest.mark.parametrize("downloads", ["none", "original"])
def test_nothing_that_a_link_hides_is_found_anywhere(guest, shared, user, downloads):
    shared.set(downloads=downloads, may_approve=True)
    for body, audience in (("@Nadia Holm, look", "guests"), ("A remark of the team", "team")):
        post(shared.outputs[0], author=user, body=body, audience=audience)
    hidden = hidden_of(shared, user) | {"A remark of the team"}
    found = crawl(guest, shared)
    assert len(found) > 8
    for path, (headers, body) in found.items():
        text = headers + body.decode("latin-1") + path
        assert not [one for one in hidden if one in text], path


def test_what_a_link_shows_is_shown(guest, shared):
    """So that the test above looks at pages that could have told it."""
    shared.set(show_prompts=True, show_names=True)
    page = guest.get(shared.path()).content.decode()
    assert PROMPT in page
    assert "Nadia Holm" in page


def test_without_names_the_team_is_the_sender(guest, shared):
    page = guest.get(shared.path()).content.decode()
    assert str(shared.link.team) in page
    assert "Nadia Holm," not in page


def test_a_name_is_asked_for_where_it_is_needed(guest, shared):
    shared.set(comments="named_email")
    guest.get(shared.path())
    page = guest.get(shared.path("share-name") + "?back=2")
    assert 'name="email"' in page.content.decode()
    assert "Studio Nord and people with this link see it." in page.content.decode()
    refused = guest.post(shared.path("share-name"), {"name": "\u200b ", "email": "no"})
    assert refused.status_code == 422
    answer = guest.post(
        shared.path("share-name"),
        {"name": " Ana\n Ruiz ", "email": "ana@example.test", "back": "2"},
    )
    assert answer.url == shared.path("share-item", 2)
    visitor = shared.link.visitors.get()
    assert (visitor.name, visitor.email) == ("Ana Ruiz", "ana@example.test")
    assert "ana@example.test" not in guest.get(shared.path()).content.decode()
    elsewhere = guest.post(shared.path("share-name"), {"name": "Ana", "email": "ana@example.test",
                                                       "back": "//evil.example"})  # fmt: skip
    assert elsewhere.url == shared.path()


def test_a_guest_is_forgotten_on_demand(guest, shared):
    guest.get(shared.path())
    guest.post(shared.path("share-name"), {"name": "Ana"})
    old = guest.cookies["guest"].value
    answer = guest.post(shared.path("share-forget"))
    assert answer.cookies["guest"]["max-age"] == 0
    again = Client()
    again.cookies["guest"] = old
    assert again.get(shared.path("share-media", 1, "thumb")).status_code == 404


def test_members_write_as_members_not_here(client, shared, user):
    make_member(team_of(user))
    page = client.get(shared.path("share-item", 1)).content.decode()
    assert "<textarea" not in page
    assert client.post(shared.path("share-comments", 1), {"body": "x"}).status_code == 404
