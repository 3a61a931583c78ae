"""`docs/performance.md`, made from the figures alone."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
HEAD = """# Performance

Made by `make bench`, `make bench-memory`, `make bench-export` and `make bench-year` from `bench/results/`; do not edit.
What each measurement does stands at the head of its module in `bench/`. PostgreSQL writes every commit to disk. CPU is
in seconds per 1,000 events, of a process with its children; memory in MB, what processes share counted once.
"""
STEPS = {
    "reading": ("read", "FastStream and aiokafka fetch batches from twelve partitions of each topic and commit them"),
    "decoding": ("decode", "envelope and schema checked record by record, person data decrypted: nothing bad gets in"),
    "claiming": ("inbox", "streams locked, duplicates dropped, holes noted, fates counted: exactly once, in order"),
    "handling": ("decide", "the real work: cases read, every event folded into them, custody and rules, cases written"),
    "telling": ("outbox", "what follows is numbered and written in the same transaction: history, pointer, timers"),
    "whole": ("relay", "pointers read, records sent, acknowledgements awaited, pointers dropped; progress and timers"),
}


def render(results: Path = RESULTS) -> str:
    """The page for these figures."""
    parts = [HEAD]
    if (path := results / "latest.json").exists():
        parts += _measured(json.loads(path.read_text()))
    if (path := results / "memory.json").exists():
        parts += _memory(json.loads(path.read_text()))
    if (path := results / "export.json").exists():
        parts += _export(json.loads(path.read_text()))
    if (path := results / "year.json").exists():
        parts += _year(json.loads(path.read_text()))
    if (path := results / "growth.json").exists():
        parts += _growth(json.loads(path.read_text()))
    return "\n".join(parts)


def _measured(found: dict[str, Any]) -> Iterator[str]:
    yield _machine(found)
    for kind, stack in found["stacks"].items():
        if "skipped" in stack:
            yield f"## On {kind}\n\nSkipped: {stack['skipped']}.\n"
            continue
        servers = ", ".join(
            f"{value}" if name == "broker" else f"{name} {value}" for name, value in stack["servers"].items()
        )
        yield f"## On {kind} ({servers})\n"
        yield from (
            _throughput(stack),
            _costs(stack),
            _others(stack),
            _latency(stack["latency"]),
            _import(stack["import"]),
        )


def _machine(found: dict[str, Any]) -> str:
    listed = "; ".join(f"{name} {value}" for name, value in found["machine"].items())
    return f"Measured on {found['measured_on']}: {listed}.\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def _throughput(stack: dict[str, Any]) -> str:
    named = {
        "(a) our path": stack["whole"],
        "(b) one message per transaction": stack["one_by_one"],
        "(c) the floor: raw batches, one insert": stack["floor"],
    }
    processes = ("worker", "PostgreSQL", "broker")
    rows = [
        [
            name,
            f"{run['events']:,}",
            f"**{run['events_per_second']:,}**",
            *(run["batch_ms"][p] for p in ("p50", "p99")),
            *(f"{run['cpu_per_1000'][p]:.3f}" for p in processes),
            *(_span(run["memory_mb"][p]) for p in processes),
        ]
        for name, run in named.items()
    ]
    head = [
        "road",
        "events",
        "events/s",
        "batch p50 ms",
        "p99 ms",
        *(f"CPU {p}" for p in processes),
        *(f"MB {p}" for p in processes),
    ]
    a, b, c = (run["events_per_second"] for run in named.values())
    whole = stack["whole"]
    return (
        f"### Throughput of coordination\n\n{whole['types']} types of event interleaved, all waiting on five topics "
        f"when the clock starts; {whole['following']:,} events follow and are sent.\n\n{table(head, rows)}\n"
        f"**a/b = {a / b:.1f}; a/c = {a / c:.3f}.**\n"
    )


def _span(mb: dict[str, float]) -> str:
    return f"{mb['start']:.0f} → {mb['end']:.0f}, at most {mb['peak']:.0f}"


def _costs(stack: dict[str, Any]) -> str:
    ladder = [*stack["ladder"], stack["whole"]]
    whole = stack["whole"]["cpu_per_1000"]["all"]
    rows, before = [], dict.fromkeys(("worker", "PostgreSQL", "broker", "all"), 0.0)
    for run in ladder:
        cpu = run["cpu_per_1000"]
        added = {name: cpu[name] - before[name] for name in before}
        name, why = STEPS[run["road"]]
        rows.append([name, *(f"{added[p]:.3f}" for p in before), f"{added['all'] / whole:.0%}", why])
        before = {name: cpu[name] for name in before}
    floor = stack["floor"]["cpu_per_1000"]
    rows.append(["floor (c)", *(f"{floor[p]:.3f}" for p in before), f"{floor['all'] / whole:.0%}", "for comparison"])
    head = ["step", "CPU worker", "CPU PostgreSQL", "CPU broker", "CPU all", "share", "what it buys"]
    return (
        "### Where a/c goes\n\nThe same road, one step longer each time; a step costs what the longer road uses more. "
        f"Small negative figures are noise.\n\n{table(head, rows)}"
    )


def _others(stack: dict[str, Any]) -> str:
    rows = [
        [
            run["service"],
            run["types"],
            f"{run['events_per_second']:,}",
            *(run["batch_ms"][p] for p in ("p50", "p99")),
            f"{run['cpu_per_1000']['worker']:.3f}",
            f"{run['cpu_per_1000']['PostgreSQL']:.3f}",
        ]
        for run in (stack["whole"], *stack["others"])
    ]
    head = ["service", "types", "events/s", "batch p50 ms", "p99 ms", "CPU worker", "CPU PostgreSQL"]
    return f"### Every service on its own input\n\n{table(head, rows)}"


def _latency(found: dict[str, Any]) -> str:
    rows = [
        [name, found[key]["p50"], found[key]["p99"]]
        for name, key in (("HTTP answer", "http_ms"), ("(d) row of the alert", "row_ms"))
    ]
    cpu = ", ".join(f"{name} {value:.2f}" for name, value in found["cpu_per_1000"].items())
    return (
        f"### From HTTP to the alert\n\n{found['commands']:,} applications by API, {found['per_second']} a second, "
        "each from the moment its request is sent until others see the changed alert; five services in one web and one "
        f"worker process.\n\n{table(['until', 'p50 ms', 'p99 ms'], rows)}\nCPU per 1,000 commands: {cpu}.\n"
    )


def _import(found: dict[str, Any]) -> str:
    ours, copied = found["rows_per_second"], found["copied_per_second"]
    cpu = ", ".join(f"{name} {value:.3f}" for name, value in found["cpu_per_1000"].items())
    memory = found["memory_mb"]["web"]
    return (
        f"### Import of a file\n\n(e) {found['rows']:,} statuses of applications through the door of intake, checked, "
        f"deduplicated, folded, told and committed at once: **{ours:,} rows/s**. COPY of the same rows into a bare "
        f"table: {copied:,} rows/s. Ratio {ours / copied:.4f}. CPU per 1,000 rows: {cpu}. The web process uses "
        f"{memory['start']:.0f} MB before, {memory['peak']:.0f} MB at most.\n"
    )


def _memory(found: dict[str, Any]) -> Iterator[str]:
    rows = [
        [
            name,
            p["second_third_mb"],
            p["last_third_mb"],
            p["peak_mb"],
            p["mb_per_100k_events"],
            "yes" if p["flat"] else "**no**",
        ]
        for name, p in found["processes"].items()
    ]
    head = ["process", "second third", "last third", "peak", "MB per 100,000 events", "flat"]
    yield f"## Memory over {found['events']:,} events ({found['stack']})\n"
    yield _machine(found)
    yield (
        f"Coordination, our path, {found['events_per_second']:,} events/s while the input was still being produced; "
        f"mean MB per third of the run.\n\n{table(head, rows)}"
    )


def _export(found: dict[str, Any]) -> Iterator[str]:
    head = ["rows", "seconds", "rows/s", "COPY rows/s", "ratio", "all sent after s", "events"]
    rows = [
        [
            f"{run['rows']:,}",
            f"**{run['seconds']}**",
            f"{run['rows_per_second']:,}",
            f"{run['copied_per_second']:,}",
            f"{run['rows_per_second'] / run['copied_per_second']:.4f}",
            run["seconds_until_sent"],
            f"{run['events']:,}",
        ]
        for run in found["exports"]
    ]
    used = ("web", "worker", "PostgreSQL")
    costs = [
        [
            f"{run['rows']:,}",
            *(f"{run['cpu_per_1000'][name]:.3f}" for name in used),
            *(_span(run["memory_mb"][name]) for name in used[:2]),
        ]
        for run in found["exports"]
    ]
    yield f"## The status export of the national chain ({found['stack']})\n"
    yield _machine(found)
    yield (
        "Through the door of intake as a stream, until every row has its fate: checked, put aside, taken in a pupil at "
        "a time, told. One in a thousand can not be used. The same file again changes nothing.\n\n"
        f"{table(head, rows)}\n"
        f"{table(['rows', *(f'CPU {name}' for name in used), 'MB web', 'MB worker'], costs)}"
    )


def _year(found: dict[str, Any]) -> Iterator[str]:
    cpu = ", ".join(f"{name} {value:.3f}" for name, value in found["cpu_per_1000"].items())
    yield f"## A school year of a region ({found['stack']})\n"
    yield _machine(found)
    yield (
        f"{found['pupils']:,} pupils, five services in one worker process, until {found['until']}: {found['told']:,} "
        f"events are told, {found['events']:,} in all follow and are taken, business time stops {found['stops']:,} "
        f"times until all is quiet: {found['seconds']:,} s, **{found['events_per_second']:,} events/s** end to end. "
        f"CPU per 1,000 events: {cpu}. {_beside([found])}\n"
    )


def _growth(found: dict[str, Any]) -> Iterator[str]:
    rows = [
        [
            *(f"{run[name]:,}" for name in ("pupils", "schools", "regions", "events")),
            *(f"{run['cpu_per_1000'][name]:.3f}" for name in ("worker", "PostgreSQL", "broker")),
            f"**{run['cpu_per_1000']['all']:.3f}**",
            *(f"{run['memory_mb'][name]['peak']:.0f}" for name in ("worker", "PostgreSQL")),
            f"{run['seconds']:,}",
            f"{run['events_per_second']:,}",
            f"{run['cores_beside']:.1f}",
        ]
        for run in found["runs"]
    ]
    used = ("CPU worker", "CPU PostgreSQL", "CPU broker", "CPU all", "MB worker", "MB PostgreSQL")
    head = ["pupils", "schools", "regions", "events", *used, "seconds", "events/s", "cores beside"]
    verdict = "grows with the number of pupils, not faster" if found["linear"] else "**grows faster than their number**"
    yield f"## More and more pupils ({found['stack']})\n"
    yield _machine(found)
    yield (
        "Coordination: on average 2.5 events of every pupil are taken, then the winter passes, to the day after 1 "
        "February, and all that comes of it is decided and sent. Every 2,500 pupils are a region more, with schools of "
        f"100. The measure is CPU: up to {found['runs'][-1]['pupils']:,} pupils, what coordination uses {verdict}. "
        f"{_beside(found['runs'])}\n\n{table(head, rows)}"
    )


def _beside(runs: Sequence[dict[str, Any]]) -> str:
    cores = sorted({f"{run['cores_beside']:.1f}" for run in runs})
    if cores == ["0.0"]:
        return "Nothing else ran meanwhile."
    return f"Other work kept {' to '.join(cores[:1] + cores[1:][-1:])} cores busy meanwhile: go by CPU, not by seconds."
