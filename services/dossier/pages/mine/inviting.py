"""The school invites pupils: a letter with a code, for one pupil or for a class."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.dossier import store
from services.dossier.api.career.codes import make
from services.dossier.domain.pupils import Pupil
from services.dossier.handlers.mine import GUIDES
from services.dossier.handlers.sides import require_side
from services.dossier.pages import reading
from services.dossier.pages.reading import Names
from services.dossier.store import invitations
from shared.core.actor import Actor
from shared.core.clock import SystemClock
from shared.core.errors import Fault, NotFound
from shared.schemas.envelope import PupilRef
from shared.web.auth import PUPIL_DOOR, page_actor
from shared.web.pages import render
from shared.web.texts import gettext as _

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]


@router.get("/pupils/{pupil_ref}/invitation")
async def ask(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """Whether a pupil has a code, and a button for a letter."""
    require_side(actor, "vo", *GUIDES)
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = (await reading.card(conn, actor.organisation, pupil_ref)).pupil
        held = await invitations.of(conn, pupil.vo_site, pupil.cohort, [pupil.pupil_ref])
    invitation = held.get(pupil.pupil_ref)
    is_open = invitation is not None and invitation.open(SystemClock().now())
    return render(request, "dossier/mine/invitation.html", pupil=pupil, invitation=invitation, is_open=is_open)


@router.post("/pupils/{pupil_ref}/invitation")
async def write_one(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """The letter, with a new code that is shown this once."""
    require_side(actor, "vo", *GUIDES)
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = (await reading.card(conn, actor.organisation, pupil_ref)).pupil
    return await letters(request, actor, [pupil], f"/dossier/pupils/{pupil.pupil_ref}/invitation")


@router.get("/invitations")
async def ask_class(request: Request, actor: Person) -> Response:
    """Choose a class: how many of its pupils have never had a code."""
    return await _classes(request, actor)


@router.post("/invitations")
async def write_class(request: Request, actor: Person) -> Response:
    """Letters for those of a class who have never had a code. The codes of the others stay as they are."""
    require_side(actor, "vo", *GUIDES)
    name = str((await request.form()).get("class_name", ""))
    pupils = [pupil for pupil in await _without(request, actor) if pupil.class_name == name]
    if not pupils:
        return await _classes(request, actor, [Fault("class_name", _("Choose a class with pupils without a code"))])
    return await letters(request, actor, pupils, "/dossier/invitations")


async def _classes(request: Request, actor: Actor, faults: Sequence[Fault] = ()) -> Response:
    require_side(actor, "vo", *GUIDES)
    counts: dict[str, int] = {}
    for pupil in await _without(request, actor):
        counts[pupil.class_name] = counts.get(pupil.class_name, 0) + 1
    classes = [(name, _("%(name)s: %(n)s letters", name=name or "–", n=n)) for name, n in sorted(counts.items())]
    return render(request, "dossier/mine/invitations.html", 422 if faults else 200, classes=classes, faults=faults)


async def _without(request: Request, actor: Actor) -> list[Pupil]:
    """The listed pupils of the newest cohort who have never had a code."""
    async with request.app.state.database.as_actor(actor) as conn:
        year = next(iter(await store.cohorts(conn, actor.organisation)), None)
        if year is None:
            return []
        pupils = [p for p in await store.pupils(conn, actor.organisation, year) if p.listed]
        held = await invitations.of(conn, actor.organisation, year, [p.pupil_ref for p in pupils])
    return [pupil for pupil in pupils if pupil.pupil_ref not in held]


async def letters(request: Request, actor: Actor, pupils: Sequence[Pupil], back: str) -> Response:
    if not pupils:
        raise NotFound("nobody to invite")
    made = await make(request, actor, [pupil.pupil_ref for pupil in pupils])
    async with request.app.state.database.as_actor(actor) as conn:
        names = Names(await store.organisations(conn, [actor.organisation]))
    return render(
        request,
        "dossier/mine/letters.html",
        letters=[(pupil, made[pupil.pupil_ref]) for pupil in pupils],
        school=names.organisation(actor.organisation),
        address=f"{request.app.state.settings.public_url}{PUPIL_DOOR}",
        back=back,
    )
