"""The WSGI application of `runserver`; `asgi.py` has what granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vidustudio.settings")
application = get_wsgi_application()

from generation import own_secrets  # noqa: E402  needs the apps

own_secrets.verify_or_exit()
