"""What every page of a pupil begins with: who it is, and what is theirs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request

from services.dossier.domain.career import Owner
from services.dossier.handlers import mine
from services.dossier.handlers.mine.sharing import Written, written
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.storage.pool import Connection
from shared.web.auth import PUPIL_DOOR, SignInNeeded, pupil_actor

Pupil = Annotated[Actor, Depends(pupil_actor)]


@asynccontextmanager
async def as_owner(request: Request, actor: Actor) -> AsyncIterator[tuple[Connection, Owner]]:
    """A transaction of the pupil. Who is not there any more under this reference must sign in again."""
    async with request.app.state.database.as_actor(actor) as conn:
        try:
            owner = await mine.own(conn, actor)
        except NotFound:
            raise SignInNeeded(PUPIL_DOOR, ours=False) from None
        yield conn, owner


async def load(request: Request, actor: Actor) -> Written:
    """Everything that is the pupil's own."""
    async with as_owner(request, actor) as (conn, owner):
        return await written(conn, owner)


def ref(actor: Actor) -> str:
    """The reference of the pupil who acts."""
    return actor.person_ref or ""
