"""Settings of the Python that runs the tests, for speed alone.

Listed in `addopts`, so that they hold before anything else is imported.
"""

import gc
import os
import sys

import pytest
from _pytest.runner import pytest_runtest_protocol as run_test

# The suite starts Python dozens of times; each start would compile all that it imports.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def with_large_frame(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run a test below a frame of 320 KB.

    Python keeps its frames in chunks of 16 KB, and returns one to the system as soon as it is
    empty. A call in a loop just across the end of a chunk maps and unmaps memory each time,
    hundreds of thousands of times in a suite. Below a large frame there is one large chunk.
    """
    return run_test(item, nextitem)


with_large_frame.__code__ = with_large_frame.__code__.replace(co_stacksize=40_000)


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    return with_large_frame(item, nextitem)


def pytest_collection_finish() -> None:
    """Leave a million objects that stay until the end out of every collection of garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
