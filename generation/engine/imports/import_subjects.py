"""Bringing home what a provider's subject library already holds."""

import math
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.db import IntegrityError, transaction

from generation import outbound
from generation.catalogue import mentions
from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.catalogue.signs import JOINERS, MARKS, key_of, normal
from generation.catalogue.types import VideoLimits
from generation.engine.provider_clients import call_provider, connect, trusted_origins
from generation.engine.registration.requests import has_library, register, to_register
from generation.media import images, sandbox, storage, videos
from generation.media.storage import Stored, Unfit
from generation.models import ApiKey, Media, Registration, RegistrationState, Subject, Team, User
from generation.models.subjects import MOST_IMAGES, VIDEO_SECONDS
from generation.providers.base import SubjectSnapshot
from generation.providers.errors import ProviderError

__all__ = ["Imported", "NotImported", "has_library", "import_subjects", "register", "to_register"]

MOST_BYTES = 100 * 1024 * 1024
SECONDS = 30.0
RESERVED = re.compile(rf"(?:{mentions.IMAGE}|{mentions.VIDEO})\d*", re.IGNORECASE)
UNFIT_SIGNS = re.compile(rf"[^\w{MARKS}{JOINERS}-]+|_")
AROUND = f"-{MARKS}{JOINERS}"  # what no name begins with
Trouble = (outbound.OutboundError, Unfit)


class NotImported(Exception):
    """The library could not be read; the sentence says why."""

    def __init__(self, sentence: Message) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass
class Imported:
    """What came of it: new subjects, how many were known, names whose files did not come, and how
    many are left for another time."""

    new: list[Subject] = field(default_factory=list)
    known: int = 0
    without_files: list[str] = field(default_factory=list)
    left: int = 0


def import_subjects(
    user: User,
    team: Team,
    provider: str,
    key: ApiKey | None,
    until: float = math.inf,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> Imported:
    """Make a subject of the team of each that the provider keeps for this key. Free.

    What is known already stays as it is, so this may be repeated. None is begun after `until`, by
    the monotonic clock; `report` gets how many are done of how many.
    """
    if not has_library(provider):
        raise NotImported(_("This provider has no subject library."))
    if key is None:  # the demo's library is everybody's
        raise NotImported(_("The demo has no library of your own."))
    try:
        found = call_provider(connect(provider, key), lambda one: one.list_subjects())
    except ProviderError as error:
        raise NotImported(error.sentence) from None
    rows = Registration.objects.filter(provider=provider, key=key, subject__team=team)
    known = set(rows.exclude(server_id="").values_list("server_id", flat=True))
    found = [one for one in found if one.server_id]
    fresh = [one for one in found if one.server_id not in known]
    done = Imported(known=len(found) - len(fresh), left=len(fresh))
    for one in fresh:
        report(len(found) - done.left, len(found))
        if time.monotonic() > until:
            break
        import_one(done, one, user, team, provider, key)
        done.left -= 1
    return done


def import_one(
    done: Imported, one: SubjectSnapshot, user: User, team: Team, provider: str, key: ApiKey | None
) -> None:
    files = fetch_files(one, provider)
    try:
        with transaction.atomic():
            subject = Subject.objects.create(
                team=team,
                created_by=user,
                name=free_name(team, one.name),
                description=one.description[:2_000],
                style=one.style[:100],
                voice_id=one.voice_id[:256],
            )
            subject.place([media_of(stored, subject, user) for stored in files])
            Registration.objects.create(
                subject=subject, provider=provider, key=key, state=RegistrationState.KEPT,
                server_id=one.server_id, label=one.name[:64], shape=subject.shape, imported=True,
                files=[media.pk for media in subject.files],
            )  # fmt: skip
    except IntegrityError:  # the same import ran twice at once
        for stored in files:
            storage.delete(stored.path, stored.thumb_path, stored.preview_path)
        done.known += 1
        return
    done.new.append(subject)
    if not files:
        done.without_files.append(subject.name)


def media_of(stored: Stored, subject: Subject, user: User) -> Media:
    return Media.objects.create(
        team=subject.team, created_by=user, uploaded=True, name=subject.name, **asdict(stored)
    )


def fetch_files(one: SubjectSnapshot, provider: str) -> list[Stored]:
    """Our own copies of its images, or of its video; what cannot be had is left out."""
    found: list[Stored] = []
    for url in one.images[:MOST_IMAGES]:
        found += fetch(url, provider, images.take_file)
    for url in () if found else one.videos[:1]:
        found += fetch(url, provider, take_video)
    return found


def take_video(path: Path) -> Stored:
    return videos.take_file(path, VideoLimits(max_seconds=VIDEO_SECONDS))


def fetch(url: str, provider: str, take: Callable[[Path], Stored]) -> list[Stored]:
    if not storage.enough_space(MOST_BYTES):
        return []
    with storage.scratch() as path:
        try:
            with path.open("wb") as file:
                outbound.fetch(
                    url,
                    into=file,
                    max_bytes=MOST_BYTES,
                    allowed=trusted_origins(provider),
                    deadline=SECONDS,
                )
            return [take(path)]
        except sandbox.ChildFailed:  # it may come when the studio is mended
            raise
        except Trouble:
            return []


def free_name(team: Team, wanted: str) -> str:
    """A legal name close to the provider's that nobody in the team has."""
    name = UNFIT_SIGNS.sub("-", normal(wanted)).lstrip(AROUND)[: mentions.MOST - 12]
    name = name.rstrip(f"-{JOINERS}")
    if not mentions.is_name(name):
        name = "subject"
    if RESERVED.fullmatch(name):  # what images and videos of a request are called
        name = f"subject-{name}"
    rows = Subject.objects.filter(team=team, archived_at=None)
    taken = set(rows.values_list("name_key", flat=True))
    names = (name, *(f"{name}-{number}" for number in range(2, 1_000)))
    return next(one for one in names if key_of(one) not in taken)
