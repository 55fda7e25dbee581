"""Makes one rendition in a process of its own: `python -I .../render '{"task": ...}'`.

Stands on PyAV and Pillow alone: of the project only this package and `av` are imported.
"""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[3])

from generation.media.av.limits import limit_process  # noqa: E402

SECONDS = 600  # of processor time: it encodes
END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux: nobody would take what it makes
if __name__ == "__main__":
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGKILL)
    os.nice(10)  # pages come first
    limit_process(SECONDS)
    from generation.media.render.worker import write_answer

    write_answer(sys.argv[1])
