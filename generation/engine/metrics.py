"""Figures as Prometheus reads them. All are read from rows when they are asked for, so that every
web node answers the same; what happened is counted from the tasks' logs (`totals.py`)."""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.db import DatabaseError
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from generation.engine import figures, health
from generation.engine.worker_state import last_sign_of_life
from generation.models import MoveTotal, ProviderSilence, Status

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SILENT_AFTER = 30.0  # seconds; a worker that lives touches its heartbeat six times meanwhile
S = Status
# What a change of state means: the counter, and the outcome where it has one.
MEANING: dict[tuple[str, str], tuple[str, str]] = {
    ("", S.QUEUED): ("tasks_started", ""),
    (S.SUBMITTING, S.RUNNING): ("submissions", "accepted"),
    (S.SUBMITTING, S.FAILED): ("submissions", "refused"),
    (S.SUBMITTING, S.UNCERTAIN): ("submissions", "uncertain"),
    (S.SUBMITTING, S.QUEUED): ("submissions", "put_back"),
    (S.UNCERTAIN, S.RUNNING): ("adoptions", ""),
    (S.QUEUED, S.RUNNING): ("adoptions", ""),
}
ENDS = (S.SUCCEEDED, S.FAILED, S.CANCELLED)
COUNTERS = {
    "tasks_started": "Tasks that a press of Generate made.",
    "submissions": "Create requests, by how they ended.",
    "adoptions": "Uncertain and held tasks that were found at their provider.",
    "tasks_finished": "Tasks that came to an end.",
}


def metrics_text() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())
    return generate_latest(registry)


class Figures(Collector):
    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        """Without the database there is still to tell that it is missing."""
        missing = health.not_ready()
        yield gauge("ready", "1 while work goes on, as /readyz tells it.", int(not missing))
        family = labelled("missing", "1 for what keeps work from going on.", "state")
        for name in health.SENTENCES:
            family.add_metric([name], int(name in missing))
        yield family
        yield from disk_metrics()
        try:
            yield from [*task_metrics(), *lane_metrics(), *worker_metrics(), *counters()]
        except DatabaseError:
            return


def gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"vidustudio_{name}", text, value)


def labelled(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"vidustudio_{name}", text, labels=labels)


def disk_metrics() -> Iterator[Metric]:
    for place, free in figures.disk_room().items():
        yield gauge(f"{place}_disk_free_bytes", "Free room on the disk of this node.", free)


def task_metrics() -> Iterator[Metric]:
    text = "Unfinished tasks, by what happens to them now."
    family = labelled("tasks", text, "provider", "state")
    for labels, count in figures.tasks_under_way().items():
        family.add_metric(labels, count)
    yield family
    family = labelled("provider_silent", "1 while nothing is sent to it.", "provider")
    for row in ProviderSilence.objects.all():
        family.add_metric([row.provider], int(row.is_closed))
    yield family


def lane_metrics() -> Iterator[Metric]:
    due = labelled("lane_oldest_due_seconds", "How long the first in line has been due.", "lane")
    messages = labelled("lane_messages_waiting", "Messages no worker took yet.", "lane")
    for lane, found in figures.lane_figures(timezone.now()).items():
        due.add_metric([lane], found.oldest_due or 0.0)
        messages.add_metric([lane], found.messages)
    yield due
    yield messages
    if (size := figures.queue_size()) is not None:
        yield gauge("queue_messages", "Messages in the queue, of whatever kind.", size)


def worker_metrics() -> Iterator[Metric]:
    now = timezone.now()
    workers = figures.worker_figures(now)
    states = Counter(
        "silent" if one.silent > SILENT_AFTER else "busy" if one.job else "idle" for one in workers
    )
    family = labelled("workers", "Processes of all clusters, by what they do.", "state")
    for state in ("busy", "idle", "silent"):
        family.add_metric([state], states[state])
    yield family
    busy = Counter(one.job for one in workers if one.job)
    family = labelled("workers_busy", "Workers that have a job of this lane.", "lane")
    for job, count in sorted(busy.items()):
        family.add_metric([job], count)
    yield family
    silent = max((one.silent for one in workers), default=0.0)
    yield gauge("worker_heartbeat_age_seconds", "Of the worker that is silent longest.", silent)
    if (last := last_sign_of_life()) is not None:
        age = max(0.0, (now - last).total_seconds())
        yield gauge("cluster_heartbeat_age_seconds", "Of the cluster that told last.", age)


def counters() -> Iterator[Metric]:
    """Each by provider and mode, and by outcome where there are several."""
    totals: Counter[tuple[str, str, str, str]] = Counter()
    for row in MoveTotal.objects.all():
        for name, outcome in meanings(row.from_status, row.to_status):
            totals[name, row.provider, row.mode, outcome] += row.count
    for name, text in COUNTERS.items():
        labels = ["provider", "mode", *(["outcome"] if name in WITH_OUTCOME else [])]
        family = CounterMetricFamily(f"vidustudio_{name}", text, labels=labels)
        for (one, *values), count in sorted(totals.items()):
            if one == name:
                family.add_metric(values[: len(labels)], count)
        yield family


WITH_OUTCOME = ("submissions", "tasks_finished")


def meanings(before: str, after: str) -> Iterator[tuple[str, str]]:
    if (before, after) in MEANING:
        yield MEANING[before, after]
    if after in ENDS:
        yield "tasks_finished", after
