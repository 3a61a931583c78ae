"""Commands about what waits for a person in quarantine, and about who must stay erased."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from shared.cli.kit import Json, run_to_end, settings_here, teller
from shared.core.logging import configure
from shared.operate import commands

app = typer.Typer()
erasures = typer.Typer(no_args_is_help=True, help="Who was erased stays erased when an older backup is put back.")
app.add_typer(erasures, name="erasures")
quarantine = typer.Typer(no_args_is_help=True, help="What could not be applied and waits for a person.")
app.add_typer(quarantine, name="quarantine")


@erasures.command("export")
def erasures_export(file: Annotated[Path, typer.Argument(dir_okay=False)]) -> None:
    """Append to this list every erasure it does not have yet: references and moments, no names."""
    run_to_end(commands.erasures_export(settings_here(), file, teller()))


@erasures.command("replay")
def erasures_replay(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """After a restore, before anything is started: erase everybody on this list again, in every service."""
    configure(level="WARNING")
    run_to_end(commands.erasures_replay(settings_here(), file, teller()))


@quarantine.command("list")
def quarantine_list(json: Json = False) -> None:
    """Everything that waits, with its reason."""
    run_to_end(commands.quarantine_list(settings_here(), teller(json)))


@quarantine.command("retry")
def quarantine_retry(service: str, id: UUID) -> None:
    """Try one again at the entrance where it came in."""
    run_to_end(commands.quarantine_retry(settings_here(), service, id, teller()))


@quarantine.command("discard")
def quarantine_discard(service: str, id: UUID, reason: Annotated[str, typer.Option()]) -> None:
    """Put one aside for good, with a reason."""
    run_to_end(commands.quarantine_discard(settings_here(), service, id, reason, teller()))


@quarantine.command("release")
def quarantine_release(service: str, topic: str) -> None:
    """Let a consumer that was stopped by the brake go on."""
    run_to_end(commands.quarantine_release(settings_here(), service, topic, teller()))
