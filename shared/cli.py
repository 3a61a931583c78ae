"""The `overstap` command. Exit codes: 0 good, 1 a check found something, 2 wrong use or input, 3 something is away."""

import asyncio
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from re import fullmatch
from typing import Annotated, Any
from uuid import UUID

import typer
import uvicorn
import uvloop
from rich.console import Console
from rich.markup import escape

from shared.core import tracing
from shared.core.actor import Actor, Role
from shared.core.errors import Invalid, OverstapError, Unavailable
from shared.core.logging import configure
from shared.core.reference import load as load_reference
from shared.core.settings import Settings
from shared.messaging.address import client_arguments
from shared.messaging.topics import catalogued, check_kept, create_topics, grant
from shared.operate import agreements, commands, show
from shared.operate.audit.nightly import with_nightly
from shared.operate.rehearse import Asked
from shared.operate.rehearse import rehearse as try_out
from shared.schemas.catalog import SERVICES
from shared.service import load, web, work
from shared.storage import migrate as migrations

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
quarantine = typer.Typer(no_args_is_help=True, help="What could not be applied and waits for a person.")
app.add_typer(quarantine, name="quarantine")
erasures = typer.Typer(no_args_is_help=True, help="Who was erased stays erased when an older backup is put back.")
app.add_typer(erasures, name="erasures")
agreement = typer.Typer(no_args_is_help=True, help="Regional agreements: who monitors, guides and hands over, by when.")
app.add_typer(agreement, name="agreement")
console = Console(stderr=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, for machines.")]


def main() -> None:
    """Entry point: every expected error becomes one clear line and an exit code, never a traceback."""
    try:
        app(prog_name="overstap")
    except Invalid as error:
        for fault in error.faults:
            console.print(f"[red]{escape(fault.where)}[/red]: {escape(fault.expected)}")
        sys.exit(2)
    except (Unavailable, TimeoutError, ConnectionError) as error:
        console.print(f"[red]not available:[/red] {escape(str(error))}", highlight=False)
        sys.exit(3)
    except OverstapError as error:
        console.print(f"[red]{type(error).__name__}:[/red] {escape(str(error))}", highlight=False)
        sys.exit(2)


def _run(job: Coroutine[Any, Any, int | None]) -> None:
    code = asyncio.run(job)
    if code:
        raise typer.Exit(code)


def _settings() -> Settings:
    return commands.settings_of_running(Settings())


@contextmanager
def _local_libraries() -> Iterator[None]:
    """Around an import: a server has no libraries of the embedded stack, and then this says what to do."""
    try:
        yield
    except ImportError as error:
        raise Unavailable(
            f"the embedded stack is not installed here (no {error.name}): 'make setup' in the source installs it; "
            "or give your own servers with OVERSTAP_DATABASE_URL and OVERSTAP_KAFKA_BOOTSTRAP_SERVERS"
        ) from error


@app.command()
def up(
    empty: Annotated[bool, typer.Option("--empty", help="Without the sample region, on the wall clock.")] = False,
    virtual: Annotated[
        bool, typer.Option("--virtual", help="With --empty: on the virtual time of the data folder.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="End after the summary, with exit code 1 on a violation.")
    ] = False,
    kafka: Annotated[
        str, typer.Option(help="embedded, or apache: real Apache Kafka, for which Java 17 and Maven are needed.")
    ] = "embedded",
    json: Json = False,
) -> None:
    """Start the embedded stack; without --empty play the sample region to its present day and print a summary."""
    configure(level="WARNING")
    with _local_libraries():
        from shared.local import up as local
        from shared.local.stack import BROKERS
    if kafka not in BROKERS:
        raise typer.BadParameter(f"--kafka: one of {', '.join(BROKERS)}")
    play = local.Play(empty=empty, virtual=virtual or not empty, once=once, kafka=kafka)
    _run(local.up(play, show.Teller(console, json)))


@app.command()
def simulate(
    pupils: Annotated[int, typer.Option(min=4, help="How many pupils are expected.")] = 500,
    region: Annotated[str, typer.Option(help="Doorstroompunt region, 01 to 40.")] = "19",
    country: Annotated[bool, typer.Option("--country", help="All regions, instead of one.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same year.")] = 1,
    from_: Annotated[str, typer.Option("--from", help="1 October before the start: 2026-10-01.")] = "2026-10-01",
    until: Annotated[str, typer.Option(help="Last day that is lived, YYYY-MM-DD.")] = "2028-01-09",
    stack: Annotated[str, typer.Option(help="embedded, or apache: real Apache Kafka.")] = "embedded",
    workers: Annotated[int, typer.Option(min=1, max=12, help="Worker processes that share the work.")] = 1,
    stay: Annotated[bool, typer.Option("--stay", help="Keep it running afterwards, until Ctrl-C.")] = False,
    json: Json = False,
) -> None:
    """Live a made-up school year through the real doors on virtual time, and check everything that came out."""
    configure(level="WARNING")
    with _local_libraries():
        from shared.local.simulate import run as local
        from shared.local.simulate.plan import COUNTRY, Wanted
        from shared.local.stack import BROKERS
    first, last = _day("--from", from_), _day("--until", until)
    if stack not in BROKERS or (first.month, first.day) != (10, 1) or last <= first:
        raise typer.BadParameter(f"--stack: {', '.join(BROKERS)}; --from: a 1 October; --until: a later day")
    if not country and region not in {known.code for known in load_reference().regions(first)}:
        raise typer.BadParameter("--region: the code of a Doorstroompunt region, 01 to 40")
    wanted = Wanted(COUNTRY if country else region, seed, pupils, first.year + 1)
    asked = local.Asked(wanted, last, stack, workers, stay)
    _run(local.simulate(asked, show.Teller(console, json)))


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{option}: a day as YYYY-MM-DD") from None


@app.command()
def down() -> None:
    """End the embedded stack of this data directory."""
    with _local_libraries():
        from shared.local import state
    ended = state.down(Settings().data_dir)
    console.print("ended" if ended else "nothing runs here")


@app.command()
def status(json: Json = False) -> None:
    """What runs, where, what still waits, and the business time."""
    _run(commands.status(_settings(), show.Teller(console, json)))


@app.command()
def doctor(json: Json = False) -> None:
    """What is wrong here and what to do: settings, database, clock, Kafka, disk, mail, keys. Changes nothing."""
    configure(level="ERROR")
    _run(commands.doctor(Settings(), show.Teller(console, json)))


@app.command()
def migrate() -> None:
    """Bring the database up to date, one migrator at a time."""
    configure()
    settings = _settings()
    if not settings.database_url:
        raise Unavailable("no database: set OVERSTAP_DATABASE_URL or start the embedded stack with 'overstap up'")
    done = asyncio.run(migrations.migrate(settings.database_url, SERVICES))
    for service, names in done.items():
        console.print(f"{service}: {', '.join(names) or 'up to date'}", highlight=False)


@app.command()
def topics(
    acls: Annotated[
        bool, typer.Option("--acls", help="Also give each service's account its rights, and take what else it has.")
    ] = False,
) -> None:
    """Create the topics that are missing and check the others: partitions, retention, compaction."""
    settings = _settings()
    servers, client = commands.bootstrap(settings)[0], client_arguments(settings)
    asyncio.run(create_topics(servers, catalogued(settings), settings.partitions, **client))
    if settings.kafka_bootstrap_servers:
        asyncio.run(check_kept(servers, catalogued(settings), **client))
    console.print(f"{len(catalogued(settings))} topics of {settings.partitions} partitions")
    if acls:
        given, taken = asyncio.run(grant(settings, servers, **client))
        console.print(f"rights: {given} given, {taken} taken")


@app.command()
def run(
    service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}, or all.")],
    side: Annotated[str, typer.Argument(help="web or worker.")],
) -> None:
    """Run one side of one service, or of all in one process, until SIGTERM."""
    if service not in (*SERVICES, "all") or side not in ("web", "worker"):
        raise typer.BadParameter(f"service: {', '.join(SERVICES)} or all; side: web or worker")
    settings = _settings()
    configure(level=settings.log_level)
    tracing.configure(settings, f"{service}-{side}")
    if not settings.database_url:
        raise Unavailable("no database: set OVERSTAP_DATABASE_URL or start the embedded stack with 'overstap up'")
    names = SERVICES if service == "all" else (service,)
    asyncio.run(migrations.check(settings.database_url, names))
    if side == "web":
        site = web(load(settings, names), settings)
        uvicorn.run(
            site,
            host=settings.web_host,
            port=settings.web_port,
            log_config=None,
            access_log=False,
            forwarded_allow_ips=settings.trusted_proxies,
        )
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_work(settings, names))


