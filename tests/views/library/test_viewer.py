"""The viewer: what it says, its neighbours, the download, the trash."""

import json
import re
from contextlib import closing
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from generation.engine.comments import post
from generation.engine.reviews import ask
from generation.forms.library_filter import Filter
from generation.models import Media, Output, Role, TaskInput
from generation.models.ratings import rate
from tests.factories import (
    make_key,
    make_media,
    make_member,
    make_output,
    make_task,
    make_user,
    team_of,
)
from tests.markup import compact

HTMX = {"HX-Request": "true"}


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sides(answer) -> tuple[str, str]:
    text = answer.content.decode()
    found = [re.search(rf'rel="{rel}" href="/a/(\d+)/', text) for rel in ("prev", "next")]
    return tuple(one[1] if one else "" for one in found)


def test_it_shows_every_setting_and_what_is_known_of_the_file(client, user):
    values = {"prompt": "A fox", "resolution": "2K", "aspect_ratio": "3:2", "payload": "job 7"}
    task = make_task(
        user, status="succeeded", provider="vidu", prompt="A fox", values=values,
        seed_used=424_242, credits=8,
    )  # fmt: skip
    TaskInput.objects.create(task=task, position=0, media=(reference := make_media(user)))
    output = make_output(user, task)
    page = compact(client.get(f"/a/{output.pk}/").content.decode())
    for expected in (
        "A fox", "Vidu Q2", "2K", "3:2", "job 7", "424242", "8 credits", "Nadia Holm",
        "192 × 144, PNG", f"/tasks/{task.pk}/", f"/media/{reference.pk}/thumb/",
        f"/media/{output.media_id}/preview/", f"?from={task.pk}", f"?ref={output.pk}",
    ):  # fmt: skip
        assert expected in page


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"provider": "demo"}, "Free"),
        ({"provider": "vtrix", "cost": "0.0345"}, "$0.0345"),
        ({"provider": "vtrix", "cost": "2.5000"}, "$2.50"),
        ({"provider": "vidu", "credits": 1}, "1 credit"),
        ({"provider": "kkiai"}, "Not known"),
    ],
)
def test_the_cost_has_a_label(client, user, fields, label):
    output = make_output(user, make_task(user, status="succeeded", **fields))
    page = compact(client.get(f"/a/{output.pk}/").content.decode())
    assert f"<dt>Cost</dt><dd>{label}</dd>" in page


def test_htmx_gets_the_viewer_alone_with_the_title_of_the_dialog(client, user):
    output = make_output(user)
    answer = client.get(f"/a/{output.pk}/", headers=HTMX)
    page = answer.content.decode()
    assert 'id="dialog-title"' in page
    assert "<main" not in page
    assert "HX-Request" in answer["Vary"]


def test_neighbours_follow_the_grid_it_was_opened_from(client, user):
    first, other, last = (
        make_output(user, make_task(user, model_name=name, status="succeeded"))
        for name in ("viduq1", "viduq2", "viduq1")
    )
    make_output(user, trashed_at=timezone.now())
    assert sides(client.get(f"/a/{other.pk}/")) == (str(last.pk), str(first.pk))
    assert sides(client.get(f"/a/{last.pk}/")) == ("", str(other.pk))
    alike = Filter(models=("viduq1",)).sealed()
    assert sides(client.get(f"/a/{last.pk}/?ctx={alike}")) == ("", str(first.pk))
    backwards = Filter(oldest=True).sealed()
    assert sides(client.get(f"/a/{other.pk}/?ctx={backwards}")) == (str(first.pk), str(last.pk))


def test_a_context_that_was_tampered_with_filters_nothing(client, user):
    old, new = make_output(user), make_output(user)
    sealed = Filter(models=("viduq1",)).sealed()
    for bad in (sealed[:-1], "x", "é", f"{sealed}:"):
        assert sides(client.get(f"/a/{new.pk}/", {"ctx": bad})) == ("", str(old.pk))


def test_versions_are_the_results_of_the_same_press(client, user):
    task = make_task(user, status="succeeded")
    one = make_output(user, task)
    assert "Made together" not in client.get(f"/a/{one.pk}/").content.decode()
    twin = make_output(user, make_task(user, batch=task.batch, status="succeeded"))
    make_output(user)
    page = client.get(f"/a/{one.pk}/").content.decode()
    assert page.count("data-turn") == 2
    assert f"/media/{twin.media_id}/thumb/" in page


def test_other_teams_and_strangers_see_nothing(client, user, visitor):
    theirs = make_output(make_user())
    for path in (f"/a/{theirs.pk}/", f"/a/{theirs.pk}/download/", "/a/99999999999999999999999/"):
        assert client.get(path).status_code == 404
    assert client.post(f"/a/{theirs.pk}/trash/").status_code == 404
    assert visitor.get(f"/a/{theirs.pk}/").url.startswith("/login/")


