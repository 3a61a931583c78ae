"""`/livez`, `/readyz` and `/metrics`."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.core import metrics
from shared.core.health import Probe, report


def routes(live: Probe, ready: Probe) -> list[Route]:
    """The probes of a process. 200 when all is good, else 503; the answer lists every check with its value."""
    return [
        Route("/livez", _answer(live)),
        Route("/readyz", _answer(ready)),
        Route("/metrics", _metrics),
    ]


def _answer(probe: Probe) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        good, body = report(await probe())
        return JSONResponse(body, 200 if good else 503, media_type="application/health+json")

    return answer


async def _metrics(_request: Request) -> Response:
    return Response(metrics.render(), media_type="text/plain; version=0.0.4")
