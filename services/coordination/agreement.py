"""Reads a regional agreement: data with a version and a source, refused as a whole when anything in it is wrong."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from services.coordination.domain.position import Position
from services.coordination.domain.rules import RULES
from services.coordination.domain.rules.engine import APPLICATION_DATE, day_of
from services.coordination.domain.world.agreed import Agreement, Stage, Terms, Timing
from shared.core.errors import Fault, Invalid

FOLDER = Path(__file__).parents[2] / "deploy" / "agreements"
COMMON_YEAR = 2027
"""Days of an agreement exist in every year: 29 February is none of them."""
OTHER_DAYS = (APPLICATION_DATE, "settled")
"""What an action may be due on beside a day of the year."""


USUAL_APPLICATION_DATE = "04-01"
EXPECTED: Mapping[Timing, str] = {
    "day": "a `day` of the year (MM-DD) or application_date",
    "school_days": "`within_school_days`",
    "at_once": "neither a `day` nor `within_school_days`: this rule fires at once",
}
Found = tuple[tuple[object, ...], str, str]
"""Where in the file, what was expected there, and the code of the fault."""


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


def shipped() -> tuple[Agreement, ...]:
    """What holds where a region has adopted nothing, the newest first."""
    found = (load(path) for path in sorted(FOLDER.glob("default*.yaml")))
    return tuple(sorted(found, key=lambda agreement: agreement.valid_from, reverse=True))


def _faults(agreement: Agreement, path: Path) -> list[Fault]:
    """What each field alone can not show."""
    return [
        Fault(_place(path, *where), expected, code)
        for where, expected, code in (*_of_actions(agreement), *_of_rules(agreement), *_of_the_rest(agreement))
    ]


def _of_actions(agreement: Agreement) -> Iterator[Found]:
    for position in Position:
        if position not in agreement.actions and position is not Position.SETTLED:
            yield ("actions",), f"an action for the position '{position}'", "missing"
    for position, asked in agreement.actions.items():
        if asked.due not in OTHER_DAYS and not _day(asked.due):
            yield ("actions", position, "due"), "a day as MM-DD", "invalid"


def _of_rules(agreement: Agreement) -> Iterator[Found]:
    for name in sorted(set(RULES) - set(agreement.rules)):
        yield ("rules",), f"terms of the rule '{name}'; 'on: false' when it is not to be used", "missing"
    for name, terms in agreement.rules.items():
        if name not in RULES:
            yield ("rules", name), "one of: " + ", ".join(RULES), "unknown"
            continue
        yield from _of_terms(name, terms)


def _of_terms(name: str, terms: Terms) -> Iterator[Found]:
    where, timing = ("rules", name, "stages"), RULES[name].timing
    if not terms.stages:
        yield where, "at least one stage", "missing"
    wrong = [n for n, stage in enumerate(terms.stages) if stage.timing != timing]
    yield from (((*where, n), f"a stage with {EXPECTED[timing]}", "timing") for n in wrong)
    days = {n: stage for n, stage in enumerate(terms.stages) if stage.day and stage.day != APPLICATION_DATE}
    bad = [n for n, stage in days.items() if not _day(stage.day or "")]
    yield from (((*where, n, "day"), "a day as MM-DD", "invalid") for n in bad)
    if not wrong and not bad and [*terms.stages] != sorted(terms.stages, key=_in_time):
        yield where, "stages in order of time", "order"
    yield from (
        ((*where, n, "route"), "at least one party", "missing") for n, s in enumerate(terms.stages) if not s.route
    )


def _in_time(stage: Stage) -> tuple[str, int]:
    day = USUAL_APPLICATION_DATE if stage.day == APPLICATION_DATE else stage.day or ""
    return day, stage.within_school_days or 0


def _of_the_rest(agreement: Agreement) -> Iterator[Found]:
    if agreement.escalation.ladder[-1:] != ("region_coordinator",):
        yield ("escalation", "ladder"), "a ladder that ends at the region coordinator", "end"
    for name in ("rule_hour", "due_hour"):
        if not 0 <= getattr(agreement, name) <= 23:
            yield (name,), "an hour from 0 to 23", "invalid"


def _day(month_day: str) -> bool:
    try:
        day_of(COMMON_YEAR, month_day)
    except ValueError:
        return False
    return True


def _place(path: Path, *where: object) -> str:
    return ": ".join((path.name, "/".join(map(str, where)))) if where else path.name
