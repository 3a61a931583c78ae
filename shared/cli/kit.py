"""What the commands share: how one is run and told, and where what runs is found."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console

from shared.core.errors import Unavailable
from shared.core.settings import Settings
from shared.operate import commands, show

console = Console(stderr=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, for machines.")]


def teller(as_json: bool = False) -> show.Teller:
    """Tells what a command does and found."""
    return show.Teller(console, as_json)


def run_to_end(job: Coroutine[Any, Any, int | None]) -> None:
    """Run what a command does; its exit code is that of the program."""
    code = asyncio.run(job)
    if code:
        raise typer.Exit(code)


def settings_here() -> Settings:
    """The settings, with the addresses of the embedded stack when it runs on this data directory."""
    return commands.settings_of_running(Settings())


def database_of(settings: Settings) -> str:
    """Where PostgreSQL is. Raises `Unavailable` when no settings and no embedded stack tell."""
    if not settings.database_url:
        raise Unavailable("no database: set OVERSTAP_DATABASE_URL or start the embedded stack with 'overstap up'")
    return settings.database_url


@contextmanager
def local_libraries() -> Iterator[None]:
    """Around an import: a server has no libraries of the embedded stack, and then this says what to do."""
    try:
        yield
    except ImportError as error:
        raise Unavailable(
            f"the embedded stack is not installed here (no {error.name}): 'make setup' in the source installs it; "
            "or give your own servers with OVERSTAP_DATABASE_URL and OVERSTAP_KAFKA_BOOTSTRAP_SERVERS"
        ) from error


def day(option: str, text: str) -> date:
    """The day that an option says; raises `typer.BadParameter` for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{option}: a day as YYYY-MM-DD") from None
