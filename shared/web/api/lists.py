"""The doors of files: each kind of CSV file is posted to a collection of its own, and all are taken in alike."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel

from shared.core.actor import Actor
from shared.web.api.router import Part, camel_case, csv_file
from shared.web.auth import api_actor


@dataclass(frozen=True, slots=True)
class Door:
    """Where a kind of file goes in."""

    name: str
    """Of the collection: ``choice`` is posted to ``/choice-lists``."""
    kind: str
    """As the handlers of the service name it."""
    example: str
    about: str


Take = Callable[[Request, Actor, str, bytes], Awaitable[BaseModel]]
"""Takes in a file of a kind, of whoever sends it."""


def open_doors(part: Part, doors: Iterable[Door], take: Take, answer: type[BaseModel]) -> None:
    """Give a part of an API an operation for each door; `answer` is what `take` gives back."""
    for door in doors:
        _open(part, door, take, answer)


def _open(part: Part, door: Door, take: Take, answer: type[BaseModel]) -> None:
    async def post(
        request: Request, actor: Annotated[Actor, Depends(api_actor)], data: Annotated[bytes, csv_file(door.example)]
    ) -> BaseModel:
        return await take(request, actor, door.kind, data)

    name = f"post_{door.name.replace('-', '_')}_list"
    path, operation_id = f"/{door.name}-lists", camel_case(name)
    part.post(
        path, name=name, operation_id=operation_id, description=door.about, tags=["files"], response_model=answer
    )(post)
