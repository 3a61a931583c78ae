"""The status export of the national chain: a file that waits, and its rows taken in, all of one pupil at a time.

A row is a fact about an application (its `ketenid`). A pupil whom nobody linked to the hash is a shadow: the
applications count, and nobody is asked to act on them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.intake import store
from services.intake.domain.application import Fact, merge
from services.intake.handlers.applications import changed, state_of
from services.intake.handlers.chain.receiving import Arrived
from services.intake.store import Application, Resolved, exports
from services.intake.store.exports import ChainRow, Export
from shared.core.actor import Actor
from shared.core.errors import Fault, IllegalMove, NotFound
from shared.schemas.envelope import BadRow, Outcome
from shared.schemas.imports import Fates
from shared.storage.pool import Connection

ENTRANCE = "file:application-exports"
OTHER_PUPIL = Fault("ketenid", "een aanmelding van de leerling die er eerder bij stond", "other_pupil")
Unseal = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class CompleteExport:
    """The file has arrived. `confirmed`: it may be taken in at once."""

    export_id: UUID
    arrived: Arrived
    confirmed: bool
    subjects: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ConfirmExport:
    """Who sent the file has seen what is wrong with it, and wants it taken in."""

    export_id: UUID
    subjects: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TakeRows:
    """The rows of some pupils must be taken in."""

    export: Export
    refs: Sequence[str]
    subjects: Sequence[str]
    unseal: Unseal


@dataclass(frozen=True, slots=True)
class SetApart:
    """Rows that can not be used go to quarantine, so many at once; when none are left the file is done."""

    export: Export
    limit: int
    unseal: Unseal
    subjects: Sequence[str] = ()


async def complete_export(conn: Connection, command: CompleteExport, actor: Actor, _now: datetime) -> Outcome:
    """The file waits: for a person, or for the worker."""
    known, arrived = await _own(conn, actor, command.export_id), command.arrived
    state = "taking" if command.confirmed else "arrived"
    told = replace(known, state=state, header=arrived.header, received=arrived.received, bad=arrived.bad)
    await exports.arrived(conn, actor.organisation, replace(told, faults=arrived.faults))
    return Outcome()


async def confirm_export(conn: Connection, command: ConfirmExport, actor: Actor, _now: datetime) -> Outcome:
    """Let the worker take the file in. Raises `IllegalMove` when it does not wait for that."""
    if not await exports.confirm(conn, actor.organisation, command.export_id):
        known = await _own(conn, actor, command.export_id)
        raise IllegalMove("export", known.state, "confirm", [])
    return Outcome()


async def take_rows(conn: Connection, command: TakeRows, _actor: Actor, _now: datetime) -> Outcome:
    """Take in all rows of these pupils. Rows of erased pupils are skipped."""
    fates = Fates(ENTRANCE)
    await store.hold_links(conn)
    rows = await exports.take(conn, command.export.export_id, command.refs)
    standing = await store.resolve(conn, {row.pupil_ref for row in rows})
    known = await exports.applications(conn, {row.application_id for row in rows})
    before = await exports.facts(conn, known)
    states, facts = [], []
    for application_id, of_one in _by_application(rows).items():
        earlier = known.get(application_id)
        good = _sift(of_one, earlier, standing, command, fates)
        if not good:
            continue
        merged = merge(before.get(application_id, []), [row.fact for row in good])
        fates.applied += merged.applied
        fates.unchanged += len(good) - merged.applied
        institution = good[0].mbo_institution
        facts += [(institution, application_id, fact) for fact in merged.fresh]
        state = _state(good[0], earlier, standing, merged.facts)
        if state != earlier:
            states.append((institution, state))
    await exports.save(conn, states, facts)
    fates.events += [changed(state, institution) for institution, state in states]
    return await _counted(conn, command.export, fates)


async def set_apart(conn: Connection, command: SetApart, _actor: Actor, _now: datetime) -> Outcome:
    """Put bad rows in quarantine as they were sent, unless they are about somebody who was erased. The value: whether
    there may be more."""
    fates = Fates(ENTRANCE)
    lines = await exports.take_bad(conn, command.export.export_id, command.limit)
    if not lines:
        await exports.done(conn, command.export.export_id)
        return Outcome(value=False)
    await store.hold_links(conn)
    standing = await store.resolve(conn, {line.pupil_ref for line in lines if line.pupil_ref})
    for line in lines:
        if line.pupil_ref and standing[line.pupil_ref].erased:
            fates.skipped += 1
            continue
        payload = _payload(command.export, command.unseal, line.sealed)
        fates.bad_rows.append(BadRow(f"regel {line.line}", line.reason, line.faults, payload, line.pupil_ref))
    return replace(await _counted(conn, command.export, fates), value=True)


async def _own(conn: Connection, actor: Actor, export_id: UUID) -> Export:
    found = await exports.one(conn, actor.organisation, export_id)
    if found is None:
        raise NotFound(f"export {export_id}")
    return found


def _by_application(rows: Sequence[ChainRow]) -> dict[str, list[ChainRow]]:
    grouped: dict[str, list[ChainRow]] = {}
    for row in sorted(rows, key=lambda row: (row.pupil_ref, row.line)):
        grouped.setdefault(row.application_id, []).append(row)
    return grouped


def _sift(
    rows: Sequence[ChainRow],
    earlier: Application | None,
    standing: Mapping[str, Resolved],
    command: TakeRows,
    fates: Fates,
) -> list[ChainRow]:
    """The rows of one application that can be used. It belongs to one pupil: the first who was told."""
    good: list[ChainRow] = []
    owner = earlier.pupil_ref if earlier else None
    for row in rows:
        who = standing[row.pupil_ref]
        if who.erased:
            fates.skipped += 1
        elif (owner := owner or who.pupil_ref) != who.pupil_ref:
            place = f"regel {row.line}"
            fault = replace(OTHER_PUPIL, where=f"{place}, kolom {OTHER_PUPIL.where}")
            payload = _payload(command.export, command.unseal, row.sealed)
            fates.bad_rows.append(BadRow(place, fault.code, (fault,), payload, row.pupil_ref))
        else:
            good.append(row)
    return good


def _state(
    row: ChainRow, earlier: Application | None, standing: Mapping[str, Resolved], facts: Sequence[Fact]
) -> Application:
    """As the facts make it. Whoever stands for the hash under another reference is known, and no shadow."""
    pupil_ref = standing[row.pupil_ref].pupil_ref
    shadow = earlier.shadow if earlier else pupil_ref == row.pupil_ref
    return replace(state_of(row.application_id, row.own_id, pupil_ref, facts), shadow=shadow)


def _payload(export: Export, unseal: Unseal, sealed: bytes) -> str:
    return f"{export.header}\n{unseal(sealed)}\n"


async def _counted(conn: Connection, export: Export, fates: Fates) -> Outcome:
    counts = fates.applied, fates.unchanged, fates.skipped, len(fates.bad_rows)
    await exports.count(conn, export.export_id, counts)
    return fates.outcome()
