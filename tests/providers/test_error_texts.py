"""Sentences for what providers say."""

import pytest

from generation.catalogue.params import PARAMS
from generation.providers.error_texts import FIELDS, SENTENCES, VAGUE, explain


@pytest.mark.parametrize("code", ["008023001", "8023001"])
def test_a_number_without_its_leading_zeros_is_known(code):
    assert explain(code, "whatever") == SENTENCES["008023001"]


def test_an_unknown_failure_shows_the_providers_message():
    sentence, advice = explain("Brandnew", "the moon\nis full")
    assert "“the moon is full”" in sentence
    assert advice


def test_a_failure_without_a_word_has_a_sentence_and_a_next_step():
    assert all(explain("", ""))


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_known_code_has_a_calm_sentence_and_a_next_step(code):
    for text in SENTENCES[code]:
        assert text.endswith(".")
        assert "!" not in text
        assert "—" not in text


@pytest.mark.parametrize("code", sorted(set(SENTENCES) - VAGUE))
def test_a_sentence_that_says_all_stands_alone_so_that_it_can_be_translated(code):
    assert explain(code, "words") == SENTENCES[code]


def test_fields_are_parameters_that_exist():
    assert set(FIELDS.values()) <= set(PARAMS)
    assert set(FIELDS) <= set(SENTENCES)
    assert set(SENTENCES) >= VAGUE
