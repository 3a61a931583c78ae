"""Files: CSV in, commands out. The PGN goes no further than here."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any

from services.intake.handlers.applications import RecordStatuses, StatusRow, record_statuses
from services.intake.handlers.files.rows import RecordSteps, StepRow, record_steps
from services.intake.handlers.files.step_kinds import STEP_FILES, Told
from services.intake.handlers.receipts import Line
from services.intake.store import Person
from shared.core import tabular
from shared.core.actor import Actor
from shared.core.clock import civil_date, local_instant
from shared.core.errors import Invalid
from shared.core.keys import Keys
from shared.core.reference import load
from shared.core.tabular import kinds
from shared.schemas.envelope import BadRow, Outcome
from shared.schemas.intakes import ApplicationStatus, Pathway
from shared.storage.pool import Connection

Handler = Callable[[Connection, Any, Actor, datetime], Awaitable[Outcome]]


def command(kind: str, data: bytes, keys: Keys, now: datetime) -> tuple[Handler, Any]:
    """The command in a file, and its handler. Raises `Invalid` when nothing of the file can be used."""
    if kind == "applications":
        return record_statuses, _statuses(data, keys, now)
    return record_steps, _steps(kind, data, keys, now)


def _statuses(data: bytes, keys: Keys, now: datetime) -> RecordStatuses:
    table = _read(kinds.applications(load(), civil_date(now)), data)
    rows = [_status(row, keys) for row in table.rows]
    return RecordStatuses("file:applications", "csv", rows, _bad_rows(table, keys))


def _steps(kind: str, data: bytes, keys: Keys, now: datetime) -> RecordSteps:
    file = STEP_FILES[kind]
    table = _read(file.kind, data)
    rows = [_step(row, file.read(row, now), keys) for row in table.rows]
    return RecordSteps(f"file:{kind}", file.entity, rows, _bad_rows(table, keys))


def _step(row: tabular.Row, told: Told, keys: Keys) -> StepRow:
    pupil_ref = keys.pupil_ref(row["pgn"])
    whose = row["mbo_brin"], row["aanmelding_id"], pupil_ref
    return StepRow(_line(row, pupil_ref), *whose, told.at, told.says, told.key, tuple(told.faults))


def _read(kind: kinds.FileKind, data: bytes) -> tabular.Table:
    table = kind.read(data)
    if table.refused:
        raise Invalid(table.file_faults)
    return table


def _bad_rows(table: tabular.Table, keys: Keys) -> list[BadRow]:
    return [
        BadRow(
            row.place,
            row.reason,
            row.faults,
            table.again(row),
            keys.pupil_ref(row.values["pgn"]) if "pgn" in row.values else None,
        )
        for row in table.bad_rows
    ]


def _line(row: tabular.Row, pupil_ref: str) -> Line:
    return Line(row.place, row.values, pupil_ref)


def _status(row: tabular.Row, keys: Keys) -> StatusRow:
    pupil_ref = keys.pupil_ref(row["pgn"])
    return StatusRow(
        _line(row, pupil_ref),
        institution=row["mbo_brin"],
        own_id=row["aanmelding_id"],
        pupil_ref=pupil_ref,
        person=_person(row),
        programme=row["crebo"],
        pathway=_pathway(row["leerroute"]),
        status=ApplicationStatus(row["status"].lower()),
        at=local_instant(date.fromisoformat(row["statusdatum"])),
        version=int(row["versie"]),
    )


def _person(row: tabular.Row) -> Person:
    return Person(
        row["roepnaam"],
        row["tussenvoegsel"],
        row["achternaam"],
        date.fromisoformat(row["geboortedatum"]),
        row["gemeentecode"] or None,
    )


def _pathway(text: str) -> Pathway:
    return "bbl" if text == "BBL" else "bol"
