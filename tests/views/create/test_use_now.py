"""After a key was added: one press leads from the demo to it; a broken one stands behind."""

import pytest

from generation.engine.start import key_for
from generation.forms.create_scope import CreateScope
from generation.models import ApiKey, KeyState
from tests.factories import make_key, make_task, team_of
from tests.views.create.test_modes import HTMX, text, typed, words


def key_with(user, is_default=True, label="", **facts):
    key = make_key(user, "vidu", is_default=is_default, label=label)
    ApiKey.objects.filter(pk=key.pk).update(**facts)
    key.refresh_from_db()
    return key


def began_with_the_demo(client, user):
    client.post("/create/text-video/", typed(user, "demo/viduq3-turbo", prompt="A boat"))


def test_the_keys_page_offers_it_and_one_press_changes_what_is_chosen(client, user):
    began_with_the_demo(client, user)
    key = key_with(user, state=KeyState.WORKS)
    assert "Use Vidu now" in words(client.get("/settings/keys/"))
    answer = client.post(f"/settings/keys/{key.pk}/default/", {"use": "1"}, **HTMX)
    assert "Use Vidu now" not in words(answer)
    page = text(client.get("/create/text-video/"))
    assert 'value="vidu/' in page.split(" checked", 1)[0].rsplit("<input", 1)[1]


def test_create_offers_it_beside_the_model(client, user):
    began_with_the_demo(client, user)
    key_with(user, state=KeyState.WORKS)
    assert "Use Vidu now" in words(client.get("/create/text-video/"))
    fields = typed(user, "demo/viduq3-turbo", prompt="A boat", edit="use:vidu")
    answer = client.post("/create/text-video/", fields)
    assert "Use Vidu now" not in words(answer)
    assert "A boat" in words(answer)
    assert "Use Vidu now" not in words(client.get("/create/text-video/"))


@pytest.mark.parametrize("state", [KeyState.REJECTED, KeyState.UNTESTED])
def test_a_key_that_is_not_known_to_work_is_not_offered(client, user, state):
    began_with_the_demo(client, user)
    key_with(user, state=state)
    assert "Use Vidu now" not in words(client.get("/settings/keys/"))
    assert "Use Vidu now" not in words(client.get("/create/text-video/"))


@pytest.mark.parametrize("broken", [{"state": KeyState.REJECTED}, {"base_url": "https://old.test"}])
def test_a_key_to_be_entered_again_is_never_first(client, user, broken):
    bad = key_with(user, is_default=True, label="Bad", **broken)
    good = key_with(user, is_default=False, label="Good", state=KeyState.WORKS)
    scope = CreateScope(user, team_of(user), "text-video")
    assert scope.keys_of("vidu")[0] == good
    page = words(client.get("/settings/keys/"))
    assert page.index("Good") < page.index("Bad")
    task = make_task(user, provider="vidu", model_name="viduq3-turbo", mode="text-video")
    task.key = None
    assert key_for(task, user) == good
    assert bad.is_default
