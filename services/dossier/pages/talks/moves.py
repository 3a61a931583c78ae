"""The moves of a talk as forms, one page each; who saw an older version sees what now stands beside what they typed."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.datastructures import FormData
from starlette.responses import Response

from services.dossier.domain.talks import MBO_OWNERS, VO_OWNERS, Form, Hold, Miss, Move, Plan, Talk, Tick, owner_of
from services.dossier.handlers.talks.moves import MoveTalk, move_talk
from services.dossier.pages.again import Again
from services.dossier.pages.talks import words
from services.dossier.pages.talks.reading import held, reader
from shared.core.actor import Actor
from shared.core.clock import AMSTERDAM, local_instant
from shared.core.errors import Fault, Invalid, Stale
from shared.messaging.outbox import perform
from shared.schemas.dossiers import FollowUp
from shared.web.api.fields import CivilDate, Prose
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import marked

router = APIRouter(prefix="/talks/{talk_id}")
Person = Annotated[Actor, Depends(page_actor)]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
ROWS = range(3)
"""Follow-ups that the form has room for."""
AGREED = re.compile(r"/follow_ups/([0-9]+)/(\w+)")
MOMENTS = {"/planned_at": "day", "/held_at": "day"}


class Filled(BaseModel):
    """What every form of a talk carries."""

    model_config = ConfigDict(extra="forbid")

    version: int
    note: Prose | None = Field(None, max_length=2000)


class PlanForm(Filled):
    """When, how and who."""

    day: CivilDate
    time: Clock
    form: Form
    roles: list[Literal[tuple(words.PEOPLE)]] = Field(min_length=1)  # type: ignore[valid-type]
    vo_person: str | None = None
    mbo_person: str | None = None


class ReportForm(Filled):
    """What came of it."""

    day: CivilDate
    time: Clock
    informed: Literal["yes", "no"]
    vo_person: str | None = None
    mbo_person: str | None = None


class MissForm(Filled):
    """Why it did not take place."""

    reason: Literal[tuple(words.MISSED)]  # type: ignore[valid-type]


class FollowUpForm(BaseModel):
    """One line of what was agreed."""

    action: Literal[tuple(words.FOLLOW_UPS)]  # type: ignore[valid-type]
    role: Literal[VO_OWNERS + MBO_OWNERS]  # type: ignore[valid-type]
    person_ref: str | None = None
    due: CivilDate


@router.get("/{move}")
async def ask(request: Request, actor: Person, talk_id: str, move: Literal["plan", "report", "miss"]) -> Response:
    """The form of a move."""
    return await _form(request, actor, talk_id, move, Again())


@router.post("/{move}")
async def make(request: Request, actor: Person, talk_id: str, move: Literal["plan", "report", "miss"]) -> Response:
    """Make the move; wrong input, or a talk that somebody else changed, shows the form again."""
    talk, form = await held(request, actor, talk_id), await request.form()
    try:
        filled, made = READERS[move](talk, form)
        command = MoveTalk(talk.pupil_ref, talk_id, made, filled.version, filled.note)
        await perform(request.app.state.transport, actor, move_talk, command)
    except Invalid as error:
        faults = [Fault(_field(fault.where, form), fault.expected, fault.code) for fault in error.faults]
        return await _form(request, actor, talk_id, move, Again(_typed(form), faults))
    except Stale as stale:
        return await _form(request, actor, talk_id, move, Again(_typed(form), stale=stale))
    return redirect(request, f"/dossier/talks/{talk_id}", _(MESSAGES[move]))


@router.post("/follow-ups/{number}")
async def tick(request: Request, actor: Person, talk_id: str, number: int) -> Response:
    """Tick off what was agreed, or open it again."""
    talk, form = await held(request, actor, talk_id), await request.form()
    done = form.get("done") != "no"
    await perform(request.app.state.transport, actor, move_talk, MoveTalk(talk.pupil_ref, talk_id, Tick(number, done)))
    undo = Undo(f"/dossier/talks/{talk_id}/follow-ups/{number}", {"done": "no"}) if done else None
    message = _("Ticked off. The other side sees that.") if done else _("Not done yet, after all.")
    return redirect(request, f"/dossier/talks/{talk_id}", message, undo)


def _planned(_talk: Talk, form: FormData) -> tuple[Filled, Move]:
    filled = parse(PlanForm, form)
    moment = local_instant(filled.day, *map(int, filled.time.split(":")))
    return filled, Plan(moment, filled.form, tuple(filled.roles), filled.vo_person, filled.mbo_person)


def _reported(talk: Talk, form: FormData) -> tuple[Filled, Move]:
    rest = FormData([(name, value) for name, value in form.multi_items() if "-" not in name])
    faults: list[Fault] = []
    agreed: list[FollowUp] = []
    for n, cells in _lines(form).items():
        try:
            one = parse(FollowUpForm, FormData(cells))
            agreed.append(FollowUp(organisation=owner_of(talk, one.role) or "", **one.model_dump()))
        except Invalid as error:
            faults += [Fault(f"{fault.where}-{n}", fault.expected, fault.code) for fault in error.faults]
    try:
        filled = parse(ReportForm, rest)
    except Invalid as error:
        raise Invalid([*error.faults, *faults]) from None
    if faults:
        raise Invalid(faults)
    moment = local_instant(filled.day, *map(int, filled.time.split(":")))
    return filled, Hold(moment, filled.informed == "yes", filled.vo_person, filled.mbo_person, tuple(agreed))


def _lines(form: FormData) -> dict[int, dict[str, str]]:
    """The lines of what was agreed that somebody wrote on."""
    lines = {n: {name: str(form.get(f"{name}-{n}", "")).strip() for name in FollowUpForm.model_fields} for n in ROWS}
    return {n: cells for n, cells in lines.items() if any(cells.values())}


def _missed(_talk: Talk, form: FormData) -> tuple[Filled, Move]:
    filled = parse(MissForm, form)
    return filled, Miss(filled.reason)


READERS = {"plan": _planned, "report": _reported, "miss": _missed}
MESSAGES = {
    "plan": marked("The talk is planned. Both sides see that, and can put it in their calendar."),
    "report": marked("The talk is recorded. Both sides see what was agreed."),
    "miss": marked("Recorded that the talk was missed. Plan it again."),
}


def _field(where: str, form: FormData) -> str:
    """The field of a form that a fault is about."""
    if found := AGREED.fullmatch(where):
        return f"{found[2]}-{list(_lines(form))[int(found[1])]}"
    return MOMENTS.get(where, where.lstrip("/"))


def _typed(form: FormData) -> dict[str, Any]:
    return {name: form.getlist(name) if name == "roles" else str(form.get(name, "")) for name in form}


async def _form(request: Request, actor: Actor, talk_id: str, move: str, again: Again) -> Response:
    """The form, as somebody left it or as the talk now stands."""
    talk = await held(request, actor, talk_id)
    who = await reader(request, actor, [talk])
    nobody = [("", _("Not known yet"))]
    return render(
        request,
        f"dossier/talks/{move}.html",
        422 if again.faults or again.stale else 200,
        talk=talk,
        who=who,
        name=who.pupil(talk),
        own=actor.organisation,
        filled=_now_stands(talk, actor, request.app.state.clock.now()) | dict(again.filled),
        faults=list(again.faults),
        stale=again.stale,
        rows=ROWS,
        translated=lambda table: [(code, _(text)) for code, text in table.items()],
        vo_people=nobody + who.people(talk.vo_site),
        mbo_people=nobody + who.people(talk.mbo_institution),
        owners=[("", _("Nobody yet")), *((role, _(words.PEOPLE[role])) for role in VO_OWNERS + MBO_OWNERS)],
        words=words.EVERYTHING,
    )


def _now_stands(talk: Talk, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the forms begin with; who fills one in is the first to be there for their side."""
    mine = actor.person_ref or ""
    own = talk.side_of(actor.organisation)
    moment = (talk.planned_at or now).astimezone(AMSTERDAM)
    lines = {f"{name}-{n}": "" for name in FollowUpForm.model_fields for n in ROWS}
    return lines | {
        "day": moment.date().isoformat() if talk.planned_at else "",
        "time": f"{moment:%H:%M}" if talk.planned_at else "",
        "form": talk.form or "phone",
        "roles": list(talk.roles),
        "vo_person": talk.vo_person or (mine if own == "vo" else ""),
        "mbo_person": talk.mbo_person or (mine if own == "mbo" else ""),
        "informed": "",
        "reason": "",
        "note": "",
    }
