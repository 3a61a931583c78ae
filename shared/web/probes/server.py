"""The small server that a worker has for its probes alone."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from shared.core.errors import Unavailable
from shared.core.health import Probe
from shared.core.settings import Settings
from shared.web.probes.routes import routes


class _Guest(uvicorn.Server):
    """A server inside a process that has its own way of stopping."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings, live: Probe, ready: Probe) -> None:
    """Serve the probes of a worker until cancelled. Raises `Unavailable` when its port is in use."""
    app = Starlette(routes=routes(live, ready))
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.worker_host, settings.worker_port))
    except OSError as error:
        listening.close()
        raise Unavailable(
            f"port {settings.worker_port} for the worker's probes: {error.strerror}; see OVERSTAP_WORKER_PORT"
        ) from error
    server = _Guest(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server.serve([listening]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving
