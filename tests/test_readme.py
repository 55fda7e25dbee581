"""What the README promises of the settings."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# `studio` sets these for the processes that it starts.
OURS = {"STUDIO_LOCAL_URL", "STUDIO_STATIC_MANIFEST"}


def test_every_variable_stands_in_the_table_and_none_that_nobody_reads():
    source = "".join(path.read_text() for path in ROOT.glob("vidustudio/*.py"))
    read = set(re.findall(r"""env\.\w+\("([A-Z_]+)\"""", source))
    table = re.search(
        r"^## Configuration$(.*?)^## ", (ROOT / "README.md").read_text(), re.M | re.S
    )[1]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert len(read) > 20
    assert documented == read - OURS
