"""The kinds of file that tell steps: what each row says, since when, and what is wrong with it by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from services.intake.domain import absence as absences
from services.intake.domain import enrolment as enrolling
from services.intake.domain import intake as intaking
from services.intake.domain import switch as switching
from services.intake.domain.absence import Absence
from services.intake.domain.access import FOLLOWERS, WRITERS
from services.intake.domain.enrolment import Ended, EndReason, NotStarted, Started
from services.intake.domain.intake import Invited, Missed, Planned, Result
from services.intake.domain.steps import Says
from services.intake.domain.switch import Switch
from services.intake.handlers.intakes import held
from services.intake.store.steps import Entity
from shared.core.actor import Role
from shared.core.clock import AMSTERDAM, civil_date
from shared.core.errors import Fault
from shared.core.ids import opaque_ref
from shared.core.tabular import Row, kinds, students
from shared.schemas.intakes import IntakeOutcome
from shared.schemas.vocabulary import codes


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says."""

    at: datetime
    says: Says
    key: str = ""
    faults: Sequence[Fault] = ()
    """What is wrong with it by itself."""


@dataclass(frozen=True, slots=True)
class StepFile:
    """One kind of file."""

    kind: kinds.FileKind
    entity: Entity
    read: Callable[[Row, datetime], Told]
    """A good row at a moment."""
    senders: frozenset[Role] = FOLLOWERS


def _intake(row: Row, now: datetime) -> Told:
    day, outcome = date.fromisoformat(row["intakedatum"]), IntakeOutcome(row["uitkomst"])
    result = Result(day, outcome, row["redencode"] or None)
    columns = {"held_on": "intakedatum", "outcome": "uitkomst", "reason": "redencode"}
    return Told(held(result), result, faults=_placed(intaking.result_faults(result, civil_date(now)), columns))


def _invitation(row: Row, now: datetime) -> Told:
    says, faults = _INVITATIONS[row["stap"]](row)
    return Told(_recorded(row), says, faults=[*faults, *_recorded_faults(row, now)])


def _invited(row: Row) -> tuple[Says, list[Fault]]:
    return Invited(_day(row["antwoord_voor"])), _empty(row, "gepland_op", "vorm", "redencode")


def _planned(row: Row) -> tuple[Says, list[Fault]]:
    when = _moment(row["gepland_op"] or row["geregistreerd_op"])
    form = cast(intaking.Form, students.FORMS.get(row["vorm"], "on_site"))
    return Planned(when, form), [*_filled(row, "gepland_op", "vorm"), *_empty(row, "antwoord_voor", "redencode")]


def _missed(row: Row) -> tuple[Says, list[Fault]]:
    faults = [*_filled(row, "redencode"), *_empty(row, "antwoord_voor", "gepland_op", "vorm")]
    if row["redencode"] and row["redencode"] not in codes.INTAKE_MISSED.codes:
        faults.append(Fault("redencode", "A reason from the list", "unlisted_code"))
    return Missed(row["redencode"]), faults


_INVITATIONS: Mapping[str, Callable[[Row], tuple[Says, list[Fault]]]] = dict(
    zip(students.STEPS, (_invited, _planned, _missed), strict=True)
)


def _starter(row: Row, now: datetime) -> Told:
    first_day, today = date.fromisoformat(row["eerste_dag"]), civil_date(now)
    columns = {"first_day": "eerste_dag", "checked_on": "nagegaan_op", "reason": "redencode"}
    if row["gestart"] == "J":
        says: enrolling.Said = Started(first_day)
        faults = _empty(row, "nagegaan_op", "redencode", "pogingen")
    else:
        faults = _filled(row, "nagegaan_op")
        attempts = int(row["pogingen"]) if row["pogingen"] else None
        says = NotStarted(first_day, _day(row["nagegaan_op"]) or today, row["redencode"] or None, attempts)
    faults += _placed(enrolling.faults_of(says, today), columns)
    return Told(_recorded(row), says, faults=[*faults, *_recorded_faults(row, now)])