def test_the_viewer_costs_few_queries(client, user, django_assert_max_num_queries):
    """With comments, a review, ratings, a notice, and others beside it and of the same press."""
    task = make_task(user, status="succeeded")
    output = make_output(user, task)
    make_output(user, make_task(user, batch=task.batch, status="succeeded"))
    make_output(user)
    colleague = make_member(team_of(user), Role.MEMBER)
    for who in (user, colleague):
        post(output, author=who, body="Warmer")
        rate(who, [output.pk], stars=4)
    ask(output, by=colleague, reviewers=[user])
    client.get(f"/a/{output.pk}/")  # what a session does once
    for headers in ({}, HTMX):
        with django_assert_max_num_queries(12):
            page = client.get(f"/a/{output.pk}/", headers=headers).content.decode()
        assert "Warmer" in page
        assert "Made together" in page


# --- Download -------------------------------------------------------------------------------------


def fetched(client, path: str) -> tuple[HttpResponse, bytes]:
    with closing(client.get(path)) as answer:
        return answer, answer.getvalue()


def test_the_original_comes_byte_for_byte_under_a_readable_name(client, user):
    output = make_output(user)
    answer, data = fetched(client, f"/a/{output.pk}/download/")
    name = f"a-lighthouse-at-dusk_viduq2_{output.pk}.png"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    with default_storage.open(output.media.path) as file:
        assert data == file.read()


@pytest.mark.parametrize(
    ("prompt", "start"),
    [
        ("一座雪山", "filename*=utf-8''%E4%B8%80%E5%BA%A7%E9%9B%AA%E5%B1%B1_viduq2_"),
        ("../../etc/passwd\r\nX-Evil: 1", 'filename="etcpasswd-x-evil-1_viduq2_'),
        ("\u202egnp.exe", 'filename="gnpexe_viduq2_'),
        ("<img onerror=x>", 'filename="img-onerrorx_viduq2_'),
        ("", 'filename="image_viduq2_'),
        ("word " * 400, 'filename="word-word-word-word-word-word-word-word-word_viduq2_'),
    ],
)
def test_no_prompt_breaks_the_name_of_the_file(client, user, prompt, start):
    output = make_output(user, make_task(user, prompt=prompt))
    answer, _data = fetched(client, f"/a/{output.pk}/download/")
    assert start in answer["Content-Disposition"]
    assert "X-Evil" not in answer.headers


def test_the_settings_come_as_a_json_file(client, user):
    make_key(user, secret="vda_CANARY_0123456789")
    task = make_task(user, status="succeeded", seed_used=7, credits=6, key=user.keys.get())
    answer = client.get(f"/a/{make_output(user, task).pk}/download/?sidecar=1")
    assert answer["Content-Disposition"].endswith('.json"')
    settings = json.loads(answer.content)
    assert settings["prompt"] == "A lighthouse at dusk"
    assert settings["settings"] == {"resolution": "1080p", "aspect_ratio": "16:9"}
    assert (settings["seed_used"], settings["credits"], settings["width"]) == (7, 6, 192)
    assert "CANARY" not in answer.content.decode()


def test_a_file_that_is_gone_is_not_found(client, user):
    output = make_output(user)
    Media.objects.filter(pk=output.media_id).update(path="test/gone.png")
    assert client.get(f"/a/{output.pk}/download/").status_code == 404


# --- Trash ----------------------------------------------------------------------------------------


def test_trash_and_restore_with_htmx_tell_the_page_and_offer_undo(client, user):
    output = make_output(user)
    for verb, word in (("trash", "Moved to the trash."), ("restore", "Back in the library.")):
        answer = client.post(f"/a/{output.pk}/{verb}/", headers=HTMX)
        trigger = answer.headers["HX-Trigger"]
        assert answer.status_code == 204
        assert word in trigger
        assert f'"ids": [{output.pk}], "to": "{verb}"' in trigger
        assert '"method": "post"' in trigger
        assert Output.objects.trashed().exists() is (verb == "trash")


def test_without_scripts_the_viewer_is_shown_again_and_offers_to_undo(client, user):
    output = make_output(user)
    answer = client.post(f"/a/{output.pk}/trash/", follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [(f"/a/{output.pk}/", 302)]
    assert "It is deleted for good on" in page
    assert f"/a/{output.pk}/restore/" in page
    assert f'formaction="/a/{output.pk}/trash/"' not in page
    assert Output.objects.get().trashed_by == user


def test_only_a_post_changes_anything(client, user):
    output = make_output(user)
    assert client.get(f"/a/{output.pk}/trash/").status_code == 405
    assert not Output.objects.trashed().exists()


def test_members_trash_their_own_and_managers_everything(user):
    team = team_of(user)
    member = make_member(team)
    own, others = make_output(member), make_output(user)
    for person, output, may in (
        (member, own, True), (member, others, False),
        (make_member(team, Role.VIEWER), own, False), (make_member(team, Role.ADMIN), own, True),
    ):  # fmt: skip
        client = browser_of(person)
        page = client.get(f"/a/{output.pk}/").content.decode()
        assert (f"/a/{output.pk}/trash/" in page) is may
        assert client.post(f"/a/{output.pk}/trash/").status_code == (302 if may else 404)
        Output.objects.update(trashed_at=None)


def test_what_lies_in_the_trash_cannot_be_reused_from_there(client, user):
    output = make_output(user, trashed_at=timezone.now() - timedelta(days=1))
    assert "?from=" not in client.get(f"/a/{output.pk}/").content.decode()
