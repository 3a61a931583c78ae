"""The embedded stack: everything Overstap needs, started, watched and ended by one supervisor.

The supervisor is the process that calls :meth:`Stack.up`. What dies is started again. When the supervisor itself is
killed, the kernel ends its children.
"""

import asyncio
import fcntl
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import IO, Literal, Self

from shared.core.errors import OverstapError, Unavailable
from shared.core.logging import get_logger
from shared.core.settings import Settings, as_environment
from shared.local import state
from shared.local.apache_kafka import ApacheKafka
from shared.local.broker import Broker
from shared.local.mailbox import Mailbox
from shared.local.postgres import Postgres
from shared.local.processes import Child, free_port, port_answers, port_is_free
from shared.messaging.address import client_arguments
from shared.messaging.topics import catalogued, create_topics

PROGRAM: tuple[str, ...] = ("shared.cli", "run", "all")
"""Module and arguments of the children; ``web`` or ``worker`` follows."""
GLANCE = 0.25  # seconds between two looks at the processes
WEB_WITHIN = 60.0  # seconds until the pages answer
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AlreadyUp(OverstapError):
    """Another stack runs on this data directory."""


Kind = Literal["embedded", "apache"]
BROKERS: dict[Kind, type[Broker] | type[ApacheKafka]] = {"embedded": Broker, "apache": ApacheKafka}


async def _nothing(_: object) -> int:
    return 0


