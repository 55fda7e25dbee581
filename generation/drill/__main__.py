"""Runs the drill that its argument describes; `setting.py` made the place for it."""

import sys

import django


def run_described(text: str) -> int:
    django.setup()
    from generation.drill.plan import DrillPlan
    from generation.drill.run import drill

    return drill(DrillPlan.from_text(text))


if __name__ == "__main__":
    sys.exit(run_described(sys.argv[1]))
