"""One alert: about whom, why it was raised, who hears it, what happened, and how it ended."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.notifications import handlers
from services.notifications.domain.alerts import Alert, open_moves
from services.notifications.domain.profile import Profile
from services.notifications.pages import words
from services.notifications.store import reading
from services.notifications.store.alerts import subjects
from services.notifications.store.reading import Delivery, Step
from shared.core.actor import VO_ROLES, Actor
from shared.core.clock import civil_date
from shared.core.errors import Fault, IllegalMove, Invalid, NotFound
from shared.messaging.outbox import perform
from shared.schemas.alerts import AlertStatus
from shared.schemas.envelope import PUPIL_REF_LENGTH
from shared.web.auth import page_actor, require
from shared.web.forms import parse
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import marked, moment

router = APIRouter(prefix="/alerts")
PageActor = Annotated[Actor, Depends(page_actor)]
HOME = "/notifications/"
TITLES = {
    "raise": marked("Signal raised"),
    "deliver": marked("Mail delivered"),
    "escalate": marked("Told one step higher"),
    "acknowledge": marked("Receipt confirmed"),
    "start": marked("Somebody works on it"),
    "undo": marked("Taken back"),
    "resolve": marked("Finished"),
    "clear": marked("The reason has gone"),
}
MAIL_TEXTS = {
    "waiting": marked("The mail could not be delivered yet. We try again on %(at)s."),
    "no_address": marked("There is no mail address for this signal. It stands here only."),
    "failed": marked("The mail could not be delivered. The deputy gets a mail, if there is one."),
}
TROUBLE = ("no_address", "failed")


class Ending(BaseModel):
    """The form with which a signal is finished."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["useful", "too_late", "unnecessary"]
    reason: Literal["contact", "arranged", "known", "handed_over", "other_route", "wrong_data"]


@router.get("/{alert_id}")
async def alert(request: Request, alert_id: str, actor: PageActor) -> Response:
    """The page of one alert of the actor's organisation."""
    return await _show(request, alert_id, actor)


@router.post("/{alert_id}/acknowledge")
async def acknowledge(request: Request, alert_id: str, actor: PageActor) -> Response:
    """Confirm this alert."""
    here = f"{HOME}alerts/{alert_id}"
    async with request.app.state.database.as_actor(actor) as conn:
        command = handlers.Acknowledge((alert_id,), await subjects(conn, [alert_id], actor.organisation))
    try:
        await perform(request.app.state.transport, actor, handlers.acknowledge, command)
    except IllegalMove:
        return redirect(request, here, _("A colleague was first: this was confirmed already."))
    return redirect(request, here, _("Receipt confirmed."), Undo(f"{HOME}undo", {"ids": alert_id, "back": ""}))


@router.post("/{alert_id}/start")
async def start(request: Request, alert_id: str, actor: PageActor) -> Response:
    """Say that one works on it."""
    here = f"{HOME}alerts/{alert_id}"
    async with request.app.state.database.as_actor(actor) as conn:
        command = handlers.Start((alert_id,), await subjects(conn, [alert_id], actor.organisation))
    try:
        await perform(request.app.state.transport, actor, handlers.start, command)
    except IllegalMove:
        return redirect(request, here, _("A colleague was first: somebody works on this already."))
    return redirect(request, here, _("You work on this signal."), Undo(f"{HOME}undo", {"ids": alert_id, "back": ""}))


@router.post("/{alert_id}/resolve")
async def resolve(request: Request, alert_id: str, actor: PageActor) -> Response:
    """Finish this alert; a form with faults comes back with 422."""
    form = await request.form()
    try:
        ending = parse(Ending, form)
    except Invalid as error:
        filled = {name: str(form.get(name, "")) for name in Ending.model_fields}
        return await _show(request, alert_id, actor, list(error.faults), filled)
    async with request.app.state.database.as_actor(actor) as conn:
        pupils = await subjects(conn, [alert_id], actor.organisation)
    command = handlers.Resolve(alert_id, ending.verdict, ending.reason, pupils)
    await perform(request.app.state.transport, actor, handlers.resolve, command)
    return redirect(request, HOME, _("The signal is finished. You find it under Finished."))