class Stack:
    """One embedded stack. Use it as a context: Ctrl-C, SIGTERM or a closed terminal end the block, in order.

    >>> async with Stack(settings) as stack:
    ...     await stack.up(on_database_started=migrate_all, on_broker_started=enqueue_history)
    ...     await stack.wait()
    """

    def __init__(self, settings: Settings, kafka: Kind = "embedded"):
        self.settings = settings.model_copy(update={"data_dir": settings.data_dir.resolve(), "demo": True})
        """Settings as every process of the stack sees them: complete after :meth:`up`."""
        self.stopped_by: signal.Signals | None = None
        """The signal that ended the block, if one did."""
        data_dir = self.settings.data_dir
        self.postgres = None if settings.database_url else Postgres(data_dir)
        self.broker = None if settings.kafka_bootstrap_servers else BROKERS[kafka](data_dir)
        self.mailbox = Mailbox(data_dir)
        self.children: dict[str, Child] = {}
        self._on_broker_started: Callable[[int], Awaitable[int]] = _nothing
        self._broker_served = False
        self._lock: IO[str] | None = None
        self._supervision: asyncio.Task[None] | None = None

    async def up(
        self,
        *,
        web: bool = True,
        worker: bool = True,
        workers: int = 1,
        on_database_started: Callable[[str], Awaitable[object]] = _nothing,
        on_broker_started: Callable[[int], Awaitable[int]] = _nothing,
    ) -> None:
        """Start everything and keep it running; more than one of the `workers` share the partitions.

        `on_database_started(url)` brings the schemas up to date. `on_broker_started(generation)` puts the history
        of every service back in its outbox and tells how many events that are; it is awaited for every new,
        empty embedded broker before clients learn its address. Raises :class:`AlreadyUp` when the data directory is
        in use and :class:`Unavailable` when a part does not start; then nothing is left running.
        """
        self._take_lock()
        self._listen_to_signals()
        try:
            await self._start(on_database_started, on_broker_started)
            others = [f"worker-{n}" for n in range(2, workers + 1)]
            self._start_children([name for name, wanted in (("web", web), ("worker", worker)) if wanted] + others)
            self._write_state()
            await self._web_answers()
        except BaseException:
            await self.close()
            raise
        self._supervision = asyncio.create_task(self._supervise())

    async def wait(self) -> None:
        """Wait until Ctrl-C, SIGTERM or ``overstap down``; the context then closes the stack."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """End web, worker, broker, database and mailbox, in this order. Safe to call twice, or when never up."""
        if self._lock is None:
            return
        self._ignore_signals()
        if self._supervision is not None:
            self._supervision.cancel()
            with suppress(asyncio.CancelledError):
                await self._supervision
        # Pages first. In a thread, so that the mailbox still answers a worker that finishes its work.
        for name in sorted(self.children):
            await asyncio.to_thread(self.children.pop(name).stop)
        if self.broker:
            self.broker.stop()
        if self.postgres:
            self.postgres.stop()
        await self.mailbox.stop()
        state.forget(self.settings.data_dir)
        self._lock.close()
        self._lock = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        await self.close()
        asked = self.stopped_by is not None and kind is asyncio.CancelledError
        if asked and (task := asyncio.current_task()):
            task.uncancel()
        return asked

    def _take_lock(self) -> None:
        data_dir = self.settings.data_dir
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise AlreadyUp(f"Overstap already runs on {data_dir}; 'overstap down' ends it") from None
        self._lock = lock
        state.end_leftovers(data_dir)

    def _listen_to_signals(self) -> None:
        loop, owner = asyncio.get_running_loop(), asyncio.current_task()
        assert owner is not None

        def stop(asked_by: signal.Signals) -> None:
            if self.stopped_by is None:
                self.stopped_by = asked_by
                owner.cancel()

        for name in SIGNALS:
            loop.add_signal_handler(name, stop, name)

    def _ignore_signals(self) -> None:
        for name in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(name)

    async def _start(
        self,
        on_database_started: Callable[[str], Awaitable[object]],
        on_broker_started: Callable[[int], Awaitable[int]],
    ) -> None:
        ports = {"smtp_port": await self.mailbox.start(self.settings.smtp_port), "web_port": self._web_port()}
        self._configure(ports | {"smtp_host": "127.0.0.1", "worker_port": self._worker_port()})
        if "public_url" not in self.settings.model_fields_set:
            self._configure({"public_url": f"http://127.0.0.1:{self.settings.web_port}"})
        if self.postgres:
            self.postgres.start()
            self._configure({"database_url": self.postgres.url()})
        await on_database_started(str(self.settings.database_url))
        self._on_broker_started = on_broker_started
        if self.broker:
            await self._serve_broker()
        else:
            await create_topics(
                str(self.settings.kafka_bootstrap_servers),
                catalogued(self.settings),
                self.settings.partitions,
                **client_arguments(self.settings),
            )

    def _configure(self, values: dict[str, object]) -> None:
        self.settings = self.settings.model_copy(update=values)

    def _web_port(self) -> int:
        port = self.settings.web_port or free_port()
        if not port_is_free(port):
            raise Unavailable(f"port {port} is in use by another program; choose one with OVERSTAP_WEB_PORT")
        return port

    def _worker_port(self) -> int:
        """The one that is set, else any free one: nobody keeps a bookmark of it. 0 stays none."""
        port = self.settings.worker_port
        return port if port == 0 or port_is_free(port) else free_port(avoid=self.settings.web_port)

    def _start_children(self, names: list[str]) -> None:
        logs = self.settings.data_dir / "logs"
        for name in names:
            side, _, another = name.partition("-")
            settings = self.settings.model_copy(update={"worker_port": 0}) if another else self.settings
            self.children[name] = Child(name, [*PROGRAM, side], as_environment(settings), logs)
            self.children[name].start()

    async def _web_answers(self) -> None:
        if "web" not in self.children:
            return
        deadline = time.monotonic() + WEB_WITHIN
        while not port_answers(self.settings.web_port):
            if not self.children["web"].alive() or time.monotonic() > deadline:
                raise Unavailable(f"the pages do not start; see {self.children['web'].log}")
            await asyncio.sleep(0.05)

    async def _supervise(self) -> None:
        while True:
            await asyncio.sleep(GLANCE)
            try:
                await self._revive()
            except Exception as error:
                # Only our own texts are known to hold nothing personal.
                reason = str(error) if isinstance(error, OverstapError) else type(error).__name__
                get_logger().error("worker_task_failed", task="supervisor", error=reason)

    async def _revive(self) -> None:
        before = self._pids()
        if self.postgres and not self.postgres.alive():
            get_logger().warning("postgres_died")
            self.postgres.start()
        if self.broker and not (self._broker_served and self.broker.alive()):
            get_logger().warning("broker_died", generation=self.broker.generation)
            started = time.monotonic()
            events = await self._serve_broker()
            get_logger().info("broker_recovered", seconds=round(time.monotonic() - started, 3), events=events)
        for child in self.children.values():
            child.revive()
        if self._pids() != before:
            self._write_state()

    async def _serve_broker(self) -> int:
        """A broker, its topics, the history when it is an empty one, and only then its address."""
        assert self.broker is not None
        self._broker_served = False
        await self.broker.start()
        await self.broker.create_topics(catalogued(self.settings), self.settings.partitions)
        events = await self._on_broker_started(self.broker.generation) if self.broker.forgets else 0
        self.broker.publish()
        self._broker_served = True
        return events

    def _pids(self) -> dict[str, int]:
        parts = {"postgres": self.postgres, "broker": self.broker, **self.children}
        return {name: part.pid for name, part in parts.items() if part is not None and part.pid is not None}

    def _write_state(self) -> None:
        addresses = {
            "web": self.settings.public_url,
            "worker": f"http://127.0.0.1:{self.settings.worker_port}" if self.settings.worker_port else "none",
            "postgres": f"127.0.0.1:{self.postgres.port}" if self.postgres else "given",
            "broker": self.broker.bootstrap if self.broker else str(self.settings.kafka_bootstrap_servers),
            "mail": f"127.0.0.1:{self.settings.smtp_port}",
        }
        state.write(self.settings.data_dir, self._pids(), addresses)
