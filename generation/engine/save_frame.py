"""A frame of a video, saved as an image beside it."""

from dataclasses import asdict

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from generation.media import storage, videos
from generation.models import Media, Output, User

FIRST_PLACE = 100  # frames stand behind whatever the provider may have sent


def save_frame(output: Output, seconds: float, user: User) -> Output:
    """Keep what a video shows at `seconds` as an image of the same task. Raises Unfit."""
    stored = videos.save_video_frame(output.media.path, seconds)
    try:
        with transaction.atomic():
            place = next_place(output)  # holds an output, before a new row refers to the team
            media = Media.objects.create(
                team=output.team, created_by=user, name=frame_name(seconds), **asdict(stored)
            )
            return Output.objects.create(
                task=output.task,
                team=output.team,
                project=output.project,
                user=user,
                media=media,
                kind=media.kind,
                position=place,
                taken_from=output,
                taken_at=seconds,
                search_text=output.search_text,
            )
    except BaseException:
        storage.delete(stored.path, stored.thumb_path, stored.preview_path)
        raise


def next_place(output: Output) -> int:
    Output.objects.select_for_update(no_key=True).filter(task=output.task_id).first()
    last = Output.objects.filter(task=output.task_id).aggregate(last=Max("position"))["last"]
    return max(FIRST_PLACE, (last or 0) + 1)


def frame_name(seconds: float) -> str:
    return _("Frame at %(seconds)s s") % {"seconds": f"{seconds:.2f}"}
