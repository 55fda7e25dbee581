"""What a start costs, and then an idle studio: run as `python -m tests.bench.start`.

Starts `manage.py studio` twice in a temporary folder. Prints the CPU that all its processes took
until the second start's log-in page answers, then their memory (PSS) and CPU while nobody works,
and while one task is in flight. Beside it, the CPU of one `import django` and set-up in the same
minute.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.ports import free_port

TICKS = os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=60, help="seconds to look at an idle studio")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for turn in ("first", "second"):
            root, cpu = started(folder)
            print(f"{turn} start to log-in page: {cpu:.1f} CPU-s")
            if turn == "second" and asked.idle:
                look_at_idle(root, asked.idle)
                look_at_one_task(root, asked.idle, folder)
            root.send_signal(signal.SIGTERM)
            root.wait(60)
    began = os.times()
    code = "import django; django.setup()"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, **SETTINGS})
    ended = os.times()
    plain = ended[2] + ended[3] - began[2] - began[3]
    print(f"one set-up of Django with the studio's applications: {plain:.1f} CPU-s")
    return 0


SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
NEVER_DONE = '{"processing": 36000}'


def started(folder: str) -> tuple[subprocess.Popen[bytes], float]:
    port = free_port()
    environment = {**os.environ, "STUDIO_DATA_DIR": folder, "SIMULATOR_OPTIONS": NEVER_DONE}
    root = subprocess.Popen(
        [sys.executable, "manage.py", "studio", "--port", str(port)], env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not answers(f"http://127.0.0.1:{port}/login/"):
        if root.poll() is not None:
            raise SystemExit("the studio ended")
        time.sleep(0.1)
    return root, cpu_of(family(root.pid))


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def family(root: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(fields(int(entry.name))[1])
            except OSError:
                continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def fields(pid: int) -> list[str]:
    """Of its `stat` line, all that follows the name."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_of(pids: list[int]) -> float:
    """Seconds, of those that ended as well."""
    return sum(sum(map(int, fields(pid)[11:15])) for pid in pids) / TICKS


def pss_of(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def look_at_idle(root: subprocess.Popen[bytes], seconds: int) -> None:
    time.sleep(20)
    pids = family(root.pid)
    print(f"idle: {sum(map(pss_of, pids)) / 1024:.0f} MB PSS in {len(pids)} processes")
    for pid in pids:
        command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")[-60:]
        print(f"  {pss_of(pid) / 1024:6.0f} MB  {command}")
    print(f"idle: {share_of_core(pids, seconds):.1%} of a core over {seconds} s")


def look_at_one_task(root: subprocess.Popen[bytes], seconds: int, folder: str) -> None:
    """As its maker sees it go on, with no page open."""
    code = "from tests.chaos import scenario; scenario.people(); scenario.begin(1)"
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
        check=True, env={**os.environ, "STUDIO_DATA_DIR": folder},
    )  # fmt: skip
    time.sleep(10)
    share = share_of_core(family(root.pid), seconds)
    print(f"one task in flight: {share:.1%} of a core over {seconds} s")


def share_of_core(pids: list[int], seconds: int) -> float:
    before = cpu_of(pids)
    time.sleep(seconds)
    return (cpu_of(pids) - before) / seconds


if __name__ == "__main__":
    sys.exit(main())
