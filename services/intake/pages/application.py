"""One application: who, what happened, where the dossier stands, and the outcome of the intake."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.intake.api.intakes import move
from services.intake.domain.access import READERS, WRITERS, check_access
from services.intake.domain.intake import INTAKE, Intake, Result, intake_state
from services.intake.pages import words
from services.intake.pages.place import place
from services.intake.store import views
from services.intake.store.views import Case
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid, NotFound
from shared.schemas.envelope import Code
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _
from shared.web.words import APPLICATIONS, OUTCOMES, programme

router = APIRouter(prefix="/applications")
Person = Annotated[Actor, Depends(page_actor)]


class IntakeForm(BaseModel):
    """The result of an intake, as somebody fills it in."""

    model_config = ConfigDict(extra="forbid")

    held_on: date
    outcome: IntakeOutcome
    reason: Code | None = None


@router.get("/{application_id}")
async def show(application_id: str, request: Request, actor: Person) -> Response:
    """The application as it now is."""
    check_access(actor, READERS)
    case = await _case(request, actor, application_id)
    filled = {name: case.application[name] or "" for name in ("held_on", "outcome", "reason")}
    return _page(request, actor, case, filled)


@router.post("/{application_id}/intake")
async def save(application_id: str, request: Request, actor: Person) -> Response:
    """Record the outcome; wrong input shows the form again with what is wrong."""
    check_access(actor, WRITERS)
    case = await _case(request, actor, application_id)
    form = await request.form()
    try:
        filled = parse(IntakeForm, form)
        result = Result(filled.held_on, filled.outcome, filled.reason)
        await move(request, actor, application_id, ("record", result, None), "page")
    except Invalid as error:
        return _page(request, actor, case, {name: form.get(name, "") for name in IntakeForm.model_fields}, error.faults)
    message = _("The outcome of the intake of %(name)s is recorded.", name=case.application["name"])
    return redirect(request, f"/intake/applications/{application_id}{place(request)}", message)


async def _case(request: Request, actor: Actor, application_id: str) -> Case:
    async with request.app.state.database.as_actor(actor) as conn:
        found = await views.case(conn, actor.organisation, application_id)
    if found is None:
        raise NotFound(f"application {application_id}")
    return found


def _page(request: Request, actor: Actor, case: Case, filled: dict[str, Any], faults: Sequence[Fault] = ()) -> Response:
    application = case.application
    state = intake_state(
        ApplicationStatus(application["status"]), Intake("done" if application["held_on"] else "expected")
    )
    return render(
        request,
        "intake/application.html",
        422 if faults else 200,
        place=place(request),
        case=case,
        application=application,
        filled=filled,
        faults=faults,
        open=actor.role in WRITERS and "record" in INTAKE.open_moves(state),
        history=_history(case),
        outcomes=[(code, _(name)) for code, name in OUTCOMES.items()],
        reasons=[("", _("No reason")), *((code, _(name)) for code, name in words.REASONS.items())],
        words=words.EVERYTHING,
    )


def _history(case: Case) -> list[dict[str, Any]]:
    """What happened, newest first, with both times: when it was, and when it was told."""
    order = list(APPLICATIONS)
    statuses = [
        {
            "what": _(APPLICATIONS[fact["status"]][0]),
            "about": f"{programme(fact['programme'])}, {fact['pathway']}",
            "on": civil_date(fact["at"]),
            "told": fact["arrived"],
            "how": _(words.CHANNELS[fact["source_system"]]),
            "rank": order.index(fact["status"]),
        }
        for fact in case.facts
    ]
    results = [
        {
            "what": _("Intake: %(outcome)s", outcome=_(OUTCOMES[result["outcome"]]).lower()),
            "about": _(words.REASONS.get(result["reason"] or "", result["reason"] or "")),
            "on": result["held_on"],
            "told": result["recorded_at"],
            "how": "",
            "rank": order.index("offered"),
        }
        for result in case.results
    ]
    return sorted([*statuses, *results], key=lambda item: (item["told"], item["on"], item["rank"]), reverse=True)
