"""Visiting the pages and the API of signals."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.responses import Response

from services.signals.app import build
from shared.core.actor import Actor
from shared.core.keys import load_keys
from shared.messaging.outbox import Transport
from shared.web.app import create_app, front
from shared.web.auth import SESSION_COOKIE, sign_in


def site(web: Transport) -> Starlette:
    """The pages and the API, behind the front of every service."""
    state = {"transport": web, "database": web.db, "clock": web.settings.clock}
    service = build(web.settings)
    return front({service.name: create_app(service.name, service.routers, state, web.settings)}, web.settings)


def cookie(web: Transport, actor: Actor) -> str:
    """A session of this actor, as the value of its cookie."""
    response = Response()
    sign_in(response, actor, load_keys(web.settings), web.settings)
    name, _, rest = response.headers["set-cookie"].partition("=")
    assert name == SESSION_COOKIE
    return rest.partition(";")[0]


@asynccontextmanager
async def visitor(web: Transport, actor: Actor | None) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is signed in on the pages and carries a token for the API; None: nobody."""
    transport = httpx.ASGITransport(app=site(web))
    async with httpx.AsyncClient(transport=transport, base_url="http://overstap.example") as client:
        if actor:
            client.cookies.set(SESSION_COOKIE, cookie(web, actor), domain="overstap.example")
            client.headers["authorization"] = f"Bearer {load_keys(web.settings).api_token(actor)}"
        yield client
