"""Which restarts the studio's log tells of that no kill of the drill explains."""

import re
from collections import Counter
from collections.abc import Collection, Iterator

SERVICE_ENDED = re.compile(r"service=(\w+) exit=\S+: ended, starting it again")
WORKER_DIED = re.compile(r"worker=(\d+) exit=\S+: died, starting another")
WAITED_IN_VAIN = "Another cluster takes the messages"  # while the one before still ends
NEVER_ASKED_FOR = re.compile(r"no heartbeat of its|takes too long, ending it|workers die as soon")
# Whose death ends which service.
ROLES_OF = {"cluster": ("main", "sentinel"), "web": ("web",)}


def unasked_restarts(log: str, kills: Counter[str], killed: Collection[int]) -> list[str]:
    """A line for each; `kills` counts them by role, `killed` are their processes."""
    lines = log.splitlines()
    return [
        *(line for line in lines if NEVER_ASKED_FOR.search(line)),
        *(
            line
            for line in lines
            if (found := WORKER_DIED.search(line)) and int(found[1]) not in killed
        ),
        *unasked_services(lines, kills),
    ]


def unasked_services(lines: list[str], kills: Counter[str]) -> Iterator[str]:
    for service, roles in ROLES_OF.items():
        seen = [
            line for line in lines if (found := SERVICE_ENDED.search(line)) and found[1] == service
        ]
        asked = sum(kills[role] for role in roles)
        if service == "cluster":
            asked += sum(WAITED_IN_VAIN in line for line in lines)
        yield from seen[asked:]
