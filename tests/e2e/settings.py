"""The studio's settings without its limit of twenty sign-ups a minute: each test is one."""

from vidustudio import settings
from vidustudio.settings import *  # noqa: F403

ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "signup": "1000/m/ip"}
