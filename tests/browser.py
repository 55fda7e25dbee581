"""How long tests wait for a browser. A busy machine is slow, which is no fault of what is tested;
what has to be quick is measured in `tests/bench/`."""

from playwright.sync_api import BrowserContext, expect

PATIENCE = 60_000  # milliseconds, for whatever comes at last

expect.set_options(timeout=PATIENCE)


def be_patient(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(PATIENCE)
    return context
