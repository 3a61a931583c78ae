"""What stands, in words: pairs of a name and a value, for the page and beside a form that came too late."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.intake.domain.absence import Absence
from services.intake.domain.enrolment import Enrolment
from services.intake.domain.intake import Intake
from services.intake.domain.switch import Switch
from services.intake.pages import words
from shared.schemas.vocabulary import codes
from shared.web import texts
from shared.web.texts import gettext as _
from shared.web.words import OUTCOMES, programme

Pairs = list[tuple[str, str]]


def pairs_of(found: object) -> Pairs:
    """Whatever kind of entity it is."""
    match found:
        case Intake():
            return intake(found)
        case Enrolment():
            return enrolment(found)
        case Switch():
            return switch(found)
        case Absence():
            return absence(found)
    return []


def intake(found: Intake) -> Pairs:
    """An intake, up to its outcome."""
    form = f", {_(words.FORMS[found.form]).lower()}" if found.form else ""
    missed = f"{found.missed}, {codes.INTAKE_MISSED.codes.get(found.missed_reason or '', '').lower()}"
    return _told(
        (_("Status"), _(words.INTAKES[found.state][0])),
        (_("Invited on"), _day(found.invited_at)),
        (_("Answer before"), _day(found.answer_by) if found.state == "invited" else ""),
        (_("Planned"), texts.moment(found.planned_at) + form if found.planned_at else ""),
        (_("Times missed"), missed if found.missed else ""),
        (_("Mandatory"), _("Yes, a condition for admission") if found.mandatory else _("No")),
        (_("Outcome"), _(OUTCOMES[found.result.outcome]) if found.result else ""),
    )


def enrolment(found: Enrolment) -> Pairs:
    """What became of an enrolment."""
    absent, ended = found.not_started, found.ended
    first_day = _("First day on which the student should have come") if absent else _("First day in class")
    pairs = [(_("Status"), _(words.ENROLMENTS[found.state][0])), (first_day, _day(found.first_day))]
    if absent:
        reason = codes.NOT_STARTED.codes.get(absent.reason or "", "")
        attempts = "" if absent.contact_attempts is None else str(absent.contact_attempts)
        pairs += [(_("Checked on"), _day(absent.checked_on)), (_("Reason"), reason), (_("Tried to reach"), attempts)]
    if ended:
        where = codes.DESTINATIONS.codes[ended.destination], ended.to_institution
        pairs += [
            (_("First day without enrolment"), _day(ended.ended_on)),
            (_("Reason of leaving"), _(words.END_REASONS[ended.reason])),
            (
                _("Goes to"),
                ", ".join(filter(None, where)),
            ),
            (_("Diploma"), _("Yes") if ended.diploma else _("No")),
            (_("Basic qualification"), _yes_no(ended.basic_qualification)),
        ]
    return _told(*pairs)


def switch(found: Switch) -> Pairs:
    """A change of programme."""
    return _told(
        (_("Status"), _(words.SWITCHES[found.status])),
        (_("Day"), _day(found.switched_on)),
        (_("New institution"), found.to_institution or ""),
        (_("New programme"), programme(found.to_programme) if found.to_programme else ""),
        (_("New level"), str(found.to_level or "")),
    )


def absence(found: Absence) -> Pairs:
    """A report of absence."""
    return _told(
        (_("Status"), _(words.ABSENCES[found.status])),
        (_("Kind"), codes.ABSENCE_KINDS.codes.get(found.kind, found.kind)),
        (_("Reported on"), _day(found.reported_on)),
        (_("Absent from"), _day(found.absent_from)),
        (_("Absent until"), _day(found.absent_until)),
        (_("Closed on"), _day(found.closed_on)),
        (_("Reason of closing"), codes.ABSENCE_CLOSED.codes.get(found.closed_reason or "", "")),
    )


def filled(found: object) -> Mapping[str, Any]:
    """What a form begins with when it is about something that stands already."""
    match found:
        case Switch() | Absence():
            given = {name: getattr(found, name) for name in type(found).__slots__}
            return {name: _plain(value) for name, value in given.items()}
    return {}


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _told(*pairs: tuple[str, str]) -> Pairs:
    return [(name, value) for name, value in pairs if value]


def _day(value: date | datetime | None) -> str:
    return texts.in_words(value) if value else ""


def _yes_no(value: bool | None) -> str:
    return "" if value is None else _("Yes") if value else _("No")
