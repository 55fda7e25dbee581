"""How fast Create follows a change of model or mode: run as `python -m tests.bench.create`.

For every mode and every model of the demo the settings are asked for as the script does, beside
the log-in page as a measure of this machine now. Exits with 1 when the 95th percentile of all is
over the bar. Works in a temporary folder.
"""

import argparse
import os
import sys
import time
from statistics import quantiles

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from generation.catalogue import rules  # noqa: E402
from generation.forms.create_scope import name_of  # noqa: E402
from tests.factories import make_user  # noqa: E402

BAR = 150  # milliseconds
PROMPT = {"prompt": "A lighthouse on a cliff at dusk, slow push in", "duration": "5"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    call_command("migrate", verbosity=0, skip_checks=True)
    client = Client()
    client.force_login(make_user())
    everything: list[float] = []
    slowest = ("", 0.0)
    for row in rules.offers("demo"):
        address = f"/create/{row.mode}/fields/"
        times = timed(client, address, {"model": name_of(row), **PROMPT}, rounds)
        everything += times
        slowest = max(slowest, (f"{row.mode} {row.model_name}", p95(times)), key=lambda one: one[1])
    plain = timed(Client(), "/login/", {}, rounds)
    print(f"{len(rules.offers('demo'))} models, {rounds} rounds each")
    print(f"new fields: p50 {p50(everything):.0f} ms, p95 {p95(everything):.0f} ms (bar {BAR})")
    print(f"slowest: {slowest[0]}, p95 {slowest[1]:.0f} ms")
    print(f"log-in page: p50 {p50(plain):.0f} ms; ratio {p50(everything) / p50(plain):.1f}")
    return 1 if p95(everything) > BAR else 0


def timed(client: Client, address: str, query: dict[str, str], rounds: int) -> list[float]:
    times = []
    for number in range(rounds + 2):
        start = time.perf_counter()
        answer = client.get(address, query, headers={"HX-Request": "true"})
        assert answer.status_code == 200, address
        if number >= 2:  # the first ones load templates
            times.append((time.perf_counter() - start) * 1000)
    return times


def p50(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


def p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
