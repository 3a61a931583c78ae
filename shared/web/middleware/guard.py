"""Middlewares that keep things out: other sites, too much data, our own unexpected errors; and the security headers."""

import traceback
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.core.logging import get_logger
from shared.web.api.router import VERSION
from shared.web.problems import bug, problem
from shared.web.texts import marked

BODY_BYTES = 11 * 1024 * 1024
"""Largest request: an upload of 10 MB and what is around it."""
STREAMED = ("/intake/api/v1/application-exports", "/intake/import/exports")
"""Doors that read a file as it comes and keep none of it in memory."""
STREAMED_BYTES = 512 * 1024 * 1024
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SecurityHeaders:
    """Puts the headers on every answer; only files of `/static` may be kept by anybody."""

    def __init__(self, app: ASGIApp, https: bool):
        self.app = app
        self.always = SECURITY_HEADERS | (
            {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if https else {}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers(path):
                    headers[name] = value
            await send(message)

        await self.app(scope, receive, with_headers)

    def _headers(self, path: str) -> Iterable[tuple[str, str]]:
        yield from self.always.items()
        yield "Cache-Control", "public, max-age=86400" if path.startswith("/static/") else "no-store"
        if "/api/" in path:
            yield "API-Version", VERSION


class SameOrigin:
    """Refuses a change that another site asks for: no tokens in forms are needed.

    Browsers say where a request comes from (Sec-Fetch-Site, else Origin); a program that says neither carries a
    bearer token and no cookie.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not _same_origin(Headers(scope=scope)):
            refusal = problem(Request(scope), 403, "other-site", marked("This request came from another site"))
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _same_origin(headers: Headers) -> bool:
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site:
        return site in ("same-origin", "none")
    return origin is None or origin.partition("://")[2] == headers.get("host")


class BodyLimit:
    """Stops reading a request that is too large, also when it does not say beforehand how large it is."""

    def __init__(self, app: ASGIApp, limit: int = BODY_BYTES):
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = STREAMED_BYTES if scope.get("path") in STREAMED else self.limit

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)


class Surprises:
    """Logs an error nobody foresaw, without its message (which may hold personal data), and answers for it."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noticed(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        except Exception as error:
            where = "".join(traceback.format_tb(error.__traceback__))
            get_logger().error("unexpected_error", error=type(error).__name__, traceback=where)
            if not started:
                await (await bug(Request(scope), error))(scope, receive, send)
