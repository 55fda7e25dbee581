"""What a create request asked for."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class CheckedRequest:
    """What a create request asked for, checked; `inline` are pictures that came along."""

    model: str
    prompt: str
    images: tuple[str, ...]
    aspect_ratio: str
    resolution: str
    size: tuple[int, int]
    seed: int
    payload: str
    callback_url: str
    credits: int
    inline: tuple[bytes, ...] = field(default=(), repr=False)
    traits: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    source: str = ""  # the task whose pictures it shares

    def columns(self) -> dict[str, Any]:
        """What of it stands in the tasks table."""
        return {
            "model": self.model,
            "prompt": self.prompt,
            "images": json.dumps(self.images),
            "aspect_ratio": self.aspect_ratio,
            "resolution": self.resolution,
            "width": self.size[0],
            "height": self.size[1],
            "seed": self.seed,
            "payload": self.payload,
            "callback_url": self.callback_url,
            "credits": self.credits,
            "traits": json.dumps(self.traits),
            "details": json.dumps(self.details),
        }
