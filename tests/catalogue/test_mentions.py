"""Names in a prompt: found however they are typed, told when they are none, else left alone."""

import json
import shutil
import subprocess
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.catalogue import mentions, signs

TABLE = json.loads((Path(__file__).parent / "mentions.json").read_text())
NAMES = TABLE["names"]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("prompt", "known", "unknown"), TABLE["prompts"])
def test_a_prompt_names_these_subjects_and_these_words_are_none(prompt, known, unknown):
    assert mentions.mentioned_names(prompt, NAMES) == known
    assert mentions.unknown_mentions(prompt, NAMES) == unknown


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_of_every_script_are_names_and_found_in_either_composition(name, form):
    assert mentions.is_name(name)
    prompt = unicodedata.normalize(form, f"@{name.upper()} walks")
    assert mentions.mentioned_names(prompt, NAMES) == [name]


@pytest.mark.parametrize(
    "text", ["", "-x", "x-", "x y", "\u0301a", "a\u200d", "a@b", "\u3164", "!"]
)
def test_what_is_no_name(text):
    assert not mentions.is_name(text)


letters = st.text(st.characters(categories=["L", "M", "Nd"]), min_size=1, max_size=12)


@given(letters, st.sampled_from(["NFC", "NFD"]), st.booleans())
def test_any_name_is_found_as_typed_between_spaces(text, form, wide):
    name = signs.normal(text)
    if not mentions.is_name(name):
        return
    typed = f"a {'＠' if wide else '@'}{unicodedata.normalize(form, name)} b"
    assert mentions.mentioned_names(typed, [name]) == [name]
    assert mentions.rewrite_mentions(typed, [name], "{name}") == f"a {name} b"


@given(st.text(max_size=60))
def test_a_prompt_with_no_known_name_stays_as_it_is(prompt):
    assert mentions.rewrite_mentions(prompt, [], "<{name}>") == prompt


@given(st.text(st.sampled_from("@＠[]Mira Zoë小美\u0308\u200b.-_"), max_size=40))
def test_every_mention_is_known_or_told(prompt):
    found = list(mentions.find_mentions(prompt, NAMES))
    assert all(one.end <= other.start for one, other in pairwise(found))
    told = mentions.unknown_mentions(prompt, NAMES)
    assert {signs.key_of(one.text) for one in found if not one.name} == set(map(signs.key_of, told))


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\u200b", "\ufeff\u00ad", "\u3164\u115f", "\ufe0f", "\U000e0041",
             "\u2800", "\u202e\u2066", "\x07", "\u00a0\u3000"],
)  # fmt: skip
def test_what_nobody_sees_is_blank(text):
    assert signs.is_blank(text)
    assert not signs.is_blank(f"{text}a")


@pytest.mark.parametrize("text", ["a", "水", "☀️", "👩‍👩‍👧", "\u0e34", "."])
def test_what_is_seen_is_not(text):
    assert not signs.is_blank(text)


IN_BROWSER = """
import { mentions } from %s;
let text = "";
for await (const part of process.stdin) text += part;
const { names, prompts } = JSON.parse(text);
const named = (prompt) => [...new Set(mentions(prompt, names).map((one) => one.name))];
const found = prompts.map(([prompt]) => named(prompt));
console.log(JSON.stringify(found));
"""


def test_the_field_marks_what_the_server_finds():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine: install the package nodejs")
    script = IN_BROWSER % json.dumps((ROOT / "static/js/names.js").as_uri())
    command = [node, "--input-type=module", "-e", script]
    text = json.dumps(TABLE)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [known for _prompt, known, _unknown in TABLE["prompts"]]
