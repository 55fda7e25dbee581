"""Media workers with a fault of our own in them."""

from pathlib import Path

from generation.media import sandbox

IMAGE = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("worker", {worker!r})
worker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worker)
{code}
print(json.dumps(worker.run_image_job(json.loads(sys.argv[1]))))
"""
VIDEO = """
import sys
sys.path.insert(0, {root!r})
from generation.media.av import demux, probe, remux, worker
{code}
worker.main(sys.argv[1])
"""
BAD_CALL = "import functools\n{module}.{name} = functools.partial({module}.{name}, no_such=1)"
BAD_PILLOW_CALL = BAD_CALL.format(module="worker.Image", name="open")
BAD_AV_CALL = BAD_CALL.format(module="demux.av", name="open")


def plant_image(monkeypatch, folder: Path, code: str = BAD_PILLOW_CALL) -> None:
    script = folder / "image_worker_with_a_fault.py"
    script.write_text(IMAGE.format(worker=str(sandbox.WORKER), code=code))
    monkeypatch.setattr(sandbox, "WORKER", script)


def plant_video(monkeypatch, folder: Path, code: str = BAD_AV_CALL) -> None:
    script = folder / "video_worker_with_a_fault.py"
    script.write_text(VIDEO.format(root=str(sandbox.VIDEOS.parents[2]), code=code))
    monkeypatch.setattr(sandbox, "VIDEOS", script)
