"""Inviting several applicants at once: first who gets what and who can not, then one confirmation, and a way back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from services.intake.api.intakes import invite, move
from services.intake.domain.access import WRITERS, check_access
from services.intake.domain.intake import Invited
from services.intake.handlers.intakes import Fate
from services.intake.pages.worklist import HOME, opened
from services.intake.store import steps
from services.intake.store.work import Row
from shared.core.actor import Actor
from shared.core.errors import Fault, IllegalMove, Invalid, NotFound, Stale
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.lists import WorkList, show
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import marked, ngettext
from shared.web.words import programme

router = APIRouter(prefix="/invitations")
Person = Annotated[Actor, Depends(page_actor)]
MOST_AT_ONCE = 100
UNDO_AT_ONCE = 50
"""More would not fit in the cookie that carries the message."""
NAMED = 3
"""Pupils who were not invited and are named in the message."""
WHY_NOT = {
    "planned": marked("the intake is planned already"),
    "done": marked("the intake was held already"),
    "closed": marked("the application has ended"),
    "invited": marked("was invited already"),
    "": marked("the application is not known here"),
}
"""State of an intake → why nobody is invited for it."""


class InvitationForm(BaseModel):
    """An invitation, as somebody confirms it."""

    model_config = ConfigDict(extra="ignore")

    answer_by: date | None = None


@dataclass(frozen=True, slots=True)
class _Guest:
    """Somebody who was ticked."""

    id: str
    name: str
    about: str
    why_not: str


@router.post("")
async def check(request: Request, actor: Person) -> Response:
    """Who would be invited and who not. Nothing has happened yet."""
    check_access(actor, WRITERS)
    form = await request.form()
    ids = _ids(form)
    work = await opened(request, actor)
    if fault := _fault(ids):
        asked = work.asked(QueryParams(str(form.get("back", ""))))
        return await show(request, actor, work, [Fault("list", fault, "missing")], asked)
    return await _preview(request, actor, work, form)


@router.post("/confirmed")
async def confirm(request: Request, actor: Person) -> Response:
    """Invite them. Who can not be invited any more does not stop the others."""
    check_access(actor, WRITERS)
    form = await request.form()
    work = await opened(request, actor)
    ids = _ids(form)
    if _fault(ids):
        return redirect(request, HOME, _(_fault(ids)))
    try:
        said = Invited(parse(InvitationForm, form).answer_by)
        fates = await invite(request, actor, ids, said, "page")
    except Invalid as error:
        return await _preview(request, actor, work, form, error.faults)
    asked = work.asked(QueryParams(str(form.get("back", ""))))
    undo = await _undo(request, actor, [fate.application_id for fate in fates if fate.fate == "invited"], asked.query)
    return redirect(request, asked.href, _told(fates, {row.id: row for row in work.rows}), undo)


@router.post("/undo")
async def undo(request: Request, actor: Person) -> Response:
    """Take invitations back: a new step, unless something was told of the intake since."""
    check_access(actor, WRITERS)
    form = await request.form()
    fates: Counter[bool] = Counter()
    for pair in str(form.get("ids", "")).split(",")[:UNDO_AT_ONCE]:
        of, _colon, version = pair.partition(":")
        try:
            await move(request, actor, of, ("undo", None, int(version) if version.isdecimal() else 0), "page")
            fates[True] += 1
        except (Stale, IllegalMove, NotFound):
            fates[False] += 1
    message = ngettext("%(num)s invitation was taken back.", "%(num)s invitations were taken back.", fates[True])
    if fates[False]:
        since = ngettext(
            "%(num)s was not: something happened since.", "%(num)s were not: something happened since.", fates[False]
        )
        message = f"{message} {since}"
    asked = (await opened(request, actor)).asked(QueryParams(str(form.get("back", ""))))
    return redirect(request, asked.href, message)


async def _preview(
    request: Request, actor: Actor, work: WorkList[Row], form: FormData, faults: Sequence[Fault] = ()
) -> Response:
    ids = _ids(form)
    fates = await invite(request, actor, ids, Invited(), "page", really=False)
    rows = {row.id: row for row in work.rows}
    guests = [_guest(fate, rows.get(fate.application_id)) for fate in fates]
    asked = work.asked(QueryParams(str(form.get("back", ""))))
    return render(
        request,
        "intake/invite.html",
        422 if faults else 200,
        can=[guest for guest in guests if not guest.why_not],
        can_not=[guest for guest in guests if guest.why_not],
        back=asked.query,
        home=asked.href,
        answer_by=str(form.get("answer_by", "")),
        faults=faults,
    )


def _guest(fate: Fate, row: Row | None) -> _Guest:
    why_not = "" if fate.fate == "invited" else _(WHY_NOT.get(fate.state, fate.state))
    name = (row.name if row else "") or _("Name not known yet")
    return _Guest(fate.application_id, name, programme(row.programme) if row and row.programme else "", why_not)


def _told(fates: Sequence[Fate], rows: Mapping[str, Row]) -> str:
    """What became of all, and by name of the first who were not invited."""
    invited = sum(fate.fate == "invited" for fate in fates)
    guests = [_guest(fate, rows.get(fate.application_id)) for fate in fates if fate.fate != "invited"]
    parts = [ngettext("%(num)s pupil was invited.", "%(num)s pupils were invited.", invited)]
    parts += [_("Not %(name)s: %(why)s.", name=guest.name, why=guest.why_not) for guest in guests[:NAMED]]
    if len(guests) > NAMED:
        parts.append(ngettext("And %(num)s more was not.", "And %(num)s more were not.", len(guests) - NAMED))
    return " ".join(parts)


async def _undo(request: Request, actor: Actor, ids: Sequence[str], back: str) -> Undo | None:
    """A way back for those who were invited now, as long as nothing else is told of their intake."""
    if not ids or len(ids) > UNDO_AT_ONCE:
        return None
    async with request.app.state.database.as_actor(actor) as conn:
        versions = await steps.versions(conn, actor.organisation, "intake", ids)
    pairs = [f"{of}:{versions[of, ''].version}" for of in ids]
    return Undo("/intake/invitations/undo", {"ids": ",".join(pairs), "back": back})


def _ids(form: FormData) -> list[str]:
    one: Any = form.get("one")
    return [str(one)] if one else list(dict.fromkeys(str(value) for value in form.getlist("id")))


def _fault(ids: Sequence[str]) -> str:
    if not ids:
        return marked("Choose one or more pupils first")
    return marked("Choose at most 100 pupils at once") if len(ids) > MOST_AT_ONCE else ""
