"""The values of buttons, as the form reads them."""

import pytest

from generation.forms.parsing import ButtonAction


@pytest.mark.parametrize(
    ("value", "action"),
    [
        ("", ButtonAction("")),
        ("ideas", ButtonAction("ideas")),
        ("pick:images", ButtonAction("pick", "images")),
        ("left:images:5", ButtonAction("left", "images", "5")),
    ],
)
def test_the_value_of_a_button_is_its_action(value, action):
    assert ButtonAction.parse(value) == action


def test_what_nobody_sends_is_kept_as_text():
    assert ButtonAction.parse("left:images:5:6").id == "5:6"