async def _show(
    request: Request,
    alert_id: str,
    actor: Actor,
    errors: list[Fault] | None = None,
    filled: Mapping[str, str] | None = None,
) -> Response:
    require(actor, *handlers.RECIPIENTS)
    async with request.app.state.database.as_actor(actor) as conn:
        found = await reading.one_alert(conn, alert_id, actor.organisation)
        if found is None:
            raise NotFound("alert")
        pupil = await reading.one_pupil(conn, found.pupil_ref, actor.organisation)
        trail = await reading.trail(conn, alert_id)
        mails = await reading.deliveries(conn, alert_id, actor.organisation)
        people = await reading.contact_names(conn, actor.organisation)
        codes = {pupil.origin, pupil.destination, pupil.holder_organisation, actor.organisation}
        codes |= {hearer.organisation for hearer in found.reason.route}
        codes |= {fact.value for fact in found.reason.evidence if fact.fact in words.FACTS_AT_PLACE}
        codes |= {found.pupil_ref}
        names = await reading.organisation_names(conn, codes)
    today = civil_date(request.app.state.clock.now())
    of_pupil = len(found.pupil_ref) == PUPIL_REF_LENGTH
    return render(
        request,
        "notifications/alert.html",
        422 if errors else 200,
        alert=found,
        errors=[_labelled(error) for error in errors or []],
        filled=filled or {"verdict": "", "reason": ""},
        name=words.name(pupil.first_name, pupil.prefix, pupil.last_name)
        if of_pupil
        else words.organisation(found.pupil_ref, names),
        pupil_page=f"/dossier/pupils/{found.pupil_ref}" if of_pupil and actor.role in VO_ROLES else None,
        task_page=None if of_pupil else f"/coordination/tasks/{found.reason.cause}",
        signal=words.rule(found.reason.rule),
        status=_status(found),
        due=_due(found, today),
        facts=_facts(found, pupil if of_pupil else None, names, people),
        who=words.age_and_place(pupil.birth_date, pupil.municipality, today) if of_pupil else "",
        evidence=words.evidence(found.reason.evidence, names),
        route=[(words.organisation(h.organisation, names), words.role(h.role)) for h in found.reason.route],
        timeline=_timeline(found, trail, people),
        problems=[_mail_text(mail) for mail in mails[-1:] if _is_trouble(mail)],
        moves=open_moves(found),
        verdicts=[(code, _(text)) for code, text in words.VERDICTS.items() if code != "cleared"],
        reasons=[("", _("Choose a reason")), *_reasons(of_pupil)],
    )


def _reasons(of_pupil: bool) -> list[tuple[str, str]]:
    return [(code, _(text)) for code, text in words.REASONS.items() if of_pupil or code not in words.ABOUT_PUPILS]


def _labelled(fault: Fault) -> Fault:
    """A fault as the form says it: here every question is a choice."""
    return Fault(fault.where, _("Make a choice"), fault.code)


def _status(found: Alert) -> tuple[str, str]:
    states = {AlertStatus.ACKNOWLEDGED: "busy", AlertStatus.RESOLVED: "done"}
    if found.state == AlertStatus.ACKNOWLEDGED:
        return "received", _("Receipt confirmed")
    key = states.get(found.status, "escalated" if found.step > 1 else "new")
    return key, _(words.STATUSES[key])


def _due(found: Alert, today: date) -> tuple[int, date] | None:
    if found.due_at is None:
        return None
    day = civil_date(found.due_at)
    return words.working_days(today, day), day


def _facts(
    found: Alert, pupil: Profile | None, names: Mapping[str, str], people: Mapping[str, str]
) -> list[tuple[str, str]]:
    owner = words.role(found.hearer.role)
    if person := people.get(found.hearer.person_ref or ""):
        owner = f"{person}, {owner}"
    severity = (_("Severity"), _(words.SEVERITIES[found.reason.severity.value]))
    if pupil is None:
        return [(_("Signal for"), owner), severity]
    holder = words.organisation(pupil.holder_organisation, names)
    if pupil.holder_role:
        holder = f"{holder}, {words.role(pupil.holder_role)}"
    return [
        (_("From"), words.origin(pupil.origin, pupil.track, names)),
        (_("To"), words.destination(pupil.destination, pupil.level, names)),
        *([(_("Programme"), words.programme(pupil.programme))] if pupil.programme else []),
        (_("Who has the pupil now"), holder),
        (_("Signal for"), owner),
        severity,
    ]


def _timeline(found: Alert, trail: list[Step], people: Mapping[str, str]) -> list[dict[str, Any]]:
    items = []
    for step in reversed(trail):
        who = people.get(step.by_person or "", words.role(step.by_role) if step.by_role else _("Overstap"))
        items.append({"title": _(TITLES[step.command]), "at": step.at, "who": who, "text": _step_text(found, step)})
    return items


def _step_text(found: Alert, step: Step) -> str:
    if step.command == "deliver":
        return _("Delivered does not mean: read.")
    if step.command == "resolve" and found.verdict:
        reason = words.REASONS.get(found.verdict_reason or "")
        return ". ".join([_(words.VERDICTS[found.verdict]), *([_(reason)] if reason else [])]) + "."
    return ""


def _is_trouble(mail: Delivery) -> bool:
    return mail.state in TROUBLE or (mail.state == "waiting" and mail.failures > 0)


def _mail_text(mail: Delivery) -> str:
    return _(MAIL_TEXTS[mail.state], at=moment(mail.due_at))
