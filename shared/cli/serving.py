"""Commands that an installation consists of: its database, its topics, its keys, and what serves."""

import asyncio
import signal
from re import fullmatch
from typing import Annotated, Any

import typer
import uvicorn
import uvloop

from shared.cli.kit import console, database_of, settings_here
from shared.core import tracing
from shared.core.actor import Actor, Role
from shared.core.keys import load_keys
from shared.core.logging import configure
from shared.core.settings import Settings
from shared.messaging.address import bootstrap, client_arguments
from shared.messaging.topics import catalogued, check_kept, create_topics, grant
from shared.operate.audit.nightly import with_nightly
from shared.schemas.catalog import SERVICES
from shared.service import KEPT_SECONDS, load, web, work
from shared.storage import migrate as migrations

app = typer.Typer()


@app.command()
def migrate() -> None:
    """Bring the database up to date, one migrator at a time."""
    configure()
    done = asyncio.run(migrations.migrate(database_of(settings_here()), SERVICES))
    for service, names in done.items():
        console.print(f"{service}: {', '.join(names) or 'up to date'}", highlight=False)


@app.command()
def topics(
    acls: Annotated[
        bool, typer.Option("--acls", help="Also give each service's account its rights, and take what else it has.")
    ] = False,
) -> None:
    """Create the topics that are missing and check the others: partitions, retention, compaction."""
    settings = settings_here()
    servers, client = bootstrap(settings)[0], client_arguments(settings)
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
    settings = settings_here()
    configure(level=settings.log_level)
    tracing.configure(settings, f"{service}-{side}")
    names = SERVICES if service == "all" else (service,)
    asyncio.run(migrations.check(database_of(settings), names))
    if side == "web":
        uvicorn.run(web(load(settings, names), settings), **served(settings))
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_work(settings, names))


def served(settings: Settings) -> dict[str, Any]:
    """How the server of pages and APIs runs."""
    return {
        "host": settings.web_host,
        "port": settings.web_port,
        "log_config": None,
        "access_log": False,
        "timeout_keep_alive": KEPT_SECONDS,
        "forwarded_allow_ips": settings.trusted_proxies,
    }


async def _work(settings: Settings, names: tuple[str, ...]) -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    await work(with_nightly(load(settings, names), settings), settings, stop, probed=True)


@app.command()
def keys() -> None:
    """Make the keys of this installation, once."""
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
    if not fullmatch(r"[0-9]{2}[A-Z0-9]{2}([0-9]{2})?", organisation):
        raise typer.BadParameter("organisation: a vo site such as 99AC00, or an institution such as 99MA")
    actor = Actor(organisation, Role.SCHOOL_SYSTEM, f"system-{organisation.lower()}")
    typer.echo(load_keys(Settings()).api_token(actor, hours))