async def _work(settings: Settings, names: tuple[str, ...]) -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    await work(with_nightly(load(settings, names), settings), settings, stop, probed=True)


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="CSV files, see docs/csv.md.")],
    confirm: Annotated[bool, typer.Option("--confirm", help="Accept a full list that drops many pupils.")] = False,
    json: Json = False,
) -> None:
    """Hand in files at the door of the service that takes them; the header tells which."""
    _run(commands.import_files(_settings(), files, confirm, show.Teller(console, json)))


@app.command("link-shadow")
def link_shadow(
    shadow: Annotated[str, typer.Argument(help="Reference of a pupil who is known from the national chain alone.")],
    json: Json = False,
) -> None:
    """Say who a pupil of the national chain is. Asks for the personal number, or reads it from standard input."""
    pgn = typer.prompt("PGN", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
    _run(commands.link_shadow(_settings(), shadow, pgn, show.Teller(console, json)))


@app.command()
def audit(
    keep: Annotated[bool, typer.Option("--keep", help="Look twice, and keep the numbers, as every night.")] = False,
    last: Annotated[bool, typer.Option("--last", help="Tell the last audit that was kept.")] = False,
    json: Json = False,
) -> None:
    """Is every pupil accounted for, every event handled once, every rule kept? Exit code 1 when not."""
    if keep and last:
        raise typer.BadParameter("--keep audits now, --last tells an earlier audit: give one of them")
    teller, settings = show.Teller(console, json), _settings()
    _run(commands.last_audit(settings, teller) if last else commands.audit(settings, teller, keep))


@app.command()
def explain(
    pupil_ref: Annotated[str, typer.Argument(help="Reference of the pupil; pages and API show it.")],
    cohort: Annotated[int | None, typer.Option(help="School year of the intended start; default every one.")] = None,
    json: Json = False,
) -> None:
    """Tell the whole story of a pupil: who had them when, which rule fired on which facts, what was due."""
    _run(commands.explain(_settings(), pupil_ref, cohort, show.Teller(console, json)))


@agreement.command("check")
def agreement_check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], json: Json = False) -> None:
    """Is this file a valid agreement? Every fault at once, each with its line; exit code 2 when not."""
    agreements.check(file, show.Teller(console, json))


