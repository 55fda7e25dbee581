"""The studio's settings with data in a temporary folder of this process."""

import os
import tempfile

# Of this process alone: parallel workers inherit the environment of the first.
os.environ["STUDIO_QUEUE"] = f"tests-{os.getpid()}"
os.environ["STUDIO_DATA_DIR"] = tempfile.mkdtemp(prefix="studio-test-")

from vidustudio.settings import *  # noqa: F403

STATIC_ROOT.mkdir(parents=True, exist_ok=True)
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SIGNUP_OPEN = True  # as with a mail server
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
