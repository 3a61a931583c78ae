"""The way out: a command's or handler's events go into history and outbox in the transaction of its state."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from shared.core import tracing
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid
from shared.core.health import Beats
from shared.core.ids import new_id
from shared.core.keys import Keys
from shared.core.logging import get_logger
from shared.core.settings import Settings
from shared.messaging import quarantine
from shared.schemas.catalog import MAX_BYTES, topic_of
from shared.schemas.envelope import Draft, EventData, Outcome, RecordedBy, Timer
from shared.storage import queries
from shared.storage.once import claim
from shared.storage.pool import Connection, Database

SQL = queries.load(Path(__file__).parent / "queries.sql")


@dataclass(frozen=True, slots=True)
class Transport:
    """What one side of a service needs to publish and consume."""

    service: str
    settings: Settings
    keys: Keys
    db: Database
    beats: Beats = field(default_factory=Beats, compare=False, repr=False)
    """When each loop of this side last turned."""


class Command(Protocol):
    """Something an actor wants. `subjects` are locked before the handler reads anything."""

    @property
    def subjects(self) -> Sequence[str]: ...


C = TypeVar("C", bound=Command)
CommandHandler = Callable[[Connection, C, Actor, datetime], Awaitable[Outcome]]


async def perform(transport: Transport, actor: Actor, handler: CommandHandler[C], command: C) -> Any:
    """Carry out a command in one transaction under row-level security; returns the outcome's value.

    Raises what the handler raises (`Invalid`, `IllegalMove`, `NotFound`, …), `Repeated` when the request came before
    under the same key, and `Unavailable`; then nothing changed.
    """
    now = transport.settings.clock.now()
    async with transport.db.as_actor(actor) as conn:
        await claim(conn, actor, now)
        await lock(conn, command.subjects)
        outcome = await handler(conn, command, actor, now)
        await write(transport, conn, outcome, actor, now)
    return outcome.value


async def preview(transport: Transport, actor: Actor, handler: CommandHandler[C], command: C) -> Any:
    """What `perform` would answer, with nothing changed: the check before a file is really taken in."""
    now = transport.settings.clock.now()
    try:
        async with transport.db.as_actor(actor) as conn:
            await lock(conn, command.subjects)
            raise _Undo(await handler(conn, command, actor, now))
    except _Undo as undo:
        return undo.outcome.value


class _Undo(Exception):
    """Carries an outcome out of a transaction that must leave no trace."""

    def __init__(self, outcome: Outcome):
        self.outcome = outcome
        super().__init__()


async def lock(conn: Connection, subjects: Iterable[str]) -> dict[str, int]:
    """Lock the streams of these subjects, in subject order; returns their last sequence numbers."""
    wanted = sorted(set(subjects))
    if not wanted:
        return {}
    rows = await conn.fetch(SQL["lock_streams"], wanted)
    if len(rows) < len(wanted):
        await conn.execute(SQL["make_streams"], wanted)
        rows = await conn.fetch(SQL["lock_streams"], wanted)
    return {row["subject"]: row["last_sequence"] for row in rows}


async def write(transport: Transport, conn: Connection, outcome: Outcome, actor: Actor, now: datetime) -> None:
    """Write what a handler decided: events, timers, and the fate of the rows of a file."""
    for subject in outcome.erase:
        await conn.execute(SQL["erase_subject"], subject)
    await append(transport, conn, outcome.events, actor, now)
    await set_timers(conn, outcome.timers)
    if outcome.receipt:
        await count_fates(conn, outcome.receipt)
        await quarantine.keep_rows(conn, outcome, actor.organisation, transport.keys, now)
        get_logger(service=transport.service).info("import_finished", **asdict(outcome.receipt))


async def append(transport: Transport, conn: Connection, drafts: Sequence[Draft], actor: Actor, now: datetime) -> None:
    """Give each event its number, put it in the history once, and a pointer to it in the outbox."""
    if not drafts:
        return
    last = await lock(conn, (draft.subject for draft in drafts))
    by = RecordedBy(organisation=actor.organisation, role=actor.role.value, person_ref=actor.person_ref)
    rows = []
    cases = {draft.subject: tracing.cause_of(draft.subject) or tracing.fresh() for draft in drafts}
    for draft in drafts:
        last[draft.subject] += 1
        topic = topic_of(transport.service, type(draft.data))
        payload = _payload(draft.data, by, transport.keys if topic.encrypted else None)
        moment = draft.at or now
        place, kind = (draft.subject, last[draft.subject], draft.cohort), draft.data.TYPE
        rows.append((*place, new_id(), kind, topic.name, moment, payload, cases[draft.subject]))
    columns = [list(column) for column in zip(*rows, strict=True)]
    await conn.execute(SQL["advance_streams"], list(last), list(last.values()))
    await conn.execute(SQL["append_events"], *columns)
    await conn.execute(SQL["point_outbox"], *columns[:3])
    await conn.execute("SELECT pg_notify($1, '')", channel(transport.service))


def channel(service: str) -> str:
    """The NOTIFY channel on which the relay of a service hears that something waits."""
    return f"{service}_outbox"


def _payload(data: EventData, by: RecordedBy, keys: Keys | None) -> str:
    text = data.model_copy(update={"recorded_by": data.recorded_by or by}).model_dump_json()
    payload = keys.encrypt(text.encode()) if keys else text
    if len(payload.encode()) > MAX_BYTES:
        raise Invalid([Fault(data.TYPE, f"ten hoogste {MAX_BYTES} bytes", "too_large")])
    return payload


async def set_timers(conn: Connection, timers: Sequence[Timer]) -> None:
    """Set timers; a timer with the same kind, subject and key is moved. In the order of their keys, so that two who set
    the same never wait for each other."""
    latest: dict[tuple[str, str, str], Timer] = {(t.kind, t.subject, t.key): t for t in timers}
    if latest:
        columns: dict[str, list[Any]] = defaultdict(list)
        for _, timer in sorted(latest.items()):
            for name in ("kind", "subject", "key", "due_at", "date_rule"):
                columns[name].append(getattr(timer, name))
            columns["traceparent"].append(tracing.cause_of(timer.subject))
        await conn.execute(SQL["set_timers"], *columns.values())


async def count_fates(conn: Connection, receipt: Any) -> None:
    """Add to the accounting of one entrance: received = applied + unchanged + skipped + quarantined."""
    await conn.execute(
        SQL["count_fates"],
        receipt.entrance,
        receipt.received,
        receipt.applied,
        receipt.unchanged,
        receipt.skipped,
        receipt.quarantined,
    )


async def republish(conn: Connection) -> int:
    """Put the whole history in the outbox again, for topics that were lost. The inboxes make that harmless."""
    return int((await conn.execute(SQL["republish"])).split()[-1])