@agreement.command("adopt")
def agreement_adopt(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], json: Json = False) -> None:
    """Let the region that the file names adopt it. Transitions that are open stay on the version they have."""
    _run(agreements.adopt(_settings(), file, show.Teller(console, json)))


@agreement.command("move")
def agreement_move(
    old: Annotated[str, typer.Argument(help="Version on which the transitions are now.")],
    new: Annotated[str, typer.Argument(help="Version under which they go on.")],
    region: Annotated[str, typer.Option(help="Code of the region, such as 19.")],
    json: Json = False,
) -> None:
    """Take the open transitions of a region over to another version."""
    _run(agreements.move(_settings(), region, old, new, show.Teller(console, json)))


@app.command()
def rehearse(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An agreement, see deploy/agreements.")],
    cohort: Annotated[int | None, typer.Option("--from", help="School year; default the last that began.")] = None,
    capacity: Annotated[
        list[str] | None, typer.Option(help="ROLE=N: alerts that somebody in a role can deal with in a week.")
    ] = None,
    json: Json = False,
) -> None:
    """Live last year again under this agreement, and tell the difference. Writes nothing."""
    asked = Asked(file, cohort, capacity or ())
    _run(try_out(_settings(), asked, show.Teller(console, json)))


@app.command()
def lag(json: Json = False) -> None:
    """How far each service is behind, and how long; exit code 1 when something stands still."""
    _run(commands.lag(_settings(), show.Teller(console, json)))


