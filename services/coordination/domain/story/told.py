"""What schools and institutions told: every step of which a fact holds the moment."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.coordination.domain.facts import Fact
from services.coordination.domain.story.happening import Detail, Happening, Kind
from shared.schemas.dossiers import (
    ChoiceState,
    ConcernState,
    DossierCompleted,
    ExamResultRecorded,
    HandoverState,
    OtherRouteRegistered,
    PupilExpected,
    PupilNotListed,
    WarmHandoverState,
)
from shared.schemas.envelope import EventData
from shared.schemas.intakes import (
    AbsenceReported,
    ApplicationState,
    ApplicationStatus,
    EnrolmentState,
    IntakeState,
    ProgrammeSwitched,
)
from shared.schemas.pupils import PupilRecorded

ARRIVALS = (ApplicationStatus.SUBMITTED, ApplicationStatus.RECEIVED)


def told(fact: Fact) -> Iterator[Happening]:
    """What this fact tells. A kind of fact that is unknown here tells nothing."""
    match fact.data:
        case PupilRecorded():
            yield Happening(fact.first_at, Kind.SCHOOL, "person-recorded", _by(fact.data))
        case HandoverState():
            yield from _handover(fact.data)
        case WarmHandoverState():
            yield from _talk(fact, fact.data)
        case ApplicationState():
            yield from _application(fact, fact.data)
        case IntakeState() | EnrolmentState() | ProgrammeSwitched() | AbsenceReported():
            yield _of_institution(fact, fact.data)
        case ConcernState():
            yield from _concern(fact.data)
        case PupilExpected(vo_site=site) | PupilNotListed(vo_site=site) | ChoiceState(vo_site=site):
            yield _of_school(fact, site)
        case OtherRouteRegistered(vo_site=site) | DossierCompleted(vo_site=site) | ExamResultRecorded(vo_site=site):
            yield _of_school(fact, site)


def _by(data: EventData) -> str | None:
    return data.recorded_by.organisation if data.recorded_by else None


def _details(data: EventData, *names: str) -> dict[str, Detail]:
    """These fields, as far as they are filled."""
    values: dict[str, Any] = {name: getattr(data, name, None) for name in names}
    return {name: value for name, value in values.items() if value not in (None, "", 0, ())}


def _of_school(fact: Fact, site: str) -> Happening:
    data = fact.data
    at, what, concerns = fact.at, data.TYPE, {site}
    details = _details(data, "track", "result", "mbo_institution", "programme", "preference", "decided_on")
    match data:
        case PupilExpected():
            at = fact.first_at
        case ChoiceState(mbo_institution=institution):
            concerns.add(institution)
        case DossierCompleted(complete=complete):
            what = "dossier-completed" if complete else "dossier-open"
        case OtherRouteRegistered(status=status):
            what, details = f"route-{status}", _details(data, "route", "since", "until", "evidence")
    return Happening(at, Kind.SCHOOL, what, site, details=details, concerns=frozenset(concerns))


def _concern(data: ConcernState) -> Iterator[Happening]:
    concerns, by = frozenset({data.organisation}), data.organisation
    reason = _details(data, "reason")
    yield Happening(data.raised_at, Kind.SCHOOL, "concern-raised", by, details=reason, concerns=concerns)
    if data.resolved_at:
        how = _details(data, "resolution")
        yield Happening(data.resolved_at, Kind.SCHOOL, "concern-resolved", by, details=how, concerns=concerns)


def _handover(data: HandoverState) -> Iterator[Happening]:
    concerns = frozenset({data.vo_site, data.mbo_institution})
    steps: list[tuple[str, datetime | None, str]] = [
        ("offered", data.offered_at, data.vo_site),
        ("opened", data.opened_at, data.mbo_institution),
        ("accepted", data.accepted_at, data.mbo_institution),
        (data.status.value, data.ended_at, data.mbo_institution if data.status == "refused" else data.vo_site),
    ]
    for step, at, by in steps:
        if at:
            details = _details(data, "mbo_institution", *(["reason"] if at == data.ended_at else []))
            yield Happening(at, Kind.HANDOVER, f"handover-{step}", by, details=details, concerns=concerns)


def _talk(fact: Fact, data: WarmHandoverState) -> Iterator[Happening]:
    concerns = frozenset({data.vo_site, data.mbo_institution})
    asked_by = data.vo_site if data.requested_by == "vo" else data.mbo_institution
    details = _details(data, "mbo_institution", "hold_by")
    yield Happening(data.requested_at, Kind.HANDOVER, "talk-requested", asked_by, details=details, concerns=concerns)
    if data.status != "requested":
        details = _details(data, "mbo_institution", "form", "planned_at", "missed_reason")
        at = data.held_at if data.status == "held" and data.held_at else fact.at
        yield Happening(at, Kind.HANDOVER, f"talk-{data.status}", _by(data), details=details, concerns=concerns)


def _application(fact: Fact, data: ApplicationState) -> Iterator[Happening]:
    by, concerns = data.mbo_institution, frozenset({data.mbo_institution})
    details = _details(data, "programme", "pathway")
    yield Happening(fact.first_at, Kind.APPLICATION, "application-sent", by, details=details, concerns=concerns)
    if data.status not in ARRIVALS:
        details = _details(data, "programme", "status_at", "reason")
        what = f"application-{data.status.value}"
        yield Happening(fact.at, Kind.APPLICATION, what, by, details=details, concerns=concerns)


def _of_institution(fact: Fact, data: Any) -> Happening:
    """An intake, an enrolment, a switch or a report of absence, as it now is."""
    what = data.TYPE
    names = ["programme", "planned_at", "form", "held_on", "outcome", "answer_by", "missed_reason"]
    names += ["first_day", "checked_on", "ended_on", "destination", "to_programme", "to_institution", "switched_on"]
    if isinstance(data, ProgrammeSwitched):
        what = f"switch-{data.status}"
    if isinstance(data, AbsenceReported):
        what, names = f"absence-{data.status}", ["report_number", "kind", "reported_on", "closed_on", "closed_reason"]
    concerns = frozenset({data.mbo_institution})
    return Happening(
        fact.at, Kind.APPLICATION, what, data.mbo_institution, None, _details(data, *names), concerns=concerns
    )
