"""The only place that reads the wall clock. Business time is passed in everywhere else."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class Clock(Protocol):
    """Tells business time. Read at the edges only: HTTP, relay, timer claim, command line."""

    def now(self) -> datetime:
        """Present instant, aware, UTC."""


class SystemClock:
    """Business time is the machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """Business time stands still until it is moved by hand; for tests."""

    def __init__(self, instant: datetime):
        self.instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        return self.instant


class FileClock:
    """Virtual time shared by every process of an embedded stack: the instant written in one file.

    It stands still; only ``overstap`` moves it, when everything is quiet.
    """

    def __init__(self, path: Path):
        self.path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self.path.read_text().strip()).astimezone(UTC)

    def move(self, instant: datetime) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(instant.astimezone(UTC).isoformat())
        fresh.replace(self.path)


def civil_date(instant: datetime) -> date:
    """The calendar date in the Netherlands at this instant."""
    return instant.astimezone(AMSTERDAM).date()


def local_instant(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The instant at which this wall-clock time comes in the Netherlands."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=AMSTERDAM).astimezone(UTC)
