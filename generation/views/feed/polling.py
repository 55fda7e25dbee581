"""The one poller of a page: which tasks it follows, and how often it asks."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from generation.catalogue.modes import MODES
from generation.engine.schedule import TaskKind, usual_seconds
from generation.forms.parsing import parse_id
from generation.models import ACTIVE, Batch, Membership, Project, Status, Task, Team
from generation.models.presence import others_are_here
from generation.web.shortcuts import StudioRequest

PACES = ((60, 2_000), (300, 4_000))  # younger than so many seconds: ask every so many ms
SLOW_PACE = 10_000
LONG = 60  # seconds that are worth being told of their end
OFF_PEAK_PACE = 60_000  # instead of the slow one, where nothing else is waited for
# Where nothing runs, but others work in the team: while they are there, and until they come.
SHARED_PACE, ALONE_PACE = 3_000, 20_000


@dataclass(frozen=True)
class Scope:
    """The tasks that one page shows: the team's feed, one project, or one task."""

    member: Membership
    name: str = "feed"

    @property
    def team(self) -> Team:
        return self.member.team

    @property
    def tasks(self) -> QuerySet[Task]:
        kind, _colon, value = self.name.partition(":")
        found = Task.objects.filter(team=self.team)
        match kind:
            case "feed":
                return found
            case "project":
                return found.filter(project__slug=value)
            case "task" if pk := parse_id(value):
                return found.filter(pk=pk)
        return found.none()


def scope_for(member: Membership, project: Project | None) -> Scope:
    return Scope(member, f"project:{project.slug}" if project else "feed")


@dataclass(frozen=True)
class Live:
    """`born` is when its youngest living task was made, 0 for none; `top` the newest batch on the
    page, None where new ones of others have no place; `started` a batch to be fetched at once."""

    scope: str
    cursor: int
    born: int
    pace: int
    top: int | None
    started: int = 0
    name: str = "live"  # of the address that it asks
    editors: str = ""  # who the page says is editing
    takes_long: bool = False  # what was started: worth being told of when it is done

    @property
    def url(self) -> str:
        known: dict[str, Any] = {"c": self.cursor, "b": self.born, "n": self.pace}
        known |= {"scope": self.scope} | ({} if self.top is None else {"t": self.top})
        known |= {"started": self.started} if self.started else {}
        known |= {"e": self.editors} if self.editors else {}
        return f"{reverse(self.name)}?{urlencode(known)}"


def pace_of(born: int, now: datetime) -> int:
    """Milliseconds until the page asks again; 0 when nothing can change by itself."""
    if not born:
        return 0
    age = now.timestamp() - born
    return next((pace for limit, pace in PACES if age < limit), SLOW_PACE)


def idle_pace(member: Membership) -> int:
    """How often a page asks for what others do; 0 where nobody else is in the team."""
    if not member.is_shared:
        return 0
    return SHARED_PACE if others_are_here(member) else ALONE_PACE


def shared_pace(pace: int, member: Membership) -> int:
    """The quicker one of what is waited for and what others may do."""
    paces = [one for one in (pace, idle_pace(member)) if one]
    return min(paces, default=0)


def still_fits(pace: int, born: int, now: datetime, member: Membership) -> bool:
    """Whether a page that asks at this pace need not be told of another."""
    due = pace_of(born, now)
    paces = {due, OFF_PEAK_PACE} if due == SLOW_PACE else {due}
    return pace > 0 and pace in {shared_pace(one, member) for one in paces}


def alive_tasks() -> QuerySet[Task, Any]:
    """Ids of what may still change by itself. An uncertain task that nobody looks for waits for a
    person. State by state: SQLite finds one state in its index, and for several it reads all that
    the team ever made."""
    rows = Task.objects.values("pk")
    looked_for = rows.filter(status=Status.UNCERTAIN, next_look_at__isnull=False)
    return looked_for.union(*(rows.filter(status=status) for status in ACTIVE), all=True)


def active_state(scope: Scope) -> dict[str, Any]:
    """Of what may still change by itself: `at`, when the youngest was made, how many there are in
    `all`, and whether anybody waits for it in `haste`."""
    cheap = Count("pk", filter=Q(values__off_peak=True))
    found = scope.tasks.filter(pk__in=alive_tasks()).aggregate(
        at=Max("created_at"), all=Count("pk"), cheap=cheap
    )
    return found | {"haste": found["all"] > found["cheap"]}


def live_of(scope: Scope, cursor: int, alive: dict[str, Any], top: int | None = None) -> Live:
    born = int(alive["at"].timestamp()) if alive["at"] else 0
    pace = pace_of(born, timezone.now())
    if pace == SLOW_PACE and not alive["haste"]:
        pace = OFF_PEAK_PACE
    return Live(scope.name, cursor, born, shared_pace(pace, scope.member), top)


def bell_fits(request: StudioRequest) -> bool:
    """Whether the asking page shows the right number of unread notices."""
    return parse_id(request.GET.get("u", "")) == request.member.unread


def last_seen_change(request: StudioRequest) -> int:
    """The change number that the asking page has seen; without one, the present number."""
    current = request.member.team.change_seq
    given = request.POST.get("c", "")
    return min(parse_id(given), current) if given else current


def top_of(request: StudioRequest) -> int | None:
    """The newest batch of the asking page, None where only a part of the feed is shown."""
    given = request.POST.get("t", "") or request.GET.get("t", "")
    return parse_id(given) if given else None


def takes_long(batch: Batch) -> bool:
    """Over a minute. Where too few like it were made to know, a video does."""
    for task in batch.tasks.all():
        usual = usual_seconds(TaskKind.of_task(task))
        unknown = usual is None and MODES[task.mode].makes == "video"
        if unknown or (usual or 0) > LONG:
            return True
    return False


def start_context(
    request: StudioRequest, scope: Scope, batch: Batch, top: int | None
) -> dict[str, Any]:
    """What generation/feed/_started.html shows: a poller that fetches the new batch at once."""
    cursor, (_age, pace) = last_seen_change(request), PACES[0]
    live = Live(scope.name, cursor, born=0, pace=pace, top=top, started=batch.pk)
    return {"live": replace(live, takes_long=takes_long(batch))}
