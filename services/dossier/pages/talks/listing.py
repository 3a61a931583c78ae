"""Talks of both sides, grouped by what must be done; one talk; and asking for one."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dossier import store
from services.dossier.api.talks.calendar import calendar_file
from services.dossier.domain.talks import TALK, Talk, group_of, in_order
from services.dossier.handlers.sides import side_of
from services.dossier.handlers.talks.requests import RequestTalk, request_talk
from services.dossier.pages import reading
from services.dossier.pages.reading import Names
from services.dossier.pages.talks import words
from services.dossier.pages.talks.reading import Reader, held, reader
from services.dossier.store import talks as kept
from shared.core import reference
from shared.core.actor import Actor
from shared.core.errors import Fault, Forbidden, Invalid
from shared.messaging.outbox import perform
from shared.schemas.envelope import Cohort, MboInstitution, PupilRef
from shared.web.api.fields import CivilDate, Prose
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]
SHOWN = 10
"""Talks of a group before "show all"."""


class AskForm(BaseModel):
    """Asking for a talk, as somebody fills it in."""

    model_config = ConfigDict(extra="forbid")

    mbo_institution: MboInstitution
    hold_by: CivilDate | None = None
    note: Prose | None = Field(None, max_length=2000)


@router.get("/talks")
async def show_all(request: Request, actor: Person, group: str = "") -> Response:
    """The talks of an organisation; one group in full when it was asked for."""
    if side_of(actor) is None:
        raise Forbidden("neither the school nor the institution")
    async with request.app.state.database.as_actor(actor) as conn:
        talks = in_order(await kept.talks(conn, actor.organisation))
    now, who = request.app.state.clock.now(), await reader(request, actor, talks)
    by_group: dict[str, list[Talk]] = {key: [] for key in words.GROUPS}
    for talk in talks:
        by_group[group_of(talk, now)].append(talk)
    groups = [
        {
            "key": key,
            "title": _(words.GROUPS[key][0]),
            "text": _(words.GROUPS[key][1]),
            "total": len(found),
            "rows": [_row(talk, who) for talk in (found if group else found[:SHOWN])],
        }
        for key, found in by_group.items()
        if group in ("", key) and (found or key not in ("later", "done"))
    ]
    to_do = sum(len(by_group[key]) for key in ("plan", "record", "agreed"))
    return render(
        request, "dossier/talks/list.html", groups=groups, to_do=to_do, none=not talks, words=words.EVERYTHING
    )


def _row(talk: Talk, who: Reader) -> dict[str, Any]:
    return {
        "name": who.pupil(talk),
        "href": f"/dossier/talks/{talk.talk_id}",
        "other": who.other(talk),
        "status": talk.status,
        "planned_at": talk.planned_at if talk.status in ("planned", "held") else None,
        "held_at": talk.held_at,
        "hold_by": talk.hold_by,
    }


@router.get("/talks/{talk_id}")
async def show(request: Request, actor: Person, talk_id: str) -> Response:
    """One talk: where it stands, what was agreed, and what can be done now."""
    talk = await held(request, actor, talk_id)
    who = await reader(request, actor, [talk])
    async with request.app.state.database.as_actor(actor) as conn:
        notes = await kept.notes(conn, talk_id, actor.organisation)
    return render(
        request,
        "dossier/talks/talk.html",
        talk=talk,
        who=who,
        name=who.pupil(talk),
        moves=TALK.open_moves(talk.status, {talk.side_of(actor.organisation)}),
        own=actor.organisation,
        agreed=list(enumerate(talk.follow_ups)),
        notes=notes,
        words=words.EVERYTHING,
    )


@router.get("/talks/{talk_id}/calendar.ics")
async def calendar(request: Request, actor: Person, talk_id: str) -> Response:
    """The talk for somebody's own calendar."""
    return calendar_file(await held(request, actor, talk_id), request.app.state.settings)


@router.get("/pupils/{pupil_ref}/cohorts/{cohort}/talk")
async def ask(request: Request, actor: Person, pupil_ref: PupilRef, cohort: Cohort) -> Response:
    """The form to ask for a talk."""
    return await _ask(request, actor, (pupil_ref, cohort), {})


@router.post("/pupils/{pupil_ref}/cohorts/{cohort}/talk")
async def asked(request: Request, actor: Person, pupil_ref: PupilRef, cohort: Cohort) -> Response:
    """Ask for a talk; wrong input shows the form again with what is wrong."""
    form = await request.form()
    try:
        filled = parse(AskForm, form)
        command = RequestTalk(pupil_ref, cohort, **filled.model_dump())
        talk: Talk = await perform(request.app.state.transport, actor, request_talk, command)
    except Invalid as error:
        faults = [Fault(fault.where.lstrip("/"), fault.expected, fault.code) for fault in error.faults]
        return await _ask(request, actor, (pupil_ref, cohort), {name: str(form.get(name, "")) for name in form}, faults)
    return redirect(request, f"/dossier/talks/{talk.talk_id}", _("You asked for a talk. The other side sees that."))


async def _ask(
    request: Request, actor: Actor, whom: tuple[str, int], filled: dict[str, str], faults: list[Fault] | None = None
) -> Response:
    ref, cohort = whom
    name, institutions = await _choosable(request, actor, ref, cohort)
    return render(
        request,
        "dossier/talks/ask.html",
        422 if faults else 200,
        pupil_ref=ref,
        cohort=cohort,
        name=name,
        school=side_of(actor) == "vo",
        institutions=institutions,
        norm=reference.load().talk_by(cohort),
        filled={name: filled.get(name, "") for name in AskForm.model_fields},
        faults=faults or [],
    )


async def _choosable(request: Request, actor: Actor, ref: str, cohort: int) -> tuple[str, list[tuple[str, str]]]:
    """The name of an own pupil, and the institutions that know them; an institution may ask for itself alone."""
    async with request.app.state.database.as_actor(actor) as conn:
        names = Names(await store.organisations(conn, [actor.organisation], "mbo"))
        if side_of(actor) != "vo":
            return "", [(actor.organisation, names.organisation(actor.organisation))]
        pupil = (await reading.card(conn, actor.organisation, ref)).pupil
        asked = [(pupil.pupil_ref, cohort, code) for code, _name in names.institutions()]
        known = {code for _ref, _cohort, code in await kept.known_at(conn, asked)}
        return pupil.name, [one for one in names.institutions() if one[0] in known]
