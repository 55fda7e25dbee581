"""Makes one rendition in a process of its own: `python -I .../render '{"task": ...}'`.

Stands on PyAV and Pillow alone: of the project only this package and `av` are imported.
"""

import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[3])

from generation.media.av.limits import limit_process  # noqa: E402

SECONDS = 600  # of processor time: it encodes
if __name__ == "__main__":
    os.nice(10)  # pages come first
    limit_process(SECONDS)
    from generation.media.render.worker import write_answer

    write_answer(sys.argv[1])
