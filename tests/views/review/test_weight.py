"""What guests load too has a weight."""

import gzip
from pathlib import Path

import pytest

from vidustudio.static_storage import minified

STATIC = Path(__file__).parents[3] / "static"


@pytest.mark.parametrize(("name", "most"), [("js/player.js", 7), ("css/room.css", 8)])
def test_the_player_and_its_style_are_light(name, most):
    served = minified(name, (STATIC / name).read_text())
    assert len(gzip.compress(served.encode(), 9)) <= most * 1_024


def test_the_player_knows_nothing_of_members():
    text = (STATIC / "js/player.js").read_text()
    assert "/a/" not in text
    assert "window.htmx" not in text
    assert 'getElementById("' not in text  # whatever it finds, it finds by a data attribute
