"""Reads a regional agreement: data with a version and a source, refused as a whole when anything in it is wrong."""

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from services.coordination.domain.position import Position
from services.coordination.domain.rules import day_of
from services.coordination.domain.world.agreed import Agreement
from shared.core.errors import Fault, Invalid

FOLDER = Path(__file__).parents[2] / "deploy" / "agreements"
COMMON_YEAR = 2027
"""Days of an agreement exist in every year: 29 February is none of them."""
OTHER_DAYS = ("application_date", "settled")
"""What an action may be due on beside a day of the year."""


@lru_cache(maxsize=64)
def load(path: Path = FOLDER / "default.yaml") -> Agreement:
    """The agreement in a file. Raises `Invalid` with every fault at once, each with its place in the file."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        agreement = TypeAdapter(Agreement).validate_python(content)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        raise Invalid([Fault(_place(path, f"line {place.line + 1}" if place else ""), "valid YAML", "yaml")]) from None
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise Invalid([Fault(_place(path, *e["loc"]), e["msg"], e["type"]) for e in found]) from None
    if faults := _faults(agreement, path):
        raise Invalid(faults)
    return agreement


def _faults(agreement: Agreement, path: Path) -> list[Fault]:
    """What each field alone can not show."""
    faults = [
        Fault(_place(path, "actions"), f"an action for the position '{position}'", "missing")
        for position in Position
        if position not in agreement.actions and position is not Position.SETTLED
    ]
    days: dict[tuple[str, ...], str] = {
        ("actions", str(p), "due"): a.due for p, a in agreement.actions.items() if a.due not in OTHER_DAYS
    }
    stages = agreement.no_application.stages
    days |= {("no_application", "stages", str(n), "day"): stage.day for n, stage in enumerate(stages)}
    faults += [Fault(_place(path, *where), "a day as MM-DD", "invalid") for where, day in days.items() if not _day(day)]
    if [stage.day for stage in stages] != sorted({stage.day for stage in stages}):
        faults.append(Fault(_place(path, "no_application", "stages"), "stages in order of their days", "order"))
    if not stages:
        faults.append(Fault(_place(path, "no_application", "stages"), "at least one stage", "missing"))
    if agreement.escalation.ladder[-1:] != ("region_coordinator",):
        faults.append(
            Fault(_place(path, "escalation", "ladder"), "a ladder that ends at the region coordinator", "end")
        )
    for name in ("rule_hour", "due_hour"):
        if not 0 <= getattr(agreement, name) <= 23:
            faults.append(Fault(_place(path, name), "an hour from 0 to 23", "invalid"))
    return faults


def _day(month_day: str) -> bool:
    try:
        day_of(COMMON_YEAR, month_day)
    except ValueError:
        return False
    return True


def _place(path: Path, *where: object) -> str:
    return ": ".join((path.name, "/".join(map(str, where)))) if where else path.name
