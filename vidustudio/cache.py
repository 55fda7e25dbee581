"""The cache in Redis; while that is away, in this process."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError


def with_fallback(name: str) -> Callable[..., Any]:
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

    add, get, set, touch = (
        with_fallback("add"),
        with_fallback("get"),
        with_fallback("set"),
        with_fallback("touch"),
    )
    delete, has_key, incr, clear = (
        with_fallback("delete"),
        with_fallback("has_key"),
        with_fallback("incr"),
        with_fallback("clear"),
    )
    get_many, set_many, delete_many = (
        with_fallback("get_many"),
        with_fallback("set_many"),
        with_fallback("delete_many"),
    )
