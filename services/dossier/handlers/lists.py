"""The three files of a vo site: pupils (a full list), choices and handovers (additions)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import Field

from services.dossier import store
from services.dossier.domain.pupils import Choice, ListChanges, Pupil, compare, news, not_listed
from services.dossier.handlers.choices import register
from services.dossier.handlers.handovers import Offer, offer_all
from services.dossier.handlers.sides import require_side
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Forbidden, Invalid
from shared.schemas.dossiers import DossierHandedOver
from shared.schemas.envelope import BadRow, Draft, Outcome
from shared.schemas.imports import Fates, ImportResult
from shared.storage.pool import Connection

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row(Generic[T]):
    """A good row of a file: where it stands, what it says, and the text to post again should it turn out bad."""

    line: int
    value: T
    payload: str

    def bad(self, expected: str, code: str, column: str, pupil_ref: str | None = None) -> BadRow:
        """This row, for quarantine; it goes when the pupil it is about is erased."""
        fault = Fault(f"regel {self.line}, kolom {column}", expected, code)
        return BadRow(f"regel {self.line}", code, (fault,), self.payload, pupil_ref)

    def refused(self, faults: Sequence[Fault], columns: Mapping[str, str], pupil_ref: str) -> BadRow:
        """This row, for quarantine, with everything that is wrong. `columns`: place of a fault → column of the file."""
        told = [Fault(f"regel {self.line}, kolom {columns.get(f.where, f.where)}", f.expected, f.code) for f in faults]
        return BadRow(f"regel {self.line}", faults[0].code, tuple(told), self.payload, pupil_ref)


class PupilListResult(ImportResult):
    """What became of a full list, and of who is no longer on it."""

    not_listed: int = Field(ge=0, description="Pupils that are no longer on the list", examples=[0])
    large_drop: bool = Field(description="Whether that is more than one in ten", examples=[False])


@dataclass(frozen=True, slots=True)
class ImportPupils:
    """The full list of one vo site and cohort."""

    vo_site: str
    cohort: int
    rows: tuple[Row[Pupil], ...]
    bad_rows: tuple[BadRow, ...] = ()
    mentioned: frozenset[str] = frozenset()
    """Cells of the bad rows: whoever's number is among them is not absent."""
    confirm: bool = False
    """The school means it that more than one in ten is missing."""

    @property
    def subjects(self) -> Sequence[str]:
        return [row.value.pupil_ref for row in self.rows]


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """Choices of pupils of one vo site; what is not in it stays."""

    vo_site: str
    rows: tuple[Row[Choice], ...]
    bad_rows: tuple[BadRow, ...] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [row.value.pupil_ref for row in self.rows]


@dataclass(frozen=True, slots=True)
class ImportHandovers:
    """Dossiers that one vo site offers."""

    vo_site: str
    rows: tuple[Row[Offer], ...]
    bad_rows: tuple[BadRow, ...] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [row.value.pupil_ref for row in self.rows]


async def import_pupils(conn: Connection, command: ImportPupils, actor: Actor, now: datetime) -> Outcome:
    """Take in a full list. Raises `Invalid` when it drops more than one in ten and that was not confirmed."""
    require_own_file(actor, command.vo_site)
    rows, bad, skipped = await _children(conn, command)
    known = await store.site_list(conn, command.vo_site, command.cohort)
    changes = compare(known, [row.value for row in rows], command.mentioned)
    if changes.large_drop and not command.confirm:
        raise Invalid([_drop_fault(changes)])
    await store.save_pupils(conn, [after for _, after in changes.changed])
    await store.mark_absent(conn, changes.absent)
    drafts = [Draft(after.pupil_ref, data) for before, after in changes.changed for data in news(before, after, now)]
    drafts += [Draft(pupil.pupil_ref, not_listed(pupil, now)) for pupil in changes.absent]
    bad_rows = [*command.bad_rows, *bad]
    fates = Fates("file:pupil-list", bad_rows, len(changes.changed), changes.unchanged, skipped, drafts)
    return fates.outcome(PupilListResult, not_listed=len(changes.absent), large_drop=changes.large_drop)


async def _children(conn: Connection, command: ImportPupils) -> tuple[list[Row[Pupil]], list[BadRow], int]:
    """The rows under the references that count: once per child, and never somebody who was erased."""
    roots = await store.roots(conn, command.subjects)
    erased = await store.erased_among(conn, command.subjects)
    lines: dict[str, int] = {}
    rows: list[Row[Pupil]] = []
    bad: list[BadRow] = []
    for row in command.rows:
        ref = roots.get(row.value.pupil_ref, row.value.pupil_ref)
        if ref in erased:
            continue
        if ref in lines:
            bad.append(row.bad(f"geen herhaling van regel {lines[ref]}", "duplicate_row", "pgn", ref))
            continue
        lines[ref] = row.line
        rows.append(replace(row, value=replace(row.value, pupil_ref=ref)))
    return rows, bad, len(command.rows) - len(rows) - len(bad)


def _drop_fault(changes: ListChanges) -> Fault:
    return Fault(
        "bestand",
        f"een bevestiging dat {len(changes.absent)} van de {changes.known} leerlingen niet meer op de lijst staan",
        "confirm_drop",
    )


async def import_choices(conn: Connection, command: ImportChoices, actor: Actor, now: datetime) -> Outcome:
    """Register the choices of a file; a choice that is already known as it is changes nothing."""
    require_own_file(actor, command.vo_site)
    drafts = await register(conn, command.vo_site, [row.value for row in command.rows], now)
    known = len(command.rows) - len(drafts)
    return Fates("file:choices", [*command.bad_rows], len(drafts), known, events=drafts).outcome()


async def import_handovers(conn: Connection, command: ImportHandovers, actor: Actor, now: datetime) -> Outcome:
    """Offer the dossiers of a file. What was ever offered is unchanged; what can not be offered yet waits in
    quarantine, to be tried again when the application has arrived."""
    require_own_file(actor, command.vo_site)
    result = await offer_all(conn, command.vo_site, [row.value for row in command.rows], now)
    bad = [
        row.bad(*_refusal(result.refused[row.value]), row.value.pupil_ref)
        for row in command.rows
        if row.value in result.refused
    ]
    drafts = [*result.drafts]
    made = sum(isinstance(draft.data, DossierHandedOver) for draft in drafts)
    known = len(command.rows) - made - len(bad)
    return Fates("file:handovers", [*command.bad_rows, *bad], made, known, events=drafts).outcome()


REFUSALS = {
    "no_application": ("een instelling die een aanmelding van deze leerling heeft ontvangen", "mbo_brin"),
    "objection": ("een dossier waartegen geen bezwaar is gemaakt", "leerlingnummer"),
    "not_informed": ("ouders of leerling die weten wat er meegaat", "leerlingnummer"),
}
"""Code of an obstacle → what was expected, and in which column."""


def _refusal(codes: Sequence[str]) -> tuple[str, str, str]:
    """Everything in the way of an offer, as one fault of its row."""
    expected = [REFUSALS[code] for code in codes]
    return " en ".join(text for text, _ in expected), codes[0], expected[0][1]


def require_own_file(actor: Actor, vo_site: str) -> None:
    """Raise `Forbidden` unless the actor hands in files for this site."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    if actor.organisation != vo_site:
        raise Forbidden("a file of another school")
