"""The ASGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vidustudio.settings")
django = get_wsgi_application()

from generation import own_secrets  # noqa: E402  needs the apps
from generation.web.server.application import Application  # noqa: E402

own_secrets.verify_or_exit()
application = Application(django)
