"""The process that opens images: limited, short-lived, and harmless when it fails."""

import json
import multiprocessing
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generation.media import images, sandbox, storage
from tests.media.corpus import PNG, bomb

WORKER = sandbox.WORKER
FACTS = {"most_bytes": 1 << 20, "most_pixels": 50_000_000, "most_side": 16_384}


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Put other code in the worker's place."""

    def replace(code):
        (tmp_path / "worker.py").write_text(code)
        monkeypatch.setattr(sandbox, "WORKER", tmp_path / "worker.py")

    return replace


def limited(code):
    return f"import runpy; runpy.run_path({str(WORKER)!r})['limit_image_process']()\n{code}"


def test_the_child_inherits_no_secret(script, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    script("import json, os; print(json.dumps(dict(os.environ)))")
    assert "canary" not in json.dumps(sandbox.run_worker())


def test_the_child_stands_without_the_studio(script):
    script(
        f"import json, runpy, sys; runpy.run_path({str(WORKER)!r})\n"
        "print(json.dumps({name: 1 for name in sys.modules}))"
    )
    assert not {"django", "generation", "httpx", "socket"} & set(sandbox.run_worker())


def test_a_child_that_hangs_is_ended(script, monkeypatch):
    monkeypatch.setattr(sandbox, "SECONDS", 0.3)
    script("import time; time.sleep(60)")
    start = time.monotonic()
    assert sandbox.run_worker() == {"unfit": "work"}
    assert time.monotonic() - start < 30


def test_a_child_that_is_killed_says_too_much_work(script):
    script("import os; os.kill(os.getpid(), 24)")
    assert sandbox.run_worker() == {"unfit": "work"}


def test_a_fault_of_our_own_is_not_blamed_on_the_image(script):
    script("import nothing_like_this")
    with pytest.raises(sandbox.ChildFailed, match="nothing_like_this"):
        sandbox.run_worker()


def test_memory_and_processor_time_are_limited(script):
    script(
        limited(
            "import json, resource as r\n"
            "print(json.dumps({'most': [r.getrlimit(r.RLIMIT_AS), r.getrlimit(r.RLIMIT_CPU)]}))"
        )
    )
    assert sandbox.run_worker() == {"most": [[1 << 30, 1 << 30], [20, 20]]}
    script(limited("bytes(2 << 30)"))
    with pytest.raises(sandbox.ChildFailed, match="MemoryError"):
        sandbox.run_worker()


def test_the_limits_hold_before_a_byte_of_the_image_is_read(tmp_path):
    source = tmp_path / "pipe"
    os.mkfifo(source)
    job = json.dumps({"task": "take", "source": str(source), "folder": str(tmp_path), **FACTS})
    with subprocess.Popen([sys.executable, "-I", WORKER, job], stdout=subprocess.PIPE) as process:
        with source.open("wb"):  # waits for the worker to open the other end
            limits = Path(f"/proc/{process.pid}/limits").read_text()
        output, _errors = process.communicate(timeout=60)
    assert re.search(r"Max address space +1073741824 +1073741824", limits)
    assert re.search(r"Max cpu time +20 +20", limits)
    assert json.loads(output) == {"unfit": "kind"}


def test_a_bomb_is_refused_at_once_and_cheaply():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    data = bomb()
    assert len(data) < 60_000
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(images.Unfit):
        images.take_file(data)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.ru_utime + ended.ru_stime - start.ru_utime - start.ru_stime < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_bomb_costs_the_child_no_memory_either():
    with storage.scratch() as path:
        path.write_bytes(bomb())
        job = json.dumps({"task": "take", "source": str(path), "folder": str(path.parent), **FACTS})
        code = (
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        command = [sys.executable, "-c", code, sys.executable, "-I", str(sandbox.WORKER), job]
        output = subprocess.run(command, capture_output=True, check=True).stdout.split(b"}")
    assert b"pixels" in output[0]
    assert int(output[1]) < 100_000


def in_a_queue_worker(answers):
    answers.put(images.take_file(PNG).format)


def test_a_daemonic_process_can_start_it():
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    process = context.Process(target=in_a_queue_worker, args=(answers,), daemon=True)
    process.start()
    process.join(60)
    assert not answers.empty()
    assert answers.get() == "png"
