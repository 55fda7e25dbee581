"""How long a download of 12 MB takes with marks in it: run as `python -m tests.bench.delivery`.

A studio of its own serves the same file to two teams by turns: one gets the original, the other a
copy, which is made at the first download. The product promises a p95 of at most twice the plain
one.
"""

import argparse
import http.client
import os
import statistics
import sys
import time
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.e2e.conftest import QUICK  # noqa: E402
from tests.studio import running_studio  # noqa: E402

BAR = 2.0
SEED = """
import hashlib, io, os
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image
from generation.models import DeliveryRules
from tests.factories import make_media, make_output, make_task, make_user, team_of

out = io.BytesIO()
Image.frombytes("RGB", (2000, 2000), os.urandom(12_000_000)).save(out, "PNG", compress_level=0)
data = out.getvalue()
for marked in (False, True):
    user = make_user(f"bench{int(marked)}@example.test")
    DeliveryRules.objects.create(team=team_of(user), source_mark=marked, aigc_keys=marked)
    client = Client()
    client.force_login(user)
    pks = []
    for _number in range(COUNT):
        name = default_storage.save("test/bench.png", ContentFile(data))
        media = make_media(user, uploaded=False, bytes=len(data),
                           sha256=hashlib.sha256(data).hexdigest())
        type(media).objects.filter(pk=media.pk).update(path=name)
        pks.append(str(make_output(user, make_task(user, status="succeeded"), media=media).pk))
    print("FOUND", client.cookies[settings.SESSION_COOKIE_NAME].value, *pks)
"""


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[18] if len(times) > 1 else times[0]


def download(url: str, cookie: str, pk: str) -> tuple[float, int]:
    parts = urlsplit(url)
    began = time.perf_counter()
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.request("GET", f"/a/{pk}/download/", headers={"Cookie": f"session={cookie}"})
    answer = connection.getresponse()
    size = len(answer.read())
    connection.close()
    assert answer.status == 200, answer.status
    return time.perf_counter() - began, size


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--files", type=int, default=12)
    given = parser.parse_args()
    with running_studio(**QUICK) as studio:
        printed = str(studio.run(SEED.replace("COUNT", str(given.files))))
        teams = [line.split()[1:] for line in printed.splitlines() if line.startswith("FOUND")]
        (plain, *originals), (marked, *copies) = teams
        times: dict[str, list[float]] = {"plain": [], "first": [], "kept": []}
        for pk, copy in zip(originals, copies, strict=True):
            times["plain"].append(download(studio.url, plain, pk)[0])
            times["first"].append(download(studio.url, marked, copy)[0])
        for number in range(given.rounds):
            took, size = download(studio.url, plain, originals[number % given.files])
            times["plain"].append(took)
            took, longer = download(studio.url, marked, copies[number % given.files])
            times["kept"].append(took)
        assert longer > size > 12_000_000
    beside = p95(times["plain"])
    for name, found in times.items():
        print(
            f"{name:6} n={len(found):3}  median {statistics.median(found) * 1000:6.1f} ms  "
            f"p95 {p95(found) * 1000:6.1f} ms  x{p95(found) / beside:.2f}"
        )
    sys.exit(p95(times["kept"]) > BAR * beside)


if __name__ == "__main__":
    main()
