"""HTML without the white space that only lays out the templates."""

import re


def compact(html: str) -> str:
    """One blank for many, and none between a tag and what stands next to it."""
    html = re.sub(r"\s+", " ", html)
    return re.sub(r" ?(<[^<>]*?) ?(>) ?", r"\1\2", html)
