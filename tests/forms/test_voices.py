"""Voices and templates in the composer's form: whose may be chosen, and what is refused."""

import pytest
from django.http import QueryDict
from django.utils import translation

from generation.catalogue.voices import VOICES
from generation.forms.create_scope import CreateScope
from generation.forms.generate import GenerateForm
from generation.forms.subjects import SubjectForm
from generation.forms.voices import VoiceFilter, Voices, name_of_voice, published
from tests.factories import (
    make_key,
    make_media,
    make_output,
    make_task,
    make_user,
    project_of,
    team_of,
)

GONE = "This voice is not in the list. Choose another."
SOUND = {"kind": "audio", "mime": "audio/mpeg", "format": "mp3", "codec": "mp3", "seconds": 12.0,
         "width": 0, "height": 0}  # fmt: skip


def form_of(user, mode="speech", /, files=None, **typed):
    scope = CreateScope(user, team_of(user), mode)
    data = QueryDict(mutable=True)
    known = {"project": project_of(user).slug, "count": "1", "intent": "i" * 32, "text": "Hello."}
    for name, value in (known | typed).items():
        data[name] = value
    for name, media in (files or {}).items():
        data.setlist(name, [str(one.pk) for one in media])
    offer = scope.offer(data.get("model", "")) or scope.default_offer
    return GenerateForm(data, scope=scope, offer=offer)


def cloned(user, ident="mira-voice-1", name="Mira", provider="demo", **fields):
    """A voice of this person's team, as the voice mode leaves it."""
    values = {"voice_id": ident, "text": "This is me."} | ({"voice_name": name} if name else {})
    task = make_task(
        user, mode="voice", model_name="audio-clone", provider=provider, values=values,
        status="succeeded", **fields,
    )  # fmt: skip
    return make_output(user, task, kind="audio", media=make_media(user, **SOUND))


def test_a_published_voice_is_taken(user):
    form = form_of(user, voice_id="female-shaonv")
    assert form.is_valid(), form.errors
    assert form.values["voice_id"] == "female-shaonv"
    assert "voice_name" not in form.values


def test_speech_without_a_voice_asks_for_one(user):
    assert form_of(user).errors["voice_id"] == ["Choose a voice."]


def test_a_voice_of_the_team_is_taken_and_its_name_kept(user):
    cloned(user)
    form = form_of(user, voice_id="mira-voice-1")
    assert form.is_valid(), form.errors
    assert form.values["voice_name"] == "Mira"
    assert form.voice_picker.chosen.label == "Mira · Cloned by " + user.shown_name


@pytest.mark.parametrize("place", ["voice_id", "voice_id_typed"])
def test_a_voice_of_another_team_is_neither_listed_nor_taken(user, place):
    other = make_user("other@example.test")
    cloned(other)
    assert Voices(team_of(user), ["demo"]).own == []
    assert form_of(user, **{place: "mira-voice-1"}).errors["voice_id"] == [GONE]
    assert form_of(other, **{place: "mira-voice-1"}).is_valid()


def test_a_voice_that_lies_in_the_trash_is_not_there(user):
    output = cloned(user)
    output.trash(user)
    assert form_of(user, voice_id="mira-voice-1").errors["voice_id"] == [GONE]
    output.restore()
    assert form_of(user, voice_id="mira-voice-1").is_valid()


def test_a_voice_that_another_provider_made_is_not_there(user):
    make_key(user, "vidu-cn")
    cloned(user)
    form = form_of(user, voice_id="mira-voice-1", model="vidu-cn/audio-tts")
    assert form.errors["voice_id"] == [GONE]


def test_an_unknown_voice_is_refused_unless_it_was_typed_on_purpose(user):
    assert form_of(user, voice_id="nobody-1").errors["voice_id"] == [GONE]
    form = form_of(user, voice_id_typed=" nobody-1 ")
    assert form.is_valid()
    assert form.values["voice_id"] == "nobody-1"
    assert form.voice_picker.typed == "nobody-1"


