"""The working set of a batch: everything known of the children it touches. Events are folded into it one by one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.coordination.domain import actions, custody, offers, standing
from services.coordination.domain.case import LINKED, Action, Case
from services.coordination.domain.facts import Fact, Known, merged
from services.coordination.domain.pinning import moved, pinned
from services.coordination.domain.rules import engine
from services.coordination.domain.telling import tell
from services.coordination.domain.world.routing import World
from shared.core.links import Link
from shared.schemas.coordination import Custodian
from shared.schemas.envelope import Draft, Timer
from shared.schemas.pupils import PupilRecorded


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a child: itself, or one of several."""

    pupil_ref: str
    root: str
    """The reference that survives; under it the child's transitions live."""
    erased: bool = False
    name: str | None = None
    """Name of the child, on the surviving reference."""


@dataclass(frozen=True)
class Loaded:
    """The working set as it was loaded, to know what changed."""

    references: Mapping[str, Reference]
    links: frozenset[Link]
    facts: Mapping[tuple[str, str], Fact]
    cases: Mapping[tuple[str, int], Case]


@dataclass
class Book:
    """References, facts and cases as loaded, changed in memory, saved once."""

    references: dict[str, Reference] = field(default_factory=dict)
    links: set[Link] = field(default_factory=set)
    facts: dict[str, dict[str, Fact]] = field(default_factory=lambda: defaultdict(dict))
    """Reference under which it was told → entity → newest state."""
    cases: dict[tuple[str, int], Case] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    confirmed: list[Draft] = field(default_factory=list)
    """Confirmations of erasure: they outlive what they confirm."""
    timers: list[Timer] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    """References erased by this batch."""
    unchanged: int = 0
    groups: dict[str, set[str]] = field(init=False)
    """Surviving reference → all references of that child."""
    loaded: Loaded = field(init=False)

    def __post_init__(self) -> None:
        self.groups = defaultdict(set)
        for reference in self.references.values():
            self.groups[reference.root].add(reference.pupil_ref)
        facts = {(ref, entity): fact for ref, told in self.facts.items() for entity, fact in told.items()}
        self.loaded = Loaded(dict(self.references), frozenset(self.links), facts, dict(self.cases))

    def changed_references(self) -> list[Reference]:
        """References that are new, or no longer as they were loaded."""
        return [r for ref, r in sorted(self.references.items()) if self.loaded.references.get(ref) != r]

    def changed_facts(self) -> list[Fact]:
        """Facts that are new or newer than when they were loaded."""
        told = [(ref, entity, fact) for ref, facts in self.facts.items() for entity, fact in facts.items()]
        return [fact for ref, entity, fact in told if self.loaded.facts.get((ref, entity)) is not fact]

    def changed_cases(self) -> list[tuple[Case, Case]]:
        """Cases as they were loaded and as they are now, where that differs."""
        return [
            (self.loaded.cases.get(key) or Case(*key), case)
            for key, case in sorted(self.cases.items())
            if self.loaded.cases.get(key) is not case
        ]

    def root(self, ref: str) -> str:
        """The surviving reference of the child."""
        return self.reference(ref).root

    def is_erased(self, ref: str) -> bool:
        """Whether this reference must never come back."""
        return self.reference(ref).erased

    def known(self, root: str, cohort: int) -> Known:
        """What matters to one cohort of one child, under all its references."""
        return merged(
            (f for ref in self.groups[root] for f in self.facts[ref].values() if cohort_of(f) in (None, cohort)), root
        )

    def case(self, root: str, cohort: int) -> Case:
        """The case of a child in a cohort; an empty one when there is none."""
        return self.cases.get((root, cohort)) or Case(root, cohort)

    def put(self, case: Case, now: datetime) -> None:
        """Keep a changed case, and tell what changed."""
        key = case.pupil_ref, case.cohort
        before = self.case(*key)
        if case != before:
            drafts, timers = tell(before, case, now)
            self.drafts += drafts
            self.timers += timers
            self.cases[key] = case

    def settle(self, root: str, cohort: int, world: World, now: datetime, inherited: Custodian | None = None) -> None:
        """Bring a case in line with what is known: opened, held, signalled and with a next action."""
        known = self.known(root, cohort)
        case = custody.opened(self.case(root, cohort), known, world, now, inherited)
        if case.transition and case.transition.outcome != LINKED:
            world = world.under(case.transition.agreement)
            case = standing.weighed(case, known, world, now, certain=False)
            self.put(in_line(case, known, world, now), now)

    def follow(self, root: str, cohort: int, world: World, now: datetime) -> None:
        """Decide who should have the pupil, now that it was quiet or that a day has come."""
        known, case = self.known(root, cohort), self.case(root, cohort)
        world = pinned(case, world)
        weigh_at = case.transition.weigh_at if case.transition else None
        quiet = weigh_at is not None and weigh_at <= now
        if quiet or not (case.transition and case.transition.waiting):  # a look is no new fact: it prolongs no waiting
            case = standing.weighed(case, known, world, now, certain=quiet)
        self.put(in_line(case, known, world, now, certain=True), now)

    def weigh(self, root: str, cohort: int, world: World, now: datetime) -> None:
        """Decide how far the pupil has come, now that it was quiet or that a day has come."""
        known, case = self.known(root, cohort), self.case(root, cohort)
        world = pinned(case, world)
        case = standing.weighed(case, known, world, now, certain=True)
        self.put(in_line(case, known, world, now, certain=True), now)

    def move(self, case: Case, version: str, world: World, now: datetime) -> None:
        """Take an open case over to another version of the agreement."""
        known = self.known(case.pupil_ref, case.cohort)
        self.put(in_line(moved(case, known, version, world, now), known, world.under(version), now), now)

    def man(self, root: str, cohort: int, world: World, now: datetime) -> None:
        """Who is away, has left or lost the role holds nothing; who is back gets back what they are asked for."""
        case = self.case(root, cohort)
        if case.open:
            world = pinned(case, world)
            case = in_line(case, self.known(root, cohort), world, now)
            self.put(actions.manned(case, world, now), now)

    def carry_on(self, root: str, cohort: int, agreed: Sequence[Action], now: datetime) -> None:
        """What people agreed on about an absorbed reference holds for the surviving one."""
        case = self.case(root, cohort)
        if not agreed or not case.open or not case.transition:
            return
        for one in agreed:
            case, _ = actions.carried(case, one)
        self.put(actions.with_next(case), now)

    def rehome(self, root: str, world: World, now: datetime) -> None:
        """The pupil may have moved, have become qualified, or is known for the first time."""
        told = (f for ref in self.groups[root] for f in self.facts[ref].values())
        for cohort in sorted({c for f in told if (c := cohort_of(f)) is not None}):
            self.settle(root, cohort, world, now)

    def reference(self, ref: str) -> Reference:
        if ref not in self.references:
            self.references[ref] = Reference(ref, ref)
            self.groups[ref].add(ref)
        return self.references[ref]

    def cohorts(self, refs: set[str]) -> list[int]:
        told = {c for ref in refs for f in self.facts[ref].values() if (c := cohort_of(f)) is not None}
        return sorted(told | {cohort for ref, cohort in self.cases if ref in refs})

    def rename(self, root: str) -> None:
        """Remember what the child is called, for the pages."""
        self.references[root] = replace(self.references[root], name=called(self.known(root, 0).person))


def called(person: PupilRecorded | None) -> str | None:
    """The name of a child, once somebody has told it."""
    parts = (person.first_name, person.prefix, person.last_name) if person else ()
    return " ".join(part for part in parts if part) or None


def in_line(case: Case, known: Known, world: World, now: datetime, *, certain: bool = False) -> Case:
    """The case with the holder, the signals and the actions that go with its standing; a closed one has none.

    `certain`: it was quiet for long enough to offer the pupil to somebody else."""
    if not case.open:
        return case
    case = offers.followed(custody.located(case, known, world, now), known, world, now, certain=certain)
    case = engine.cleared(case, known, world, now)
    case = engine.watched(engine.told_at_once(case, known, world, now), known, world, now)
    return actions.planned(case, known, world, now)


def cohort_of(fact: Fact) -> int | None:
    """None: it matters to every cohort, as who the pupil is."""
    return getattr(fact.data, "cohort", None)
