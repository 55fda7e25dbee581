"""What a subject may be called and made of, and whom a prompt means."""

from typing import Any

import pytest
from django.http import QueryDict

from generation.forms.mentioned_subjects import mentioned_subjects, without
from generation.forms.parsing import ButtonAction
from generation.forms.subjects import SubjectForm, apply_file_button, tags_of
from generation.models import Media
from tests.factories import make_media, make_subject, make_user, team_of


def form(user: Any, files: list[Media], **fields: Any) -> SubjectForm:
    data = QueryDict(mutable=True)
    data.update({"name": "Mira", "kind": "person"} | fields)
    return SubjectForm(data, team=team_of(user), files=files)


def video(user: Any, **facts: Any) -> Media:
    fields = {"kind": "video", "format": "mp4", "mime": "video/mp4", "codec": "h264",
              "seconds": 4.0, "fps": 24.0}  # fmt: skip
    return make_media(user, **fields | facts)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Mira", "Mira"), (" @Mira ", "Mira"), ("米拉", "米拉"), ("Émile-2", "Émile-2"),
     ("e\u0301mile", "émile"), ("Мира_1", "Мира_1"), ("مريم", "مريم")],
)  # fmt: skip
def test_names_of_any_script_are_kept_as_they_are_typed_after_at(user, typed, kept):
    checked = form(user, [make_media(user)], name=typed)
    assert checked.is_valid(), checked.errors
    assert checked.facts["name"] == kept


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "Give the subject a name."), ("Mira Rose", "Use letters, digits"),
     ("Mira!", "Use letters, digits"), ("-mira", "Use letters, digits"),
     ("x" * 41, "Use letters, digits"), ("image1", "stands for an added image"),
     ("VIDEO12", "stands for an added image"), ("a@b", "Use letters, digits")],
)  # fmt: skip
def test_a_name_that_cannot_be_mentioned_is_refused_at_the_field(user, name, words):
    checked = form(user, [make_media(user)], name=name)
    assert words in checked.errors["name"][0]


@pytest.mark.parametrize(("first", "second"), [("Mira", "mira"), ("Émile", "émile")])
def test_a_taken_name_is_refused_whatever_its_case(user, first, second):
    make_subject(user, first)
    make_subject(make_user(), "Odile")
    assert "name already" in form(user, [make_media(user)], name=second).errors["name"][0]
    assert form(user, [make_media(user)], name="Odile").is_valid()


def test_the_name_of_an_archived_subject_is_free_and_ones_own_may_stay(user):
    make_subject(user, "Mira").archive()
    assert form(user, [make_media(user)]).is_valid()
    own = make_subject(user, "Odile")
    data = QueryDict("name=Odile&kind=thing")
    assert SubjectForm(data, team=own.team, subject=own, files=own.files).is_valid()


@pytest.mark.parametrize(("name", "most"), [("description", 2_000), ("style", 100)])
def test_texts_are_taken_to_their_limit_and_not_beyond(user, name, most):
    files = [make_media(user)]
    assert form(user, files, **{name: "水" * most}).is_valid()
    assert name in form(user, files, **{name: "水" * (most + 1)}).errors


def test_tags_are_lower_case_and_each_once():
    assert tags_of(" Hero, #hero，夏天、Night  shot,, ") == ["hero", "夏天", "night shot"]


def test_too_many_or_too_long_tags_are_refused(user):
    files = [make_media(user)]
    assert form(user, files, tags=",".join(f"t{n}" for n in range(10))).is_valid()
    assert (
        "At most 10"
        in form(user, files, tags=",".join(f"t{n}" for n in range(11))).errors["tags"][0]
    )
    assert "at most 30" in form(user, files, tags="x" * 31).errors["tags"][0]


