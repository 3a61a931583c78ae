"""`overstap up`: the embedded stack, and the made-up region that lives its school year on it."""

from dataclasses import dataclass

import httpx

from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.local import demo, virtual_time
from shared.local.simulate.spool import WHOLE
from shared.local.stack import Kind, Stack
from shared.operate import quiet
from shared.operate.audit import audit
from shared.operate.commands import publish_figures, reading, republish_all, settings_of_running, tell
from shared.operate.show import Teller
from shared.schemas.catalog import SERVICES
from shared.storage.migrate import migrate

LOCAL_SESSION_SECONDS = 3


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
    if not play.empty and (settings.data_dir / "plan" / WHOLE).exists():
        raise Invalid([Fault(str(settings.data_dir), "another OVERSTAP_DATA_DIR: here lives a simulated year")])
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
        say.note(f"Pages: {running.public_url}")
        if not play.once:
            say.note("Ctrl-C ends it; what it had is kept for the next time.")
            await stack.wait()
    return code


async def _play(settings: Settings, say: Teller) -> int:
    """Play the story and tell how it ended; 1 when the audit finds a violation."""
    async with reading(settings) as database, httpx.AsyncClient(base_url=settings.public_url, timeout=60) as client:
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
            await publish_figures(settings, demo.COHORT, None)
            await quiet.until_quiet(settings, database)
        async with database.acquire() as conn:
            report = await audit(conn, settings)
    return tell(report, say)
