"""A status export while it arrives: rows are read, checked and put aside as they come. The hash goes no further."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.intake.store import exports
from services.intake.store.exports import FAULTS_KEPT
from shared.core.actor import Actor, Role
from shared.core.errors import Fault
from shared.core.ids import opaque_ref
from shared.core.keys import Keys
from shared.core.tabular import BadRow, Row, kinds
from shared.core.tabular.stream import Stream
from shared.storage.pool import Database

AT_ONCE = 2000
"""Rows that are put aside together."""
LIMIT_ROWS = 1_000_000
OTHER_INSTITUTION = Fault("instellingserkenningscode", "de BRIN van de eigen instelling", "other_organisation")


@dataclass(frozen=True, slots=True)
class Arrived:
    """What has arrived of a file, now that it is complete."""

    header: str
    received: int
    bad: int
    faults: tuple[Fault, ...]
    """The first of what is wrong with the bad ones."""


@dataclass(slots=True)
class Receiver:
    """Makes rows that can be put aside of what an actor sends."""

    export_id: UUID
    actor: Actor
    keys: Keys
    bad: int = 0
    faults: tuple[Fault, ...] = ()

    def rows(self, found: Iterable[Row | BadRow]) -> Iterator[tuple[Any, ...]]:
        """Rows in the order of `exports.Staged`."""
        for row in found:
            if isinstance(row, BadRow):
                ref = self.keys.chain_ref(row.values["bsnhash"]) if "bsnhash" in row.values else None
                yield self._refused(row.line, row.raw, row.reason, row.faults, ref)
            elif self.actor.role is not Role.OPERATOR and row["instellingserkenningscode"] != self.actor.organisation:
                fault = OTHER_INSTITUTION
                placed = Fault(f"{row.place}, kolom {fault.where}", fault.expected, fault.code)
                ref = self.keys.chain_ref(row["bsnhash"])
                yield self._refused(row.line, row.raw, fault.code, (placed,), ref)
            else:
                yield self._staged(row)

    def _refused(self, line: int, raw: str, reason: str, faults: tuple[Fault, ...], ref: str | None) -> tuple[Any, ...]:
        self.bad += 1
        self.faults = (*self.faults, *faults)[:FAULTS_KEPT] if len(self.faults) < FAULTS_KEPT else self.faults
        told = json.dumps([[fault.where, fault.expected, fault.code] for fault in faults])
        return self.export_id, line, self.keys.seal(raw), reason, told, ref, *(None,) * 12

    def _staged(self, row: Row) -> tuple[Any, ...]:
        brin, own_id = row["instellingserkenningscode"], row["ketenid"]
        return (
            self.export_id,
            row.line,
            self.keys.seal(row.raw),
            None,
            None,
            self.keys.chain_ref(row["bsnhash"]),
            opaque_ref("application", brin, own_id),
            brin,
            own_id,
            row["statussource"].lower(),
            row["id"],
            int(row["version"]),
            row["opleidingcode"],
            row["leertrajectmbo"].lower(),
            row["status"].lower(),
            datetime.fromisoformat(row["begindatum"]),
            datetime.fromisoformat(row["createdat"]),
            date.fromisoformat(row["startmoment"]),
        )


async def receive(database: Database, receiver: Receiver, pieces: AsyncIterator[bytes], now: datetime) -> Arrived:
    """Put the rows of a file aside while it comes in, in memory that does not grow with it.

    Raises `Invalid` when the file as a whole can not be used; what was put aside is forgotten then.
    """
    stream = Stream(kinds.APPLICATION_EXPORT.columns, LIMIT_ROWS)
    waiting: list[tuple[Any, ...]] = []
    async with database.as_actor(receiver.actor) as conn:
        await exports.begin(conn, receiver.export_id, receiver.actor, now)
    async for piece in pieces:
        waiting += receiver.rows(stream.feed(piece))
        if len(waiting) >= AT_ONCE:
            await _stage(database, receiver.actor, waiting)
            waiting = []
    waiting += receiver.rows(stream.end())
    await _stage(database, receiver.actor, waiting)
    return Arrived(stream.header, stream.received, receiver.bad, receiver.faults)


async def _stage(database: Database, actor: Actor, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        async with database.as_actor(actor) as conn:
            await exports.stage(conn, rows)
