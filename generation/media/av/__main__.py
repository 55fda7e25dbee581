"""Opens one video or audio file in a process of its own: `python -I .../av '{"task": ...}'`.

Stands on PyAV and Pillow alone: of the project only this package is imported.
"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[3])

from generation.media.av.limits import limit_process  # noqa: E402

if __name__ == "__main__":
    limit_process()
    # PyAV is loaded within the limits too.
    from generation.media.av.worker import main

    main(sys.argv[1])
