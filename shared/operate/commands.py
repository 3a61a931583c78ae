"""What stands behind the `overstap` command: one coroutine per command, which returns its exit code."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, astuple
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import httpx

from shared.core.clock import civil_date
from shared.core.errors import NotFound, Unavailable
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.messaging import outbox
from shared.messaging import quarantine as store
from shared.messaging.outbox import SQL, Transport
from shared.operate import erasures, quiet
from shared.operate.audit import Report, nightly
from shared.operate.audit import audit as check
from shared.operate.doctor import CHECKS, Patient, examine, exit_code
from shared.operate.doors import Unusable, as_operator, deliver
from shared.operate.explain import explain as story_of
from shared.operate.lag import lag as measure
from shared.operate.replay import replay
from shared.operate.show import Teller
from shared.schemas.catalog import SERVICES, TOPICS
from shared.service import transport
from shared.storage.pool import Database

if TYPE_CHECKING:
    from shared.local.state import State

DROP = "confirm_drop"
"""Code of the fault of a full list that leaves many pupils out: whoever sends it says that it is meant."""


def settings_of_running(settings: Settings) -> Settings:
    """Fill in the addresses of the embedded stack that runs on this data directory, if one does."""
    running = None if settings.database_url else _running(settings.data_dir)
    if running is None:
        return settings
    from shared.local.postgres import Postgres

    virtual = (settings.data_dir / "clock").exists()
    host, _, port = running.addresses["mail"].partition(":")
    values = {
        "smtp_host": host,
        "smtp_port": int(port),
        "database_url": Postgres(settings.data_dir).url(),
        "public_url": running.addresses["web"],
        "virtual_time": virtual,
        "demo": True,
    }
    return settings.model_copy(update=values)


def _running(data_dir: Path) -> "State | None":
    """The embedded stack of this data directory. Its libraries are read only where one was started."""
    if not (data_dir / "stack.json").exists():
        return None
    from shared.local import state

    return state.read(data_dir)


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[Database]:
    """An operator's connection, as long as the block lasts. Raises `Unavailable` when no database is known."""
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


async def republish_all(settings: Settings) -> int:
    """Put the history of every service in its outbox again, for a broker that forgot everything."""
    events = 0
    for service in SERVICES:
        async with _working(settings, service) as side, side.db.transaction() as conn:
            events += await outbox.republish(conn)
    return events


async def status(settings: Settings, say: Teller) -> int:
    """What runs and what waits."""
    running = _running(settings.data_dir)
    async with reading(settings) as database, database.acquire() as conn:
        now = settings.clock.now()
        left = await quiet.waiting(conn, now)
    parts = {name: identity.process() is not None for name, identity in running.processes.items()} if running else {}
    value = {"now": now, "parts": parts, "addresses": running.addresses if running else {}, "waiting": asdict(left)}
    lines = [f"{name}: {'runs' if alive else 'does not run'}" for name, alive in parts.items()]
    lines += [f"{name} at {address}" for name, address in value["addresses"].items()]  # type: ignore[attr-defined]
    lines.append(f"business time {now:%Y-%m-%d %H:%M} UTC; waiting: {asdict(left)}")
    say.result(value, *lines)
    return 0 if all(parts.values()) else 3


async def doctor(given: Settings, say: Teller) -> int:
    """What is wrong and what to do: 3 when a server is away, 1 when something is wrong, 0 with advice at most."""
    settings = settings_of_running(given)
    found = await examine(Patient(settings, embedded=settings is not given))
    lines = [f"{f.grade:6} {f.check}: {f.what}. {f.do[0].upper()}{f.do[1:]}." for f in found]
    last = f"{len(CHECKS)} checks, {len(found)} findings"
    say.result({"checks": list(CHECKS), "findings": [asdict(one) for one in found]}, *lines, last)
    return exit_code(found)


async def import_files(settings: Settings, files: Sequence[Path], confirm: bool, say: Teller) -> int:
    """Hand in files one by one; 1 when rows were set aside, 2 when a whole file was refused."""
    receipts, code = [], 0
    async with httpx.AsyncClient(base_url=settings.public_url, timeout=120) as client:
        for path in files:
            with say.busy(path.name):
                try:
                    receipt = await deliver(client, load_keys(settings), path.read_bytes(), confirm=confirm)
                except Unusable as error:
                    receipt, code = {"kind": "refused", "problem": dict(error.problem), "text": str(error)}, 2
            receipts.append({"file": path.name, **receipt})
            code = max(code, 1) if receipt.get("quarantined") else code
    for receipt in receipts:
        faults = [f"  {f['where']}: {f['expected']}" for f in receipt.get("faults", [])[:20]]
        counts = ("received", "applied", "unchanged", "skipped", "quarantined")
        told = receipt.get("text") or ", ".join(f"{receipt[name]} {name}" for name in counts)
        codes = {error.get("code") for error in receipt.get("problem", {}).get("errors", ())}
        advice = ["  Are they really gone? Hand the list in again with --confirm."] if DROP in codes else []
        if not say.as_json:
            say.result({}, f"{receipt['file']}: {told}", *faults, *advice)
    if say.as_json:
        say.result({"files": receipts})
    return code


