"""Vtrix: one path for every model, wrapped parameters, and replies in several shapes."""

from typing import Any
from urllib.parse import quote

from generation.providers import map_errors
from generation.providers.base import Balance, Order, Prepared, Snapshot
from generation.providers.base_client import Client, untested
from generation.providers.parse import identity
from generation.providers.payloads import AT_ONCE, Dialect, fields_of
from generation.providers.request_body import Body, Fields
from generation.providers.vtrix_replies import result_ids, results, snapshot, words

PATH = "/model/v1/generation"
NOBODYS_TASK = "vidu-studio-key-test"
# Models of the domestic pages that want the maker's own name beside their parameters.
UPSTREAM = {"vidu-cn-reference2video-vidu2.0": "vidu2.0"}


class VtrixTasks(Client):
    """Create and poll; there is no list, no cancel, no upload and no free test of a key."""

    name = "vtrix"
    scheme = "Bearer"
    # Its ids of results are those of tasks further on: an address says more.
    dialect = Dialect(
        subject_keys={"viduq2_pro_fast_reference2video": "id"},
        library_only=("viduq3_i2v_reference",),
        own_ids_first=False,
    )

    async def prepare(self, order: Order) -> Prepared:
        upstream = UPSTREAM.get(order.model_name)
        model = {"model": upstream} if upstream else {}
        params = {**model, **fields_of(order, self.dialect)}
        return wrapped(order.model_name, params, is_slow=order.mode in AT_ONCE)

    async def submit(self, prepared: Prepared) -> Snapshot:
        data, remote_id = await self.create(prepared)
        return snapshot(data, remote_id)

    async def create(self, prepared: Prepared) -> tuple[dict[str, Any], str]:
        """The reply and the task's id; what answers at once may have only the maker's id."""
        reply = await self.http.submit(prepared.path, prepared.body, is_slow=prepared.is_slow)
        data = map_errors.checked(reply, creating=True)
        remote_id = identity(data.get("id")) or next(iter(result_ids(data)), "")
        if not remote_id:
            raise map_errors.failure_within(reply, creating=True)
        return data, remote_id

    async def fetch(self, remote_id: str) -> Snapshot:
        return snapshot(await self.task(remote_id), remote_id)

    async def task(self, remote_id: str) -> dict[str, Any]:
        reply = await self.http.call("GET", task_path(remote_id))
        data = map_errors.checked(reply)
        if not (words(data) or data.get("error") or results(data)):
            raise map_errors.failure_within(reply)
        return data

    async def balance(self) -> Balance:
        """A wrong key is told; a right one cannot be told from a host that asks for none."""
        return untested(await self.http.call("GET", task_path(NOBODYS_TASK)))


def wrapped(model_name: str, params: Fields, is_slow: bool = False) -> Prepared:
    body = Body.of({"model": model_name, "input": [{"params": params}]})
    return Prepared(PATH, body.encode(), is_slow)


def task_path(remote_id: str) -> str:
    return f"{PATH}/task/{quote(remote_id, safe='')}"
