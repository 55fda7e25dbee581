"""What Generate asks for, and how it is refused."""

import pytest
from django.http import QueryDict
from django.utils import timezone

from generation.catalogue import rules
from generation.forms.create_scope import CreateScope, name_of
from generation.forms.generate import GenerateForm
from generation.models import ApiKey
from tests.factories import make_key, make_media, make_user, project_of, team_of

DEMO = "demo/viduq2"
OURS = {"model": DEMO, "prompt": "A lighthouse at dusk", "count": "1", "intent": "i" * 32}


def form_of(user, /, **typed):
    scope = CreateScope(user, team_of(user), "image")
    data = QueryDict(mutable=True)
    for name, value in ({"project": project_of(user).slug} | OURS | typed).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    offer = scope.offer(data["model"]) or scope.default_offer
    return GenerateForm(data, scope=scope, offer=offer)


def test_a_prompt_alone_is_enough(user):
    form = form_of(user)
    assert form.is_valid(), form.errors
    assert form.values == {
        "prompt": "A lighthouse at dusk",
        "resolution": "1080p",
        "aspect_ratio": "16:9",
    }
    assert form.cleaned_data["project"] == project_of(user)
    assert form.cleaned_data["key"] is None


def test_a_prompt_of_line_breaks_counts_each_as_one_character(user):
    prompt = "a\r\n" * 1_000
    assert form_of(user, prompt=prompt).is_valid()
    form = form_of(user, prompt=f"{prompt}a")
    assert form.errors["prompt"] == ["This is 2,001 characters long. Shorten it to 2,000."]


def test_characters_are_counted_as_code_points(user):
    assert form_of(user, prompt="🌊" * 2_000).is_valid()
    assert not form_of(user, prompt="🌊" * 2_001).is_valid()


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("seed", "1.5", "Enter a whole number from 0 to 2147483647."),
        ("seed", "-1", "Enter a whole number from 0 to 2147483647."),
        ("callback_url", "ftp://a.test/x", "Enter an address that starts with https://."),
        ("resolution", "8K", "Vidu Q2 does not offer 8K. Choose one of 1080p, 2K, 4K."),
        ("count", "9", "Choose a number from 1 to 4."),
        ("prompt", "  ", "Describe what you want to see."),
        ("project", "elsewhere", "This project is not there. Choose another."),
    ],
)
def test_a_refused_value_is_named_at_its_field_and_kept(user, name, typed, sentence):
    form = form_of(user, **{name: typed})
    assert form.errors == {name: [sentence]}
    assert str(form[name].value()) == typed


def test_auto_without_a_image_is_refused_with_its_reason(user):
    form = form_of(user, aspect_ratio="auto")
    assert "Add one or choose a ratio." in form.errors["aspect_ratio"][0]
    image = str(make_media(user).pk)
    assert form_of(user, aspect_ratio="auto", images=[image]).is_valid()


def test_images_stay_in_the_order_given(user):
    first, second = make_media(user), make_media(user)
    form = form_of(user, images=[str(second.pk), str(first.pk)])
    assert form.is_valid()
    assert form.chosen == {"images": [second, first]}


def test_a_image_with_a_fault_is_named(user):
    good, small = make_media(user), make_media(user, 96, 96, name="icon.png")
    form = form_of(user, images=[str(good.pk), str(small.pk)])
    assert form.errors["images"][0].startswith("Image 2 (icon.png): This image is 96 x 96")


@pytest.mark.parametrize("bad", ["999999999", "x", "-1", "0", "9" * 30, "1e3", "٣"])
def test_a_image_that_is_not_there_is_refused(user, bad):
    assert "was not found" in form_of(user, images=[bad]).errors["images"][0]


def test_a_image_of_another_team_is_as_if_it_were_not_there(user):
    foreign, missing = make_media(make_user()), "999999999"
    errors = [form_of(user, images=[name]).errors for name in (str(foreign.pk), missing)]
    assert errors[0] == errors[1]


def test_without_any_project_the_way_out_is_told(user):
    slug = project_of(user).slug
    team_of(user).projects.update(archived_at=timezone.now())
    errors = form_of(user, project=slug).errors
    assert errors["project"] == ["There is no project to put this in. Create one first."]


def test_a_project_of_another_team_or_of_the_archive_is_refused(user):
    foreign = project_of(make_user()).slug
    archived = team_of(user).projects.create(name="Old", created_by=user)
    archived.archived_at = timezone.now()
    archived.save()
    for slug in (foreign, archived.slug):
        assert "project" in form_of(user, project=slug).errors


def test_the_key_of_another_person_is_refused(user):
    make_key(user)
    foreign = make_key(make_user())
    form = form_of(user, model="vidu/viduq2", key=str(foreign.pk))
    assert form.errors == {"key": ["This key is not there. Choose another."]}


def test_the_default_key_is_taken_when_none_is_named(user):
    make_key(user, label="old")
    make_key(user, label="mine", is_default=True)
    form = form_of(user, model="vidu/viduq2")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["key"].label == "mine"


def test_a_provider_without_a_usable_key_is_refused(user):
    key = make_key(user)
    ApiKey.objects.filter(pk=key.pk).update(base_url="https://moved.test")
    form = form_of(user, model="vidu/viduq2")
    assert "add a key in Settings" in form.errors["model"][0]


def test_the_first_own_key_decides_the_default_model(user):
    def default():
        return name_of(CreateScope(user, team_of(user), "image").default_offer)

    assert default() == DEMO
    make_key(user, "vtrix")
    make_key(user, "vidu")
    assert default() == "vtrix/viduq2_reference2image"


def test_without_demo_and_key_there_is_nothing_to_ask_for(user, settings):
    settings.SIMULATOR_OFFERED = False
    form = form_of(user)
    assert form.offer is None
    assert "model" in form.errors
    assert [option.value for option in form["resolution"].field.options] == ["1080p", "2K", "4K"]


def test_a_payload_goes_out_as_it_was_typed(user):
    form = form_of(user, payload='  {"a": 1}\r\n')
    assert form.is_valid()
    assert form.values["payload"] == '  {"a": 1}\n'


def test_fields_nobody_asked_for_change_nothing(user):
    form = form_of(user, team="1", owner="1", credits="0", status="succeeded")
    assert form.is_valid()
    assert set(form.values) <= set(rules.offer("demo", "image", "viduq2").limits)


def test_an_intent_that_was_tampered_with_is_replaced(user):
    form = form_of(user, intent="x" * 500)
    assert form.is_valid()
    assert form.cleaned_data["intent"] != "x" * 500
    assert len(form.cleaned_data["intent"]) <= 64


def test_several_faults_are_listed_with_their_places(user):
    form = form_of(user, prompt="", seed="x")
    assert [row["target"] for row in form.problems] == ["id_prompt", "id_seed"]
