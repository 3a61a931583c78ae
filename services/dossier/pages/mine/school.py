"""What the school passes on about the pupil, and the pupil's objection to it."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dossier import store
from services.dossier.domain.access import Reader, may_read
from services.dossier.domain.transfer import (
    CATEGORIES,
    LISTED,
    Objection,
    Section,
    SectionState,
    Standing,
    objected,
    to_inform,
)
from services.dossier.handlers.transfer.objecting import (
    RaiseObjection,
    WithdrawObjection,
    raise_objection,
    withdraw_objection,
)
from services.dossier.pages.mine.own import Pupil, as_owner, load, ref
from services.dossier.pages.mine.words import CATEGORIES as NAMES
from services.dossier.pages.transfer.words import STATES
from services.dossier.store import transfer
from shared.core.actor import Role
from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid
from shared.messaging.outbox import perform
from shared.schemas.envelope import EntityId
from shared.web.api import fields
from shared.web.forms import parse
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/mine/school")
HERE = "/dossier/mine/school"
What = Literal[(*CATEGORIES, "all")]  # type: ignore[valid-type]


class ObjectionForm(BaseModel):
    """Why a pupil objects."""

    model_config = ConfigDict(extra="forbid")

    reason: fields.Prose = Field(max_length=2000)


@router.get("")
async def show(request: Request, actor: Pupil) -> Response:
    """Every category: how far it is, what it says for who may inspect it, and whether it is held back."""
    today = civil_date(request.app.state.settings.clock.now())
    async with as_owner(request, actor) as (conn, owner):
        (pupil,) = await store.pupils(conn, owner.vo_site, owner.cohort, owner.pupil_ref)
        reader = Reader("pupil", Role.PUPIL, inspects=to_inform(pupil.birth_date, today) == "pupil")
        place = transfer.Place(owner.vo_site, owner.cohort, owner.pupil_ref)
        states = (await transfer.states(conn, owner.vo_site, owner.cohort, [owner.pupil_ref])).get(owner.pupil_ref, {})
        shown = [code for code in CATEGORIES if may_read(reader, None, code).allowed]
        texts = await transfer.sections_of(conn, place, shown)
        known = (await transfer.objections(conn, owner.vo_site, owner.cohort, [owner.pupil_ref])).get(
            owner.pupil_ref, []
        )
    standing = [one for one in known if one.withdrawn_at is None]
    return render(
        request,
        "dossier/mine/school.html",
        rows=_rows(states, texts, standing),
        standing=[(one, _about(one.category or "all")) for one in standing],
        inspects=reader.inspects,
        whole=any(one.category is None for one in standing),
    )


def _rows(
    states: Mapping[str, Standing], texts: Mapping[str, Section], standing: Sequence[Objection]
) -> list[dict[str, Any]]:
    held_back = objected(standing)
    rows = []
    for code in CATEGORIES:
        state: str = "listed" if code in LISTED else states[code].state if code in states else "open"
        tag = (_("Is not passed on"), "escalated") if code in held_back else (_(STATES[state][0]), STATES[state][1])
        rows.append(
            {
                "code": code,
                "name": _name(code),
                "tag": tag,
                "text": texts.get(code),
                "may_object": code not in held_back and state != SectionState.NOT_PRESENT,
            }
        )
    return rows


@router.get("/objection/{category}")
async def ask(request: Request, actor: Pupil, category: What) -> Response:
    """The form for an objection."""
    await load(request, actor)
    return _form(request, category)


@router.post("/objection/{category}")
async def object_to(request: Request, actor: Pupil, category: What) -> Response:
    """Object. From now on it is not passed on, and who has it can no longer read it."""
    form = await request.form()
    try:
        filled = parse(ObjectionForm, form)
    except Invalid as error:
        return _form(request, category, str(form.get("reason", "")), error.faults)
    code = None if category == "all" else cast(str, category)
    command = RaiseObjection(ref(actor), None, code, "pupil", filled.reason)
    made: Objection = await perform(request.app.state.transport, actor, raise_objection, command)
    message = _("You object. This is no longer passed on: %(what)s.", what=_about(category))
    return redirect(request, HERE, message, Undo(f"{HERE}/objections/{made.objection_id}/withdraw"))


@router.post("/objections/{objection_id}/withdraw")
async def withdraw(request: Request, actor: Pupil, objection_id: EntityId) -> Response:
    """The pupil no longer objects."""
    command = WithdrawObjection(ref(actor), None, objection_id)
    await perform(request.app.state.transport, actor, withdraw_objection, command)
    return redirect(request, HERE, _("You no longer object."))


def _name(code: str) -> str:
    text = _(NAMES[code])
    return text[:1].upper() + text[1:]


def _about(category: str) -> str:
    return _("everything your school passes on") if category == "all" else _(NAMES[category])


def _form(request: Request, category: str, reason: str = "", faults: Sequence[Fault] = ()) -> Response:
    status = 422 if faults else 200
    about = _about(category)
    return render(
        request,
        "dossier/mine/objection.html",
        status,
        category=category,
        about=about,
        reason=reason,
        faults=faults,
    )
