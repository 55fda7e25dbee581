"""Collected scripts and styles are shorter, mean the same, and are found by their hashes."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter_javascript
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from tree_sitter import Language, Node, Parser

from vidustudio.static import shorten, shorten_style

SOURCE = Path(settings.BASE_DIR) / "static"
OURS = sorted(
    str(path.relative_to(SOURCE))
    for path in SOURCE.rglob("*")
    if path.suffix in (".css", ".js") and ".min." not in path.name
)
SCRIPTS = [name for name in OURS if name.endswith(".js")]
JAVASCRIPT = Language(tree_sitter_javascript.language())
LITERALS = ("string", "template_string", "regex")
MANIFEST = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "vidustudio.static.ShortStaticFilesStorage"},
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `manage.py studio` would serve from."""
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=folder, STORAGES=MANIFEST):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture(scope="module")
def hashed(root: Path) -> dict[str, str]:
    """Plain names and the names that pages ask for."""
    return json.loads((root / "staticfiles.json").read_text())["paths"]


def told(script: bytes) -> list[tuple[str, bytes]]:
    """What a script says: its whole syntax tree, without comments and blanks between words."""

    def walk(node: Node) -> Iterator[tuple[str, bytes]]:
        if node.type == "comment":
            return
        yield node.type, b"" if node.children else script[node.start_byte : node.end_byte]
        at = node.start_byte
        for child in node.children:
            if node.type in LITERALS:
                yield "between", script[at : child.start_byte]
            yield from walk(child)
            at = child.end_byte

    tree = Parser(JAVASCRIPT).parse(script)
    assert not tree.root_node.has_error
    return list(walk(tree.root_node))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_collected_script_says_what_its_source_says(root, hashed, name):
    assert told((root / hashed[name]).read_bytes()) == told((SOURCE / name).read_bytes())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"a = `b  c`", b"a=`b c`"),
        (b"a = `${b}  c ${`d  e`}`", b"a=`${b}  c ${`d e`}`"),
        (b"a = (b) => /c  d/", b"a=(b)=>/c d/"),
        (b"a = 'b  c'", b"a='b c'"),
        (b"a = b\n++c", b"a=b++\nc"),
        (b"a = b + +c", b"a=b+c"),
    ],
)
def test_the_comparison_sees_what_a_shortener_could_break(one, other):
    assert told(one) != told(other)


@pytest.mark.parametrize("name", OURS)
def test_a_collected_file_is_shorter_and_named_by_what_it_holds(root, hashed, name):
    content = (root / hashed[name]).read_bytes()
    assert len(content) < len((SOURCE / name).read_bytes())
    assert hashlib.md5(content, usedforsecurity=False).hexdigest()[:12] in hashed[name]
    assert (root / f"{hashed[name]}.gz").exists()


def test_everything_else_is_served_as_it_is(root, hashed):
    for name, found in hashed.items():
        if name not in OURS:
            assert (root / found).read_bytes() == (root / name).read_bytes(), name
    assert "django_htmx/htmx-2.min.js" in hashed


@pytest.mark.parametrize("name", OURS)
def test_a_plain_name_keeps_comments_and_notices(root, name):
    assert (root / name).read_bytes() == (SOURCE / name).read_bytes()


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("a { b : c ; d: e; }\n\n.f > .g  :hover , h { }", "a{b :c;d:e}.f > .g :hover,h{}"),
        ("/* a */ b { c: d } /* e */ ; f { g: h }", "b{c:d};f{g:h}"),
        ("a { b: calc( 1px + (2px - 3px) ) }", "a{b:calc( 1px + (2px - 3px) )}"),
        ("a { b: ' ; /* c */  ' }", "a{b:' ; /* c */  '}"),
        ("a { b: url(data:x; y,  z) }", "a{b:url(data:x; y,  z)}"),
        (".a\\:b\\,  c { d: e }", ".a\\:b\\, c{d:e}"),
        (".a/* b c */.d, e/**/ f { g: 1px/**/2px }", ".a/**/.d,e f{g:1px/**/2px}"),
        ("a { &:has(> :checked) { --b: ; } }", "a{&:has(> :checked){--b:}}"),
    ],
)
def test_a_style_keeps_every_blank_that_can_mean_something(long, short):
    assert shorten_style(long) == short


def test_what_cannot_be_read_stays_and_is_told(caplog):
    assert shorten("js/broken.js", b"a = '\xff'  // b") == b"a = '\xff'  // b"
    assert "js/broken.js" in caplog.text
