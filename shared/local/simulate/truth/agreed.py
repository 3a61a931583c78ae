"""What the agreement says about the rules, as far as the truth of a plan depends on it: read as data alone."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from shared.core.clock import local_instant
from shared.core.reference import load

AGREEMENT = Path(__file__).parents[4] / "deploy" / "agreements" / "default.yaml"
APPLICATION_DATE = "application_date"
AHEAD = 20
"""School days ahead where a row of the custody table does not say so."""


@dataclass(frozen=True, slots=True)
class Stage:
    """From when on a rule speaks, and how seriously."""

    severity: str
    route: tuple[str, ...] = ()
    """Who hears it, in order."""
    day: str = ""
    """MM-DD of the cohort year, or ``application_date``; empty: it is not counted by day."""
    school_days: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """Who should have a pupil in a situation."""

    organisation: str
    role: str
    asked: bool
    statutory: bool
    ahead: int
    """School days of the receiver that it is offered before a day that is known."""


@dataclass(frozen=True, slots=True)
class Custody:
    """What was agreed about who has a pupil."""

    enrolled_from: str
    """MM-DD of the cohort year."""
    decided_from: str
    notice: int
    """School days of the receiver before a statutory move that no day foretold."""
    rows: dict[str, Row]
    duty: dict[str, str]
    """School holiday to who is on duty in it."""


@dataclass(frozen=True)
class Agreed:
    """The rules of one agreement."""

    rule_hour: int
    due_hour: int
    before_holiday: bool
    grace: int
    rules: dict[str, tuple[Stage, ...]]
    """Of the rules that are on."""
    tracks: frozenset[str]
    """Whose pupils a municipality may hear of before the school year begins."""
    silence: dict[str, int]
    """Kind of organisation to the school days that it may be silent."""
    custody: Custody

    @property
    def names(self) -> frozenset[str]:
        """Of the rules that are on, about pupils and about organisations."""
        return frozenset({*self.rules, *(["silent-partner"] if self.silence else [])})

    def instant(self, stage: Stage, cohort: int) -> datetime:
        """When a rule that speaks by day looks."""
        if stage.day == APPLICATION_DATE:
            return local_instant(load().application_date(cohort), self.rule_hour)
        return local_instant(date.fromisoformat(f"{cohort}-{stage.day}"), self.rule_hour)


@lru_cache(maxsize=4)
def agreed(path: Path = AGREEMENT) -> Agreed:
    """What the agreement in this file says."""
    # As in YAML 1.2, where `on` is a word.
    told = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    deadlines = told["deadlines"]
    rules = {name: terms for name, terms in told["rules"].items() if terms.get("on", "true") == "true"}
    return Agreed(
        int(told["rule_hour"]),
        int(told["due_hour"]),
        deadlines["before_holiday"] == "true",
        int(deadlines["grace_school_days"]),
        {name: tuple(map(_stage, terms["stages"])) for name, terms in rules.items()},
        frozenset(told["legal_population"]["tracks"]),
        {kind: int(days) for kind, days in told["silence"]["allowed_school_days"].items()},
        _custody(told["custody"], told["duty"]),
    )


def _custody(told: dict[str, Any], duty: dict[str, str]) -> Custody:
    rows = {name: _row(row) for name, row in told["situations"].items()}
    return Custody(told["enrolled_from"], told["decided_from"], int(told["notice_school_days"]), rows, duty)


def _row(told: dict[str, str]) -> Row:
    asked, ahead = told.get("asked", "true") == "true", int(told.get("ahead_school_days", AHEAD))
    return Row(told["organisation"], told.get("role", ""), asked, told.get("basis") == "statutory", ahead)


def _stage(told: dict[str, Any]) -> Stage:
    days = int(told.get("within_school_days", 0))
    return Stage(told["severity"], tuple(told["route"]), told.get("day", ""), days)
