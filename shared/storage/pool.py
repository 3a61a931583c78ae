"""Connections to PostgreSQL. Each service has its own schema, and each side of it its own role.

Web processes work as ``<service>_web`` under row-level security, workers as ``<service>_worker``, operator commands
as ``overstap_reader``. The login user of the database URL must be a member of these roles (migrations see to it).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import asyncpg

from shared.core import metrics
from shared.core.actor import Actor
from shared.core.errors import Unavailable

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Side = Literal["web", "worker", "reader"]
POOL_SIZE: dict[Side, int] = {"web": 4, "worker": 5, "reader": 2}
ACQUIRE_SECONDS = 5.0
COMMAND_SECONDS = 60.0

UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
    OSError,
)
"""What may pass by itself: the database is away, starting, or two transactions met."""


def role_of(service: str, side: Side) -> str:
    """Name of the database role of one side of a service."""
    return "overstap_reader" if side == "reader" else f"{service}_{side}"


class Database:
    """The pool of one side of one service. Opened once per process."""

    def __init__(self, url: str, service: str, side: Side):
        self.url, self.service, self.side = url, service, side
        self._pool: asyncpg.Pool | None = None

    @property
    def _settings(self) -> dict[str, str]:
        # Startup settings outlive a connection's return to the pool; a plain SET would not.
        path = "pg_catalog" if self.side == "reader" else self.service
        return {"role": role_of(self.service, self.side), "search_path": path, "application_name": self.service}

    async def open(self) -> "Database":
        """Make the pool; connections themselves are made when needed, so a database that is away is no error."""
        self._pool = await asyncpg.create_pool(
            self.url,
            min_size=0,
            max_size=POOL_SIZE[self.side],
            timeout=ACQUIRE_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings=self._settings,
        )
        return self

    async def close(self) -> None:
        """Give back all connections, by force after five seconds."""
        if self._pool:
            try:
                async with asyncio.timeout(5):
                    await self._pool.close()
            except UNAVAILABLE:
                self._pool.terminate()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """A connection, outside any transaction. Raises `Unavailable` when the database does not answer."""
        assert self._pool, "open() first"
        try:
            started = time.perf_counter()
            async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as conn:
                waited = time.perf_counter() - started
                metrics.observe("overstap_pool_wait_seconds", waited, service=self.service, side=self.side)
                try:
                    yield conn
                except asyncpg.InterfaceError as error:
                    # Also what asyncpg says of a transaction whose connection was cut under it.
                    if _is_cut(conn):
                        raise Unavailable("PostgreSQL: the connection was cut") from error
                    raise
        except UNAVAILABLE as error:
            raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection with a transaction around it."""
        async with self.acquire() as conn, conn.transaction():
            yield conn

    @asynccontextmanager
    async def as_actor(self, actor: Actor) -> AsyncIterator[Connection]:
        """A transaction in which row-level security sees this actor, and nobody else's rows."""
        async with self.transaction() as conn:
            await conn.execute(
                "SELECT set_config('overstap.organisation', $1, true), set_config('overstap.pupil', $2, true), "
                "set_config('overstap.role', $3, true), set_config('overstap.person', $4, true)",
                *actor.sight,
                actor.role.value,
                actor.person_ref or "",
            )
            yield conn

    async def direct(self) -> asyncpg.Connection:
        """A connection of its own, for LISTEN and advisory locks. The caller closes it."""
        try:
            return await asyncpg.connect(self.url, timeout=ACQUIRE_SECONDS, server_settings=self._settings)
        except UNAVAILABLE as error:
            raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error


def _is_cut(conn: Connection) -> bool:
    """Whether the server is gone from the other end; the pool may have taken such a connection back already."""
    try:
        return bool(conn.is_closed())
    except asyncpg.InterfaceError:
        return True