def _leaver(row: Row, now: datetime) -> Told:
    ended = Ended(
        date.fromisoformat(row["einddatum"]),
        cast(EndReason, int(row["reden"])),
        row["bestemming"] or "unknown",
        row["naar_mbo_brin"] or None,
        row["diploma"] == "J",
        {"J": True, "N": False}.get(row["startkwalificatie"]),
    )
    columns = {"ended_on": "einddatum", "destination": "bestemming", "to_institution": "naar_mbo_brin"}
    faults = _placed(enrolling.faults_of(ended, civil_date(now)), columns)
    return Told(_recorded(row), ended, faults=[*faults, *_recorded_faults(row, now)])


def _switcher(row: Row, now: datetime) -> Told:
    institution, own_id = row["naar_mbo_brin"] or row["mbo_brin"], row["naar_aanmelding_id"]
    switch = Switch(
        cast(switching.Status, students.SWITCHES[row["wisselstatus"]]),
        date.fromisoformat(row["wisseldatum"]),
        row["naar_mbo_brin"] or None,
        row["naar_crebo"] or None,
        int(row["naar_niveau"]) if row["naar_niveau"] else None,
        opaque_ref("application", institution, own_id) if own_id else None,
    )
    application_id = opaque_ref("application", row["mbo_brin"], row["aanmelding_id"])
    faults = _placed(switching.faults_of(switch), {"to_programme": "naar_crebo"})
    key = switching.key_of(application_id, row["wissel_id"])
    return Told(_recorded(row), switch, key, [*faults, *_recorded_faults(row, now)])


def _absentee(row: Row, now: datetime) -> Told:
    absence = Absence(
        row["soort"],
        cast(absences.Status, students.ABSENCES[row["meldingstatus"]]),
        date.fromisoformat(row["gemeld_op"]),
        _day(row["verzuim_van"]),
        _day(row["verzuim_tot"]),
        row["actie_gewenst"] == "J",
        _day(row["afgesloten_op"]),
        row["reden_afsluiting"] or None,
    )
    columns = {
        "kind": "soort",
        "reported_on": "gemeld_op",
        "absent_until": "verzuim_tot",
        "closed_on": "afgesloten_op",
        "closed_reason": "reden_afsluiting",
    }
    faults = _placed(absences.faults_of(absence, civil_date(now)), columns)
    return Told(_recorded(row), absence, row["meldingsnummer"], [*faults, *_recorded_faults(row, now)])


def _placed(faults: Sequence[Fault], columns: Mapping[str, str]) -> list[Fault]:
    """Faults by the columns of the file."""
    return [replace(fault, where=columns[fault.where]) for fault in faults]


def _filled(row: Row, *columns: str) -> list[Fault]:
    return [Fault(name, "Something, in a row like this", "missing") for name in columns if not row[name]]


def _empty(row: Row, *columns: str) -> list[Fault]:
    return [Fault(name, "Nothing, in a row like this", "not_expected") for name in columns if row[name]]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def _recorded(row: Row) -> datetime:
    """Since when a row counts: when the institution recorded it."""
    return _moment(row["geregistreerd_op"])


def _recorded_faults(row: Row, now: datetime) -> list[Fault]:
    late = _recorded(row) > now
    return [Fault("geregistreerd_op", "A moment that is not in the future", "future")] if late else []


STEP_FILES: Mapping[str, StepFile] = {
    "intakes": StepFile(kinds.INTAKES, "intake", _intake, WRITERS),
    "invitations": StepFile(students.INVITATIONS, "intake", _invitation, WRITERS),
    "starters": StepFile(students.STARTERS, "enrolment", _starter),
    "switches": StepFile(students.SWITCHERS, "switch", _switcher),
    "leavers": StepFile(students.LEAVERS, "enrolment", _leaver),
    "absences": StepFile(students.ABSENTEES, "absence", _absentee),
}
"""Kind of file → how it is read, and who may send it."""


def senders(kind: str) -> frozenset[Role]:
    """Who may send a kind of file."""
    return STEP_FILES[kind].senders if kind in STEP_FILES else WRITERS
