"""Wires that can be cut at the right moment: between a worker and Kafka, and between a worker and PostgreSQL."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from enum import IntEnum
from typing import Any, Literal

from shared.local.processes import free_port

Moment = Literal["before", "after"]
"""Before: the request never arrives. After: it was carried out, and the answer never arrives."""
COMMIT = b"Q\x00\x00\x00\x0cCOMMIT;\x00"
Writer = asyncio.StreamWriter
End = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Job = Coroutine[Any, Any, None]


class Api(IntEnum):
    """Requests of the Kafka protocol by their key."""

    PRODUCE = 0
    FETCH = 1
    OFFSET_COMMIT = 8
    HEARTBEAT = 12


class Wire(ABC):
    """Passes connections on to a server, and cuts all of them at once when asked or at a chosen moment."""

    def __init__(self, server_port: Callable[[], int]):
        self.port, self.cuts = free_port(), 0
        self._server_port, self._open = server_port, set[Writer]()
        self._server: asyncio.Server | None = None
        self._tasks = set[asyncio.Task[None]]()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """End every connection at once, without a word."""
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _accept(self, reader: asyncio.StreamReader, client: Writer) -> None:
        try:
            answers, server = await asyncio.open_connection("127.0.0.1", self._server_port())
        except OSError:
            client.transport.abort()
            return
        self._open |= {client, server}
        for job in self._pumps((reader, client), (answers, server)):
            task = asyncio.create_task(self._pump(job, client, server))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, job: Job, client: Writer, server: Writer) -> None:
        try:
            await job
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for writer in (client, server):
                self._open.discard(writer)
                writer.transport.abort()

    def _cut_here(self) -> None:
        self.cuts += 1
        self.cut()

    @abstractmethod
    def _pumps(self, client: End, server: End) -> list[Job]:
        """One job per direction."""


class KafkaWire(Wire):
    """Reads the frames of the Kafka protocol, so that it can cut at a request of a kind."""

    def __init__(self, server_port: Callable[[], int]):
        super().__init__(server_port)
        self._armed: tuple[Api, Moment] | None = None

    def arm(self, api: Api, moment: Moment) -> None:
        """Cut at the next request of this kind."""
        self._armed = (api, moment)

    def _pumps(self, client: End, server: End) -> list[Job]:
        doomed = set[bytes]()
        return [
            self._requests(client[0], server[1], doomed),
            self._answers(server[0], client[1], doomed),
        ]

    async def _requests(self, reader: asyncio.StreamReader, writer: Writer, doomed: set[bytes]) -> None:
        while True:
            frame = await _frame(reader)
            api, number = int.from_bytes(frame[4:6], "big"), frame[8:12]
            if self._armed == (api, "before"):
                self._armed = None
                return self._cut_here()
            if self._armed == (api, "after"):
                self._armed = None
                doomed.add(number)
            writer.write(frame)
            await writer.drain()

    async def _answers(self, reader: asyncio.StreamReader, writer: Writer, doomed: set[bytes]) -> None:
        while True:
            frame = await _frame(reader)
            if frame[4:8] in doomed:
                return self._cut_here()
            writer.write(frame)
            await writer.drain()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    size = await reader.readexactly(4)
    return size + await reader.readexactly(int.from_bytes(size, "big"))


class PostgresWire(Wire):
    """Can let a commit happen and swallow the answer."""

    def __init__(self, server_port: Callable[[], int]):
        super().__init__(server_port)
        self._armed = 0

    def arm(self, commits: int = 1) -> None:
        """Cut after the server has carried out this many commits from now on; only the last goes unanswered."""
        self._armed = commits

    def _pumps(self, client: End, server: End) -> list[Job]:
        doomed = asyncio.Event()
        return [
            self._pass(client[0], server[1], self._watched(doomed)),
            self._pass(server[0], client[1], lambda _: doomed.is_set()),
        ]

    def _watched(self, doomed: asyncio.Event) -> Callable[[bytes], bool]:
        def look(chunk: bytes) -> bool:
            if self._armed and chunk.endswith(COMMIT):
                self._armed -= 1
                if not self._armed:
                    doomed.set()
            return False

        return look

    async def _pass(self, reader: asyncio.StreamReader, writer: Writer, cut_at: Callable[[bytes], bool]) -> None:
        while chunk := await reader.read(65536):
            if cut_at(chunk):
                return self._cut_here()
            writer.write(chunk)
            await writer.drain()
        return None