def test_a_choice_and_another_id_are_not_both_taken(user):
    form = form_of(user, voice_id="female-shaonv", voice_id_typed="nobody-1")
    assert form.errors["voice_id"] == ["Choose one from the list or type one, not both."]


def test_a_new_voice_is_named_and_its_id_made_of_the_name(user):
    files = {"sounds": [make_media(user, **SOUND, uploaded=True)]}
    form = form_of(user, "voice", files, voice_name="Mira, warm")
    assert form.is_valid(), form.errors
    assert form.values["voice_name"] == "Mira, warm"
    assert form.values["voice_id"].startswith("Mira-warm-")
    again = form_of(user, "voice", files, voice_name="Mira, warm")
    assert again.is_valid()
    assert again.values["voice_id"] == form.values["voice_id"], "one press"
    other = form_of(user, "voice", files, voice_name="Mira, warm", intent="j" * 32)
    assert other.is_valid()
    assert other.values["voice_id"] != form.values["voice_id"]


def test_a_new_voice_without_a_name_asks_for_one_unless_it_has_an_id(user):
    files = {"sounds": [make_media(user, **SOUND, uploaded=True)]}
    form = form_of(user, "voice", files)
    assert form.errors["voice_name"] == ["Give the voice a name."]
    assert "voice_id" not in form.errors
    assert form_of(user, "voice", files, voice_id="My-Voice-1").is_valid()
    assert "voice_id" in form_of(user, "voice", files, voice_name="Mira", voice_id="x").errors


def test_a_template_that_is_not_listed_is_refused_unless_it_was_typed(user):
    files = {"images": [make_media(user)]}
    form = form_of(user, "template", files, prompt="They meet", template="invented")
    assert form.errors["template"] == ["This template is not in the list. Choose another."]
    form = form_of(user, "template", files, prompt="They meet", template_typed="brand_new")
    assert form.is_valid()
    assert form.values["template"] == "brand_new"
    assert form_of(user, "template", files, prompt="They meet", template="hugging").is_valid()


def test_a_subject_takes_a_listed_voice_and_keeps_the_one_it_has(user):
    def form(**typed):
        data = QueryDict(mutable=True)
        data.update({"name": "Mira", "kind": "person"} | typed)
        return SubjectForm(data, team=team_of(user), files=[make_media(user)])

    assert form(voice_id="female-shaonv").is_valid()
    assert form(voice_id_typed="from-elsewhere").is_valid()
    assert form(voice_id="from-elsewhere").errors["voice_id"] == [GONE]
    cloned(make_user("other@example.test"), "their-voice")
    assert form(voice_id_typed="their-voice").errors["voice_id"] == [GONE]


def test_a_voice_is_called_by_its_name_with_language_and_gender():
    assert name_of_voice({"voice_id": "female-shaonv"}) == "Young Girl · Mandarin · Female"
    assert name_of_voice({"voice_id": "x-1", "voice_name": "Mira"}) == "Mira"
    assert name_of_voice({"voice_id": "x-1"}) == "x-1"
    with translation.override("zh-hans"):
        assert name_of_voice({"voice_id": "female-shaonv"}) == "少女 · 普通话 · 女声"


def test_the_readers_language_comes_first(user):
    own = Voices(team_of(user), ["demo"])
    assert {one.language for one in own.public[:16]} == {"en"}
    with translation.override("zh-hans"):
        own = Voices(team_of(user), ["demo"])
        assert {one.language for one in own.public[:60]} == {"zh", "yue"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "news ANCHOR mandarin"}, ["Chinese (Mandarin)_News_Anchor"]),
        ({"language": "vi"}, ["Vietnamese_kindhearted_girl"]),
        ({"language": "de", "gender": "female"}, ["German_SweetLady"]),
        ({"q": "lovely", "style": "child"}, ["lovely_girl"]),
        ({"language": "xx", "q": "german playful"}, ["German_PlayfulMan"]),
    ],
)
def test_voices_are_found_by_words_language_gender_and_style(asked, found):
    wanted = VoiceFilter.parse(asked)
    every = (published(one) for one in VOICES.values())
    assert [one.id for one in every if wanted.fits(one)] == found
