"""Imports from a provider's subject library: asked for by a page, done by the cluster, watched."""

import secrets
import time
from dataclasses import asdict, dataclass, replace

from django.core.cache import cache

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.engine.imports.import_subjects import NotImported, import_subjects
from generation.engine.queue import Job, wake
from generation.models import ApiKey, Lease, Team, User

HELD = 200.0  # seconds: longer than the cluster lets a job run
BUDGET = 45.0  # seconds of one job; the next one goes on
REMEMBERED = 24 * 3600


@dataclass(frozen=True)
class Import:
    """How far one person's import is. It may be repeated, so losing this costs nothing."""

    token: str
    provider: str
    done: int = 0
    total: int = 0
    new: int = 0
    known: int = 0
    bare: tuple[str, ...] = ()  # names whose files did not come
    ended: bool = False
    refusal: Message | str = ""


def slot(user_id: int, team_id: int) -> str:
    return f"import:{user_id}:{team_id}"


def request_import(user: User, team: Team, key: ApiKey) -> bool:
    """Have the cluster import this library; False while another import of theirs goes on."""
    name, token = slot(user.pk, team.pk), secrets.token_hex(8)
    if not Lease.take(name, token, HELD):
        return False
    remember(name, Import(token, key.provider))
    wake(Job.IMPORT_SUBJECTS, user.pk, team.pk, str(key.pk), token)
    return True


def watch(user: User, team: Team) -> Import | None:
    """How it stands; None when there is nothing to show. What has ended is shown once."""
    name = slot(user.pk, team.pk)
    found = recall(name)
    if found is not None and not found.ended and Lease.is_free(name):
        found = recall(name) or found  # it may have ended between the two looks
        sentence = _("The import stopped. Start it again: what is here already stays as it is.")
        found = found if found.ended else replace(found, ended=True, refusal=sentence)
    if found is not None and found.ended:
        cache.delete(name)
    return found


def run(user_id: int, team_id: int, key_id: str, token: str) -> None:
    """The job. Sent twice it works once; what takes long goes on in another job."""
    name = slot(user_id, team_id)
    state = recall(name)
    if state is None or state.ended or state.token != token or not Lease.take(name, token, HELD):
        return
    try:
        state = import_share(name, state, User.objects.get(pk=user_id), team_id, key_id)
    except NotImported as refusal:
        state = replace(state, ended=True, refusal=refusal.sentence)
    except ApiKey.DoesNotExist:
        state = replace(state, ended=True, refusal=_("The key was removed meanwhile."))
    remember(name, state)
    if state.ended:
        Lease.release(name, token)
    else:
        wake(Job.IMPORT_SUBJECTS, user_id, team_id, key_id, token)


def import_share(name: str, state: Import, user: User, team_id: int, key_id: str) -> Import:
    """After one job's share of the work."""
    team = Team.objects.visible_to(user).get(pk=team_id)
    key = ApiKey.objects.visible_to(user).usable().get(pk=key_id)

    def report(done: int, total: int) -> None:
        remember(name, replace(state, done=done, total=total))

    found = import_subjects(user, team, key.provider, key, time.monotonic() + BUDGET, report)
    total = found.known + len(found.new) + found.left
    return replace(
        state, done=total - found.left, total=total, new=state.new + len(found.new),
        # What an earlier job of this import made is known to this one.
        known=found.known - state.new, bare=(*state.bare, *found.without_files),
        ended=not found.left,
    )  # fmt: skip


def remember(name: str, state: Import) -> None:
    cache.set(name, asdict(state), REMEMBERED)


def recall(name: str) -> Import | None:
    facts = cache.get(name)
    return Import(**facts) if facts else None
