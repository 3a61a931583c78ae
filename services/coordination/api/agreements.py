"""Regional agreements: which versions hold where, what they say, and how a region adopts one."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Body, Depends, Query, Request
from pydantic import Field, TypeAdapter

from services.coordination import agreement
from services.coordination.domain.world.agreed import Agreement
from services.coordination.handlers.agreements import AdoptAgreement, MoveTransitions, adopt, move
from services.coordination.store import agreements
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.messaging.outbox import perform
from shared.web.api import fields
from shared.web.api.router import Asked, Part
from shared.web.auth import api_actor

router = Part()
Caller = Annotated[Actor, Depends(api_actor)]
AGREEMENT = TypeAdapter(Agreement)
EXAMPLE = """version: region-19-2027.1
based_on: default-2026.1
region: "19"
valid_from: 2027-08-01
source: decision of the regional steering group
due_hour: 16
"""
YAML = "application/yaml"
Version = Annotated[str, fields.in_path("Version of the agreement", "default-2026.1")]


class AgreementsAsked(Asked):
    """Whose agreements are asked for."""

    region: str | None = Field(None, pattern=r"^\d{2}$", description="Code of a region; empty: every region")


class VersionShown(fields.Shown):
    """A version of an agreement."""

    version: str = Field(description="Name of the version", examples=["region-19-2027.1"])
    region: str | None = Field(description="Region; null: it holds where a region adopted none", examples=["19"])
    valid_from: date = Field(description="First day on which transitions open under it", examples=["2027-08-01"])
    digest: str | None = Field(description="sha256 of the text; null: it ships with the software", examples=[None])
    adopted_at: datetime | None = Field(description="When it was adopted; null: it ships", examples=[None])
    transitions: int = Field(description="Open transitions that stay on it", examples=[412])


class Versions(fields.Shown):
    """Versions, of each region the newest first; what ships with the software last."""

    items: list[VersionShown] = Field(description="The versions")


class Adopted(fields.Shown):
    """The version that a region now has."""

    version: str = Field(description="Name of the version", examples=["region-19-2027.1"])


class Moved(fields.Shown):
    """How many transitions go on under another version."""

    transitions: int = Field(description="Set going; the worker takes them over", examples=[412])


class MoveAsked(Asked):
    """Which transitions go on under the version of the address."""

    region: str = Field(pattern=r"^\d{2}$", description="Code of the region", examples=["19"])
    from_version: str = Field(max_length=64, description="Version on which they are now", examples=["default-2026.1"])


@router.get("/agreements", tags=["agreements"])
async def get_agreements(request: Request, actor: Caller, asked: Annotated[AgreementsAsked, Query()]) -> Versions:
    """List the versions of regional agreements, with how many open transitions stay on each."""
    async with request.app.state.database.as_actor(actor) as conn:
        return Versions(items=[VersionShown.model_validate(one) for one in await versions(conn, asked.region)])


@router.get("/agreements/{version}", tags=["agreements"], responses={404: {}})
async def get_agreement(request: Request, actor: Caller, version: Version) -> dict[str, Any]:
    """Show all that a version says, also what it takes over from the version it is based on."""
    async with request.app.state.database.as_actor(actor) as conn:
        found: dict[str, Any] = AGREEMENT.dump_python(await of_version(conn, version), mode="json")
    return found


@router.post("/agreements", status_code=202, tags=["agreements"])
async def post_agreement(
    request: Request,
    actor: Caller,
    data: Annotated[bytes, Body(media_type=YAML, openapi_examples={"file": {"value": EXAMPLE}})],
) -> Adopted:
    """Adopt a version for the region it names: for the operator and the coordinator of that region.

    Transitions that are open stay on the version they have.
    """
    command = AdoptAgreement(data.decode("utf-8", "replace"))
    return Adopted(version=await perform(request.app.state.transport, actor, adopt, command))


@router.post("/agreements/{version}/transitions", status_code=202, tags=["agreements"])
async def post_transitions(request: Request, actor: Caller, version: Version, asked: MoveAsked) -> Moved:
    """Take the open transitions of a region that stay on one version over to this one."""
    command = MoveTransitions(asked.region, asked.from_version, version)
    return Moved(transitions=await perform(request.app.state.transport, actor, move, command))


async def versions(conn: Any, region: str | None) -> list[dict[str, Any]]:
    """Versions as pages and API show them: of each region the newest first, what ships last."""
    pinned = await agreements.pinned(conn)
    adopted = [asdict(one) for one in await agreements.adoptions(conn, region)]
    shipped = [
        {"version": one.version, "region": None, "valid_from": one.valid_from, "digest": None, "adopted_at": None}
        for one in agreement.shipped()
    ]
    for one in (*adopted, *shipped):
        mine = (n for (of, version), n in pinned.items() if version == one["version"] and region in (None, of))
        one["transitions"] = sum(mine)
    return [*adopted, *shipped]


async def of_version(conn: Any, version: str) -> Agreement:
    """What a version says. Raises `NotFound`."""
    shipped = next((one for one in agreement.shipped() if one.version == version), None)
    if shipped:
        return shipped
    if text := await agreements.text(conn, version):
        return agreement.kept(text, version)
    raise NotFound
