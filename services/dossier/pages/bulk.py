"""What is done for several pupils at once: only what is safe. First for whom and for whom not, then one confirmation.

Handing over, refusing and recording results are done one by one, each with its own check.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from services.dossier.domain.transfer import Information, information_faults, to_inform
from services.dossier.handlers.mine import GUIDES
from services.dossier.handlers.sides import require_side
from services.dossier.handlers.transfer.informing import RecordInformation, record_information
from services.dossier.pages import words
from services.dossier.pages.classlist import Row, opened
from services.dossier.pages.mine.inviting import letters
from services.dossier.store import invitations, transfer
from services.dossier.store.invitations import Invitation
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid, Stale
from shared.messaging.outbox import perform
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.lists import WorkList, show
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import ngettext

router = APIRouter(prefix="/bulk")
Person = Annotated[Actor, Depends(page_actor)]
MOST_AT_ONCE = 100


class InformingForm(BaseModel):
    """How and when all of them were told."""

    model_config = ConfigDict(extra="ignore")

    informed_on: date
    how: Literal["talk", "letter", "mail", "portal", "other"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who was ticked: for whom it can be done, and for whom not with the reason."""

    can: Sequence[Row]
    can_not: Sequence[tuple[Row, str]]


@router.post("")
async def check(request: Request, actor: Person) -> Response:
    """For whom it would be done. Nothing has happened yet."""
    work, form = await opened(request, actor), await request.form()
    rows = _ticked(work, form)
    if not rows or len(rows) > MOST_AT_ONCE:
        expected = _("Choose at least one pupil, and %(n)s at most.", n=MOST_AT_ONCE)
        asked = work.asked(QueryParams(str(form.get("back", ""))))
        return await show(request, actor, work, [Fault("list", expected, "missing")], asked)
    if form.get("act") == "invite":
        return await _ask_inviting(request, actor, work, form)
    return await _ask_informing(request, actor, work, form)


@router.post("/invitations")
async def invite(request: Request, actor: Person) -> Response:
    """The letters, each with a code that is shown this once."""
    require_side(actor, "vo", *GUIDES)
    work, form = await opened(request, actor), await request.form()
    chosen = await _to_invite(request, actor, _ticked(work, form)[:MOST_AT_ONCE])
    if not chosen.can:
        return await _ask_inviting(request, actor, work, form)
    return await letters(request, actor, [row.card.pupil for row in chosen.can], _home(work, form))


@router.post("/informing")
async def inform(request: Request, actor: Person) -> Response:
    """Record for each of them who was told what goes. Who was recorded by somebody else in the meantime stays so."""
    require_side(actor, "vo")
    work, form = await opened(request, actor), await request.form()
    chosen = await _to_inform(request, actor, _ticked(work, form)[:MOST_AT_ONCE])
    try:
        filled = parse(InformingForm, form)
        if faults := _faults(chosen.can, filled, civil_date(request.app.state.settings.clock.now())):
            raise Invalid(faults)
    except Invalid as error:
        return await _ask_informing(request, actor, work, form, error.faults)
    done = 0
    for row in chosen.can:
        pupil = row.card.pupil
        whom = to_inform(pupil.birth_date, filled.informed_on)
        command = RecordInformation(pupil.pupil_ref, pupil.cohort, filled.informed_on, whom, filled.how, 0)
        try:
            await perform(request.app.state.transport, actor, record_information, command)
            done += 1
        except Stale:
            continue
    message = ngettext("Informing is recorded for %(num)s pupil.", "Informing is recorded for %(num)s pupils.", done)
    return redirect(request, _home(work, form), message)


def _ticked(work: WorkList[Row], form: FormData) -> list[Row]:
    ids = set(form.getlist("id"))
    return [row for row in work.rows if row.card.pupil.pupil_ref in ids]


def _home(work: WorkList[Row], form: FormData) -> str:
    return work.asked(QueryParams(str(form.get("back", "")))).href


async def _to_invite(request: Request, actor: Actor, rows: Sequence[Row]) -> Chosen:
    """Who has a code already keeps it: a new one would end it."""
    refs = [row.card.pupil.pupil_ref for row in rows]
    held: dict[str, Invitation] = {}
    async with request.app.state.database.as_actor(actor) as conn:
        for cohort in {row.card.pupil.cohort for row in rows}:
            held |= await invitations.of(conn, actor.organisation, cohort, refs)
    have = [row for row in rows if row.card.pupil.pupil_ref in held]
    return Chosen([row for row in rows if row not in have], [(row, _("has a code already")) for row in have])


async def _to_inform(request: Request, actor: Actor, rows: Sequence[Row]) -> Chosen:
    """Of whom it was recorded already that is not written over."""
    refs = [row.card.pupil.pupil_ref for row in rows]
    told: dict[str, Information] = {}
    async with request.app.state.database.as_actor(actor) as conn:
        for cohort in {row.card.pupil.cohort for row in rows}:
            told |= await transfer.information(conn, actor.organisation, cohort, refs)
    known = [row for row in rows if row.card.pupil.pupil_ref in told]
    return Chosen([row for row in rows if row not in known], [(row, _("was recorded already")) for row in known])


def _faults(rows: Sequence[Row], filled: InformingForm, today: date) -> list[Fault]:
    """What is wrong with the day, for whichever of the pupils."""
    for row in rows:
        pupil = row.card.pupil
        whom = to_inform(pupil.birth_date, max(filled.informed_on, pupil.birth_date))
        place = (pupil.pupil_ref, pupil.cohort, pupil.vo_site)
        if faults := information_faults(pupil.birth_date, Information(*place, filled.informed_on, whom, "talk"), today):
            return faults
    return []


async def _ask_inviting(request: Request, actor: Actor, work: WorkList[Row], form: FormData) -> Response:
    require_side(actor, "vo", *GUIDES)
    chosen = await _to_invite(request, actor, _ticked(work, form))
    return render(request, "dossier/bulk_invite.html", chosen=chosen, back=form.get("back", ""), home=_home(work, form))


async def _ask_informing(
    request: Request, actor: Actor, work: WorkList[Row], form: FormData, faults: Sequence[Fault] = ()
) -> Response:
    chosen = await _to_inform(request, actor, _ticked(work, form))
    today = civil_date(request.app.state.settings.clock.now())
    filled = {"informed_on": str(form.get("informed_on", today.isoformat())), "how": str(form.get("how", "letter"))}
    people = [(row, to_inform(row.card.pupil.birth_date, today)) for row in chosen.can]
    return render(
        request,
        "dossier/bulk_inform.html",
        422 if faults else 200,
        chosen=chosen,
        people=people,
        back=form.get("back", ""),
        home=_home(work, form),
        filled=filled,
        faults=faults,
        words=words.EVERYTHING,
    )
