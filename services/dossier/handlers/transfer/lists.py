"""Files of a school without a coupling: what its dossiers hold, and whom it told of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.dossier import store
from services.dossier.domain.transfer import Information, Section, SectionState, information_faults, section_faults
from services.dossier.handlers import completeness
from services.dossier.handlers.lists import Row, require_own_file
from services.dossier.store import transfer
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.schemas.envelope import BadRow, Outcome
from shared.schemas.imports import Fates
from shared.storage.pool import Connection

EXPECTED = {
    "missing": "een tekst, omdat het onderdeel aanwezig is",
    "not_empty": "geen tekst, omdat het onderdeel niet aanwezig is",
    "future": "een datum die niet in de toekomst ligt",
    "too_early": "een datum in de schoolloopbaan van de leerling",
    "age": "de ouders als de leerling die dag jonger dan 16 was, anders de leerling",
}
COLUMNS = {"text": "tekst", "informed_on": "geinformeerd_op", "whom": "wie"}
"""Code and field of a fault → how the sender hears it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says about one category of one pupil."""

    pupil_ref: str
    category: str
    state: SectionState
    text: str


@dataclass(frozen=True, slots=True)
class ImportSections:
    """What the dossiers of one vo site and cohort hold; what is not in the file stays."""

    vo_site: str
    cohort: int
    rows: tuple[Row[Told], ...]
    bad_rows: tuple[BadRow, ...] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [row.value.pupil_ref for row in self.rows]


@dataclass(frozen=True, slots=True)
class ImportInformation:
    """Which families of one vo site and cohort were told what leaves."""

    vo_site: str
    cohort: int
    rows: tuple[Row[Information], ...]
    bad_rows: tuple[BadRow, ...] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [row.value.pupil_ref for row in self.rows]


async def import_sections(conn: Connection, command: ImportSections, actor: Actor, now: datetime) -> Outcome:
    """Take in texts. A text that is there as it is changes nothing; a newer row replaces what a mentor wrote."""
    require_own_file(actor, command.vo_site)
    bad = [*command.bad_rows]
    known = await transfer.lock_sections(conn, command.vo_site, command.cohort, command.subjects)
    changed: list[Section] = []
    unchanged = 0
    for row in command.rows:
        told = row.value
        if faults := section_faults(told.state, told.text):
            bad.append(row.bad(EXPECTED[faults[0].code], faults[0].code, "tekst", told.pupil_ref))
            continue
        before = known.get((told.pupil_ref, told.category))
        if before and (before.state, before.text) == (told.state, told.text):
            unchanged += 1
            continue
        whose = (told.pupil_ref, command.cohort, command.vo_site)
        version = before.version + 1 if before else 1
        by = (actor.person_ref, actor.role.value)
        changed.append(Section(*whose, told.category, told.state, told.text, version, now, *by))
    await transfer.save_sections(conn, changed)
    refs = {section.pupil_ref for section in changed}
    drafts = await completeness.all_told(conn, command.vo_site, command.cohort, refs, now)
    return Fates("file:dossiers", bad, len(changed), unchanged, events=drafts).outcome()


async def import_information(conn: Connection, command: ImportInformation, actor: Actor, now: datetime) -> Outcome:
    """Write down who was told; what was recorded as it is changes nothing."""
    require_own_file(actor, command.vo_site)
    bad = [*command.bad_rows]
    pupils = {pupil.pupil_ref: pupil for pupil in await store.pupils(conn, command.vo_site, command.cohort)}
    known = await transfer.information(conn, command.vo_site, command.cohort, command.subjects)
    changed: list[Information] = []
    unchanged = 0
    for row in command.rows:
        told, before = row.value, known.get(row.value.pupil_ref)
        if faults := information_faults(pupils[told.pupil_ref].birth_date, told, civil_date(now)):
            fault = faults[0]
            bad.append(row.bad(EXPECTED[fault.code], fault.code, COLUMNS[fault.where], told.pupil_ref))
        elif before and (before.informed_on, before.whom, before.how) == (told.informed_on, told.whom, told.how):
            unchanged += 1
        else:
            version = before.version + 1 if before else 1
            changed.append(replace(told, version=version, recorded_at=now, recorded_by=actor.person_ref))
    await transfer.save_information(conn, changed)
    return Fates("file:information", bad, len(changed), unchanged).outcome()
