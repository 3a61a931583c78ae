"""What processes use: CPU seconds and memory, each with all its children."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import psutil

MEGABYTE = 1024 * 1024
SAMPLE_SECONDS = 1.0
BUSY = ("user", "nice", "system", "irq", "softirq", "steal")


@dataclass
class Meter:
    """Watches processes by name."""

    pids: Mapping[str, int]
    memory: dict[str, list[float]] = field(default_factory=dict)
    """MB over time; memory shared by processes counts once."""

    def cpu(self) -> dict[str, float]:
        """CPU seconds used until now, children included, also those that ended."""
        return {name: sum(_cpu(process) for process in _family(pid)) for name, pid in self.pids.items()}

    def look(self) -> None:
        """Note the memory in use now."""
        for name, pid in self.pids.items():
            self.memory.setdefault(name, []).append(sum(_memory(process) for process in _family(pid)))

    @asynccontextmanager
    async def watching(self) -> AsyncIterator["Meter"]:
        """Note the memory every second."""
        task = asyncio.create_task(self._watch())
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            self.look()

    async def _watch(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(SAMPLE_SECONDS)

    def memory_summary(self) -> dict[str, dict[str, float]]:
        """MB at the start, at the end and at most."""
        return {
            name: {"start": round(mb[0], 1), "end": round(mb[-1], 1), "peak": round(max(mb), 1)}
            for name, mb in self.memory.items()
        }


def taken() -> dict[str, float]:
    """CPU seconds used until now, by this process with everything it started, and by the rest of the machine."""
    times, ours = psutil.cpu_times(), sum(_cpu(process) for process in _family(os.getpid()))
    busy = sum(getattr(times, name, 0.0) for name in BUSY)
    return {"ours": ours, "others": busy - ours}


def _family(pid: int) -> Iterable[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return sum((times.user, times.system, times.children_user, times.children_system))


def _memory(process: psutil.Process) -> float:
    try:
        used = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0
    return float(getattr(used, "pss", used.rss)) / MEGABYTE


def spent(before: Mapping[str, float], after: Mapping[str, float], events: int) -> dict[str, float]:
    """CPU seconds per 1,000 events, per process and in all."""
    each = {name: round((after[name] - before[name]) * 1000 / events, 4) for name in after}
    return each | {"all": round(sum(each.values()), 4)}


def beside(before: Mapping[str, float], after: Mapping[str, float], seconds: float) -> float:
    """How many cores others kept busy in these seconds, on average."""
    return round((after["others"] - before["others"]) / seconds, 2)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(values: Sequence[float]) -> dict[str, float]:
    """p50 and p99 of seconds, in milliseconds."""
    return {name: round(percentile(values, share) * 1000, 1) for name, share in (("p50", 0.5), ("p99", 0.99))}
