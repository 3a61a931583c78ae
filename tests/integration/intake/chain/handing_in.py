"""A status export handed in at intake and taken in, for tests: both sides on a real database, without HTTP."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any
from uuid import UUID

from services.intake import app
from services.intake.handlers.chain.exports import CompleteExport, complete_export
from services.intake.handlers.chain.receiving import Receiver, receive
from services.intake.store import exports
from services.intake.store.exports import Export
from services.intake.taking import take_one
from shared.core.actor import Actor
from shared.core.ids import new_id
from shared.local.sample.chain import HEADER
from shared.messaging import timers
from shared.messaging.outbox import perform
from tests.integration.intake.bench import COORDINATOR, NOW, Bench

SAID = {
    "id": "1",
    "version": "1",
    "createdat": "2027-01-05T10:00:00Z",
    "lastmodifiedat": "NA",
    "createdby": "sis",
    "lastmodifiedby": "NA",
    "ketenid": "K1",
    "bsnhash": "a" * 64,
    "startmoment": "2027-08-01",
    "status": "RECEIVED",
    "begindatum": "2027-01-05",
    "schooljaar": "0",
    "statussource": "SIS",
    "caketenid": "NA",
    "group_num": "1",
    "postcodecijfers": "3511",
    "onderwijsaanbiedercode": "110A123",
    "instellingserkenningscode": "99XA",
    "onderwijslocatiecode": "110X456",
    "opleidingcode": "25655",
    "leertrajectmbo": "BOL",
    "leeftijdscategorie": "TUSSEN_16_18",
}


def row(**cells: str) -> str:
    """A row of an export."""
    return ";".join((SAID | cells).values())


def file(lines: Iterable[str]) -> bytes:
    return "\n".join([";".join(HEADER), *lines]).encode()


async def pieces(data: bytes, size: int = 4096) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def hand_in(bench: Bench, data: bytes, actor: Actor = COORDINATOR, *, confirmed: bool = True) -> UUID:
    """Through the door, up to where the worker begins."""
    export_id = new_id()
    arrived = await receive(bench.web.db, Receiver(export_id, actor, bench.web.keys), pieces(data), NOW)
    await perform(bench.web, actor, complete_export, CompleteExport(export_id, arrived, confirmed))
    return export_id


async def take(bench: Bench, *lines: str, actor: Actor = COORDINATOR) -> tuple[int, int, int, int]:
    """Hand in these rows and take them in: applied, unchanged, skipped, quarantined."""
    export_id = await hand_in(bench, file(lines), actor)
    assert await take_one(bench.worker)
    export = await found(bench, export_id, actor)
    assert (export.state, export.left) == ("done", 0)
    return export.applied, export.unchanged, export.skipped, export.quarantined


async def found(bench: Bench, export_id: UUID, actor: Actor = COORDINATOR) -> Export:
    async with bench.web.db.as_actor(actor) as conn:
        export = await exports.one(conn, actor.organisation, export_id)
    assert export
    return export


async def fire(bench: Bench) -> None:
    """Let every timer that is due go off."""
    while await timers.fire(bench.worker, app.build(bench.worker.settings).timers):
        pass


async def told(bench: Bench) -> list[tuple[str, str, Mapping[str, Any]]]:
    """What was told of applications, in order: who, status, all of it."""
    return [(ref, d["status"], d) for kind, ref, d in await bench.events() if kind == "application-status-changed"]
