"""What can be set: by environment variables at start, by the control API while it runs."""

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DAY = 24 * 3600.0


@dataclass
class Options:
    """Everything that may change while the simulator runs. Times in seconds."""

    pace: float = 1.0  # multiplies all times of a task
    queue: float = 1.0
    processing: float = 4.0
    expiry: float = DAY  # of a result's address
    price: int | None = None  # credits of every task, in place of the price list
    concurrency: int = 5  # tasks of one account that run at once
    credits: int = 10_000  # what a new account has
    images: str = "full"  # "quick" makes plain ones, for tests
    list_payload: bool = True  # whether the list shows each task's payload
    record: bool = True  # keep request bodies, with the control API only
    vtrix: dict[str, Any] = field(default_factory=dict)  # see shapes.ReplyShape
    vtrix_ids: str = "hex"  # "uuid" gives its tasks ids with dashes

    def change(self, wanted: dict[str, Any]) -> None:
        """Set some options; ValueError names one that does not exist."""
        known = {item.name for item in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"there is no option {name}")
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Config:
    """Where things are and who may do what; fixed for the life of the process."""

    database: Path
    control: bool = False
    callbacks: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset()  # of this machine, for callbacks; none: all of them
    public_url: str = ""
    cache_bytes: int = 512 * 1024 * 1024
    options: Options = field(default_factory=Options)

    @property
    def folder(self) -> Path:
        """Where results and uploads lie, beside the database."""
        return self.database.with_suffix("")


def studio_ports() -> frozenset[int]:
    """Where the studio beside this simulator listens; none when it runs alone."""
    if not os.environ.get("STUDIO_LOCAL_URL"):
        return frozenset()
    addresses = (os.environ.get(f"STUDIO_{name}_URL", "") for name in ("LOCAL", "PUBLIC"))
    parts = [urlsplit(address) for address in addresses if address]
    return frozenset(one.port or (443 if one.scheme == "https" else 80) for one in parts)


def from_environment() -> Config:
    data = Path(os.environ.get("STUDIO_DATA_DIR") or "var")
    options = Options(
        pace=float(os.environ.get("SIMULATOR_PACE") or 1),
        images=os.environ.get("SIMULATOR_PICTURES") or "full",
    )
    options.change(json.loads(os.environ.get("SIMULATOR_OPTIONS") or "{}"))
    return Config(
        database=Path(os.environ.get("SIMULATOR_DB") or data / "simulator.sqlite3"),
        control=os.environ.get("SIMULATOR_CONTROL") == "1",
        callbacks=frozenset(os.environ.get("SIMULATOR_CALLBACKS", "").split(",")) - {""},
        ports=studio_ports(),
        public_url=os.environ.get("SIMULATOR_PUBLIC_URL", "").rstrip("/"),
        options=options,
    )
