"""The `overstap` command. Exit codes: 0 good, 1 a check found something, 2 wrong use or input, 3 something is away."""

import sys

import typer
from rich.markup import escape

from shared.cli import agreements, local, operating, serving, waiting
from shared.cli.kit import console
from shared.core.errors import Invalid, OverstapError, Unavailable

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
for part in (local, operating, agreements, waiting, serving):
    app.add_typer(part.app)


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
