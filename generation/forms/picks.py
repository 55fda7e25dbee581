"""Parameters that are chosen from a list of their own, or typed by a developer."""

from typing import Any

PICKED = ("voice_id", "template")
NEW = (("voice", "voice_id"),)  # by mode: where the value is that of something new


def is_picked(mode: str, name: str) -> bool:
    return name in PICKED and (mode, name) not in NEW


def typed_instead(name: str, data: Any) -> str:
    """What was typed in place of a choice from a list."""
    typed = data.get(f"{name}_typed") if name in PICKED else ""
    return typed.strip() if isinstance(typed, str) else ""
