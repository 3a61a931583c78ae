"""The transfer data of a dossier: what the school wrote per category of the closed list, who was informed of it, and
which of it may not leave."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from services.dossier.domain.career import PartState
from shared.core.errors import Fault
from shared.core.reference.calendar import age_on
from shared.schemas.dossiers import DossierCompleted

Whom = Literal["parents", "pupil"]
How = Literal["talk", "letter", "mail", "portal", "other"]
Objector = Literal["pupil", "parent"]


class SectionState(StrEnum):
    """How far the text of one category is; without a row nobody has begun."""

    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    NOT_PRESENT = "not_present"
    """The school says that it has nothing about this."""


@dataclass(frozen=True, slots=True)
class Category:
    """A category of the closed list."""

    code: str
    article: int
    part: Literal["list", "mentor", "care"]
    """``list``: comes from the pupil list and the choices, and is only shown."""


DECREE = "Besluit uitwisseling leer- en begeleidingsgegevens (BWBR0031619)"
CLOSED_LIST = (
    Category("administrative", 3, "list"),
    Category("education_history", 4, "list"),
    Category("results", 4, "mentor"),
    Category("internship_and_work", 4, "mentor"),
    Category("advice", 4, "mentor"),
    Category("cognitive", 4, "mentor"),
    Category("social_emotional", 5, "mentor"),
    Category("support", 6, "care"),
    Category("absence", 7, "care"),
)
"""Everything that may go from vo to mbo, by article of the decree (`DECREE`), in its order."""
CATEGORIES = tuple(category.code for category in CLOSED_LIST)
PART_OF = {category.code: category.part for category in CLOSED_LIST}
LISTED = tuple(code for code, part in PART_OF.items() if part == "list")
WRITTEN = tuple(code for code, part in PART_OF.items() if part != "list")
CARE = frozenset(code for code, part in PART_OF.items() if part == "care")
NEEDED = ("pupil", "mentor", "care")
"""Parts without which a dossier is not complete; the plusdocument is extra (protocol 9)."""


@dataclass(frozen=True, slots=True)
class InformingRule:
    """Who is told before a dossier leaves, and what may leave without."""

    valid_from: date
    pupil_from: int
    """Age from which the pupil is told instead of the parents."""
    without: frozenset[str]
    source: str


INFORMING = (
    InformingRule(
        date(2020, 8, 1),
        16,
        frozenset(LISTED),
        f"{DECREE}: ouders, vanaf 16 jaar de leerling, worden vooraf geïnformeerd en kunnen inzien. Wie de leerling"
        " is en waar die vandaan komt, kent de instelling al uit de aanmelding (WEB artikel 8.0.3).",
    ),
)


def informing(day: date) -> InformingRule:
    """The rule of a day."""
    return max((rule for rule in INFORMING if rule.valid_from <= day), key=lambda rule: rule.valid_from)


@dataclass(frozen=True, slots=True)
class Section:
    """What a school has about one category of one pupil."""

    pupil_ref: str
    cohort: int
    vo_site: str
    category: str
    state: SectionState
    text: str
    version: int
    saved_at: datetime
    saved_by: str | None
    saved_role: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The same without its text: this may stand in lists."""

    state: SectionState
    version: int
    saved_at: datetime
    saved_by: str | None
    saved_role: str


@dataclass(frozen=True, slots=True)
class Information:
    """The family was told what leaves: when, who, and how."""

    pupil_ref: str
    cohort: int
    vo_site: str
    informed_on: date
    whom: Whom
    how: How
    version: int = 1
    recorded_at: datetime | None = None
    recorded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """Somebody does not want this to leave. It stands until it is withdrawn."""

    objection_id: str
    pupil_ref: str
    cohort: int
    vo_site: str
    category: str | None
    """None: the whole dossier."""
    raised_by: Objector
    reason: str
    """Stays here."""
    raised_at: datetime
    recorded_role: str
    """``pupil``: by the pupil's own hand."""
    withdrawn_at: datetime | None = None


def section_faults(state: SectionState, text: str) -> list[Fault]:
    """Everything wrong with a section, by field."""
    if state is SectionState.COMPLETE and not text:
        return [Fault("text", "A text, because this is finished", "missing")]
    if state is SectionState.NOT_PRESENT and text:
        return [Fault("text", "No text, because the school has nothing about this", "not_empty")]
    return []


def information_faults(birth_date: date, told: Information, today: date) -> list[Fault]:
    """Everything wrong with what is recorded about informing, by field."""
    if told.informed_on > today:
        return [Fault("informed_on", "A date that is not in the future", "future")]
    if told.informed_on < informing(today).valid_from or told.informed_on < birth_date:
        return [Fault("informed_on", "A date in the school career of the pupil", "too_early")]
    if told.whom != to_inform(birth_date, told.informed_on):
        expected = {
            "pupil": "The pupil, who was 16 or over on that day",
            "parents": "The parents, for the pupil was under 16 on that day",
        }
        return [Fault("whom", expected[to_inform(birth_date, told.informed_on)], "age")]
    return []