def test_one_to_three_images_or_one_video(user):
    images = [make_media(user) for _ in range(4)]
    assert form(user, images[:1]).is_valid()
    assert form(user, images[:3]).is_valid()
    assert form(user, [video(user)]).is_valid()
    for files, words in (
        ([], "Add 1 to 3 images"),
        (images, "at most 3 images"),
        ([images[0], video(user)], "not both"),
        ([video(user), video(user)], "one video"),
        ([make_media(user, kind="audio")], "Remove the audio file"),
    ):
        checked = form(user, files)
        assert not checked.is_valid()
        assert words in checked.file_errors[0]


@pytest.mark.parametrize(
    ("facts", "fits"),
    [({"width": 128, "height": 128}, True), ({"width": 127, "height": 128}, False),
     ({"width": 512, "height": 128}, True), ({"width": 520, "height": 128}, False),
     ({"bytes": 50 << 20}, True), ({"bytes": (50 << 20) + 1}, False)],
)  # fmt: skip
def test_images_keep_to_the_limits_of_the_documents(user, facts, fits):
    sizes = {"width": 640, "height": 640} | facts
    assert form(user, [make_media(user, **sizes)]).is_valid() == fits


@pytest.mark.parametrize(
    ("facts", "fits"),
    [({"seconds": 5.04}, True), ({"seconds": 5.2}, False), ({"format": "webm"}, False),
     ({"bytes": (100 << 20) + 1}, False)],
)  # fmt: skip
def test_a_video_keeps_to_five_seconds_and_the_formats(user, facts, fits):
    assert form(user, [video(user, **facts)]).is_valid() == fits


def test_a_file_that_is_gone_is_told_and_left_out(user):
    checked = form(user, [make_media(user), None])  # type: ignore[list-item]
    assert "not found" in checked.file_errors[0]
    assert len(checked.pieces) == 1


def test_buttons_move_and_remove_files(user):
    a, b, c = (make_media(user) for _ in range(3))

    def pressed(files, act, pk):
        return apply_file_button(files, ButtonAction(act, "images", str(pk)))

    assert pressed([a, b, c], "left", b.pk) == [b, a, c]
    assert pressed([a, b, c], "left", a.pk) == [a, b, c]
    assert pressed([a, b, c], "right", c.pk) == [a, b, c]
    assert pressed([a, b, c], "remove", b.pk) == [a, c]
    assert pressed([a, b], "remove", 0) == pressed([a, b], "find", "") == [a, b]


# --- Whom a prompt means --------------------------------------------------------------------------


def names(user: Any, prompt: str, *ids: Any) -> list[str]:
    return [one.name for one in mentioned_subjects(team_of(user), user, prompt, ids)]


def test_those_mentioned_come_first_then_those_chosen_each_once(user):
    mira, _odile, pip = (make_subject(user, name) for name in ("Mira", "Odile", "Pip"))
    assert names(user, "@odile and [@Mira] and @mira", pip.pk, str(mira.pk)) == [
        "Odile", "Mira", "Pip",
    ]  # fmt: skip
    assert names(user, "nobody", pip.pk) == ["Pip"]
    assert names(user, "no one at mira@example.com") == []


def test_a_mention_in_a_script_without_spaces_is_found(user):
    make_subject(user, "米拉")
    assert names(user, "然后@米拉在海边跑") == ["米拉"]


def test_nobody_of_another_team_and_nobody_archived_is_meant(user):
    foreign = make_subject(make_user(), "Mira")
    gone = make_subject(user, "Odile")
    gone.archive()
    assert names(user, "@Mira @Odile", foreign.pk, gone.pk, "x", "", "9" * 30, -1) == []


def test_mentioned_subjects_cost_the_same_however_many_there_are(user, django_assert_num_queries):
    for number in range(7):
        make_subject(user, f"Person{number}")
    prompt = " ".join(f"@Person{number}" for number in range(7))
    team = team_of(user)
    with django_assert_num_queries(3):
        found = mentioned_subjects(team, user, prompt, [])
        assert [len(one.facts.images) for one in found] == [1] * 7


def test_a_subject_taken_away_stays_as_a_word():
    assert without("@Mira meets [@mira] and @Mirabel", "Mira") == "Mira meets Mira and @Mirabel"
