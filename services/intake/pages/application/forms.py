"""The forms with which a person makes a move of an intake, an enrolment, a switch or a report of absence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from services.intake.domain import absence as absences
from services.intake.domain import switch as switching
from services.intake.domain.absence import Absence
from services.intake.domain.enrolment import Ended, EndReason, NotStarted, Started
from services.intake.domain.intake import Form, Invited, Missed, Planned
from services.intake.domain.steps import Says
from services.intake.domain.switch import Switch
from services.intake.pages import words
from services.intake.store.steps import Entity
from shared.core.clock import AMSTERDAM
from shared.schemas.envelope import Code, Crebo, EntityId, MboInstitution
from shared.schemas.vocabulary import codes
from shared.web.texts import marked

Options = Mapping[Any, str]
NONE = {"": marked("Not known")}
NO_REASON = {"": marked("No reason")}
YES_NO = {"true": marked("Yes"), "false": marked("No")}


class Filled(BaseModel):
    """Base of what somebody fills in."""

    model_config = ConfigDict(extra="ignore")


@dataclass(frozen=True, slots=True)
class Field:
    """One control of a form."""

    name: str
    label: str
    kind: Literal["date", "datetime-local", "text", "number", "radio", "select"] = "date"
    options: Options | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class MoveForm:
    """One form, on a page of its own."""

    entity: Entity | Literal["application"]
    title: str
    button: str
    done: str
    """What is said afterwards."""
    model: type[Filled]
    fields: tuple[Field, ...]
    said: Callable[[Any], tuple[str, Says | str]]
    """The move, and what is told; of a decision the code of its reason."""
    about: str = ""


class InvitationForm(Filled):
    answer_by: date | None = None


class AppointmentForm(Filled):
    planned_at: datetime
    form: Form


class MissedForm(Filled):
    reason: Code


class DecisionForm(Filled):
    reason: Code


class StartForm(Filled):
    first_day: date


class NonStartForm(Filled):
    first_day: date
    checked_on: date
    reason: Code | None = None
    contact_attempts: int | None = None


class EndForm(Filled):
    ended_on: date
    reason: Literal["1", "2", "3", "4", "5", "6", "7"]
    destination: Code = "unknown"
    to_institution: MboInstitution | None = None
    diploma: bool = False
    basic_qualification: bool | None = None


class SwitchForm(Filled):
    status: switching.Status
    switched_on: date
    to_institution: MboInstitution | None = None
    to_programme: Crebo | None = None
    to_level: Literal["1", "2", "3", "4"] | None = None


class AbsenceForm(Filled):
    key: EntityId
    kind: Code
    status: absences.Status
    reported_on: date
    absent_from: date | None = None
    absent_until: date | None = None
    action_wanted: bool = True
    closed_on: date | None = None
    closed_reason: Code | None = None


def _appointment(filled: AppointmentForm) -> tuple[str, Says]:
    when = filled.planned_at
    return "plan", Planned(when if when.tzinfo else when.replace(tzinfo=AMSTERDAM), filled.form)


def _end(filled: EndForm) -> tuple[str, Says]:
    reason: Any = int(filled.reason)
    told: EndReason = reason
    given = filled.model_dump(exclude={"reason"})
    return "end", Ended(reason=told, **given)


def _switch(filled: SwitchForm) -> tuple[str, Says]:
    level = int(filled.to_level) if filled.to_level else None
    given = filled.model_dump(exclude={"to_level"})
    return switching.MOVES[filled.status], Switch(to_level=level, **given)


def _absence(filled: AbsenceForm) -> tuple[str, Says]:
    return absences.MOVES[filled.status], Absence(**filled.model_dump(exclude={"key"}))


FIRST_DAY = Field("first_day", marked("First day in class"))
FORMS: dict[str, MoveForm] = {
    "invitation": MoveForm(
        "intake",
        marked("Invite to the intake"),
        marked("Invite"),
        marked("The invitation is recorded."),
        InvitationForm,
        (Field("answer_by", marked("Answer before"), hint=marked("You may leave this empty.")),),
        lambda filled: ("invite", Invited(filled.answer_by)),
        marked("Overstap sends no invitation. Send it as you are used to; record here that you did."),
    ),
    "appointment": MoveForm(
        "intake",
        marked("Plan the intake"),
        marked("Save the appointment"),
        marked("The appointment is recorded."),
        AppointmentForm,
        (
            Field("planned_at", marked("Date and time"), "datetime-local"),
            Field("form", marked("How"), "radio", words.FORMS),
        ),
        _appointment,
    ),
    "non-attendance": MoveForm(
        "intake",
        marked("The intake did not take place"),
        marked("Save"),
        marked("It is recorded that the intake did not take place. Invite or plan again."),
        MissedForm,
        (Field("reason", marked("Why not?"), "radio", codes.INTAKE_MISSED.codes),),
        lambda filled: ("miss", Missed(filled.reason)),
    ),
    "rejection": MoveForm(
        "application",
        marked("Reject the application"),
        marked("Reject"),
        marked("The application is rejected."),
        DecisionForm,
        (Field("reason", marked("Reason"), "radio", {code: words.REASONS[code] for code in words.REJECTIONS}),),
        lambda filled: ("reject", str(filled.reason)),
    ),
    "withdrawal": MoveForm(
        "application",
        marked("The applicant withdraws"),
        marked("Record the withdrawal"),
        marked("The application is withdrawn."),
        DecisionForm,
        (Field("reason", marked("Reason"), "radio", words.WITHDRAWALS),),
        lambda filled: ("withdraw", str(filled.reason)),
    ),
    "start": MoveForm(
        "enrolment",
        marked("The student has started"),
        marked("Save the start"),
        marked("The start is recorded."),
        StartForm,
        (FIRST_DAY,),
        lambda filled: ("start", Started(filled.first_day)),
    ),
    "non-start": MoveForm(
        "enrolment",
        marked("The student has not started"),
        marked("Save"),
        marked("It is recorded that the student has not started."),
        NonStartForm,
        (
            Field("first_day", marked("First day on which the student should have come")),
            Field("checked_on", marked("Day on which you checked this")),
            Field("reason", marked("Reason"), "select", {**NONE, **codes.NOT_STARTED.codes}),
            Field("contact_attempts", marked("How often did you try to reach the student?"), "number"),
        ),
        lambda filled: ("not_start", NotStarted(**filled.model_dump())),
    ),
    "end": MoveForm(
        "enrolment",
        marked("The enrolment has ended"),
        marked("Save the end"),
        marked("The end of the enrolment is recorded."),
        EndForm,
        (
            Field("ended_on", marked("First day without enrolment")),
            Field("reason", marked("Reason"), "select", words.END_REASONS),
            Field("destination", marked("Where does the student go?"), "select", codes.DESTINATIONS.codes),
            Field("to_institution", marked("New institution (BRIN)"), "text", hint=marked("Such as 99MB.")),
            Field("diploma", marked("Does the student have the diploma of this programme?"), "radio", YES_NO),
            Field(
                "basic_qualification",
                marked("Does the student have a basic qualification now?"),
                "select",
                {**NONE, **YES_NO},
            ),
        ),
        _end,
    ),
    "switch": MoveForm(
        "switch",
        marked("Change of programme"),
        marked("Save the switch"),
        marked("The change of programme is recorded."),
        SwitchForm,
        (
            Field("status", marked("How far is it?"), "radio", words.SWITCHES),
            Field("switched_on", marked("Day on which it begins or was told")),
            Field(
                "to_institution",
                marked("New institution (BRIN)"),
                "text",
                hint=marked("Leave this empty when the student stays with you."),
            ),
            Field("to_programme", marked("New programme (crebo)"), "text", hint=marked("Five digits, such as 25607.")),
            Field("to_level", marked("New level"), "select", {**NONE, **{n: n for n in "1234"}}),
        ),
        _switch,
    ),
    "absence": MoveForm(
        "absence",
        marked("Report of absence"),
        marked("Save this report"),
        marked("The report of absence is recorded."),
        AbsenceForm,
        (
            Field("key", marked("Number of the report"), "text", hint=marked("As it stands in the Verzuimregister.")),
            Field("kind", marked("Kind"), "select", codes.ABSENCE_KINDS.codes),
            Field("status", marked("Status of the report"), "select", words.ABSENCES),
            Field("reported_on", marked("Reported on")),
            Field("absent_from", marked("Absent from")),
            Field("absent_until", marked("Absent until")),
            Field("action_wanted", marked("Do you ask for action?"), "radio", YES_NO),
            Field("closed_on", marked("Closed on"), hint=marked("Only when the report is closed.")),
            Field(
                "closed_reason",
                marked("Reason of closing"),
                "select",
                {"": marked("No reason"), **codes.ABSENCE_CLOSED.codes},
            ),
        ),
        _absence,
        marked("Only reports that have a number in the Verzuimregister. No other absence is kept here."),
    ),
}
"""Last part of the address → its form."""
