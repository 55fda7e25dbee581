"""Fill a team's library with made-up work, to look at and to measure."""

import gc
import random
import secrets
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError

from generation.management import seed_media, seed_teams
from generation.management.seed_media import Painting
from generation.management.seed_rows import SeedSource, presses, write_rows
from generation.media import audio, images, storage, videos
from generation.models import Media, Membership, Team, User

VARIANTS, REFERENCES = 2, 4
WORKERS = 3  # each image is decoded in a process of its own
CHUNK = 1_000  # presses of Generate in one transaction
PEOPLE = ("Ines Duarte", "Tom Becker", "Yuki Mori")
PROJECTS = ("Autumn campaign", "Museum posters", "Packaging", "Storyboards")
PATHS = ("path", "thumb_path", "preview_path")


class Command(BaseCommand):
    help = "Adds made-up outputs to the library of a person's team."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--outputs", type=int, default=200, help="how many to add")
        parser.add_argument("--teams", action="store_true", help="to a new team of five")
        parser.add_argument("--user", default="", help="e-mail address; else the oldest account")
        parser.add_argument("--no-files", action="store_true", help="rows only, for measuring")

    def handle(self, *_args: Any, **options: Any) -> None:
        gc.disable()  # it would look through the rows again and again, for a fifth of the time
        dice = random.Random(options["outputs"])  # noqa: S311
        user = find_user(options["user"])
        team, people = seed_teams.make_team(user) if options["teams"] else present_team(user)
        source = gather(team, people, with_files=not options["no_files"])
        plan, place = (
            presses(options["outputs"], dice),
            invent if options["no_files"] else link_files,
        )
        for start in range(0, len(plan), CHUNK):
            newest = start + CHUNK >= len(plan)  # logs are for looking at, and slow to write
            write_rows(plan[start : start + CHUNK], source, dice, place, logged=newest)
        if options["teams"]:
            seed_teams.add_subjects(team, people, source.references)
            seed_teams.add_links(team, people)
            seed_teams.add_stack(team, people)
            seed_teams.add_audit(team, people, dice)
        clean(source)
        self.stdout.write(f"Added {options['outputs']} outputs to {source.team}.")


def find_user(email: str) -> User:
    rows = User.objects.filter(teams__isnull=False).order_by("id")
    user = (rows.filter(email__iexact=email) if email else rows).first()
    if user is None:
        raise CommandError("There is no such account. Sign up in the browser first.")
    return user


def present_team(user: User) -> tuple[Team, list[User]]:
    """The person's own team, with colleagues who only stand for one."""
    team = Team.objects.visible_to(user).order_by("memberships__joined_at").first()
    if team is None:
        raise CommandError("This account is in no team.")
    return team, [user, *(colleague(team, name) for name in PEOPLE)]


def gather(team: Team, people: list[User], *, with_files: bool) -> SeedSource:
    user = people[0]
    projects = [
        team.projects.filter(name=name).first() or team.projects.create(name=name, created_by=user)
        for name in PROJECTS
    ]
    kept = take_painting if with_files else pretend
    with ThreadPoolExecutor(WORKERS) as pool:
        paintings = list(pool.map(lambda wanted: kept(*wanted), wanted_media()))
        uploads = list(pool.map(lambda one: kept(one, "4:3", 9), seed_media.SUBJECTS[:REFERENCES]))
    made = {"team": team, "created_by": user, "uploaded": True, "name": "reference.jpg"}
    references = [Media.objects.create(**made, **one.facts) for one in uploads]
    return SeedSource(team, people, projects, paintings, references)


def colleague(team: Team, name: str) -> User:
    """A teammate nobody can log in as."""
    email = f"{name.lower().replace(' ', '.')}.{team.pk}@seed.invalid"
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name)
    Membership.objects.get_or_create(team=team, user=user)
    return user


def seed_subjects() -> list[tuple[str, str]]:
    """Each subject in one ratio, so that every ratio has two."""
    ratios = [*seed_media.SIZES, *seed_media.SIZES]
    return list(zip(seed_media.SUBJECTS, ratios, strict=True))


def wanted_media() -> list[tuple[str, str, int, str]]:
    """What is made of every kind: subject, ratio, seed, kind."""
    painted = [
        (one, ratio, seed, "image") for one, ratio in seed_subjects() for seed in range(VARIANTS)
    ]
    videos = zip(seed_media.SUBJECTS, seed_media.FILMED, strict=False)
    filmed = [(one, ratio, 3, "video") for one, ratio in videos]
    return [*painted, *filmed, *((text, "", 5, "audio") for text in seed_media.SPOKEN)]


def take_painting(subject: str, ratio: str, seed: int, kind: str = "image") -> Painting:
    if kind == "image":
        stored = images.take_file(
            seed_media.render_demo_image(subject, seed_media.SIZES[ratio], seed)
        )
        return Painting(subject, ratio, asdict(stored))
    with storage.scratch() as path:
        if kind == "video":
            seed_media.render_demo_video(subject, ratio, seed, path)
            return Painting(subject, ratio, asdict(videos.keep_output(path)))
        seed_media.speak_text(subject, seed, path)
        return Painting(subject, ratio, asdict(audio.keep_output(path)))


def pretend(subject: str, ratio: str, _seed: int, kind: str = "image") -> Painting:
    return Painting(
        subject, ratio, PRETENDED[kind] | invent() | side_lengths(ratio) | {"kind": kind}
    )


def side_lengths(ratio: str) -> dict[str, int]:
    width, height = seed_media.SIZES.get(ratio, (0, 0))
    return {"width": width, "height": height}


PRETENDED: dict[str, dict[str, Any]] = {
    "image": {"mime": "image/jpeg", "format": "jpeg", "bytes": 240_000, "sha256": "0" * 64},
    "video": {
        "mime": "video/mp4", "format": "mp4", "bytes": 2_400_000, "sha256": "0" * 64, "fps": 24.0,
        "seconds": float(seed_media.VIDEO_SECONDS), "codec": "h264", "has_sound": True,
    },
    "audio": {
        "mime": "audio/mpeg", "format": "mp3", "bytes": 90_000, "sha256": "0" * 64,
        "seconds": 6.0, "codec": "mp3",
    },
}  # fmt: skip


def clean(source: SeedSource) -> None:
    """The paintings live on under the names of the outputs."""
    for painting in source.paintings:
        for path in PATHS:
            if painting.facts.get(path):
                default_storage.delete(painting.facts[path])


def link_files(painting: Painting) -> dict[str, str]:
    """Names of their own for the files of one output, without copies where the disk can."""
    token, root, names = secrets.token_hex(12), storage.local_root(), {}
    for path in PATHS:
        source = painting.facts[path]
        name = f"{seed_folder(root, token[:2])}/{token}-{path}{Path(source).suffix}"
        if root:
            (root / name).hardlink_to(root / source)
        else:  # the files live in a bucket
            name = default_storage.save(name, default_storage.open(source))
        names[path] = name
    return names


@cache
def seed_folder(root: Path | None, name: str) -> str:
    if root:
        (root / "seed" / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    return f"seed/{name}"


def invent(_painting: Painting | None = None) -> dict[str, str]:
    return {"path": f"seed/{secrets.token_hex(12)}"}
