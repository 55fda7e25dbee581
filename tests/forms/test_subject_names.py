"""The name and kind that are suggested for a subject made of an output."""

import pytest

from generation.catalogue import mentions
from generation.catalogue.signs import is_mark
from generation.forms.subject_names import kind_from, name_from


@pytest.mark.parametrize(
    ("prompt", "name"),
    [("A lighthouse on a cliff at dusk", "lighthouse"), ("A photo of a red fox.", "red-fox"),
     ("Create a cinematic wide shot of an old lighthouse on a cliff", "old-lighthouse"),
     ("portrait of my grandmother, oil painting", "grandmother"),
     ("@Mira runs, fast!", "Mira-runs"),
     ("Emma’s red umbrella", "Emma-red-umbrella"), ("米拉在跑步。很快", "米拉"),
     ("一张红狐狸的照片", "红狐狸"), ("一个穿红色外套的女人站在雨中", "穿红色外套的女人"),
     ("Красная лиса в снегу", "Красная-лиса"), ("قطة برتقالية على أريكة", "قطة-برتقالية"),
     ("हिन्दी लोमड़ी", "हिन्दी-लोमड़ी"), ("แมวสีส้มนั่งอยู่บนโซฟา", "แมวสีส้ม"),
     ("!!! ???", "Subject"), ("", "Subject"), ("the", "Subject"), ("image1", "Subject"),
     ("x" * 60, "x" * 40)],
)  # fmt: skip
def test_a_prompt_gives_a_short_and_legal_name(prompt, name):
    found = name_from(prompt, otherwise="Subject")
    assert found == name
    assert mentions.is_name(found)


def test_without_another_name_there_is_none():
    assert name_from("!!!") == ""


@pytest.mark.parametrize(
    ("taken", "name"),
    [(["mira", "MIRA-2"], "Mira-3"), (["Mira-2"], "Mira"), (["Ｍｉｒａ"], "Mira-2")],
)
def test_a_name_from_a_prompt_is_free(taken, name):
    assert name_from("Mira", taken) == name


def test_a_free_name_is_never_over_the_limit():
    taken = ["x" * 40] + [f"{'x' * (39 - len(str(n)))}-{n}" for n in range(2, 120)]
    found = name_from("x" * 60, taken)
    assert found not in taken
    assert len(found) <= mentions.MOST
    assert mentions.is_name(found)


def test_a_name_is_never_cut_through_a_letter():
    found = name_from("นี้" * 30)
    assert len(found) <= mentions.MOST
    assert mentions.is_name(found)
    assert not is_mark(("นี้" * 30)[len(found)])


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [("A photo of a red fox in the street", "animal"), ("Two women dance", ""),
     ("A woman with a cat", "person"), ("A lighthouse on a cliff", "place"),
     ("A bottle of perfume", "thing"), ("Three robots", "thing"), ("Something blue", ""), ("", ""),
     ("一个穿红色外套的女人站在雨中", "person"), ("一只狐狸在森林里", "animal")],
)  # fmt: skip
def test_the_kind_is_what_the_prompt_says_or_nothing(prompt, kind):
    assert kind_from(prompt) == kind
