"""`docs/delivery-guarantees.md` names every waiting time in the code, with its value."""

import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from shared.core.settings import Settings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "delivery-guarantees.md").read_text(encoding="utf-8")
PLACES = ("shared/messaging", "shared/storage", "shared/operate/doors.py", "shared/service.py", "services")
NAME = re.compile(r"^([A-Z_]*(?:SECONDS|WAITS|_MS|EVERY|WITHIN|TIMEOUT|TRIES|BRAKE_LEAST))\b.* = ", re.MULTILINE)
ELSEWHERE = {
    "shared.messaging.address.PROBE_MS",
    "shared.messaging.topics._DAY_MS",
    "services.coordination.domain.casetable.WITHIN",
    "services.dossier.domain.career.__init__.MOST_ENTRIES",
    "services.dossier.pages.offering.OPENED_WITHIN",
}
"""Of tools that only look, and no waiting time of the transport: terms of people, and a number of entries."""


def rows(first: str) -> dict[str, str]:
    """First and second column of the rows whose first column begins like this."""
    return dict(re.findall(rf"^\| `({first}[^`]+)` \| ([^|]+) \|", PAGE, re.MULTILINE))


def value(name: str) -> str:
    """A constant as the page writes it."""
    module, _, constant = name.rpartition(".")
    found: Any = getattr(import_module(module), constant)
    if constant == "WAITS" and isinstance(found[0], timedelta):
        return ", ".join(f"{wait.total_seconds() / 60:g}" for wait in found) + " min"
    if isinstance(found, timedelta):
        found = found.total_seconds()
    text = ", ".join(f"{one:g}" for one in found) if isinstance(found, tuple) else f"{found:g}".replace("5e+03", "5000")
    unit = " ms" if constant.endswith("_MS") else "" if constant in ("TRIES", "BRAKE_LEAST", "BRAKE_SHARE") else " s"
    return text + unit


def constants() -> set[str]:
    """Every constant in the code whose name says that it is about waiting or trying again."""
    files = [
        file for place in PLACES for file in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
    ]
    found = set()
    for file in files:
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        found |= {f"{module}.{name}" for name in NAME.findall(file.read_text(encoding="utf-8"))}
    return found


def test_every_waiting_time_stands_on_the_page() -> None:
    assert constants() - ELSEWHERE - set(rows("s")) == set()


def test_every_value_on_the_page_is_the_one_in_the_code() -> None:
    written = rows("s")
    assert written == {name: value(name) for name in written}


def test_every_setting_on_the_page_has_its_default() -> None:
    written = rows("OVERSTAP_")
    fields = Settings.model_fields
    assert written == {name: f"{fields[name.removeprefix('OVERSTAP_').lower()].default:g}" for name in written}


def test_elapsed_times_on_the_page_follow_from_the_waits() -> None:
    from services.notifications.domain.mails import WAITS as MAILS
    from shared.messaging.consumer import WAITS

    assert f"{sum(WAITS):g} s" in PAGE
    hours, minutes = divmod(sum(MAILS, timedelta()), timedelta(hours=1))
    assert f"{hours} h {minutes.total_seconds() / 60:g} min" in PAGE
