"""The form to raise a concern, from the record of a pupil on either side."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData
from starlette.responses import Response

from services.dossier import store
from services.dossier.domain.concerns import AT_INSTITUTION, AT_SCHOOL, OFFICERS, Concern
from services.dossier.handlers.concerns import RaiseConcern, officers_hear, raise_concern, raiser
from services.dossier.pages.again import Again
from services.dossier.pages.concerns import words
from services.dossier.pages.reading import Names
from services.dossier.store import concerns as kept
from services.dossier.store import talks
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid
from shared.messaging.outbox import perform
from shared.schemas.envelope import Cohort, MboInstitution, PupilRef
from shared.storage.pool import Connection
from shared.web.api.fields import Prose
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/pupils/{pupil_ref}/cohorts/{cohort}/concern")
Person = Annotated[Actor, Depends(page_actor)]
Options = list[tuple[str, str]]


class RaiseForm(BaseModel):
    """A concern as somebody fills it in."""

    model_config = ConfigDict(extra="forbid")

    reason: Literal[tuple(words.REASONS)]  # type: ignore[valid-type]
    route: list[Literal[(*AT_SCHOOL, *AT_INSTITUTION, words.OFFICER)]] = Field(min_length=1)  # type: ignore[valid-type]
    mbo_institution: MboInstitution | None = None
    note: Prose | None = Field(None, max_length=2000)


@router.get("")
async def ask(request: Request, actor: Person, pupil_ref: PupilRef, cohort: Cohort) -> Response:
    """The form to raise a concern."""
    return await _form(request, actor, (pupil_ref, cohort), Again())


@router.post("")
async def asked(request: Request, actor: Person, pupil_ref: PupilRef, cohort: Cohort) -> Response:
    """Raise a concern; wrong input shows the form again with what is wrong."""
    form = await request.form()
    try:
        filled = parse(RaiseForm, form)
        route = tuple(role for asked in filled.route for role in (OFFICERS if asked == words.OFFICER else (asked,)))
        command = RaiseConcern(pupil_ref, cohort, filled.reason, route, filled.mbo_institution, filled.note)
        made: Concern = await perform(request.app.state.transport, actor, raise_concern, command)
    except Invalid as error:
        faults = [Fault(fault.where.lstrip("/"), fault.expected, fault.code) for fault in error.faults]
        return await _form(request, actor, (pupil_ref, cohort), Again(_typed(form), faults))
    message = _("The concern is raised. Who is to hear it sees it now.")
    return redirect(request, f"/dossier/concerns/{made.concern_id}", message)


def _typed(form: FormData) -> dict[str, Any]:
    return {name: form.getlist(name) if name == "route" else str(form.get(name, "")) for name in form}


async def _form(request: Request, actor: Actor, whom: tuple[str, int], again: Again) -> Response:
    ref, cohort = whom
    now = request.app.state.clock.now()
    async with request.app.state.database.as_actor(actor) as conn:
        side, _school = await raiser(conn, ref, cohort, actor)
        name = (await kept.names(conn, [whom])).get(whom, "")
        institutions = await _institutions(conn, ref, cohort) if side == "vo" else []
        school_hears = side == "vo" or await kept.school_follows(conn, ref, cohort, now)
    roles = [*(AT_SCHOOL if school_hears else ()), *(AT_INSTITUTION if institutions or side == "mbo" else ())]
    officers = [(words.OFFICER, _("leerplicht or Doorstroompunt, by age"))] if officers_hear(cohort, now) else []
    only = institutions[0][0] if len(institutions) == 1 else ""
    return render(
        request,
        "dossier/concerns/raise.html",
        422 if again.faults else 200,
        pupil_ref=ref,
        cohort=cohort,
        name=name,
        school=side == "vo",
        school_hears=school_hears,
        reasons=[(code, _(text)) for code, text in words.REASONS.items()],
        route=[*((role, _(words.ROUTE[role])) for role in roles), *officers],
        institutions=institutions,
        filled={"reason": "", "route": [], "mbo_institution": only, "note": ""} | dict(again.filled),
        faults=again.faults,
    )


async def _institutions(conn: Connection, ref: str, cohort: int) -> Options:
    """The institutions that know an own pupil."""
    names = Names(await store.organisations(conn, [], "mbo")).institutions()
    known = {code for _ref, _year, code in await talks.known_at(conn, [(ref, cohort, code) for code, _name in names])}
    return [one for one in names if one[0] in known]
