"""The router of a service's API: what every operation checks, and what it documents of itself."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import APIRouter, Body, HTTPException
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from shared.web.api.once import HEADER, once
from shared.web.auth import sender

BASE = "/api/v1"
"""Base path of an API under its service; holds the major version (/core/uri-version)."""
VERSION = "1.0.0"
"""Version of the APIs, in the document and in the header API-Version."""
MOVES: dict[int | str, dict[str, Any]] = {409: {}}
"""For `responses` of an operation that a state machine may refuse."""
PAGE_LIMIT = 500
WRITES = ("POST", "PUT")


class Operation(APIRoute):
    """One operation: answers HEAD where it answers GET, takes a body in its own content type only (415), and carries a
    write with an Idempotency-Key out once."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any):
        more["operation_id"] = more.get("operation_id") or camel_case(endpoint.__name__)
        super().__init__(path, endpoint, **more)
        if self.methods and "GET" in self.methods:
            self.methods.add("HEAD")

    @property
    def media_type(self) -> str | None:
        """Content type of its request; None: it takes none."""
        if self.body_field is None:
            streamed = (self.openapi_extra or {}).get("requestBody", {}).get("content", {})
            return next(iter(streamed), None)
        return getattr(self.body_field.field_info, "media_type", None) or "application/json"

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle, wanted = super().get_route_handler(), self.media_type

        async def checked(request: Request) -> Response:
            given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if wanted and given != wanted:
                raise HTTPException(415)
            actor = sender(request) if HEADER in request.headers and request.method in WRITES else None
            return await once(request, actor, handle) if actor else await handle(request)

        return checked


class Api(APIRouter):
    """The API of one service. `about`: what it is for; `tags`: its groups of operations, with what they hold."""

    def __init__(self, about: str, tags: Mapping[str, str]):
        super().__init__(prefix=BASE, route_class=Operation)
        self.about, self.tags_about = about, tags


class Part(APIRouter):
    """A part of the API of a service, in a module of its own; the service's `Api` includes it."""

    def __init__(self) -> None:
        super().__init__(route_class=Operation)


class Asked(BaseModel):
    """Base of what is asked, in a body or a query: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class PageAsked(Asked):
    """Which part of a list is asked for."""

    after: str = Field(
        "", pattern=r"^[A-Za-z0-9_-]{0,64}$", description="`next` of the page before; empty: the first page"
    )
    limit: int = Field(100, ge=1, le=PAGE_LIMIT, description="Items on a page at most")


def csv_file(example: str) -> Any:
    """A CSV body, with an example of the file."""
    return Body(media_type="text/csv", openapi_examples={"file": {"value": example}})


def csv_stream(example: str) -> dict[str, Any]:
    """`openapi_extra` of an operation that reads its CSV body as it comes."""
    content = {"text/csv": {"schema": {"type": "string"}, "examples": {"file": {"value": example}}}}
    return {"requestBody": {"required": True, "content": content}}


def camel_case(name: str) -> str:
    """The name of a function as the name of an operation, such as ``postChoice``."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
