"""Requests to the simulator, in each dialect."""

import base64
import io
import time
from functools import cache
from typing import Any

import httpx
from PIL import Image

PREFIX = {"vidu": "", "vidu-cn": "/vidu-cn", "demo": "/demo", "kkiai": "/kkiai", "vtrix": "/vtrix"}
DIALECTS = tuple(PREFIX)
MIRRORS = ("vidu", "vidu-cn", "demo", "kkiai")
MODEL = {"vtrix": "viduq2_reference2image"}


def headers(dialect: str, key: str = "a-key") -> dict[str, str]:
    scheme = "Bearer" if dialect in ("kkiai", "vtrix") else "Token"
    return {"Authorization": f"{scheme} {key}"}


def body(dialect: str, **fields: Any) -> dict[str, Any]:
    """A create request's body; without a model it is the dialect's first one."""
    model = fields.pop("model", MODEL.get(dialect, "viduq2"))
    fields = {"prompt": "a cat on a windowsill", **fields}
    fields = {name: value for name, value in fields.items() if value is not ...}
    if dialect == "vtrix":
        return {"model": model, "input": [{"params": fields}]}
    return {"model": model, **fields}


def path(dialect: str) -> str:
    if dialect == "vtrix":
        return "/vtrix/model/v1/generation"
    return f"{PREFIX[dialect]}/ent/v2/reference2image"


def poll_path(dialect: str, task_id: str) -> str:
    if dialect == "vtrix":
        return f"/vtrix/model/v1/generation/task/{task_id}"
    return f"{PREFIX[dialect]}/ent/v2/tasks/{task_id}/creations"


def create(
    http: httpx.Client, dialect: str = "vidu", key: str = "a-key", **fields: Any
) -> httpx.Response:
    return http.post(path(dialect), json=body(dialect, **fields), headers=headers(dialect, key))


def created(http: httpx.Client, dialect: str = "vidu", key: str = "a-key", **fields: Any) -> str:
    """The id of a task that was accepted."""
    reply = create(http, dialect, key, **fields)
    assert reply.status_code == 200, reply.text
    data = reply.json()
    return str(data["id"] if dialect == "vtrix" else data["task_id"])


def poll(
    http: httpx.Client, task_id: str, dialect: str = "vidu", key: str = "a-key"
) -> dict[str, Any]:
    reply = http.get(poll_path(dialect, task_id), headers=headers(dialect, key))
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def finished(
    http: httpx.Client, task_id: str, dialect: str = "vidu", key: str = "a-key"
) -> dict[str, Any]:
    """The first poll that says success or failed."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        data = poll(http, task_id, dialect, key)
        if state(data) in ("success", "failed"):
            return data
        time.sleep(0.01)
    raise AssertionError(f"still {state(data)}")


def state(data: dict[str, Any]) -> str:
    word = data.get("state") or data.get("status") or data["output"]["status"]
    return "success" if word in ("completed", "done") else str(word)


def url(data: dict[str, Any]) -> str:
    """The result's address in a poll's answer of any shape."""
    if "creations" in data:
        return str(data["creations"][0]["url"])
    output = data["output"]
    return str((output if isinstance(output, dict) else output[0])["content"][0]["url"])


@cache
def image(width: int = 256, height: int = 256, kind: str = "png") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 90, 60)).save(out, kind)
    return out.getvalue()


@cache
def uri(width: int = 256, height: int = 256, kind: str = "png", comma: str = ",") -> str:
    return data_uri(image(width, height, kind), f"image/{kind}", comma)


def data_uri(data: bytes, mime: str = "image/png", comma: str = ",") -> str:
    return f"data:{mime};base64{comma}{base64.b64encode(data).decode()}"
