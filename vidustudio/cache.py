"""The cache in Redis; while that is away, in this process."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError


def kept(name: str) -> Callable[..., Any]:
    def method(self: "RedisOrMemory", *args: Any, **options: Any) -> Any:
        try:
            return getattr(RedisCache, name)(self, *args, **options)
        except RedisError:
            return getattr(self.memory, name)(*args, **options)

    return method


class RedisOrMemory(RedisCache):
    """No page needs what is kept here; the limits of the log-in go on counting."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.memory = LocMemCache("while-redis-is-away", {})

    add, get, set, touch = kept("add"), kept("get"), kept("set"), kept("touch")
    delete, has_key, incr, clear = kept("delete"), kept("has_key"), kept("incr"), kept("clear")
    get_many, set_many, delete_many = kept("get_many"), kept("set_many"), kept("delete_many")
