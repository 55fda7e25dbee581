"""The studio's settings with a queue that delivers again soon, so that kills meet repeats."""

from vidustudio import settings
from vidustudio.settings import *  # noqa: F403

Q_CLUSTER = {**settings.Q_CLUSTER, "timeout": 32, "retry": 66}
