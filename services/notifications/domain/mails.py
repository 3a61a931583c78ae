"""When a mail is tried again, and when we give up."""

from datetime import datetime, timedelta

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 8 * 60, 24 * 60))
"""How long to wait after the first, second, … failure. After the last one the deputy is told."""


def next_attempt(failures: int, now: datetime) -> datetime | None:
    """When to try again after this many failures; None: give up."""
    return now + WAITS[failures - 1] if failures <= len(WAITS) else None
