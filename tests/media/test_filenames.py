"""Names that people give to files."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.media.filenames import (
    clean_name,
    disposition,
    graphemes,
    safe_name,
    slug,
    with_extension,
)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("holiday.png", "holiday.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.png", "a.png"),
        ("..", ""),
        ("", ""),
        ("/", ""),
        ("a\r\nX-Evil: 1.png", "a X-Evil: 1.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\0b\u200f\ufeff.png", "ab.png"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
        ("cafe\u0301.png", "caf\u00e9.png"),
        ("灯塔.webp", "灯塔.webp"),
        ("  many   spaces .png ", "many spaces .png"),
    ],
)
def test_a_name_is_kept_as_harmless_text(given, kept):
    assert clean_name(given) == kept


def test_a_long_name_keeps_its_extension():
    assert clean_name("a" * 1_000 + ".png") == "a" * 196 + ".png"
    assert len(clean_name("a." + "b" * 1_000)) == 200


@given(st.text(max_size=300))
def test_no_name_holds_a_path_a_control_or_an_override(text):
    name = clean_name(text)
    assert len(name) <= 200
    assert not set(name) & {"/", "\\"}
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in name)


@given(st.text(max_size=300))
def test_no_name_breaks_a_header(text):
    header = disposition(text, attachment=True)
    assert header.startswith("attachment; filename")
    assert header.isascii()
    assert header.isprintable()


def test_a_header_carries_any_script():
    assert disposition("灯塔.png") == "inline; filename*=utf-8''%E7%81%AF%E5%A1%94.png"
    assert disposition('a"b.png') == 'inline; filename="a_b.png"'


def test_the_extension_follows_the_content():
    assert with_extension("evil.html", "png") == "evil.png"
    assert with_extension("", "webp") == "picture.webp"
    assert len(with_extension("a" * 300, "webp")) == 200


HINDI, THAI, FAMILY = "\u0939\u093f\u0928\u094d\u0926\u0940", "\u0e17\u0e35\u0e48", "👩‍👩‍👧‍👦"
ENGLAND, CHINA, HAND = (
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🇨🇳",
    "👍🏽",
)
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"


@pytest.mark.parametrize("word", [HINDI, THAI, FAMILY, ENGLAND, CHINA, HAND, PERSIAN])
def test_letters_keep_their_signs_and_emoji_stay_whole(word):
    assert clean_name(f"{word}.png") == f"{word}.png"
    for count in range(1, 100):
        stem = with_extension(word * count + ".x", "webp").removesuffix(".webp")
        whole = list(graphemes(word * count))
        assert list(graphemes(stem)) == whole[: len(list(graphemes(stem)))]
        assert len(f"{stem}.webp".encode()) <= 255


@pytest.mark.parametrize("word", [HINDI, THAI, PERSIAN])
def test_the_words_of_a_prompt_keep_their_signs(word):
    assert slug(f"{word}, {word}! {FAMILY}", 48) == f"{word}-{word}"
    whole, kept = list(graphemes(word * 60)), list(graphemes(slug(word * 60, 48)))
    assert kept == whole[: len(kept)]


def test_words_are_cut_between_them():
    assert slug("A Lighthouse at   dusk, over the sea and far", 20) == "a-lighthouse-at-dusk"
    assert slug("A Lighthouse at dusk", 14) == "a-lighthouse"


@given(st.text(max_size=300))
def test_every_file_system_takes_the_name(text):
    name = safe_name(text)
    assert len(name.encode()) <= 255
    assert not set(name) & set('<>:"|?*/\\')


@pytest.mark.parametrize("name", ["con.png", "NUL", "com1.tar.gz", "LPT9.txt", "aux"])
def test_a_name_that_windows_keeps_for_itself_is_changed(name):
    assert safe_name(name) == f"_{name}"


def test_a_megabyte_of_name_takes_no_time():
    start = time.process_time()
    clean_name("\u202e/" * 500_000)
    assert time.process_time() - start < 0.2
