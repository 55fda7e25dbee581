"""How much may be out at once: by key, and by provider while it leaves requests unanswered."""

from datetime import datetime, timedelta

from django.utils import timezone

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.engine.provider_clients import call_provider, connect
from generation.engine.queue import Job, wake
from generation.models import ApiKey, ProviderSilence, Status, Task, Team
from generation.models.keys import provider_message
from generation.providers.errors import ProviderError, Throttled

SENDS_MOST, IN_FLIGHT_MOST = 5, 20  # of a key whose provider does not tell
HOLD_USUAL, HOLD_MOST = 5.0, 900.0  # seconds
CALM_SECONDS, CALM_GROWTH = 10.0, 1.05
ANSWER_SECONDS = 10.0


def in_flight_most(key: ApiKey, now: datetime) -> float:
    """Half as many after each "too many requests", and 5 % more for each calm ten seconds."""
    most = float(key.concurrency_limit or IN_FLIGHT_MOST)
    if key.send_limit is None or key.send_limit_at is None:
        return most
    calm = max(0.0, (now - key.send_limit_at).total_seconds()) / CALM_SECONDS
    grown: float = max(1.0, key.send_limit) * CALM_GROWTH ** min(calm, 1000.0)
    return min(most, grown)


def may_send(provider: str, key: ApiKey | None, now: datetime) -> bool:
    """Whether one more create request may go out now. The counts are queries over rows, so any
    number of nodes shares them and nothing drifts."""
    out = Task.objects.filter(status=Status.SUBMITTING, provider=provider)
    silence = ProviderSilence.objects.filter(provider=provider).first()
    most = silence.may_be_out if silence else None
    if most is not None and out.count() >= most:
        return False
    if key is None:  # the demo
        return True
    if key.hold_until and now < key.hold_until <= now + timedelta(seconds=HOLD_MOST):
        return False
    sending = out.filter(key=key).count()
    running = Task.objects.filter(status=Status.RUNNING, provider=provider, key=key).count()
    return sending < SENDS_MOST and sending + running < int(in_flight_most(key, now))


def note_throttled(key: ApiKey | None, error: Throttled) -> None:
    """The provider says that this key asks too much."""
    if key is None:
        return
    now = timezone.now()
    known = ApiKey.objects.filter(pk=key.pk).first()
    if known is None:
        return
    running = Task.objects.filter(status=Status.RUNNING, provider=key.provider, key=key).count()
    half = max(1.0, min(in_flight_most(known, now), max(running, 1)) / 2)
    seconds = min(max(error.retry_after or HOLD_USUAL, 1.0), HOLD_MOST)
    ApiKey.objects.filter(pk=key.pk).update(
        send_limit=half, send_limit_at=now, hold_until=now + timedelta(seconds=seconds)
    )


def note_silence(provider: str) -> None:
    """A create request got no clear answer; after three in a row the others wait, and say why."""
    if not ProviderSilence.note_silence(provider):
        return
    since = ProviderSilence.objects.filter(provider=provider).values_list("since", flat=True)
    sentence = _(
        "%(provider)s does not answer since %(time)s. It is sent when it does.",
        provider=provider_message(provider),
        time=since.first() or timezone.now(),
    )
    label_waiting(provider, sentence)


def label_waiting(provider: str, sentence: Message | str) -> None:
    """Why they wait, on all cards of this provider; open pages see it."""
    queued = Task.objects.filter(status=Status.QUEUED, provider=provider, held_since=None)
    for team_id in queued.order_by("team_id").values_list("team_id", flat=True).distinct():
        change = Team.next_change(team_id)
        queued.filter(team=team_id).update(waiting_for=sentence, change=change)


def note_answer(provider: str) -> None:
    """A create request got a clear answer."""
    if ProviderSilence.clear(provider):
        wake(Job.SEND)


def answers(provider: str) -> bool:
    """Whether the provider answers a question that costs nothing."""
    queued = Task.objects.filter(status=Status.QUEUED, provider=provider)
    task = queued.exclude(key=None).select_related("key").first()
    try:
        client = connect(provider, task.key if task else None)
    except ProviderError:
        return True  # it is the key that is wrong: each task finds that out for itself
    try:
        return call_provider(client, lambda one: one.answers(), ANSWER_SECONDS)
    except (ProviderError, TimeoutError):
        return False


def reopen(provider: str) -> None:
    """It answers again: those that wait are sent, one at a time at first."""
    if ProviderSilence.reopen(provider):
        label_waiting(provider, "")
        wake(Job.SEND)
