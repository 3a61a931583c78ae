"""The other route of a pupil: registering, confirming with evidence, withdrawing."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData
from starlette.responses import Response

from services.dossier.domain.routes import NO_EVIDENCE, ROUTE, Route
from services.dossier.handlers.sides import require_side
from services.dossier.handlers.year_end.routes import (
    ConfirmRoute,
    RegisterRoute,
    WithdrawRoute,
    confirm_route,
    register_route,
    withdraw_route,
)
from services.dossier.pages import reading
from services.dossier.pages.again import Again
from services.dossier.pages.year_end import words
from services.dossier.store import year_end
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid, Stale
from shared.messaging.outbox import perform
from shared.schemas.envelope import PupilRef
from shared.web.api.fields import CivilDate, Prose
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import marked
from shared.web.words import ROLES

router = APIRouter(prefix="/pupils/{pupil_ref}/route")
Person = Annotated[Actor, Depends(page_actor)]


class RouteForm(BaseModel):
    """Another route, as somebody fills it in."""

    model_config = ConfigDict(extra="forbid")

    version: int
    route: Literal[tuple(words.ROUTES)]  # type: ignore[valid-type]
    since: CivilDate
    until: CivilDate | None = None
    note: Prose | None = Field(None, max_length=2000)


class ConfirmForm(BaseModel):
    """What shows that it is so."""

    model_config = ConfigDict(extra="forbid")

    version: int
    evidence: Literal[tuple(words.EVIDENCE)] | None = None  # type: ignore[valid-type]


class WithdrawForm(BaseModel):
    """It was a mistake, or it stopped."""

    model_config = ConfigDict(extra="forbid")

    version: int


def _register(whom: tuple[str, int], form: FormData) -> tuple[Any, Any]:
    filled = parse(RouteForm, form)
    return register_route, RegisterRoute(*whom, **filled.model_dump())


def _confirm(whom: tuple[str, int], form: FormData) -> tuple[Any, Any]:
    filled = parse(ConfirmForm, form)
    return confirm_route, ConfirmRoute(*whom, filled.evidence, filled.version)


def _withdraw(whom: tuple[str, int], form: FormData) -> tuple[Any, Any]:
    return withdraw_route, WithdrawRoute(*whom, parse(WithdrawForm, form).version)


Move = Literal["register", "confirm", "withdraw"]
READERS: dict[str, tuple[Callable[[tuple[str, int], FormData], tuple[Any, Any]], str]] = {
    "register": (_register, marked("The other route is recorded.")),
    "confirm": (_confirm, marked("The other route is confirmed.")),
    "withdraw": (_withdraw, marked("The other route is withdrawn. The pupil is expected at the mbo again.")),
}


@router.get("")
async def show(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """The other route of a pupil, and what can be done with it now."""
    return await _page(request, actor, pupil_ref, Again())


@router.post("/{move}")
async def make(request: Request, actor: Person, pupil_ref: PupilRef, move: Move) -> Response:
    """Make the move; wrong input, or a route that somebody else changed, shows the form again."""
    require_side(actor, "vo")
    form = await request.form()
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = (await reading.card(conn, actor.organisation, pupil_ref)).pupil
    read, message = READERS[move]
    typed = {name: str(form.get(name, "")) for name in form}
    try:
        handler, command = read((pupil.pupil_ref, pupil.cohort), form)
        await perform(request.app.state.transport, actor, handler, command)
    except Invalid as error:
        faults = [Fault(fault.where.lstrip("/"), fault.expected, fault.code) for fault in error.faults]
        return await _page(request, actor, pupil_ref, Again(typed, faults))
    except Stale as stale:
        return await _page(request, actor, pupil_ref, Again(typed, stale=stale))
    return redirect(request, f"/dossier/pupils/{pupil.pupil_ref}/route", _(message))


async def _page(request: Request, actor: Actor, pupil_ref: str, again: Again) -> Response:
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = (await reading.card(conn, actor.organisation, pupil_ref)).pupil
        found = await year_end.routes(conn, actor.organisation, [pupil.pupil_ref])
    route = found.get((pupil.pupil_ref, pupil.cohort))
    moves = ROUTE.open_moves(route.status, {actor.role}) if route else ("register",)
    by = again.stale.changed_by if again.stale else None
    return render(
        request,
        "dossier/year_end/route.html",
        422 if again.faults or again.stale else 200,
        pupil=pupil,
        route=route,
        moves=moves,
        no_evidence=route is not None and route.route in NO_EVIDENCE,
        filled=_now_stands(route) | dict(again.filled),
        faults=again.faults,
        stale=again.stale,
        by=_(ROLES.get(by or "", by or "")),
        routes=[("", _("Choose a route")), *((code, _(text)) for code, text in words.ROUTES.items())],
        evidence=[(code, _(text)) for code, text in words.EVIDENCE.items()],
        words=words.EVERYTHING,
    )


def _now_stands(route: Route | None) -> dict[str, str]:
    """What the form begins with."""
    if route is None or route.status != "registered":
        return dict.fromkeys(("route", "since", "until", "note", "evidence"), "")
    until = route.until.isoformat() if route.until else ""
    since = route.since.isoformat()
    return {"route": route.route, "since": since, "until": until, "note": route.note or "", "evidence": ""}
