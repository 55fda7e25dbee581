"""What a stranger owns."""

from typing import Any

from generation.engine import comments
from generation.models import Batch, Task, Team
from tests.factories import (
    make_collection,
    make_consent_file,
    make_key,
    make_link,
    make_loan,
    make_media,
    make_notice,
    make_output,
    make_request,
    make_stack,
    make_subject,
    make_task,
    make_user,
    team_of,
)

FOREIGN = "Words of another team"


def build() -> dict[str, Any]:
    """What a stranger owns: one id per kind of reference."""
    stranger = make_user(name=FOREIGN)
    team = team_of(stranger)
    Team.objects.filter(pk=team.pk).update(name=FOREIGN)
    project = team.projects.create(name=FOREIGN, created_by=stranger)
    task = make_task(stranger, project=project, status="succeeded", prompt=FOREIGN)
    Task.objects.filter(pk=task.pk).update(change=7)  # news for whoever could ask for it
    Batch.objects.filter(pk=task.batch_id).update(intent="intent-of-a-stranger")
    media = make_media(stranger, name=FOREIGN)
    subject = make_subject(stranger, "Foreigner", [media], description=FOREIGN)
    key = make_key(stranger, label=FOREIGN, is_default=True)
    make_loan(key, team)  # to another team, which is no loan here
    output = make_output(stranger, task)
    asked = make_request(output, stranger, [stranger])

    return {
        "team": team.pk, "slug": project.slug, "project": project.pk, "task": task.pk,
        "batch": task.batch_id, "media": media.pk, "output": output.pk,
        "comment": comments.post(output, author=stranger, body=FOREIGN).pk,
        "collection": make_collection(stranger, [output], name=FOREIGN).pk,
        "notice": make_notice(stranger, text=FOREIGN).pk,
        "stack": make_stack(stranger, [output], name=FOREIGN).pk,
        "key": key.pk, "user": stranger.pk, "request": asked.pk,
        "link": make_link(stranger, output=output, may_approve=True).pk,
        "paper": make_consent_file(subject, name=FOREIGN).pk,
        "edit": f"remove:{media.pk}", "subject": subject.pk,
        "member": team.memberships.get().pk,
        "intent": "intent-of-a-stranger", "change": 0, "scope": f"task:{task.pk}",
    }  # fmt: skip
