"""Dossiers that schools offered to this institution: the list, and reading, taking over or refusing one."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from services.dossier import store
from services.dossier.domain.handover import REFUSALS, Handover, Move, open_moves
from services.dossier.domain.pupils import Pupil
from services.dossier.handlers import handovers
from services.dossier.handlers.sides import require_side, side_of
from services.dossier.pages import words
from services.dossier.pages.reading import Names
from shared.core import reference
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid, NotFound
from shared.messaging.outbox import perform
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter()
SHOWN = 10
"""Dossiers of a group before "show all"."""
Person = Annotated[Actor, Depends(page_actor)]


class RefusalForm(BaseModel):
    """Why a dossier is refused."""

    model_config = ConfigDict(extra="forbid")

    reason: Literal[REFUSALS]  # type: ignore[valid-type]
    text: str = Field(min_length=1, max_length=2000)


@router.get("/received")
async def show_all(request: Request, actor: Person, group: str = "") -> Response:
    """What was offered, grouped by what must be done; one group in full when it was asked for."""
    require_side(actor, "mbo")
    async with request.app.state.database.as_actor(actor) as conn:
        offered = await store.addressed(conn, actor.organisation)
        pupils = await store.offered_pupils(conn, actor.organisation)
        names = Names(await store.organisations(conn, {handover.vo_site for handover in offered}))
    groups = [
        {
            "key": status,
            "title": _(title),
            "text": _(text),
            "total": len(found),
            "rows": [_row(h, pupils, names) for h in (found if group else found[:SHOWN])],
        }
        for status, (title, text) in words.RECEIVED.items()
        if group in ("", status)
        for found in [[h for h in offered if h.status == status]]
    ]
    waiting = sum(handover.status != "accepted" for handover in offered)
    return render(request, "dossier/received.html", groups=groups, waiting=waiting, words=words.EVERYTHING)


def _row(handover: Handover, pupils: Mapping[tuple[str, int, str], Pupil], names: Names) -> dict[str, Any]:
    return {
        "name": pupils[handover.pupil_ref, handover.cohort, handover.vo_site].name,
        "href": f"/dossier/handovers/{handover.handover_id}",
        "school": names.organisation(handover.vo_site),
        "kind": handover.kind,
        "offered_at": handover.offered_at,
        "status": handover.status,
    }


@router.get("/handovers/{handover_id}")
async def show(request: Request, actor: Person, handover_id: str) -> Response:
    """One dossier. Before it is opened nothing is shown of it: the first reading is a recorded act."""
    held = await _held(request, actor, handover_id)
    if side_of(actor) == "vo":
        return RedirectResponse(f"/dossier/pupils/{held.pupil_ref}", 303)
    return await _page(request, actor, held)


@router.post("/handovers/{handover_id}/open")
async def open_dossier(request: Request, actor: Person, handover_id: str) -> Response:
    """Read the dossier for the first time."""
    return await _step(request, actor, handover_id, "open", _("The dossier is open. The school can see that."))


@router.post("/handovers/{handover_id}/accept")
async def accept(request: Request, actor: Person, handover_id: str) -> Response:
    """Take the dossier over."""
    return await _step(request, actor, handover_id, "accept", _("The dossier is taken over. The school can see that."))


@router.post("/handovers/{handover_id}/refuse")
async def refuse(request: Request, actor: Person, handover_id: str) -> Response:
    """Refuse with a reason; wrong input shows the form again with what is wrong."""
    held = await _held(request, actor, handover_id)
    require_side(actor, "mbo")
    form = await request.form()
    try:
        filled = parse(RefusalForm, form)
    except Invalid as error:
        given = {name: str(form.get(name, "")) for name in RefusalForm.model_fields}
        return await _page(request, actor, held, given, error.faults)
    command = handovers.Step(held.pupil_ref, handover_id, "refuse", filled.reason, filled.text)
    await perform(request.app.state.transport, actor, handovers.step, command)
    return redirect(request, "/dossier/received", _("The dossier is refused. The school reads your reason."))


async def _step(request: Request, actor: Actor, handover_id: str, move: Move, message: str) -> Response:
    held = await _held(request, actor, handover_id)
    command = handovers.Step(held.pupil_ref, handover_id, move)
    await perform(request.app.state.transport, actor, handovers.step, command)
    return redirect(request, f"/dossier/handovers/{handover_id}", message)


async def _held(request: Request, actor: Actor, handover_id: str) -> Handover:
    async with request.app.state.database.as_actor(actor) as conn:
        held = await store.handover(conn, handover_id, actor.organisation)
    if held is None or side_of(actor) is None:
        raise NotFound("no such handover")
    return held


async def _page(
    request: Request,
    actor: Actor,
    held: Handover,
    filled: Mapping[str, str] | None = None,
    faults: Sequence[Fault] = (),
) -> Response:
    dossier = None
    if handovers.verdict(actor, held).allowed:
        dossier = await perform(request.app.state.transport, actor, handovers.read, handovers.Read(held.handover_id))
    async with request.app.state.database.as_actor(actor) as conn:
        found = await store.offered_pupils(conn, actor.organisation, held.handover_id)
        pupil = next(iter(found.values()), None)
        names = Names(await store.organisations(conn, [held.vo_site]))
        read = await store.accesses(conn, actor.organisation, [held.handover_id])
    return render(
        request,
        "dossier/handover.html",
        422 if faults else 200,
        held=held,
        pupil=pupil,
        dossier=dossier,
        moves=open_moves(held.status, "mbo"),
        names=names,
        residence=reference.load().municipality_name(pupil.municipality or "") if pupil else None,
        read=read,
        reasons=[("", _("Choose a reason")), *((code, _(words.REASONS[code])) for code in REFUSALS)],
        filled=filled or {"reason": "", "text": ""},
        faults=faults,
        words=words.EVERYTHING,
    )
