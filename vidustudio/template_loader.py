"""Templates without the indentation of their source, which is a tenth of a page on the wire."""

import re

from django.template import Origin
from django.template.loaders import app_directories, filesystem

INDENTATION = re.compile(r"\n[ \t]+")
# What is looked up in a catalogue, or stands on the page, with its spaces.
UNTRIMMED = r"{% blocktrans(?:late)?\b(?![^%]*\btrimmed\b).*?{% endblocktrans"
KEPT = re.compile(rf"({UNTRIMMED}|<(pre|textarea)\b.*?</\2>)", re.S)


def squeezed(source: str) -> str:
    """The source of a page; its lines stay where they were, for messages that name them."""
    found, at = [], 0
    for kept in KEPT.finditer(source):
        found += [INDENTATION.sub("\n", source[at : kept.start()]), kept[0]]
        at = kept.end()
    return "".join((*found, INDENTATION.sub("\n", source[at:])))


class Squeezing(filesystem.Loader):
    def get_contents(self, origin: Origin) -> str:
        source = super().get_contents(origin)
        return squeezed(source) if str(origin.template_name).endswith(".html") else source


class SqueezingApps(Squeezing, app_directories.Loader):
    """The templates of installed packages."""
