"""The ASGI application that granian serves."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vidustudio.settings")
try:
    django = get_wsgi_application()
    import vidustudio.urls  # noqa: F401  says where a path of the operator is one of ours
except ImproperlyConfigured as trouble:
    sys.exit(f"The settings are not right: {trouble}")

from generation import own_secrets
from generation.web.server.application import Application

own_secrets.verify_or_exit()
application = Application(django)
