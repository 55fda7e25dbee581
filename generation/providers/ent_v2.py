"""The /ent/v2 shapes that Vidu made and others copied."""

from typing import Any
from urllib.parse import quote

from generation.providers import map_errors
from generation.providers.base import (
    Balance,
    GenerationRequest,
    Prepared,
    Provider,
    RemoteState,
    Result,
    Snapshot,
    checked,
    untested,
)
from generation.providers.error_texts import field_of
from generation.providers.parse import (
    MOST_SEED,
    first_text,
    identity,
    parse_count,
    rows,
    share,
    web_url,
    when,
)
from generation.providers.payloads import AT_ONCE, Dialect, fields_of
from generation.providers.reply import Reply
from generation.providers.request_body import Body, Fields

PATHS = {
    "image": "/ent/v2/reference2image",
    "text-video": "/ent/v2/text2video",
    "image-video": "/ent/v2/img2video",
    "start-end": "/ent/v2/start-end2video",
    "reference": "/ent/v2/reference2video",
    "multiframe": "/ent/v2/multiframe",
    "extend": "/ent/v2/extend",
    "upscale": "/ent/v2/upscale-new",
    "lip-sync": "/ent/v2/lip-sync",
    "template": "/ent/v2/template",
    "sound": "/ent/v2/text2audio",
    "timed-sound": "/ent/v2/timing2audio",
    "speech": "/ent/v2/audio-tts",
    "voice": "/ent/v2/audio-clone",
}
STORY_MODEL = "template-story"  # a model of ours that is a path of its own
STORY_PATH = "/ent/v2/template-story"
# Paths that are one model: these have no field for it.
MODELLESS = ("template", STORY_MODEL, "upscale-new", "lip-sync", "audio-tts", "audio-clone")
NAMES = {
    "upscale": {"resolution": "upscale_resolution"},
    "timed-sound": {"cues": "timing_prompts"},
    "speech": {
        "voice_id": "voice_setting_voice_id",
        "speed": "voice_setting_speed",
        "volume": "voice_setting_volume",
        "pitch": "voice_setting_pitch",
        "emotion": "voice_setting_emotion",
        "pronunciation": "pronunciation_dict_tone",
    },
}
# Where a result stands that a reply names itself. Other addresses in it are echoes of inputs.
OWN_RESULTS = ("file_url", "demo_audio")
STATES = {
    "created": RemoteState.CREATED,
    "queueing": RemoteState.QUEUED,
    "processing": RemoteState.RUNNING,
    "success": RemoteState.SUCCESS,
    "failed": RemoteState.FAILED,
    # No page of this family has these two; both can only mean the end.
    "canceled": RemoteState.FAILED,
    "cancelled": RemoteState.FAILED,
}


class EntV2(Provider):
    """What every provider with these paths has: create and poll."""

    dialect = Dialect(names=NAMES)
    unnamed_models = MODELLESS

    async def prepare(self, request: GenerationRequest) -> Prepared:
        model = {} if request.model_name in MODELLESS else {"model": request.model_name}
        body = await self.packed({**model, **fields_of(request, self.dialect)})
        path = STORY_PATH if request.model_name == STORY_MODEL else PATHS[request.mode]
        return Prepared(path, body, is_slow=request.mode in AT_ONCE)

    async def packed(self, fields: Fields) -> bytes:
        body = Body.of(fields)
        return (await self.lighten(body) if body.excess > 0 else body).encode()

    async def lighten(self, body: Body) -> Body:
        """Make a body that is too large smaller, where the provider has a way for that."""
        return body

    async def submit(self, prepared: Prepared) -> Snapshot:
        reply = await self.http.submit(prepared.path, prepared.body, is_slow=prepared.is_slow)
        data = checked(reply, creating=True)
        remote_id = next(iter(self.ids_in(data)), "")
        if not remote_id:
            raise map_errors.failure_within(reply, creating=True)
        return snapshot(data, remote_id)

    async def fetch(self, remote_id: str) -> Snapshot:
        reply = await self.http.call("GET", f"{task_path(remote_id)}/creations")
        data = checked(reply)
        if not state_name(data):
            raise map_errors.failure_within(reply)
        self.check_id(reply, remote_id)
        return snapshot(data, remote_id)

    async def balance(self) -> Balance:
        return await self.probe()

    async def probe(self) -> Balance:
        """Ask for a task that cannot exist: who gets the provider's own error has a good key."""
        # The id is read as a number before the key is checked, so it has to be one.
        reply = await self.http.call("GET", f"{task_path('0')}/creations")
        if reply.status in (400, 404) and is_envelope(reply):
            return Balance()
        return untested(reply)


def task_path(remote_id: str) -> str:
    return f"/ent/v2/tasks/{quote(remote_id, safe='')}"


def is_envelope(reply: Reply) -> bool:
    data = reply.data
    return isinstance(data, dict) and "code" in data and bool(first_text(data, "reason", "message"))


def state_name(data: dict[str, Any]) -> str:
    return first_text(data, "state", "status").lower()


def snapshot(data: dict[str, Any], remote_id: str) -> Snapshot:
    """A task as these replies describe it. Without a state it has only just been made, unless the
    result is there at once."""
    made = results(data)
    name = state_name(data) or ("success" if made else "created")
    state = STATES.get(name, RemoteState.RUNNING)
    failed = data if state == RemoteState.FAILED else {}
    cancelled = "UserCancelled" if name.startswith("cancel") else ""
    code = first_text(failed, "err_code", "error_code") or cancelled
    return Snapshot(
        remote_id=remote_id,
        state=state,
        results=tuple(made),
        credits=parse_count(data.get("credits")),
        seed=parse_count(data.get("seed"), MOST_SEED),
        payload=data["payload"] if isinstance(data.get("payload"), str) else "",
        progress=share(data.get("progress")),
        error_code=code,
        error=first_text(failed, "err_msg", "error_message", "message", "reason"),
        error_field=field_of(code),
        model_name=first_text(data, "model"),
        created_at=when(data.get("created_at")),
    )


def results(data: dict[str, Any]) -> list[Result]:
    """The files made. Audio that is made at once stands beside the task, without a list."""
    made = [
        Result(
            url=url,
            remote_id=identity(row.get("id")),
            cover_url=web_url(row.get("cover_url")),
            watermarked_url=web_url(row.get("watermarked_url")),
        )
        for row in rows(data.get("creations"))
        if (url := first_url(row, "url", *OWN_RESULTS))
    ]
    at_once = first_url(data, *OWN_RESULTS)
    return made or ([Result(at_once)] if at_once else [])


def first_url(row: dict[str, Any], *names: str) -> str:
    return next((url for name in names if (url := web_url(row.get(name)))), "")
