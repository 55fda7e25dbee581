"""The lists of voices and templates, and where what was chosen is shown."""

import html

import pytest
from django.urls import reverse

from generation.engine.start import retry
from generation.models import Task
from tests.factories import make_key, make_output, make_task, make_user
from tests.forms.test_voices import SOUND, cloned
from tests.views.create.test_modes import HTMX, make_media, make_subject, text, typed, words

VOICES, TEMPLATES = "/create/voices/", "/create/templates/"


def spoken(user, voice="female-shaonv", **values):
    task = make_task(
        user, mode="speech", model_name="audio-tts", provider="demo", status="succeeded",
        values={"text": "Good evening.", "voice_id": voice} | values,
    )  # fmt: skip
    return make_output(user, task, kind="audio", media=make_media(user, **SOUND))


def test_the_teams_voices_come_first_and_play(client, user):
    output = cloned(user)
    page = text(client.get(VOICES, {"model": "demo/audio-tts"}, **HTMX))
    assert page.index("Your team's voices") < page.index("Published voices")
    assert page.index("Mira") < page.index("Trustworthy Man")
    assert f'href="{output.media.url}"' in page
    assert "Play Mira" in page


def test_a_published_voice_plays_only_what_the_team_spoke_with_it(client, user):
    spoken(make_user("other@example.test"))
    assert "data-play" not in text(client.get(VOICES, **HTMX))
    output = spoken(user)
    page = text(client.get(VOICES, **HTMX))
    assert page.count("data-play") == 1
    assert output.media.url in page
    assert "Play Young Girl" in page


def test_voices_of_others_are_not_in_the_list(client, user):
    cloned(make_user("other@example.test"), name="Secret voice")
    assert "Secret voice" not in text(client.get(VOICES, **HTMX))
    assert "Secret voice" not in text(client.get("/create/speech/"))


def test_a_voice_made_with_another_key_says_so(client, user):
    first, second = make_key(user, "vidu"), make_key(user, "vidu")
    cloned(user, provider="vidu", key=first)
    asked = {"model": "vidu/audio-tts"}
    assert "another key" not in text(client.get(VOICES, asked | {"key": str(first.pk)}, **HTMX))
    assert "another key" in text(client.get(VOICES, asked | {"key": str(second.pk)}, **HTMX))
    assert "another key" not in text(client.get(VOICES, asked | {"key": "no key"}, **HTMX))


def test_the_lists_are_searched_and_are_pages_of_their_own(client, user):
    page = words(client.get(VOICES, {"q": "butler"}))
    assert "Gentle Butler" in page
    assert "Santa" not in page
    assert "No voice fits." in words(client.get(VOICES, {"q": "zzz"}))
    assert "?voice_id=Japanese_GentleButler" in text(client.get(VOICES, {"q": "butler"}))
    page = words(client.get(TEMPLATES, {"q": "three images"}))
    assert "Wishes for the new year" in page
    assert "Muscles" not in page
    assert "?template=hugging" in text(client.get(TEMPLATES))


@pytest.mark.parametrize("address", [VOICES, TEMPLATES])
def test_the_lists_ask_the_database_few_times(client, user, address, django_assert_max_num_queries):
    for number in range(3):
        cloned(user, f"voice-number-{number}")
    client.get(address, **HTMX)
    with django_assert_max_num_queries(12):
        client.get(address, **HTMX)


def test_a_result_of_the_voice_mode_leads_to_speech_with_it(client, user):
    output = cloned(user)
    page = html.unescape(text(client.get(output.get_absolute_url())))
    address = "/create/speech/?voice_id=mira-voice-1&model=demo%2Faudio-tts"
    assert "Speak with this voice" in page
    assert address in page
    opened = text(client.get(address))
    assert '<option value="mira-voice-1" selected>' in opened
    assert "<b>Mira</b>" in opened
    assert "Speak with this voice" in text(client.get("/create/voice/")), "on the card"
    other = spoken(user)
    assert "Speak with this voice" not in text(client.get(other.get_absolute_url()))


