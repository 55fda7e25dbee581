"""What goes beside a file in a zip of guests: how it was made, where the link hides none of it."""

import json
from collections.abc import Callable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from generation.models import DeliveryRules, MediaKind, Output, ShareLink
from generation.views.library.tile import output_name
from generation.views.share.guest_files import GuestFile

HASH_LENGTH = 64


def settings_go_along(link: ShareLink) -> bool:
    """Where the team has them in its zips, and its guests may read prompts and names anyway."""
    wanted = DeliveryRules.of(link.team).sidecar_in_zip
    return wanted and link.show_prompts and link.show_names


def settings_of(link: ShareLink, output: Output, file: GuestFile) -> dict[str, Any]:
    """No number of ours, no price, and nothing of other results or projects."""
    task, media = output.task, output.media
    return {
        "prompt": task.prompt,
        "provider": task.provider,
        "mode": task.mode,
        "model": task.model_name,
        "settings": {
            name: value
            for name, value in task.values.items()
            if name != "prompt" and isinstance(value, str | int | float | bool)
        },
        "seed_used": task.seed_used,
        "kind": media.kind,
        "seconds": media.seconds,
        "frames_a_second": media.fps,
        "sound": media.has_sound or media.kind == MediaKind.AUDIO,
        "width": media.width,
        "height": media.height,
        "bytes": file.size,
        "sha256": "0" * HASH_LENGTH,
        "created_at": output.created_at.isoformat(),
        "created_by": output_name(output) if DeliveryRules.of(link.team).names_maker else None,
    }


def settings_text(facts: dict[str, Any], sha256: Callable[[], str] | None = None) -> bytes:
    """As long with the hash of the file, which is known once that was sent, as without."""
    facts = facts | ({"sha256": sha256()} if sha256 else {})
    return json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2).encode()
