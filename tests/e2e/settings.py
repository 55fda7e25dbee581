"""The studio's settings without its limit of twenty sign-ups: each test is one."""

from vidustudio.settings import *  # noqa: F403

SIGN_UPS_OF_A_NETWORK = 10_000
