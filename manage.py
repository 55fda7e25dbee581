#!/usr/bin/env python
"""Django's command line for Vidu Studio."""

import os
import sys


def main() -> None:
    """A wrong setting and Ctrl-C end in a sentence and in silence; --traceback shows the rest."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vidustudio.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as trouble:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"The settings are not right: {trouble}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
