"""The published voices and templates: rows that say where they come from."""

import re
from collections import Counter

import pytest

from generation.catalogue import rules, templates, voices
from generation.catalogue.offers.audio import NEW_VOICE
from generation.catalogue.types import ImageFacts
from generation.catalogue.voices.types import GENDERS, LANGUAGES, STYLES
from tests.catalogue.good import IMAGE

DAY = re.compile(r"20\d\d-\d\d-\d\d")
SECOND = ("template", "template")


def test_each_voice_is_there_once_and_says_its_source_and_the_day():
    assert len(voices.ALL) == 303  # as many as Vidu's list is said to have
    assert [ident for ident, n in Counter(one.id for one in voices.ALL).items() if n > 1] == []
    for voice in voices.ALL:
        assert voice.source.page, voice
        assert DAY.fullmatch(voice.source.read_on), voice
        assert voice.source.confidence in ("client", "inferred"), voice
        assert voice.id == voice.id.strip(), voice
        assert 0 < len(voice.id) <= 256, voice


def test_each_voice_can_be_told_apart_by_language_gender_and_style():
    for voice in voices.ALL:
        assert voice.name, voice
        assert voice.language in LANGUAGES, voice
        assert voice.style in STYLES, voice
        assert voice.gender in ("", *GENDERS), voice
    assert {one.language for one in voices.ALL} == set(LANGUAGES)
    heard = [(one.language, one.name) for one in voices.ALL]
    assert [name for name, n in Counter(heard).items() if n > 1] == []


def test_a_gender_is_never_against_what_the_name_says():
    for voice in voices.ALL:
        words = re.split(r"[^a-z]+", voice.name.lower())
        if {"woman", "lady", "girl", "queen"} & set(words):
            assert voice.gender == "female", voice
        if {"man", "boy", "guy", "gentleman"} & set(words):
            assert voice.gender == "male", voice


def test_nobody_else_has_the_voices_of_vidu():
    assert voices.voices_at("vidu") == voices.ALL
    assert voices.voices_at("kkiai") == ()


@pytest.mark.parametrize(
    "name", ["Mira", "Mira's warm voice, take 2", "米拉", "7 dwarfs", "x" * 60]
)
def test_an_id_made_of_a_name_is_one_that_vidu_takes(name):
    ident = voices.id_for_name(name, "one")
    assert re.fullmatch(NEW_VOICE.pattern, ident), ident
    assert NEW_VOICE.minimum <= len(ident) <= NEW_VOICE.maximum
    assert ident == voices.id_for_name(name, "one") != voices.id_for_name(name, "two")


def test_each_template_is_there_once_and_says_what_it_needs_and_its_source():
    assert len(templates.TEMPLATES) == len(templates.ALL)
    assert len({one.label for one in templates.ALL}) == len(templates.ALL)
    for one in templates.ALL:
        assert all((one.label, one.needs, one.source)), one
        assert one.group in templates.GROUPS, one
        assert DAY.fullmatch(one.read_on), one
        assert 1 <= one.least <= one.most <= 7, one
    special = {"exotic_princess", "beast_companion", *templates.WITHOUT_PROMPT}
    assert special <= set(templates.TEMPLATES), "the limits speak of these"


@pytest.mark.parametrize("template", templates.ALL, ids=lambda one: one.name)
def test_as_many_images_as_a_template_takes_are_taken_and_no_others(template):
    for provider in ("vidu", "vidu-cn", "demo"):
        row = rules.offer(provider, *SECOND)
        for count in range(1, 5):
            wrong = refused(row, template.name, [IMAGE] * count)
            assert wrong == ([] if template.least <= count <= template.most else ["images"])


def test_a_template_that_is_not_listed_takes_up_to_seven_images():
    row = rules.offer("vidu", *SECOND)
    assert refused(row, "something_new", [IMAGE] * 7) == []
    assert refused(row, "something_new", [IMAGE] * 8) == ["images"]


def refused(row, name: str, images: list[ImageFacts]) -> list[str]:
    try:
        rules.check(row, {"template": name, "prompt": "They meet"}, {"images": images})
    except rules.Invalid as invalid:
        return [one.param for one in invalid.problems]
    return []
