"""A word after @ that goes out as no subject is told of before anything is paid for."""

import html

import pytest

from generation.models import Task
from tests.factories import make_media, make_subject
from tests.views.create.test_modes import HTMX, text, typed, words

TOLD = "is no subject. Choose one or send it as text."
NONE = "This model takes no subjects."


def reference(user, prompt, **more):
    return typed(user, "demo/viduq3", prompt=prompt) | {"images": make_media(user).pk} | more


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_mistyped_name_is_refused_until_it_is_meant_as_text(client, user, headers):
    make_subject(user, "Mira")
    fields = reference(user, "@Mira meets @Nobody")
    response = client.post("/create/reference/", fields, **headers)
    assert response.status_code == 422
    assert f"@Nobody {TOLD}" in words(response)
    assert "@Mira is no" not in words(response)
    assert not Task.objects.exists()
    client.post("/create/reference/", fields | {"as_text": "nobody"}, **headers)
    task = Task.objects.get()
    assert task.values["prompt"] == "@Mira meets @Nobody"
    assert [one.name for one in task.mentioned_subjects.all()] == ["Mira"]


def test_what_is_said_of_one_word_is_not_said_of_another_or_the_next_form(client, user):
    fields = reference(user, "@Nobody waits", as_text="somebody")
    assert client.post("/create/reference/", fields).status_code == 422
    client.post("/create/reference/", fields | {"as_text": "nobody"})
    page = client.get("/create/reference/", {"from": Task.objects.get().pk})
    assert f"@Nobody {TOLD}" in words(page)


@pytest.mark.parametrize("mode", ["text-video", "image-video", "image"])
def test_a_subject_where_none_can_go_is_told_of(client, user, mode):
    make_subject(user, "Mira")
    answer = client.post(f"/create/cost/?mode={mode}&unsent=1", {"prompt": "@Mira @Nobody"})
    assert NONE in words(answer)
    assert "@Nobody" not in words(answer)
    fields = typed(user, "", prompt="@Mira waits") | {"images": make_media(user).pk}
    fields.pop("model")
    if mode != "image-video":
        fields.pop("images")
    assert NONE in words(client.post(f"/create/{mode}/", fields))
    assert not Task.objects.exists()
    client.post(f"/create/{mode}/", fields | {"as_text": "mira"})
    assert Task.objects.get().values["prompt"] == "@Mira waits"


@pytest.mark.parametrize(
    ("prompt", "told"),
    [("＠Nobody", True), ("@Mira@Nobody", True), ("คน@Nobody", True), ("＠Mira", False),
     ("ana@studio.com", False), ("@Mira@image1", False), ("@image7", True), ("@mira", False)],
)  # fmt: skip
def test_the_live_answer_tells_the_same(client, user, prompt, told):
    make_subject(user, "Mira")
    answer = client.post("/create/cost/?mode=reference&unsent=1", reference(user, prompt))
    assert (TOLD in words(answer)) is told
    assert client.post("/create/reference/", reference(user, prompt)).status_code == (
        422 if told else 302
    )


def test_the_choice_stays_ticked_while_the_form_is_drawn_again(client, user):
    fields = reference(user, "@Nobody waits", as_text="nobody")
    for path in ("/create/reference/fields/", "/create/cost/?mode=reference&unsent=1"):
        answer = html.unescape(text(client.post(path, fields, **HTMX)))
        assert 'name="as_text" value="nobody" id="id_as_text" checked' in answer
        assert TOLD not in answer


@pytest.mark.parametrize("prompt", ["\u200b", "\ufeff \u00ad", "\u3164", "\ufe0f", "\U000e0041"])
def test_a_prompt_that_nobody_sees_is_none(client, user, prompt):
    response = client.post("/create/text-video/", typed(user, "demo/viduq3-turbo", prompt=prompt))
    assert "Describe what you want to see." in text(response)
    assert not Task.objects.exists()
