"""What an institution has to do with, for its work list."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from services.intake.domain.work import Talk, Work
from shared.core.clock import civil_date
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "work.sql")
_INTAKE = ("invited_at", "answer_by", "planned_at", "held_on")


@dataclass(frozen=True, slots=True)
class Row:
    """A pupil on the work list: somebody's application, or somebody who is expected."""

    id: str
    """Of the application; of somebody without one, of the choice or the handover."""
    own_id: str | None
    pupil_ref: str
    programme: str | None
    pathway: str | None
    name: str
    """Empty: nobody has told it yet."""
    birth_date: date | None
    municipality: str | None
    school: str | None
    school_name: str | None
    handover_id: str | None
    offered_at: datetime | None
    agreed_in: str | None
    """The talk in which the first of what the institution must do was agreed."""
    missed: int
    form: str | None
    due: date | None
    """Before which day coordination says that the institution must act."""
    people: frozenset[str]
    """Who must do that, and who does it instead."""
    work: Work


async def work(conn: Connection, institution: str, cohort: int) -> list[Row]:
    """Everything of an institution from this cohort on, the oldest first."""
    return [_row(row) for row in await conn.fetch(SQL["work"], institution, cohort)]


def _row(row: Any) -> Row:
    talk = Talk(row["talk_id"], row["talk_at"], row["hold_by"]) if row["talk_id"] else None
    known = Work(
        ApplicationStatus(row["status"]) if row["status"] else None,
        row["status_at"],
        row["cohort"],
        intake=row["intake"] or "expected",
        outcome=IntakeOutcome(row["outcome"]) if row["outcome"] else None,
        enrolment=row["enrolment"] or "enrolled",
        talk=talk,
        **{name: row[name] for name in (*_INTAKE, "ended_on", "switching", "absent_since", "dossier", "follow_up")},
        first=row["first"],
    )
    names = ("id", "own_id", "pupil_ref", "programme", "pathway", "name", "birth_date", "municipality", "school")
    return Row(
        **{name: row[name] for name in (*names, "school_name", "handover_id", "offered_at", "agreed_in", "form")},
        missed=row["missed"] or 0,
        due=civil_date(row["due_at"]) if row["due_at"] else None,
        people=frozenset(ref for ref in (row["contact"], row["deputy"]) if ref),
        work=known,
    )
