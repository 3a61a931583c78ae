"""The worker's part of a status export: takes in what has arrived, and goes on where it was left."""

import asyncio
from datetime import timedelta

from services.intake import store
from services.intake.handlers.chain.exports import SetApart, TakeRows, set_apart, take_rows
from services.intake.store import exports
from services.intake.store.exports import Export
from shared.messaging.outbox import Transport, perform

PUPILS_AT_ONCE = 1000
BAD_ROWS_AT_ONCE = 1000
IDLE_SECONDS = 1.0
UNCONFIRMED, TAKEN_IN = timedelta(hours=1), timedelta(days=30)
"""How long a file is kept that nobody confirms, and what became of one that was taken in."""


async def take_exports(side: Transport) -> None:
    """Take in files for ever, the oldest first."""
    while True:
        if not await take_one(side):
            await forget_old(side)
            await asyncio.sleep(IDLE_SECONDS)


async def take_one(side: Transport) -> bool:
    """Take in one file whole; False when none waits. A part is taken in with its events, or not at all."""
    async with side.db.acquire() as conn:
        export = await exports.to_take(conn)
    if export is None:
        return False
    after = ""
    while after := await _take_some(side, export, after):
        pass
    rest = SetApart(export, BAD_ROWS_AT_ONCE, side.keys.unseal)
    while await perform(side, export.sender, set_apart, rest):
        pass
    return True


async def forget_old(side: Transport) -> None:
    """Forget files that were never confirmed, or were taken in long ago."""
    now = side.settings.clock.now()
    async with side.db.transaction() as conn:
        await exports.forget(conn, now - UNCONFIRMED, now - TAKEN_IN)


async def _take_some(side: Transport, export: Export, after: str) -> str:
    """Take in the rows of the next pupils; gives the last of them, or "" when there are none."""
    async with side.db.acquire() as conn:
        refs = await exports.next_refs(conn, export.export_id, after, PUPILS_AT_ONCE)
        standing = await store.resolve(conn, refs)
    if not refs:
        return ""
    subjects = sorted({*refs, *(who.pupil_ref for who in standing.values())})
    await perform(side, export.sender, take_rows, TakeRows(export, refs, subjects, side.keys.unseal))
    return refs[-1]
