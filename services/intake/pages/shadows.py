"""Pupils whom the institution knows from the national chain alone: who are they?"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.intake.domain.access import READERS, WRITERS, check_access
from services.intake.handlers.chain.shadows import LinkShadow, link_shadow
from services.intake.pages.words import EVERYTHING
from services.intake.store import exports
from shared.core.actor import Actor
from shared.core.errors import Fault, IllegalMove, Invalid, NotFound
from shared.core.tabular import formats
from shared.messaging.outbox import perform
from shared.schemas.envelope import PupilRef
from shared.web.auth import page_actor
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/shadows")
Person = Annotated[Actor, Depends(page_actor)]
HOME = "/intake/shadows"
AT_ONCE = 100


@router.get("")
async def listed(request: Request, actor: Person, after: Annotated[PupilRef | None, Query()] = None) -> Response:
    """The shadows of the own institution, with how many there are."""
    check_access(actor, READERS)
    async with request.app.state.database.as_actor(actor) as conn:
        rows = await exports.shadows(conn, actor.organisation, after or "", AT_ONCE)
        total = await exports.count_shadows(conn, actor.organisation)
    return render(
        request,
        "intake/shadows.html",
        home=HOME,
        rows=rows,
        total=total,
        following=rows[-1]["pupil_ref"] if len(rows) == AT_ONCE else None,
        may_write=actor.role in WRITERS,
        words=EVERYTHING,
    )


@router.get("/{pupil_ref}")
async def show(pupil_ref: PupilRef, request: Request, actor: Person) -> Response:
    """One shadow with its applications, and the question who it is."""
    check_access(actor, WRITERS)
    return await _form(request, actor, pupil_ref)


@router.post("/{pupil_ref}")
async def link(pupil_ref: PupilRef, request: Request, actor: Person) -> Response:
    """Say who it is."""
    check_access(actor, WRITERS)
    state = request.app.state
    pgn = str((await request.form()).get("pgn") or "").strip()
    try:
        formats.PGN.parse(pgn)
        await perform(state.transport, actor, link_shadow, LinkShadow(pupil_ref, state.keys.pupil_ref(pgn)))
    except ValueError:
        return await _form(request, actor, pupil_ref, [Fault("pgn", formats.PGN.expected)])
    except Invalid as error:
        faults = [Fault("pgn", fault.expected, fault.code) for fault in error.faults]
        return await _form(request, actor, pupil_ref, faults)
    except IllegalMove:
        return redirect(request, HOME, _("Somebody just said who this is."))
    return redirect(request, HOME, _("Linked. The applications now belong to this pupil."))


async def _form(request: Request, actor: Actor, pupil_ref: str, faults: Sequence[Fault] = ()) -> Response:
    async with request.app.state.database.as_actor(actor) as conn:
        found = await exports.shadow(conn, actor.organisation, pupil_ref)
    if found is None:
        raise NotFound(f"shadow {pupil_ref}")
    status = 422 if faults else 200
    return render(request, "intake/shadow.html", status, home=HOME, shadow=found, faults=faults, words=EVERYTHING)
