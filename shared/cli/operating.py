"""Commands for who keeps it running: how it stands, what came in, and whether all is accounted for."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.kit import Json, day, run_to_end, settings_here, teller
from shared.core.logging import configure
from shared.core.settings import Settings
from shared.operate import commands

app = typer.Typer()


@app.command()
def status(json: Json = False) -> None:
    """What runs, where, what still waits, and the business time."""
    run_to_end(commands.status(settings_here(), teller(json)))


@app.command()
def doctor(json: Json = False) -> None:
    """What is wrong here and what to do: settings, database, clock, Kafka, disk, mail, keys. Changes nothing."""
    configure(level="ERROR")
    run_to_end(commands.doctor(Settings(), teller(json)))


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="CSV files, see docs/csv.md.")],
    confirm: Annotated[bool, typer.Option("--confirm", help="Accept a full list that drops many pupils.")] = False,
    json: Json = False,
) -> None:
    """Hand in files at the door of the service that takes them; the header tells which."""
    run_to_end(commands.import_files(settings_here(), files, confirm, teller(json)))


@app.command("link-shadow")
def link_shadow(
    shadow: Annotated[str, typer.Argument(help="Reference of a pupil who is known from the national chain alone.")],
    json: Json = False,
) -> None:
    """Say who a pupil of the national chain is. Asks for the personal number, or reads it from standard input."""
    pgn = typer.prompt("PGN", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
    run_to_end(commands.link_shadow(settings_here(), shadow, pgn, teller(json)))


@app.command()
def audit(
    keep: Annotated[bool, typer.Option("--keep", help="Look twice, and keep the numbers, as every night.")] = False,
    last: Annotated[bool, typer.Option("--last", help="Tell the last audit that was kept.")] = False,
    json: Json = False,
) -> None:
    """Is every pupil accounted for, every event handled once, every rule kept? Exit code 1 when not."""
    if keep and last:
        raise typer.BadParameter("--keep audits now, --last tells an earlier audit: give one of them")
    told, settings = teller(json), settings_here()
    run_to_end(commands.last_audit(settings, told) if last else commands.audit(settings, told, keep))


@app.command()
def explain(
    pupil_ref: Annotated[str, typer.Argument(help="Reference of the pupil; pages and API show it.")],
    cohort: Annotated[int | None, typer.Option(help="School year of the intended start; default every one.")] = None,
    json: Json = False,
) -> None:
    """Tell the whole story of a pupil: who had them when, which rule fired on which facts, what was due."""
    run_to_end(commands.explain(settings_here(), pupil_ref, cohort, teller(json)))


@app.command()
def lag(json: Json = False) -> None:
    """How far each service is behind, and how long; exit code 1 when something stands still."""
    run_to_end(commands.lag(settings_here(), teller(json)))


@app.command()
def snapshot(
    cohort: Annotated[int, typer.Option(help="School year of the intended start, such as 2027.")],
    on: Annotated[str | None, typer.Option("--on", help="Reference date, YYYY-MM-DD; default today.")] = None,
    json: Json = False,
) -> None:
    """Publish a dated, protected set of figures per region."""
    run_to_end(commands.snapshot(settings_here(), cohort, day("--on", on) if on else None, teller(json)))


@app.command()
def republish(service: Annotated[str, typer.Argument(help="Whose topics were lost, or all.")]) -> None:
    """Send the whole history of a service again; consumers know what they had."""
    run_to_end(commands.republish(settings_here(), service, teller()))