def to_inform(birth_date: date, day: date) -> Whom:
    """Who must be told on a day; the same may inspect the dossier."""
    return "pupil" if age_on(birth_date, day) >= informing(day).pupil_from else "parents"


def objected(objections: Iterable[Objection]) -> frozenset[str]:
    """The categories that may not leave."""
    standing = [objection for objection in objections if objection.withdrawn_at is None]
    if any(objection.category is None for objection in standing):
        return frozenset(CATEGORIES)
    return frozenset(objection.category for objection in standing if objection.category)


# What goes


@dataclass(frozen=True, slots=True)
class Preparation:
    """What would leave now. Every category of the closed list is in one of the three."""

    categories: tuple[str, ...]
    withheld: tuple[str, ...]
    not_present: tuple[str, ...]
    unfinished: tuple[str, ...] = ()
    """Those of `not_present` that somebody is still writing."""
    informed_on: date | None = None

    def obstacles(self, today: date) -> tuple[str, ...]:
        """Codes of everything in this dossier that keeps it from being offered."""
        found = []
        if not self.categories:
            found.append("objection")
        if self.informed_on is None and set(self.categories) - informing(today).without:
            found.append("not_informed")
        return tuple(found)


def prepare(
    states: Mapping[str, SectionState], objections: Iterable[Objection] = (), told: Information | None = None
) -> Preparation:
    """What would leave, from how far each category is and which objections stand."""
    there = {*LISTED, *(code for code, state in states.items() if state is SectionState.COMPLETE)}
    held_back = objected(objections)
    return Preparation(
        categories=_in_order(there - held_back),
        withheld=_in_order(there & held_back),
        not_present=_in_order(set(CATEGORIES) - there),
        unfinished=_in_order(code for code, state in states.items() if state is SectionState.IN_PROGRESS),
        informed_on=told.informed_on if told else None,
    )


def _in_order(codes: Iterable[str]) -> tuple[str, ...]:
    wanted = set(codes)
    return tuple(code for code in CATEGORIES if code in wanted)


# How far it is


def part_state(part: Literal["mentor", "care"], states: Mapping[str, SectionState]) -> PartState:
    """How far the mentor's or the care part is. Nothing to tell about any of it: not applicable."""
    found = [states.get(code) for code in CATEGORIES if PART_OF[code] == part]
    if not any(found):
        return PartState.OPEN
    if any(state in (None, SectionState.IN_PROGRESS) for state in found):
        return PartState.IN_PROGRESS
    nothing = all(state is SectionState.NOT_PRESENT for state in found)
    return PartState.NOT_APPLICABLE if nothing else PartState.COMPLETE


DONE: Collection[PartState] = (PartState.COMPLETE, PartState.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far a dossier is, as it was last told."""

    pupil_ref: str
    cohort: int
    vo_site: str
    parts: Mapping[str, PartState] = field(default_factory=lambda: {"plus": PartState.NOT_APPLICABLE})
    """What nobody has begun is open; only of the extra part nothing is missing."""
    completed_at: Mapping[str, datetime] = field(default_factory=dict)
    competences: tuple[str, ...] = ()
    """Those that the pupil's part describes, once it is complete."""

    @property
    def complete(self) -> bool:
        """Whether every needed part is."""
        return all(self.parts.get(part) in DONE for part in NEEDED)


def completed(
    before: Completeness, parts: Mapping[str, PartState], competences: Sequence[str], now: datetime
) -> Completeness:
    """How far it is now; a part that was complete keeps its moment."""
    moments = {part: before.completed_at.get(part, now) for part, state in parts.items() if state is PartState.COMPLETE}
    told = tuple(competences) if parts["pupil"] is PartState.COMPLETE else ()
    return replace(before, parts=dict(parts), completed_at=moments, competences=told)


def completeness_state(told: Completeness, now: datetime) -> DossierCompleted:
    """How far it is, as the event: always all four parts."""
    return DossierCompleted.model_validate(
        {
            "occurred_at": now,
            "cohort": told.cohort,
            "vo_site": told.vo_site,
            "complete": told.complete,
            "parts": [_wire(part, told) for part in (*NEEDED, "plus")],
            "competences": told.competences,
        }
    )


def _wire(part: str, told: Completeness) -> dict[str, Any]:
    state = told.parts.get(part, PartState.OPEN)
    status = state.value if state in DONE else "open"
    return {"part": part, "status": status, "completed_at": told.completed_at.get(part)}
