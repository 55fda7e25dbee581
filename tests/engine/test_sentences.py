"""What the cluster writes for a person waits for its reader: none of it is put into words there."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from generation.models.messages import read_stored
from tests.engine.sentences import fault_of

HOME = Path(settings.BASE_DIR, "generation")
AT_ONCE = {
    "engine/delivery.py": "nothing: a file names its producer in English whoever asks for it",
    "engine/health.py": "pages and the log, put into words when they are read",
    "engine/held_tasks.py": "the banner, worded for the page that shows it",
    "engine/key_loans.py": "the refusal of a click; what a task keeps is a message",
    "engine/keys.py": "the count of tasks in the answer to a click",
    "engine/notice_mail.py": "a mail, worded for the person that it goes to",
    "engine/save_frame.py": "the name of a file, given by a click",
    "engine/share_terms.py": "what is wrong with a form",
    "engine/stacks.py": "the refusal of a click",
    "engine/start.py": "the answer to a click",
}


def uses_gettext(text: str) -> bool:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = [f"{node.module}.{one.name}" for one in node.names]
        elif isinstance(node, ast.Import):
            whole = [one.name for one in node.names]
        else:
            continue
        if any(name.startswith("django.utils.translation") for name in whole):
            return True
    return False


def test_what_is_stored_is_not_put_into_words_where_it_is_written():
    found = {
        path.relative_to(HOME).as_posix()
        for folder in ("engine", "providers", "catalogue")
        for path in (HOME / folder).rglob("*.py")
        if uses_gettext(path.read_text())
    }
    assert found == set(AT_ONCE)


@pytest.mark.parametrize(
    ("stored", "fault"),
    [
        ("", False),
        ('{"text": "The provider refused this request.", "with": {}}', False),
        ("The provider refused this request.", True),
        ('{"text": "Nobody has translated this.", "with": {}}', True),
        (
            '{"text": "Too late to cancel: %(why)s", "with": {"why": {"text": "Oh", "with": {}}}}',
            True,
        ),
    ],
)
def test_the_look_at_stored_sentences_finds_what_is_not_translated(stored, fault):
    assert bool(fault_of(read_stored(stored))) is fault