async def link_shadow(settings: Settings, shadow: str, pgn: str, say: Teller) -> int:
    """Say who a pupil of the national chain is."""
    answer = await as_operator(settings, "POST", f"/intake/api/v1/shadows/{shadow}/links", json={"pgn": pgn})
    ref = answer["pupil_ref"]
    say.result({"pupil_ref": ref}, f"{shadow} is {ref}; its applications go there")
    return 0


async def audit(settings: Settings, say: Teller, keep: bool = False) -> int:
    """Check everything now; 1 on a violation. To keep it, look again at what was found."""
    async with reading(settings) as database:
        if keep:
            with say.busy("looks twice when something is found"):
                return tell(await nightly.keep(settings), say)
        async with database.acquire() as conn:
            return tell(await check(conn, settings), say)


async def last_audit(settings: Settings, say: Teller) -> int:
    """Tell the audit that was kept most lately; 1 on a violation, 2 when there is none."""
    async with reading(settings) as database:
        run = await nightly.last(database)
    if run is None:
        raise NotFound("no audit was kept yet: one is kept every night, and by 'overstap audit --keep'")
    say.result(
        asdict(run),
        *(f"VIOLATION {rule}: {count} times; 'overstap audit' names them" for rule, count in run.rules.items()),
        f"{run.started_at:%Y-%m-%d %H:%M} UTC, in {(run.finished_at - run.started_at).total_seconds():.0f} s: "
        f"{run.pupils_in} pupils in, {run.accounted_for} accounted for, {run.violations} violations, "
        f"{run.passing} only on their way",
    )
    return 0 if run.good else 1


def tell(report: Report, say: Teller) -> int:
    """Show an audit; 1 when it found a violation."""
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


async def explain(settings: Settings, ref: str, cohort: int | None, say: Teller) -> int:
    """The whole story of one pupil."""
    async with reading(settings) as database, database.acquire() as conn:
        stories = await story_of(conn, ref, cohort)
    say.result({"stories": [asdict(s) for s in stories]}, *(line for s in stories for line in s.lines()))
    return 0


async def lag(settings: Settings, say: Teller) -> int:
    """How far each service is behind; 1 when something stands still."""
    async with reading(settings) as database, database.acquire() as conn:
        found = await measure(conn)
    say.table("Sends", ("service", "waiting", "seconds", "holes", "quarantine"), [astuple(s) for s in found.services])
    behind = [
        (f"{t.service} reads {t.topic}", t.behind, t.seconds, f"{t.since:%Y-%m-%d %H:%M}" if t.since else "", t.braked)
        for t in found.topics
        if t.behind or t.braked
    ]
    say.table("Behind", ("", "events", "seconds", "since (business time)", "stopped"), behind)
    total = sum(t.behind for t in found.topics)
    lines = [f"STANDS STILL: {what}" for what in found.still] or [f"{total} events behind, nothing stands still"]
    value = {"topics": [asdict(t) for t in found.topics], "services": [asdict(s) for s in found.services]}
    say.result(value | {"still": found.still}, *lines)
    return 1 if found.still else 0


async def snapshot(settings: Settings, cohort: int, on: date | None, say: Teller) -> int:
    """Publish the figures of a cohort on a reference date."""
    summary = await publish_figures(settings, cohort, on)
    say.result({"snapshot": str(summary)}, str(summary))
    return 0


async def publish_figures(settings: Settings, cohort: int, on: date | None) -> object:
    """Publish a dated set of figures; returns its summary."""
    async with _working(settings, "signals") as side:
        publish = import_module("services.signals.app").snapshot
        return await publish(side, cohort, on or civil_date(settings.clock.now()))


async def erasures_export(settings: Settings, path: Path, say: Teller) -> int:
    """Append to the list of erasures what it does not have yet."""
    async with reading(settings) as database, database.acquire() as conn:
        added = await erasures.export(conn, path)
    say.result({"added": added}, f"{added} erasures added to {path}")
    return 0


async def erasures_replay(settings: Settings, path: Path, say: Teller) -> int:
    """Erase in a restored database, in every service, whoever was erased after the backup was made."""
    moments = erasures.read(path)
    async with _working(settings, "dossier") as dossier:
        erased = await erasures.replay(dossier, moments)
        for service in erasures.TOPIC.consumers:
            async with _working(settings, service) as side:
                await erasures.tell(dossier, side)
    say.result({"erased": erased}, f"{len(moments)} on the list, {erased} erased again")
    return 0


async def republish(settings: Settings, service: str, say: Teller) -> int:
    """Send the history of one service, or of all, again."""
    if service == "all":
        events = await republish_all(settings)
        say.result({"events": events}, f"{events} events wait to be sent again")
        return 0
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
    """Take the brake off a consumer. Raises `NotFound` for a topic that the service does not read."""
    read = sorted(name for name, one in TOPICS.items() if service in one.consumers)
    if service in SERVICES and topic not in read:
        raise NotFound(f"{service} does not read {topic!r}; it reads {', '.join(read)}")
    async with _working(settings, service) as side, side.db.transaction() as conn:
        released = await conn.fetchval(SQL["release_brake"], topic)
    say.result({"released": released}, f"{topic}: goes on" if released else f"{topic}: no brake was on")
    return 0