@app.command()
def snapshot(
    cohort: Annotated[int, typer.Option(help="School year of the intended start, such as 2027.")],
    on: Annotated[str | None, typer.Option("--on", help="Reference date, YYYY-MM-DD; default today.")] = None,
    json: Json = False,
) -> None:
    """Publish a dated, protected set of figures per region."""
    _run(commands.snapshot(_settings(), cohort, _day("--on", on) if on else None, show.Teller(console, json)))


@erasures.command("export")
def erasures_export(file: Annotated[Path, typer.Argument(dir_okay=False)]) -> None:
    """Append to this list every erasure it does not have yet: references and moments, no names."""
    _run(commands.erasures_export(_settings(), file, show.Teller(console, False)))


@erasures.command("replay")
def erasures_replay(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """After a restore, before anything is started: erase everybody on this list again, in every service."""
    configure(level="WARNING")
    _run(commands.erasures_replay(_settings(), file, show.Teller(console, False)))


@app.command()
def republish(service: Annotated[str, typer.Argument(help="Whose topics were lost, or all.")]) -> None:
    """Send the whole history of a service again; consumers know what they had."""
    _run(commands.republish(_settings(), service, show.Teller(console, False)))


@quarantine.command("list")
def quarantine_list(json: Json = False) -> None:
    """Everything that waits, with its reason."""
    _run(commands.quarantine_list(_settings(), show.Teller(console, json)))


@quarantine.command("retry")
def quarantine_retry(service: str, id: UUID) -> None:
    """Try one again at the entrance where it came in."""
    _run(commands.quarantine_retry(_settings(), service, id, show.Teller(console, False)))


@quarantine.command("discard")
def quarantine_discard(service: str, id: UUID, reason: Annotated[str, typer.Option()]) -> None:
    """Put one aside for good, with a reason."""
    _run(commands.quarantine_discard(_settings(), service, id, reason, show.Teller(console, False)))


@quarantine.command("release")
def quarantine_release(service: str, topic: str) -> None:
    """Let a consumer that was stopped by the brake go on."""
    _run(commands.quarantine_release(_settings(), service, topic, show.Teller(console, False)))


@app.command()
def keys() -> None:
    """Make the keys of this installation, once."""
    from shared.core.keys import load_keys

    load_keys(Settings())
    console.print(f"keys in {Settings().data_dir}")


@app.command()
def token(
    organisation: Annotated[
        str, typer.Argument(help="For whom: a vo site such as 99AC00, an institution such as 99MA.")
    ],
    hours: Annotated[float, typer.Option(min=0.1, max=720, help="How long it is valid.")] = 8,
) -> None:
    """A bearer token for the API, for the system of one organisation, signed with the key of this installation."""
    from shared.core.keys import load_keys

    if not fullmatch(r"[0-9]{2}[A-Z0-9]{2}([0-9]{2})?", organisation):
        raise typer.BadParameter("organisation: a vo site such as 99AC00, or an institution such as 99MA")
    actor = Actor(organisation, Role.SCHOOL_SYSTEM, f"system-{organisation.lower()}")
    typer.echo(load_keys(Settings()).api_token(actor, hours))


if __name__ == "__main__":
    main()
