"""The web process: one application per service, and the front that holds them together.

Pages and APIs need PostgreSQL alone; nothing here knows that a broker exists.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from shared.core.errors import Unavailable
from shared.core.health import Check
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.web import problems
from shared.web.api.document import document
from shared.web.api.router import BASE, Api
from shared.web.middleware.access_log import AccessLog
from shared.web.middleware.guard import BodyLimit, SameOrigin, SecurityHeaders, Surprises
from shared.web.pages import STATIC
from shared.web.probes.routes import routes as probes
from shared.web.signin import ROUTES

Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]


def create_app(name: str, routers: Sequence[APIRouter], state: Mapping[str, Any], settings: Settings) -> FastAPI:
    """The application of one service: its pages, and its API with the document of that beside it.

    Everything in `state` (at least `clock` and `database`) is found on ``request.app.state``, beside `settings`
    and `keys`.
    """
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.routes = routes_of(routers)
    app.state.paths = {route.endpoint: route.path for route in app.state.routes}
    for router in routers:
        app.include_router(router)
        if isinstance(router, Api):
            app.add_route(f"{BASE}/openapi.json", _document(document(name, router)), include_in_schema=False)
    _equip(app, settings, [name])
    for key, value in state.items():
        setattr(app.state, key, value)
    return app


def routes_of(routers: Sequence[APIRouter]) -> list[Route]:
    """Every route with its whole path, as the error page and the log need it: a route of a part knows half of that."""
    found = (context for router in routers for context in iter_route_contexts(router.routes))
    return [Route(c.path, c.endpoint, methods=sorted(c.methods or ())) for c in found if c.path and c.endpoint]


def _document(made: Mapping[str, Any]) -> Callable[[Request], Awaitable[Response]]:
    """Anybody may read the document, from any site (/core/publish-openapi)."""
    text = json.dumps(made, ensure_ascii=False)

    async def serve(_request: Request) -> Response:
        return Response(text, media_type="application/json", headers={"Access-Control-Allow-Origin": "*"})

    return serve


def front(apps: Mapping[str, FastAPI], settings: Settings, lifespan: Lifespan | None = None) -> Starlette:
    """Everything one web process serves: each service under ``/<service>/``, sign-in, probes and metrics."""
    site = Starlette(
        routes=[
            *ROUTES,
            *probes(_live, lambda: _ready(apps)),
            Mount("/static", StaticFiles(directory=STATIC)),
            *(Mount(f"/{name}", app) for name, app in apps.items()),
        ],
        middleware=[
            Middleware(AccessLog),
            Middleware(SecurityHeaders, https=settings.public_url.startswith("https:")),
            Middleware(SameOrigin),
            Middleware(BodyLimit),
            Middleware(Surprises),
        ],
        lifespan=lifespan,
    )
    site.state.apps = apps
    for app in (site, *apps.values()):
        _equip(app, settings, list(apps))
    return site


def _equip(app: Starlette, settings: Settings, mounted: Sequence[str]) -> None:
    """What the shared pages and handlers need of any application."""
    app.state.settings, app.state.keys, app.state.mounted = settings, load_keys(settings), frozenset(mounted)
    problems.install(app)


async def _live() -> list[Check]:
    """Who answers lives: nothing in a web process turns by itself."""
    return []


async def _ready(apps: Mapping[str, FastAPI]) -> list[Check]:
    """Ready when the database of every service answers."""
    return [await _database(name, app) for name, app in apps.items()]


async def _database(name: str, app: FastAPI) -> Check:
    try:
        async with app.state.database.acquire() as connection:
            await connection.fetchval("SELECT 1")
    except Unavailable as error:
        return Check(f"{name}:database", False, str(error))
    return Check(f"{name}:database", True, "answers")
