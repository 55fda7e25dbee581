"""Providers by name: each class in a file of this folder that gives itself a name."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from generation import providers
from generation.providers.base import Provider


def named_classes() -> Iterator[type[Provider]]:
    for file in pkgutil.iter_modules(providers.__path__, f"{providers.__name__}."):
        if file.name != __name__:
            for one in vars(import_module(file.name)).values():
                if isinstance(one, type) and issubclass(one, Provider) and "name" in vars(one):
                    yield one


PROVIDERS = {one.name: one for one in named_classes()}
