"""One line per request, with the route's template: the real path may name a pupil's reference."""

import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.core import metrics
from shared.core.logging import get_logger
from shared.core.tracing import Span, logged, readable, span

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = ("/livez", "/readyz", "/metrics", "/static")


class AccessLog:
    """Takes a request as part of a case, its own or the sender's, and logs `request` when the answer has been sent."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(QUIET):
            await self.app(scope, receive, send)
            return
        parent = readable(Headers(scope=scope).get("traceparent"))
        method = scope["method"] if scope["method"] in METHODS else "other"
        with span(method, "server", parent) as here, logged([here.traceparent]):
            await self._noted(method, here, scope, receive, send)

    async def _noted(self, method: str, here: Span, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 500

        async def noticed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        finally:
            seconds, route = time.perf_counter() - started, template(scope)
            told: dict[str, str | int] = {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
            }
            here.tell(f"{method} {route}", **told)
            metrics.observe("overstap_http_seconds", seconds, method=method, route=route, status=str(status))
            actor = scope.get("state", {}).get("actor")
            get_logger().info(
                "request",
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
                organisation=actor and actor.organisation,
                role=actor and actor.role.value,
            )


def template(scope: Scope) -> str:
    """The route as it is written in the code, such as ``/dossier/pupils/{pupil_ref}``."""
    mounted_at = scope.get("root_path", "")
    if mounted_at:
        paths = getattr(scope["app"].state, "paths", {})
        return f"{mounted_at}{paths.get(scope.get('endpoint'), '/*')}"
    return str(scope["path"]) if "endpoint" in scope else "*"
