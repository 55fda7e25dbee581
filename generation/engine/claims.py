"""Claims: who has taken a row to send it, and whether that process still lives."""

import contextlib
import hashlib
import os
import secrets
from functools import cache
from pathlib import Path

BOOT_ID, PIDS = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
MACHINE_LENGTH, CLAIM_LENGTH = 8, 32


@cache
def machine() -> str:
    """Where process ids mean the same as here: one boot, one container. Empty if it is not told."""
    with contextlib.suppress(OSError):
        facts = f"{BOOT_ID.read_text().strip()} {PIDS.stat().st_ino}"
        return hashlib.sha256(facts.encode()).hexdigest()[:MACHINE_LENGTH]
    return ""


def new_claim() -> str:
    """32 hexadecimal digits: where, which process, and chance."""
    known = f"{machine()}{os.getpid():08x}" if machine() else ""
    return (known + secrets.token_hex(16))[:CLAIM_LENGTH]


def holder_is_gone(claim: str) -> bool:
    """Whether the process that took it is surely dead. Of another machine nothing is known."""
    if len(claim) != CLAIM_LENGTH or not machine() or not claim.startswith(machine()):
        return False
    try:
        os.kill(int(claim[MACHINE_LENGTH : MACHINE_LENGTH + 8], 16), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return False
