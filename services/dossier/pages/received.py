"""Dossiers that schools offered to this institution: the list, and reading, taking over or refusing one."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from services.dossier import store
from services.dossier.domain.access import ANSWERING
from services.dossier.domain.handover import LIVE, REFUSALS, Handover, Move, open_moves
from services.dossier.domain.pupils import Pupil
from services.dossier.domain.transfer import CARE, CATEGORIES
from services.dossier.handlers import handovers
from services.dossier.handlers.sides import require_side, side_of
from services.dossier.pages import words
from services.dossier.pages.mine import words as own_words
from services.dossier.pages.reading import Names
from services.dossier.pages.transfer import words as transfer_words
from shared.core import reference
from shared.core.actor import Actor, Role
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
    """What was offered, grouped by what must be done; one group in full when it was asked for. A guide sees those that
    were taken over."""
    require_side(actor, "mbo")
    async with request.app.state.database.as_actor(actor) as conn:
        offered = await store.addressed(conn, actor.organisation)
        if actor.role is Role.SLBER:
            offered = [handover for handover in offered if handover.status == "accepted"]
        pupils = await store.offered_pupils(conn, actor.organisation)
        names = Names(await store.organisations(conn, {handover.vo_site for handover in offered}))
    if fresh := [handover for handover in offered if handover.received_at is None]:
        await perform(request.app.state.transport, actor, handovers.receive, handovers.Receive(fresh))
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
    pupil = pupils.get((handover.pupil_ref, handover.cohort, handover.vo_site))
    return {
        "name": name_of(handover, pupil),
        "href": f"/dossier/handovers/{handover.handover_id}",
        "school": names.organisation(handover.vo_site),
        "kind": handover.kind,
        "offered_at": handover.offered_at,
        "status": handover.status,
    }


def name_of(handover: Handover, pupil: Pupil | None) -> str:
    """Whose dossier it is, unless it may not be told who."""
    told = pupil is not None and "administrative" in handover.categories
    return pupil.name if pupil and told else _("Pupil who objects")


@router.get("/handovers/{handover_id}")
async def show(request: Request, actor: Person, handover_id: str) -> Response:
    """One dossier. Before it is opened nothing is shown of it: the first reading is a recorded act."""
    held = await _held(request, actor, handover_id)
    if side_of(actor) == "vo":
        return RedirectResponse(f"/dossier/pupils/{held.pupil_ref}", 303)
    return await _page(request, actor, held)


@router.get("/handovers/{handover_id}/care")
async def show_care(request: Request, actor: Person, handover_id: str) -> Response:
    """The care part of a dossier that was taken over; a page of its own, and a recorded reading of its own."""
    held = await _held(request, actor, handover_id)
    command = handovers.Read(handover_id, care=True)
    found = await perform(request.app.state.transport, actor, handovers.read, command)
    async with request.app.state.database.as_actor(actor) as conn:
        pupils = await store.offered_pupils(conn, actor.organisation, held.handover_id)
    return render(
        request,
        "dossier/transfer/care.html",
        held=held,
        name=name_of(held, next(iter(pupils.values()), None)),
        care=found,
        purpose=handovers.verdict(actor, held, care=True).code,
        words=transfer_words.EVERYTHING,
    )


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
    live = held.status in LIVE
    return render(
        request,
        "dossier/handover.html",
        422 if faults else 200,
        held=held,
        name=name_of(held, pupil) if live else _("Dossier no longer readable"),
        ended=not live,
        dossier=dossier,
        care=[code for code in held.categories if code in CARE],
        care_readable=handovers.readable(actor, held, care=True),
        own_words=own_words.EVERYTHING,
        absent=[code for code in CATEGORIES if code not in held.categories],
        transfer=transfer_words.EVERYTHING,
        moves=open_moves(held.status, "mbo") if actor.role in ANSWERING else (),
        names=names,
        residence=_residence(dossier),
        read=read,
        reasons=[("", _("Choose a reason")), *((code, _(words.REASONS[code])) for code in REFUSALS)],
        filled=filled or {"reason": "", "text": ""},
        faults=faults,
        words=words.EVERYTHING,
    )


def _residence(dossier: Mapping[str, Any] | None) -> str | None:
    """Name of the municipality, as far as the dossier tells it."""
    code = (dossier or {}).get("administrative", {}).get("municipality")
    return reference.load().municipality_name(code) if code else None
