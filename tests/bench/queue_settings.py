"""The studio's settings with the broker that `tests.bench.brokers` measures."""

import os

from vidustudio import settings
from vidustudio.settings import *  # noqa: F403

Q_CLUSTER = {**settings.Q_CLUSTER, "scheduler": False}
if os.environ["BENCH_BROKER"] == "django-q2":
    Q_CLUSTER |= {"broker_class": "tests.bench.queue_jobs.CountingOrm", "poll": 0.2}
