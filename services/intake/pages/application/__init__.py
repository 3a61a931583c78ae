"""One application: who, where it stands and what can be done, what came out of the intake, and what happened."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.intake.domain.access import FOLLOWERS, READERS, WRITERS, check_access
from services.intake.domain.application import APPLICATION, Fact, before, is_mbo
from services.intake.domain.enrolment import ENROLMENT, enrolment_state
from services.intake.domain.intake import INTAKE, Result, intake_state
from services.intake.domain.steps import standing
from services.intake.pages import words
from services.intake.pages.application import moves, shown
from services.intake.pages.application.forms import Filled
from services.intake.pages.application.history import history
from services.intake.pages.place import place
from services.intake.store.views import Case
from shared.core.actor import Actor
from shared.core.errors import Invalid, Stale
from shared.schemas.envelope import Code, Crebo
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import marked
from shared.web.words import OUTCOMES

router = APIRouter(prefix="/applications")
Person = Annotated[Actor, Depends(page_actor)]
ACTIONS: dict[str, tuple[str, str]] = {
    "invite": ("invitation", marked("Invite")),
    "plan": ("appointment", marked("Plan")),
    "miss": ("non-attendance", marked("It did not take place")),
    "start": ("start", marked("Has started")),
    "not_start": ("non-start", marked("Has not started")),
    "end": ("end", marked("Enrolment has ended")),
}
"""Move → its form and what the button says."""


class IntakeForm(Filled):
    """The result of an intake, as somebody fills it in."""

    held_on: date
    outcome: IntakeOutcome
    reason: Code | None = None
    advised_programme: Crebo | None = None


@router.get("/{application_id}")
async def show(application_id: str, request: Request, actor: Person) -> Response:
    """The application as it now is."""
    check_access(actor, READERS)
    case = await moves.opened(request, actor, application_id)
    result = case.intake.result
    given = {name: getattr(result, name, None) or "" for name in IntakeForm.model_fields}
    return _page(request, actor, case, moves.Shown(given, case.version("intake")))


@router.post("/{application_id}/intake")
async def save(application_id: str, request: Request, actor: Person) -> Response:
    """Record the outcome; wrong input, or what came in between, is shown with what was filled in."""
    check_access(actor, WRITERS)
    case, form = await moves.opened(request, actor, application_id), await request.form()
    given, version = {name: form.get(name, "") for name in IntakeForm.model_fields}, _version(form.get("version"))
    try:
        filled = parse(IntakeForm, form)
        result = Result(filled.held_on, filled.outcome, filled.reason, filled.advised_programme)
        now = await moves.tell(request, actor, ("intake", application_id, ""), ("record", result, version))
    except Invalid as error:
        return _page(request, actor, case, moves.Shown(given, case.version("intake"), error.faults))
    except Stale as stale:
        return _page(request, actor, case, moves.Shown(given, stale.version, (), moves.between(stale)))
    message = _("The outcome of the intake of %(name)s is recorded.", name=case.application["name"])
    undo = Undo(f"/intake/applications/{application_id}/intake-undone", {"version": str(now)})
    return redirect(request, f"/intake/applications/{application_id}{place(request)}", message, undo)


router.include_router(moves.router)


def _version(given: Any) -> int | None:
    return int(given) if str(given).isdecimal() else None


def _page(request: Request, actor: Actor, case: Case, outcome: moves.Shown) -> Response:
    status = ApplicationStatus(case.application["status"])
    intake, student = intake_state(status, case.intake), enrolment_state(status, case.enrolment)
    mbo = is_mbo(case.application["programme"], case.application["pathway"])
    may_move = INTAKE.open_moves(intake, [actor.role]) if mbo else ()
    may_follow = ENROLMENT.open_moves(student, [actor.role]) if mbo else ()
    return render(
        request,
        "intake/application.html",
        422 if outcome.faults or outcome.between else 200,
        place=place(request),
        case=case,
        application=case.application,
        outcome=outcome,
        decisions=_decisions(case, actor),
        intake={"state": intake, "pairs": shown.intake(case.intake), "actions": _actions(may_move), "moves": may_move},
        student=_student(case, student, _actions(may_follow), "undo" in may_follow),
        follows=mbo and actor.role in FOLLOWERS and student != "not_enrolled",
        history=history(case),
        outcomes=[(code, _(name)) for code, name in OUTCOMES.items()],
        reasons=[("", _("No reason")), *((code, _(name)) for code, name in words.REASONS.items())],
        words=words.EVERYTHING,
    )


def _decisions(case: Case, actor: Actor) -> list[str]:
    """The decisions that are open; undoing where a decision is what now stands."""
    facts = [Fact(**{**fact, "status": ApplicationStatus(fact["status"])}) for fact in case.plain_facts]
    earlier, state = before(facts), case.application["status"]
    undo = earlier is not None and APPLICATION.allows(state, "undo", earlier.status)
    return [move for move in APPLICATION.open_moves(state, [actor.role]) if move != "undo" or undo]


def _actions(open_moves: Sequence[str]) -> list[tuple[str, str]]:
    return [(ACTIONS[move][0], _(ACTIONS[move][1])) for move in open_moves if move in ACTIONS]


def _student(case: Case, state: str, actions: list[tuple[str, str]], may_undo: bool) -> dict[str, Any]:
    return {
        "state": state,
        "pairs": shown.enrolment(case.enrolment),
        "actions": actions,
        "undo": may_undo and len(standing(case.steps("enrolment"))) > 1,
        "version": case.version("enrolment"),
        "switches": [(key, shown.switch(found)) for key, found in case.switches],
        "absences": [(key, shown.absence(found)) for key, found in case.absences],
    }
