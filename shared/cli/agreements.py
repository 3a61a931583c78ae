"""Commands about regional agreements: checked, rehearsed, adopted, and moved to."""

from pathlib import Path
from typing import Annotated

import typer

from shared.cli.kit import Json, run_to_end, settings_here, teller
from shared.operate import agreements
from shared.operate.rehearse import Asked
from shared.operate.rehearse import rehearse as try_out

app = typer.Typer()
agreement = typer.Typer(no_args_is_help=True, help="Regional agreements: who monitors, guides and hands over, by when.")
app.add_typer(agreement, name="agreement")


@agreement.command("check")
def agreement_check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], json: Json = False) -> None:
    """Is this file a valid agreement? Every fault at once, each with its line; exit code 2 when not."""
    agreements.check(file, teller(json))


@agreement.command("adopt")
def agreement_adopt(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], json: Json = False) -> None:
    """Let the region that the file names adopt it. Transitions that are open stay on the version they have."""
    run_to_end(agreements.adopt(settings_here(), file, teller(json)))


@agreement.command("move")
def agreement_move(
    old: Annotated[str, typer.Argument(help="Version on which the transitions are now.")],
    new: Annotated[str, typer.Argument(help="Version under which they go on.")],
    region: Annotated[str, typer.Option(help="Code of the region, such as 19.")],
    json: Json = False,
) -> None:
    """Take the open transitions of a region over to another version."""
    run_to_end(agreements.move(settings_here(), region, old, new, teller(json)))


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
    run_to_end(try_out(settings_here(), asked, teller(json)))
