"""A worker: takes one message at a time from the broker, and lives until it is told to stop."""

import contextlib
import fcntl
import logging
import os
import pydoc
import signal
import time
import traceback
from collections.abc import Iterator
from multiprocessing import RawArray
from multiprocessing.process import current_process
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django_q.brokers import Broker
from django_q.conf import Conf
from django_q.monitor import save_task
from django_q.signals import post_execute, post_execute_in_worker, post_spawn, pre_execute
from django_q.signing import SignedPackage
from django_q.utils import close_old_django_connections, get_func_repr
from django_q.worker import rss_check

from generation.cluster import processes
from generation.engine import worker_state

log = logging.getLogger(__name__)
Message = dict[str, Any]
GRACE = 24  # seconds for what is in hand; then the kernel ends the process
TAKE_SECONDS = 120.0  # no broker needs as long to say that there is nothing
PAUSE = 3.0  # while the broker does not answer


class Clock:
    """What a worker's present step may take, in memory that the sentinel reads without a lock."""

    def __init__(self) -> None:
        self.shared = RawArray("d", 2)
        self.idle()

    def begin(self, seconds: float) -> None:
        self.shared[0] = -1.0
        self.shared[1] = time.monotonic()
        self.shared[0] = seconds

    def idle(self) -> None:
        self.shared[0] = -1.0

    def is_over(self, now: float) -> bool:
        limit, since = self.shared[0], self.shared[1]
        return bool(limit > 0 and now - since > limit)


class EndOfWait(Exception):
    """Told to stop while it waited for its turn, with nothing in hand."""


class Worker:
    def __init__(self, broker: Broker, clock: Clock, folder: Path) -> None:
        self.broker, self.clock = broker, clock
        self.name = current_process().name
        self.heartbeat = worker_state.join(folder, f"worker-{os.getpid()}")
        self.turn = os.open(folder / "turn", os.O_RDWR | os.O_CREAT, 0o600)
        self.waits = self.broker_is_away = False

    def run(self) -> None:
        self.heartbeat.write()
        post_spawn.send(sender="django_q", proc_name=self.name)
        count = 0
        with contextlib.suppress(EndOfWait):
            while not worker_state.stopping():
                for message in self.take():
                    self.execute(message)
                    count += 1
                if count >= Conf.RECYCLE or rss_check():
                    break
        self.heartbeat.remove()

    def note_end(self, *_: object) -> None:
        """The signal to end: nothing in hand is cut off, and nothing lasts for ever."""
        if not worker_state.asked_to_stop():
            worker_state.ask_to_stop()
            signal.alarm(GRACE)  # its default action needs no Python, which may be stuck
        if self.waits:
            raise EndOfWait

    @contextlib.contextmanager
    def my_turn(self) -> Iterator[None]:
        """One worker asks the broker and the others sleep; the kernel passes the turn on."""
        self.waits = True
        fcntl.flock(self.turn, fcntl.LOCK_EX)
        self.waits = False
        try:
            yield
        finally:
            self.clock.idle()
            fcntl.flock(self.turn, fcntl.LOCK_UN)

    def take(self) -> list[Message]:
        with self.my_turn():
            while not worker_state.stopping():
                self.clock.begin(TAKE_SECONDS)
                found = self.ask_broker()
                if found and worker_state.stopping():  # told to stop while it asked
                    self.give_back(found)
                elif found:
                    return [message for one in found if (message := self.opened(*one))]
        return []

    def give_back(self, found: list[tuple[Any, str]]) -> None:
        for ack_id, package in found:
            try:
                self.broker.enqueue(package)
                self.broker.acknowledge(ack_id)
            except Exception as trouble:
                log.warning("a message could not be given back (%s)", type(trouble).__name__)

    def ask_broker(self) -> list[tuple[Any, str]]:
        try:
            found = self.broker.dequeue() or []
        except Exception as trouble:
            if not self.broker_is_away:
                log.warning("the queue does not answer (%s), asking again", type(trouble).__name__)
            self.broker_is_away = True
            self.pause()
            return []
        if self.broker_is_away:
            log.info("the queue answers again")
        self.broker_is_away = False
        return list(found)

    def pause(self) -> None:
        ends = time.monotonic() + PAUSE
        while time.monotonic() < ends and not worker_state.stopping():
            time.sleep(0.1)

    def opened(self, ack_id: Any, package: str) -> Message | None:
        try:
            message: Message = SignedPackage.loads(package)
        except Exception as trouble:  # unpickling can raise anything
            log.warning("a message in the queue is not ours (%s)", type(trouble).__name__)
            self.settle({"ack_id": ack_id, "success": True, "func": "", "save": False})
            return None
        return message | {"cluster": Conf.CLUSTER_NAME, "ack_id": ack_id}

    def execute(self, message: Message) -> None:
        """Call its function; whatever comes of that, this worker goes on with the next."""
        function: Any = message["func"]
        name = get_func_repr(function).rpartition(".")[2]
        limit = message.pop("timeout", None) or Conf.TIMEOUT or -1
        self.heartbeat.begin(" ".join([name, *map(str, message["args"])])[:120])
        self.clock.begin(float(limit))
        close_old_django_connections()
        function = function if callable(function) else pydoc.locate(function)
        pre_execute.send(sender="django_q", func=function, task=message)
        is_away = False
        try:
            result, success = function(*message["args"], **message["kwargs"]), True
        except (OperationalError, InterfaceError) as trouble:  # not the job's fault
            result, success, is_away = f"{trouble}", False, True
        except Exception as trouble:
            result, success = f"{trouble} : {traceback.format_exc()}", False
        message |= {"result": result, "success": success, "stopped": timezone.now()}
        self.clock.begin(TAKE_SECONDS)
        post_execute_in_worker.send(sender="django_q", func=function, task=message)
        self.settle(message, record=not is_away)
        self.clock.idle()
        self.heartbeat.begin("")

    def settle(self, message: Message, *, record: bool = True) -> None:
        """What django-q2's monitor does. A message that stays comes again, which is harmless."""
        ack_id = message.pop("ack_id")
        if not message["success"]:
            log.error("job=%s failed: %s", get_func_repr(message["func"]), message["result"])
        try:
            if record:
                save_task(message, self.broker)
            if ack_id and (message["success"] or message.get("ack_failure", False)):
                self.broker.acknowledge(ack_id)
        except Exception as trouble:
            log.warning("a message could not be taken off the queue (%s)", type(trouble).__name__)
        post_execute.send(sender="django_q", task=message)


def work(broker: Broker, clock: Clock, folder: Path, sentinel: int) -> None:
    """The life of a worker process."""
    worker = Worker(broker, clock, folder)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for number in processes.ENDS:
        signal.signal(number, worker.note_end)
    if not processes.end_with_parent(sentinel):
        worker.note_end()
    worker.heartbeat.keep_touching()  # while signals wait, so that its thread gets none
    processes.let_signals_in()
    worker.run()
