"""Commands for one machine with Python alone: the embedded stack, and a year lived on it."""

from typing import Annotated

import typer

from shared.cli.kit import Json, console, day, local_libraries, run_to_end, teller
from shared.core.logging import configure
from shared.core.reference import load as load_reference
from shared.core.settings import Settings

app = typer.Typer()


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
    with local_libraries():
        from shared.local import up as local
        from shared.local.stack import BROKERS
    if kafka not in BROKERS:
        raise typer.BadParameter(f"--kafka: one of {', '.join(BROKERS)}")
    play = local.Play(empty=empty, virtual=virtual or not empty, once=once, kafka=kafka)
    run_to_end(local.up(play, teller(json)))


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
    with local_libraries():
        from shared.local.simulate import run as local
        from shared.local.simulate.plan import COUNTRY, Wanted
        from shared.local.stack import BROKERS
    first, last = day("--from", from_), day("--until", until)
    if stack not in BROKERS or (first.month, first.day) != (10, 1) or last <= first:
        raise typer.BadParameter(f"--stack: {', '.join(BROKERS)}; --from: a 1 October; --until: a later day")
    if not country and region not in {known.code for known in load_reference().regions(first)}:
        raise typer.BadParameter("--region: the code of a Doorstroompunt region, 01 to 40")
    wanted = Wanted(COUNTRY if country else region, seed, pupils, first.year + 1)
    asked = local.Asked(wanted, last, stack, workers, stay)
    run_to_end(local.simulate(asked, teller(json)))


@app.command()
def down() -> None:
    """End the embedded stack of this data directory."""
    with local_libraries():
        from shared.local import state
    ended = state.down(Settings().data_dir)
    console.print("ended" if ended else "nothing runs here")
