"""What happened with one application, newest first, each with when it was and when it was told."""

from typing import Any

from services.intake.domain import enrolment as enrolling
from services.intake.domain.absence import Absence
from services.intake.domain.intake import Invited, Missed, Planned, Result
from services.intake.domain.steps import Step, Undone
from services.intake.domain.switch import Switch
from services.intake.pages import words
from services.intake.store.views import Case
from shared.core.clock import civil_date
from shared.schemas.vocabulary import codes
from shared.web import texts
from shared.web.texts import gettext as _
from shared.web.words import APPLICATIONS, OUTCOMES, ROLES, programme

_ORDER = list(APPLICATIONS)


def history(case: Case) -> list[dict[str, Any]]:
    """Every fact and every step."""
    found = [*map(_status, case.facts), *(_step(step) for _entity, _key, step in case.story)]
    return sorted(found, key=lambda item: (item["told"], item["on"], item["rank"]), reverse=True)


def _status(fact: Any) -> dict[str, Any]:
    return {
        "what": _(APPLICATIONS[fact["status"]][0]),
        "about": f"{programme(fact['programme'])}, {fact['pathway']}",
        "on": civil_date(fact["at"]),
        "told": fact["arrived"],
        "how": _(words.CHANNELS.get(fact["source_system"], "")) or fact["source_system"],
        "rank": _ORDER.index(fact["status"]),
    }


def _step(step: Step) -> dict[str, Any]:
    what, about, day = _said(step)
    who = _(ROLES.get(step.role, step.role)) if step.role else ""
    return {
        "what": what,
        "about": about,
        "on": day or civil_date(step.at),
        "told": step.arrived,
        "how": ", ".join(filter(None, (_(words.CHANNELS[step.channel]), who))),
        "rank": len(_ORDER) + step.n,
    }


def _said(step: Step) -> tuple[str, str, Any]:
    """What a step says: its name, the rest, and the day that it names itself."""
    match step.says:
        case Undone():
            return _("Taken back: the step before this"), "", None
        case Invited(answer_by):
            about = _("answer before %(day)s", day=texts.in_words(answer_by)) if answer_by else ""
            return _("Invited to the intake"), about, None
        case Planned(planned_at, form):
            return _("Intake planned"), f"{texts.moment(planned_at)}, {_(words.FORMS[form]).lower()}", None
        case Missed(reason):
            return _("Intake missed"), codes.INTAKE_MISSED.codes.get(reason, reason), None
        case Result() as result:
            reason = _(words.REASONS.get(result.reason or "", result.reason or ""))
            advised = programme(result.advised_programme) if result.advised_programme else ""
            name = _("Intake: %(outcome)s", outcome=_(OUTCOMES[result.outcome]).lower())
            return name, ", ".join(filter(None, (reason, advised))), result.held_on
    return _of_student(step.says)


def _of_student(says: object) -> tuple[str, str, Any]:
    match says:
        case enrolling.Started(first_day):
            return _("Started"), "", first_day
        case enrolling.NotStarted() as told:
            return _("Not started"), codes.NOT_STARTED.codes.get(told.reason or "", ""), told.checked_on
        case enrolling.Ended() as ended:
            return _("Enrolment ended"), _(words.END_REASONS[ended.reason]), ended.ended_on
        case Switch() as switch:
            new = programme(switch.to_programme) if switch.to_programme else ""
            name = _("Change of programme: %(status)s", status=_(words.SWITCHES[switch.status]).lower())
            return name, new, switch.switched_on
        case Absence() as absence:
            name = _("Report of absence: %(status)s", status=_(words.ABSENCES[absence.status]).lower())
            return name, codes.ABSENCE_KINDS.codes.get(absence.kind, ""), absence.closed_on or absence.reported_on
    raise TypeError(says)
