"""Keys and passwords are taken as meant, however they were copied or composed."""

import unicodedata

import pytest
from django.contrib.auth.hashers import make_password

from generation.engine.share_links import link_password_hash
from generation.forms.keys import KeyForm, bare
from generation.forms.log_in import check_log_in
from generation.models.users import password_form
from generation.views.share.enter import opens_link

KEY = "vda_9f8e7d6c5b4a3210"
AROUND = ["\u00a0", "\ufeff", "\u200b", "\u2060", "\u3000", "\u202a", "\n", "“", "”", "„", "‚", "«",
          "「", "＂", "'", "`", "\u00ad", "\u3164"]  # fmt: skip
WORD = "Müllers Gärten ﬁnden"


@pytest.mark.parametrize("sign", AROUND)
def test_what_is_copied_around_a_key_is_left_out(sign):
    assert bare(f"{sign}{KEY}{sign}") == KEY
    assert bare(f"{sign}Bearer{sign if sign.isspace() else ' '}{sign}{KEY}\n") == KEY


def test_letters_of_full_width_are_the_usual_ones():
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in KEY)
    assert bare(f"Authorization：　Bearer　{wide}") == KEY


@pytest.mark.parametrize("sign", ["\u200b", "é", "“", "\u00a0", " "])
def test_what_stands_inside_is_refused_in_plain_words(sign):
    form = KeyForm({"provider": "vidu", "secret": f"{KEY[:8]}{sign}{KEY[8:]}"})
    assert "Copy it again." in form.errors["secret"][0]


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_a_password_opens_however_it_is_composed(user, form):
    user.set_password(WORD)
    user.save()
    assert user.check_password(unicodedata.normalize(form, WORD))
    assert not user.check_password(f"{WORD}x")


def test_an_older_hash_opens_as_typed_and_is_made_anew_at_log_in(user, rf):
    typed = unicodedata.normalize("NFD", WORD)
    user.password = make_password(typed)
    user.save()
    found = check_log_in(rf.post("/"), user.email, typed)
    assert found == user
    user.refresh_from_db()
    assert not user.opened_as_typed
    assert user.check_password(WORD)


def test_the_password_of_a_link_is_compared_in_one_form():
    class Link:
        password_hash = link_password_hash(unicodedata.normalize("NFD", WORD))

    assert opens_link(Link, WORD)
    assert not opens_link(Link, "another")
    Link.password_hash = make_password(unicodedata.normalize("NFD", WORD))
    assert opens_link(Link, unicodedata.normalize("NFD", WORD))
    assert password_form(WORD) == password_form(unicodedata.normalize("NFD", WORD))
