"""A small service behind the front, as the real ones are."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
import pytest
import structlog
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.applications import Starlette
from starlette.responses import Response

from shared.core.actor import Actor, Role
from shared.core.clock import FixedClock
from shared.core.errors import Fault, Forbidden, IllegalMove, Invalid, NotFound, Rejected, Stale, Unavailable
from shared.core.settings import Settings
from shared.web.api.router import Api, Part
from shared.web.app import create_app, front
from shared.web.auth import api_actor, page_actor, require
from shared.web.forms import parse, read_upload
from shared.web.pages import Undo, redirect, render

DECAAN = Actor("99XX00", Role.DECAAN, "person-1")
PEOPLE = [
    {
        "organisation": "99XX00",
        "organisation_name": "Voorbeeldcollege",
        "role": "decaan",
        "person_ref": "person-1",
        "name": "Mirjam Voorbeeld",
    }
]
ERRORS = {
    "invalid": Invalid([Fault("/a", "a number", "invalid"), Fault("/b", "a date", "missing")]),
    "rejected": Rejected("no"),
    "forbidden": Forbidden(),
    "not-found": NotFound(),
    "illegal-move": IllegalMove("handover", "offered", "accept", ["open", "withdraw"]),
    "stale": Stale("part", 4),
    "unavailable": Unavailable(),
    "internal": RuntimeError("Jan Jansen 999990019"),
}


class Wish(BaseModel):
    """A form and an API body at once."""

    model_config = ConfigDict(extra="forbid")

    crebo: str = Field(pattern=r"^[0-9]{5}$")
    cohort: int = Field(ge=2000)
    levels: list[int] = []
    remark: str | None = None


api = Api("A service for tests.", {"all": "Everything"})
pages = APIRouter(include_in_schema=False)


@api.get("/me/{pupil_ref}")
async def me(pupil_ref: str, actor: Annotated[Actor, Depends(api_actor)]) -> dict[str, str]:
    """Tell who asks."""
    return {"organisation": actor.organisation, "role": actor.role, "pupil_ref": pupil_ref}


@api.post("/wishes")
async def wish(body: Wish) -> Wish:
    """Give back what was wished."""
    return body


@api.get("/fails/{kind}")
async def api_fails(kind: str) -> None:
    """Fail in one way."""
    raise ERRORS[kind]


@pages.get("/fails/{kind}")
async def page_fails(kind: str) -> None:
    raise ERRORS[kind]


@pages.get("/")
async def home(request: Request, actor: Annotated[Actor, Depends(page_actor)]) -> Response:
    require(actor, Role.DECAAN)
    return render(request, "start.html", role_names={actor.role: "careers adviser"}, stops=(), steps=())


@pages.post("/acknowledge")
async def acknowledge(request: Request, actor: Annotated[Actor, Depends(page_actor)]) -> Response:
    return redirect(request, "/dossier/", "Bevestigd voor <Daan>", Undo("/dossier/undo", {"id": "7"}))


@pages.post("/form")
async def form(request: Request) -> dict[str, object]:
    return parse(Wish, await request.form()).model_dump()


@pages.post("/upload")
async def upload(request: Request) -> int:
    return len(await read_upload(await request.form(), "file", limit=1000))


part = Part()


@part.get("/parts/{pupil_ref}")
async def part_of_it(pupil_ref: str) -> str:
    """Answer from a module of its own."""
    return pupil_ref


api.include_router(part)


class Answering:
    """A database of which only the probe is used."""

    answers = True

    def acquire(self) -> "Answering":
        return self

    async def __aenter__(self) -> "Answering":
        if not self.answers:
            raise Unavailable("away")
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def fetchval(self, _query: str) -> int:
        return 1


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "demo-identities.json").write_text(json.dumps(PEOPLE))
    return Settings(data_dir=tmp_path, demo=True)


@pytest.fixture
def site(settings: Settings) -> Starlette:
    state = {"clock": FixedClock(datetime(2026, 11, 24, tzinfo=UTC)), "database": Answering()}
    return front({"dossier": create_app("dossier", [api, pages], state, settings)}, settings)


@pytest.fixture
async def client(site: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(site)
    async with httpx.AsyncClient(transport=transport, base_url="http://overstap.test") as opened:
        yield opened


@pytest.fixture
async def signed_in(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await client.post("/signin", data={"person_ref": "person-1"})
    return client


@pytest.fixture
def logged() -> Iterator[list[dict[str, object]]]:
    with structlog.testing.capture_logs() as lines:
        yield lines
