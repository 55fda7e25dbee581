"""Signs of a text by Unicode's own classes: what nobody sees, what belongs to the sign before it,
which scripts write without spaces, and one form for what looks the same."""

import re
import unicodedata

# Default_Ignorable_Code_Point of Unicode 16, DerivedCoreProperties.txt: nothing is drawn for them.
IGNORED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# Scripts that put no space between words: Thai and Lao, Tibetan, Myanmar, Khmer, Tai, Javanese,
# Balinese, Chinese and Japanese, and Korean, which glues its particles to a name.
UNSPACED = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\u2e80-\u9fff"
    "\ua980-\ua9ff\uaa60-\uaadf\uac00-\ud7af\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff"
)
JOINERS = "\u200c\u200d"  # they shape letters in Persian and Indic scripts
UNSEEN = re.compile(rf"[{IGNORED}]")
WITHOUT_SPACES = re.compile(rf"[{UNSPACED}]")
WIDTHS = ("<wide>", "<narrow>")
BLANK = ("Z", "Cc", "Cf", "Cn", "Cs")  # spaces, controls, formats, no sign at all


def is_mark(sign: str) -> bool:
    """Whether it is written on the sign before it: an accent, a vowel sign, a tone."""
    return unicodedata.category(sign).startswith("M")


def usual_width(sign: str) -> str:
    kind, _, codes = unicodedata.decomposition(sign).partition(" ")
    return "".join(chr(int(code, 16)) for code in codes.split()) if kind in WIDTHS else sign


# As the inside of a class of a pattern; Unicode keeps all of them within these.
MARKS = "".join(
    sign for sign in map(chr, range(0x300, 0x20000)) if is_mark(sign) and not UNSEEN.match(sign)
)
USUAL = {code: usual_width(chr(code)) for code in (0x3000, *range(0xFF00, 0xFFF0))}


def is_blank(text: str) -> bool:
    """Whether nothing of it is seen: spaces and signs that are not drawn, however many."""
    return all(
        UNSEEN.match(sign) or sign == "\u2800" or unicodedata.category(sign).startswith(BLANK)
        for sign in text
    )


def fold_width(text: str) -> str:
    """Full-width letters, digits and signs as the usual ones, half-width ones likewise."""
    return text.translate(USUAL)


def normal(text: str) -> str:
    """As it is kept: composed, of usual width, without what is not seen but joins no letters."""
    kept = re.sub(rf"[{IGNORED}]", lambda found: found[0] if found[0] in JOINERS else "", text)
    return unicodedata.normalize("NFC", fold_width(kept))


def key_of(text: str) -> str:
    """The same for two texts that read the same, whatever their case."""
    seen = unicodedata.normalize("NFC", fold_width(UNSEEN.sub("", text)))
    return unicodedata.normalize("NFC", seen.casefold())


def writes_without_spaces(sign: str) -> bool:
    return WITHOUT_SPACES.match(sign) is not None
