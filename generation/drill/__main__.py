"""Runs the drill that its argument describes; `setting.py` made the place for it."""

import signal
import sys

import django

STOPPED = 130


def run_described(text: str) -> int:
    django.setup()
    from generation.drill.node import NotStarted
    from generation.drill.plan import DrillPlan
    from generation.drill.run import drill

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return drill(DrillPlan.from_text(text))
    except NotStarted as trouble:
        sys.stderr.write(f"A process of the drill did not start. The end of its log:\n{trouble}\n")
        return 1
    except KeyboardInterrupt:
        return STOPPED


if __name__ == "__main__":
    sys.exit(run_described(sys.argv[1]))
