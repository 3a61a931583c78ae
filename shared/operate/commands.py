"""What stands behind the `overstap` command: one coroutine per command, which returns its exit code."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from uuid import UUID

import httpx

from shared.core.clock import civil_date
from shared.core.errors import NotFound, Unavailable
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.local import demo, state, virtual_time
from shared.local.postgres import Postgres
from shared.local.stack import Kind, Stack
from shared.messaging import outbox
from shared.messaging import quarantine as store
from shared.messaging.address import bootstrap
from shared.messaging.outbox import SQL, Transport
from shared.operate import quiet
from shared.operate.audit import Report
from shared.operate.audit import audit as check
from shared.operate.doors import Refused, deliver
from shared.operate.replay import replay
from shared.operate.show import Teller
from shared.schemas.catalog import SERVICES
from shared.service import transport
from shared.storage.migrate import migrate
from shared.storage.pool import Database

__all__ = ["bootstrap"]
LOCAL_SESSION_SECONDS = 3


def settings_of_running(settings: Settings) -> Settings:
    """Fill in the addresses of the embedded stack that runs on this data directory, if one does."""
    running = state.read(settings.data_dir)
    if running is None or settings.database_url:
        return settings
    virtual = (settings.data_dir / "clock").exists()
    values = {
        "database_url": Postgres(settings.data_dir).url(),
        "public_url": running.addresses["web"],
        "virtual_time": virtual,
        "demo": True,
    }
    return settings.model_copy(update=values)


@asynccontextmanager
async def _reading(settings: Settings) -> AsyncIterator[Database]:
    if not settings.database_url:
        raise Unavailable("nothing runs here: start it with 'overstap up', or set OVERSTAP_DATABASE_URL")
    database = await quiet.reader(settings)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def _working(settings: Settings, service: str) -> AsyncIterator[Transport]:
    if service not in SERVICES:
        raise NotFound(f"no such service: {service}")
    if not settings.database_url:
        raise Unavailable("nothing runs here: start it with 'overstap up', or set OVERSTAP_DATABASE_URL")
    side = transport(settings, load_keys(settings), service, "worker")
    await side.db.open()
    try:
        yield side
    finally:
        await side.db.close()


@dataclass(frozen=True, slots=True)
class Play:
    """How `overstap up` was asked for."""

    empty: bool
    """Without the sample region."""
    virtual: bool
    once: bool
    """End after the summary."""
    kafka: Kind = "embedded"


async def up(play: Play, say: Teller) -> int:
    """Start everything, play the sample unless `empty`, tell how it stands, stay until Ctrl-C unless `once`."""
    settings = Settings(kafka_session_seconds=LOCAL_SESSION_SECONDS, demo=True, virtual_time=play.virtual)
    load_keys(settings)
    if not play.empty:
        virtual_time.begin(settings, demo.begin_at())
        demo.write_identities(settings)
    code = 0
    async with Stack(settings, play.kafka) as stack:

        async def history(_generation: int) -> int:
            return await republish_all(stack.settings)

        with say.busy("starting PostgreSQL, broker, pages and workers"):
            await stack.up(on_database_started=lambda url: migrate(url, SERVICES), on_broker_started=history)
        running = settings_of_running(settings)
        if not play.empty:
            code = await _play(running, say)
        say.note(f"Pages: [bold]{running.public_url}[/bold]")
        if not play.once:
            say.note("Ctrl-C ends it; what it had is kept for the next time.")
            await stack.wait()
    return code


async def _play(settings: Settings, say: Teller) -> int:
    """Play the story and tell how it ended; 1 when the audit finds a violation."""
    async with _reading(settings) as database, httpx.AsyncClient(base_url=settings.public_url, timeout=60) as client:
        with say.busy("the region lives its school year") as sign:

            def told(what: str, receipt: dict[str, object]) -> None:
                counts = {k: v for k, v in receipt.items() if isinstance(v, int) and v}
                say.note(f"{demo.today(settings)}  {what:22} " + ", ".join(f"{v} {k}" for k, v in counts.items()))

            await demo.play(
                demo.Demo(
                    settings,
                    database,
                    load_keys(settings),
                    client,
                    told,
                    lambda instant: sign.update(f"business time {civil_date(instant)}"),
                )
            )
            await _publish_figures(settings, demo.COHORT, None)
            await quiet.until_quiet(settings, database)
        async with database.acquire() as conn:
            report = await check(conn, settings.clock.now())
    return _tell(report, say)


async def republish_all(settings: Settings) -> int:
    """Put the history of every service in its outbox again, for a broker that forgot everything."""
    events = 0
    for service in SERVICES:
        async with _working(settings, service) as side, side.db.transaction() as conn:
            events += await outbox.republish(conn)
    return events


async def status(settings: Settings, say: Teller) -> int:
    """What runs and what waits."""
    running = state.read(settings.data_dir)
    async with _reading(settings) as database, database.acquire() as conn:
        now = settings.clock.now()
        left = await quiet.waiting(conn, now)
    parts = {name: identity.process() is not None for name, identity in running.processes.items()} if running else {}
    value = {"now": now, "parts": parts, "addresses": running.addresses if running else {}, "waiting": asdict(left)}
    lines = [f"{name}: {'runs' if alive else 'does not run'}" for name, alive in parts.items()]
    lines += [f"{name} at {address}" for name, address in value["addresses"].items()]  # type: ignore[attr-defined]
    lines.append(f"business time {now:%Y-%m-%d %H:%M} UTC; waiting: {asdict(left)}")
    say.result(value, *lines)
    return 0 if all(parts.values()) else 3


async def import_files(settings: Settings, files: Sequence[Path], confirm: bool, say: Teller) -> int:
    """Hand in files one by one; 1 when rows were set aside, 2 when a whole file was refused."""
    receipts, code = [], 0
    async with httpx.AsyncClient(base_url=settings.public_url, timeout=120) as client:
        for path in files:
            with say.busy(path.name):
                try:
                    receipt = await deliver(client, load_keys(settings), path.read_bytes(), confirm=confirm)
                except Refused as error:
                    receipt, code = {"kind": "refused", "problem": error.problem, "text": str(error)}, 2
            receipts.append({"file": path.name, **receipt})
            code = max(code, 1) if receipt.get("quarantined") else code
    for receipt in receipts:
        faults = [f"  {f['where']}: {f['expected']}" for f in receipt.get("faults", [])[:20]]
        counts = ("received", "applied", "unchanged", "skipped", "quarantined")
        told = receipt.get("text") or ", ".join(f"{receipt[name]} {name}" for name in counts)
        if not say.as_json:
            say.result({}, f"{receipt['file']}: {told}", *faults)
    if say.as_json:
        say.result({"files": receipts})
    return code


async def audit(settings: Settings, say: Teller) -> int:
    """Check everything now; 1 on a violation."""
    async with _reading(settings) as database, database.acquire() as conn:
        return _tell(await check(conn, settings.clock.now()), say)


def _tell(report: Report, say: Teller) -> int:
    fates = [(name, *counts.values()) for name, counts in report.fates.items()]
    say.table("Taken in", ("entrance", "received", "applied", "unchanged", "skipped", "quarantined"), fates)
    say.table("Events", ("type", "published"), sorted(report.events.items()))
    alerts, mails = report.events.get("alert-raised", 0), report.events.get("alert-delivered", 0)
    say.result(
        asdict(report),
        *(f"note {n.service} {n.rule}: {n.subject} {n.what}" for n in report.notes[:50]),
        *(f"VIOLATION {v.service} {v.rule}: {v.subject} {v.what}" for v in report.violations[:50]),
        f"{report.pupils_in} pupils in, {report.accounted_for} accounted for, {sum(report.events.values())} events, "
        f"{alerts} alerts, {mails} mails, {report.waiting} waiting in quarantine, {len(report.violations)} violations",
    )
    return 0 if report.good else 1


async def snapshot(settings: Settings, cohort: int, on: date | None, say: Teller) -> int:
    """Publish the figures of a cohort on a reference date."""
    summary = await _publish_figures(settings, cohort, on)
    say.result({"snapshot": str(summary)}, str(summary))
    return 0


async def _publish_figures(settings: Settings, cohort: int, on: date | None) -> object:
    async with _working(settings, "signals") as side:
        publish = import_module("services.signals.app").snapshot
        return await publish(side, cohort, on or civil_date(settings.clock.now()))


async def republish(settings: Settings, service: str, say: Teller) -> int:
    """Send the history of one service again."""
    async with _working(settings, service) as side, side.db.transaction() as conn:
        events = await outbox.republish(conn)
    say.result({"events": events}, f"{events} events wait to be sent again")
    return 0


async def quarantine_list(settings: Settings, say: Teller) -> int:
    """Everything that waits; 1 when anything does."""
    found = []
    for service in SERVICES:
        async with _working(settings, service) as side, side.db.acquire() as conn:
            found += [{"service": service, **row} for row in await store.waiting(conn, side.keys)]
    columns = ("service", "id", "entrance", "place", "reason", "received_at")
    say.table("Quarantine", columns, [[row[c] for c in columns] for row in found])
    shown = [{k: row[k] for k in (*columns, "faults")} for row in found]
    say.result({"waiting": shown}, f"{len(found)} waiting")
    return 1 if found else 0


async def quarantine_retry(settings: Settings, service: str, one: UUID, say: Teller) -> int:
    """Hand one in again; it stays in quarantine when it is still not accepted."""
    async with _working(settings, service) as side:
        async with side.db.acquire() as conn:
            rows = await store.waiting(conn, side.keys, one)
        if not rows:
            raise NotFound(f"nothing waits under {one}")
        if rows[0]["entrance"].startswith("file:"):
            async with httpx.AsyncClient(base_url=settings.public_url, timeout=60) as client:
                receipt = await deliver(client, side.keys, rows[0]["payload"])
            accepted = not receipt["quarantined"]
        else:
            accepted = await replay(settings, side, rows[0])
        if accepted:
            async with side.db.transaction() as conn:
                await store.close(conn, one, "replayed", "retried by operator")
    say.result({"accepted": accepted}, "accepted" if accepted else "still not accepted; it stays")
    return 0 if accepted else 1


async def quarantine_discard(settings: Settings, service: str, one: UUID, reason: str, say: Teller) -> int:
    """Put one aside for good."""
    async with _working(settings, service) as side, side.db.transaction() as conn:
        if not await store.close(conn, one, "discarded", reason):
            raise NotFound(f"nothing waits under {one}")
    say.result({"discarded": one}, "discarded")
    return 0


async def quarantine_release(settings: Settings, service: str, topic: str, say: Teller) -> int:
    """Take the brake off a consumer."""
    async with _working(settings, service) as side, side.db.transaction() as conn:
        released = await conn.fetchval(SQL["release_brake"], topic)
    say.result({"released": released}, f"{topic}: goes on" if released else f"{topic}: no brake was on")
    return 0
