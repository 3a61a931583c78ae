"""A connection that nobody uses for a while: kept for longer than proxies and clients keep theirs."""

import asyncio

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared.cli.serving import served
from shared.core.settings import Settings

SITE = Starlette(routes=[Route("/", lambda _: PlainTextResponse("here"))])
ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(("idle", "answered"), [(65, True), (90, False)])
def test_a_connection_is_answered_after_a_minute_without_use_and_closed_soon_after(idle: int, answered: bool) -> None:
    assert asyncio.run(_answers_after(idle)) is answered


async def _answers_after(idle: int) -> bool:
    """Whether a server, started as the product starts it, still answers on a connection after so many seconds without
    use. The clock of the event loop jumps over them."""
    options = served(Settings(_env_file=None)) | {"port": 0, "lifespan": "off"}
    server, loop = uvicorn.Server(uvicorn.Config(SITE, **options)), asyncio.get_running_loop()
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    read, write = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    try:
        write.write(ASK)
        await read.readuntil(b"here")
        real = loop.time
        loop.time = lambda: real() + idle  # type: ignore[method-assign]
        await asyncio.sleep(0)
        write.write(ASK)
        return b"here" in await read.readuntil(b"here")
    except (asyncio.IncompleteReadError, ConnectionError):
        return False
    finally:
        write.close()
        server.should_exit = True
        await running