def test_the_chosen_voice_is_shown_by_name_on_its_pages(client, user):
    for output, name in (
        (spoken(user), "Young Girl · Mandarin · Female"),
        (spoken(user, "mira-1", voice_name="Mira"), "Mira"),
    ):
        for address in ("/create/speech/", output.task.get_absolute_url()):
            page = words(client.get(address))
            assert name in page, address
        assert output.task.values["voice_id"] not in words(
            client.get(output.task.get_absolute_url())
        )


def test_a_template_is_shown_by_name_on_its_pages(client, user):
    task = make_task(
        user, mode="template", model_name="template", provider="demo",
        values={"template": "dreamy_wedding", "prompt": "They meet"},
    )  # fmt: skip
    assert "Dream wedding" in words(client.get(task.get_absolute_url()))
    assert "Dream wedding" in words(client.get("/create/template/"))
    opened = text(client.get(f"/create/template/?from={task.pk}"))
    assert "<b>Dream wedding</b>" in opened


def test_settings_of_speech_with_a_voice_of_the_team_are_reused_without_a_note(client, user):
    cloned(user)
    output = spoken(user, "mira-voice-1", voice_name="Mira")
    page = words(client.get(f"/create/speech/?from={output.task_id}"))
    assert "Mira" in page
    assert "left out" not in page


def test_a_voice_that_is_cloned_again_gets_an_id_of_its_own(client, user):
    task = cloned(user).task
    page = text(client.get(f"/create/voice/?from={task.pk}"))
    assert 'value="Mira"' in page
    assert "mira-voice-1" not in page.split('id="main"')[0]
    again = retry(task, user, "k" * 32).batch.tasks.get()
    assert again.values["voice_name"] == "Mira"
    assert again.values["voice_id"] not in ("", "mira-voice-1")


def test_one_press_clones_one_voice_whatever_the_count(client, user):
    sound = make_media(user, **SOUND, uploaded=True)
    form = typed(user, "demo/audio-clone", voice_name="Mira", text="It is me.", count="1")
    client.post("/create/voice/", form | {"sounds": str(sound.pk)})
    task = Task.objects.get(mode="voice")
    assert task.values["voice_id"].startswith("Mira-")
    assert 'type="radio" name="count"' not in text(client.get("/create/voice/?count=4"))


def test_without_scripts_a_plain_list_is_enough(client, user):
    page = text(client.get("/create/speech/"))
    assert '<select id="id_voice_id" name="voice_id"' in page
    assert "Trustworthy Man · Male" in page
    assert '<optgroup label="German">' not in page
    form = typed(user, "demo/audio-tts", text="Hello.", edit="voices", voice_id="female-shaonv")
    page = text(client.post("/create/speech/", form))
    assert '<optgroup label="German">' in page
    assert "Friendly Man · Male" in page
    assert '<option value="female-shaonv" selected>' in page
    client.post(
        "/create/speech/", typed(user, "demo/audio-tts", text="Hi.", voice_id="female-shaonv")
    )
    assert Task.objects.get().values["voice_id"] == "female-shaonv"


def test_a_refused_voice_is_said_at_its_field(client, user):
    form = typed(user, "demo/audio-tts", text="Hello.", voice_id="nobody-1")
    response = client.post("/create/speech/", form, **HTMX)
    assert response.status_code == 422
    assert not Task.objects.exists()
    assert "This voice is not in the list. Choose another." in words(response)
    assert "Hello." in text(response), "nothing typed is lost"


def test_the_editor_of_a_subject_shows_its_voice_by_name(client, user):
    subject = make_subject(user)
    subject.voice_id = "female-shaonv"
    subject.save()
    page = text(client.get(reverse("subject-edit", args=[subject.pk])))
    assert "<b>Young Girl</b>" in page
    assert "Young Girl · Mandarin · Female" in words(client.get(subject.get_absolute_url()))
