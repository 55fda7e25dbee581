"""Strict helpers that read settings from the environment: what cannot be right is one sentence."""

from vidustudio.env.addresses import (
    address,
    bracketed,
    bucket,
    host,
    hosts,
    is_browsers_host,
    mailbox,
    origins,
    path,
    public,
)
from vidustudio.env.databases import database, redis, sqlite
from vidustudio.env.values import (
    comma_separated,
    data_keys,
    flag,
    folder,
    name_of_queue,
    number,
    one_of,
    refuse_both,
    require_extra,
    text,
    time_zone,
    token,
)

__all__ = [
    "address", "bracketed", "bucket", "comma_separated", "data_keys", "database", "flag",
    "folder", "host", "hosts", "is_browsers_host", "mailbox", "name_of_queue", "number", "one_of",
    "origins", "path", "public", "redis", "refuse_both", "require_extra", "sqlite", "text",
    "time_zone", "token",
]  # fmt: skip
