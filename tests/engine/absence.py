"""A studio that was away, or that finds itself to be a copy."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from generation.cluster.reports import Reports
from generation.engine import held_tasks, installation
from generation.engine import submit as sending
from generation.models import Installation, Task
from tests.factories import make_task

HOUR = timedelta(hours=1)


def queued(key, count=1, **fields) -> list[Task]:
    values = {"prompt": "A lighthouse at dusk", "resolution": "1080p", "aspect_ratio": "16:9"}
    facts = {"provider": "vidu", "key": key, "values": values}
    return [make_task(key.user, **facts | fields) for _ in range(count)]


def be_away(**passed) -> None:
    """The studio was at work here, and for so long it was not."""
    installation.note_alive()
    at = timezone.now() - timedelta(**passed)
    Installation.objects.update(last_alive=at)


def be_copied() -> None:
    """What a copy finds: the row of the original, which was alive just now."""
    installation.note_alive()
    Installation.objects.update(place="where the original lies")


def start() -> None:
    """As the cluster does before it starts a worker."""
    Reports(settings.DATA_DIR).note_start()


def send_all() -> None:
    sending.send_due(ends=float("inf"))


def held() -> int:
    return Task.objects.held().count()


def decide(user, act=held_tasks.send_held) -> int:
    member = user.memberships.select_related("team").get()
    return act(member, timezone.now())


def fresh(row):
    return type(row).objects.get(pk=row.pk)
