"""A worker of all services with a witness: every event that a handler's committed transaction has seen is written down.

`python -m tests.faults.worker [NAME]` starts it; NAME is a module of `tests/faults/builds` that changes this process.
"""

import asyncio
import importlib
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shared.core.logging import configure
from shared.core.settings import Settings
from shared.messaging.consumer import BatchHandler
from shared.schemas.envelope import Event, Outcome
from shared.service import Service, load, work
from shared.storage.pool import Connection

WITNESS = """
CREATE SCHEMA witness;
CREATE TABLE witness.handled (service text NOT NULL, event_id uuid NOT NULL);
GRANT USAGE ON SCHEMA witness TO PUBLIC;
GRANT INSERT ON witness.handled TO PUBLIC;
"""
TOLD = "these are all tasks"
WRITE = "INSERT INTO witness.handled (service, event_id) SELECT $1, unnest($2::uuid[])"


def witnessed(service: Service) -> Service:
    """The service, with its handler's events written down in the transaction in which they take effect."""
    return replace(service, handle=_witness(service.name, service.handle))


def _witness(name: str, handle: BatchHandler) -> BatchHandler:
    async def both(conn: Connection, events: Sequence[Event]) -> Outcome:
        outcome = await handle(conn, events)
        await conn.execute(WRITE, name, [event.id for event in events])
        return outcome

    return both


def tell() -> None:
    """Write down what every task waits for, down to the last call, for who waits in vain."""
    for task in asyncio.all_tasks():
        print(task.get_name(), "cancelled" if task.cancelling() else "", file=sys.stderr)
        inner: Any = task.get_coro()
        while inner is not None:
            code = getattr(inner, "cr_code", None) or getattr(inner, "gi_code", None)
            frame = getattr(inner, "cr_frame", None) or getattr(inner, "gi_frame", None)
            where = f"{code.co_filename}:{frame.f_lineno} {code.co_qualname}" if code and frame else repr(inner)
            print("   ", where, file=sys.stderr)
            inner = getattr(inner, "cr_await", None) or getattr(inner, "gi_yieldfrom", None)
    print(TOLD, file=sys.stderr, flush=True)


async def main(settings: Settings) -> None:
    """Work until SIGTERM; on SIGUSR1 tell what it is doing."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell)
    await work([witnessed(service) for service in load(settings)], settings, stop)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        importlib.import_module(f"tests.faults.builds.{name}")
    made = Settings(_env_file=None)
    configure(level=made.log_level)
    asyncio.run(main(made))
