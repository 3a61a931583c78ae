"""What the agreement says about the rules, as far as the truth of a plan depends on it: read as data alone."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import yaml

from shared.core.clock import local_instant
from shared.core.reference import load

AGREEMENT = Path(__file__).parents[4] / "deploy" / "agreements" / "default.yaml"
APPLICATION_DATE = "application_date"


@dataclass(frozen=True, slots=True)
class Stage:
    """From when on a rule speaks, and how seriously."""

    severity: str
    day: str = ""
    """MM-DD of the cohort year, or ``application_date``; empty: it is not counted by day."""
    school_days: int = 0


@dataclass(frozen=True)
class Agreed:
    """The rules of one agreement."""

    rule_hour: int
    due_hour: int
    before_holiday: bool
    grace: int
    rules: dict[str, tuple[Stage, ...]]
    """Of the rules that are on."""

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
    )


def _stage(told: dict[str, str]) -> Stage:
    return Stage(told["severity"], told.get("day", ""), int(told.get("within_school_days", 0)))
