"""What a provider can do is asked of its class; nobody outside compares its name."""

import re
from pathlib import Path

from generation.providers.registry import PROVIDERS

CODE = Path(__file__).parents[2] / "generation"
# Rows of the catalogue and the simulator's dialects are keyed by provider.
KEYED_BY_NAME = ("providers", "catalogue", "simulator", "migrations")
NAME = "|".join([f'"{name}"' for name in PROVIDERS] + [r"ProviderName\.[A-Z_]+"])
COMPARED = re.compile(rf"(?:==|!=|\bin) \(?(?:{NAME})|(?:{NAME}) (?:==|!=|in)\b")


def test_nothing_outside_providers_compares_the_name_of_one():
    files = [
        one for one in CODE.rglob("*.py") if one.relative_to(CODE).parts[0] not in KEYED_BY_NAME
    ]
    assert len(files) > 100
    assert [str(one) for one in files if COMPARED.search(one.read_text())] == []
    assert COMPARED.search('offer.provider != "vtrix"')
    assert COMPARED.search("key.provider == ProviderName.DEMO")
