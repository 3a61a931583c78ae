"""One pupil of the school: choices, applications, handovers, who has them now, and what happened."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dossier import store
from services.dossier.domain.handover import open_moves
from services.dossier.domain.progress import may_receive, road
from services.dossier.domain.pupils import Choice
from services.dossier.handlers import choices
from services.dossier.handlers.sides import require_side
from services.dossier.pages import reading, words
from services.dossier.pages.reading import Card, Names, Situation
from services.dossier.pages.record.road import stages
from services.dossier.pages.record.tasks import tasks
from services.dossier.pages.record.timeline import Items, timeline, with_family
from services.dossier.pages.transfer.words import CATEGORIES
from services.dossier.pages.year_end.advice import advice
from services.dossier.store import concerns, transfer
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid
from shared.messaging.outbox import perform
from shared.schemas.envelope import Crebo, MboInstitution, PupilRef
from shared.storage.pool import Connection
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import in_words
from shared.web.words import action

router = APIRouter(prefix="/pupils/{pupil_ref}")
Person = Annotated[Actor, Depends(page_actor)]


class ChoiceForm(BaseModel):
    """A choice as somebody fills it in."""

    model_config = ConfigDict(extra="forbid")

    mbo_institution: MboInstitution
    programme: Crebo
    level: int = Field(ge=1, le=4)
    pathway: Literal["bol", "bbl"]
    preference: int = Field(ge=1, le=3)
    start: date | None = None


@router.get("")
async def show(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """Everything about one pupil; of an erased one only that, and which parts of Overstap have confirmed it."""
    require_side(actor, "vo")
    today = civil_date(request.app.state.settings.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        if gone := await store.erasure(conn, actor.organisation, pupil_ref):
            return render(request, "dossier/erased.html", at=gone[0], confirmed=gone[1], words=words.EVERYTHING)
        card = await reading.card(conn, actor.organisation, pupil_ref)
        (card,) = await reading.surveyed(conn, [card], today)
        happened = await reading.happenings(conn, card)
        now = await reading.situation(conn, card, today)
        names = await reading.names(conn, actor.organisation, now, happened)
        read = await store.accesses(conn, actor.organisation, [h.handover_id for h in card.handovers])
        family = await _family(conn, card)
        told = await advice(conn, card, request.app.state.settings, today)
        raised = await concerns.concerns(conn, actor.organisation, [card.pupil.pupil_ref])
    texts = {handover.handover_id: handover.reason_text or "" for handover in card.handovers}
    return render(
        request,
        "dossier/pupil.html",
        card=card,
        pupil=card.pupil,
        now=now,
        names=names,
        custodian=names.holder(now.custodian) if now.custodian else None,
        next_action=_next_action(names, now),
        due_by=_due(card, now, today),
        hidden_since=card.followed_until if today > card.followed_until else None,
        stages=stages(card, road(happened), names, today),
        tasks=tasks(card),
        main=words.ACTIONS.get(card.todo),
        chosen=[choice for choice in card.choices if not choice.withdrawn],
        may_receive=may_receive(card.applications, card.handovers),
        may_withdraw={h.handover_id for h in card.handovers if "withdraw" in open_moves(h.status, "vo")},
        withdrawals=[(code, _(words.REASONS[code])) for code in ("error", "objection")],
        history=timeline(happened, read, names, texts, family),
        advice=told,
        concerns=[one for one in raised if one.status == "open" and one.cohort == card.pupil.cohort],
        categories=CATEGORIES,
        words=words.EVERYTHING,
    )


async def _family(conn: Connection, card: Card) -> Items:
    pupil = card.pupil
    informed = await transfer.information(conn, pupil.vo_site, pupil.cohort, [pupil.pupil_ref])
    objections = await transfer.objections(conn, pupil.vo_site, pupil.cohort, [pupil.pupil_ref])
    return with_family(informed.get(pupil.pupil_ref), objections.get(pupil.pupil_ref, ()))


def _due(card: Card, now: Situation, today: date) -> tuple[int, date] | None:
    """School days until the next deadline, and its day."""
    if not now.action:
        return None
    day = civil_date(datetime.fromisoformat(now.action["due_at"]))
    return reading.calendar_of(card.pupil.municipality).school_days_between(today, day), day


def _next_action(names: Names, now: Situation) -> str | None:
    """What must be done, by whom, before when."""
    if not now.action:
        return None
    kind, owner = now.action["kind"], names.holder(now.action["owner"])
    due = in_words(datetime.fromisoformat(now.action["due_at"]))
    return _("%(what)s: %(who)s, before %(due)s", what=action(kind), who=owner, due=due)


@router.get("/choice")
async def ask_choice(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """The form for a choice."""
    return await _choice_form(request, actor, pupil_ref, {"preference": "1", "pathway": "bol"})


@router.post("/choice")
async def save_choice(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """Record a choice; wrong input shows the form again with what is wrong."""
    require_side(actor, "vo")
    form = await request.form()
    try:
        filled = parse(ChoiceForm, form)
    except Invalid as error:
        return await _choice_form(request, actor, pupil_ref, {n: str(form.get(n, "")) for n in form}, error.faults)
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = (await reading.card(conn, actor.organisation, pupil_ref)).pupil
    key = choices.choice_id(pupil.pupil_ref, pupil.cohort, filled.mbo_institution, filled.programme)
    choice = Choice(key, pupil.pupil_ref, pupil.cohort, pupil.vo_site, **filled.model_dump())
    kept = await perform(request.app.state.transport, actor, choices.register_choice, choices.RegisterChoice(choice))
    path = f"/dossier/pupils/{pupil.pupil_ref}"
    undo = Undo(f"{path}/choices/{kept}/withdraw")
    return redirect(request, path, _("The choice of %(name)s is recorded.", name=pupil.name), undo)


async def _choice_form(
    request: Request, actor: Actor, pupil_ref: str, filled: dict[str, str], faults: Sequence[Fault] = ()
) -> Response:
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = (await reading.card(conn, actor.organisation, pupil_ref)).pupil
        names = Names(await store.organisations(conn, [], "mbo"))
    return render(
        request,
        "dossier/choice.html",
        422 if faults else 200,
        pupil=pupil,
        institutions=[("", _("Choose an institution")), *names.institutions()],
        filled={name: filled.get(name, "") for name in ChoiceForm.model_fields},
        faults=faults,
    )


@router.post("/choices/{choice_id}/withdraw")
async def withdraw_choice(request: Request, actor: Person, pupil_ref: PupilRef, choice_id: str) -> Response:
    """The pupil no longer intends this; to undo it, the same choice is registered again."""
    command = choices.WithdrawChoice(pupil_ref, choice_id)
    await perform(request.app.state.transport, actor, choices.withdraw_choice, command)
    async with request.app.state.database.as_actor(actor) as conn:
        held = (await reading.card(conn, actor.organisation, pupil_ref)).choices
    path = f"/dossier/pupils/{pupil_ref}"
    undo = next((Undo(f"{path}/choice", _fields(one)) for one in held if one.choice_id == choice_id), None)
    return redirect(request, path, _("The choice is withdrawn."), undo)


def _fields(choice: Choice) -> dict[str, str]:
    """A choice as its form sends it."""
    values = {name: getattr(choice, name) for name in ChoiceForm.model_fields}
    return {name: str(value) for name, value in values.items() if value is not None}
