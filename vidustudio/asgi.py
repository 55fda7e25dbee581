"""The ASGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vidustudio.settings")
django = get_wsgi_application()

from generation.web.server.application import Application  # noqa: E402  (needs Django set up)

application = Application(django)
