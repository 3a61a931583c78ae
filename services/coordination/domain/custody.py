"""Who has the pupil: starts only, appended, never changed afterwards."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.coordination.domain.case import LINKED, Case, Custody, Transition
from services.coordination.domain.facts import Known
from services.coordination.domain.world.routing import Subject, World, of_residence
from shared.schemas.coordination import Custodian, Evidence


def opened(case: Case, known: Known, world: World, now: datetime, inherited: Custodian | None = None) -> Case:
    """The case, opened when something is known that asks for it, or when it takes over from an absorbed reference."""
    before = case.transition
    if before and before.outcome != LINKED:
        return case
    holder = _target(known, world, now) or inherited
    if not holder:
        return case
    world = world.opening(_region(known, world, now), world.almanac.day(now))
    transition = Transition(now, world.agreement.version, now, actions=before.actions if before else 0)
    return held_by(replace(case, transition=transition), holder, now)


def _region(known: Known, world: World, now: datetime) -> str | None:
    """Whose agreement holds: of the region of the vo site; when the origin is unknown, of the residence."""
    if known.expected:
        return world.region_of(known.expected.vo_site)
    home = known.person.municipality if known.person else None
    return world.almanac.region_of(home, world.almanac.day(now)) if home else None


def in_custody(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case with the holder that the facts ask for, and with its origin and region."""
    before = case.transition
    assert before
    case = held_by(case, _target(known, world, now) or case.holder, now)
    origin = known.expected.vo_site if known.expected else before.origin
    region = world.region_of(origin or case.holder.organisation) or before.region
    if (origin, region) != (before.origin, before.region):
        case = replace(case, transition=replace(before, origin=origin, region=region))
    return at_home(case, known, world, now)


def at_home(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case with who of the residence may hear of it at an Overstaptafel, and from which day."""
    before = case.transition
    assert before
    subject = Subject(known, case.cohort, before.region, now, world.almanac.day(now))
    officer = of_residence(subject, world)
    residence = officer.organisation if officer else None
    if residence == before.residence:
        return case
    heard_from = world.almanac.municipal_signal_from(case.cohort) if residence else None
    return replace(case, transition=replace(before, residence=residence, heard_from=heard_from))


def held_by(case: Case, holder: Custodian, now: datetime, *, anew: bool = False) -> Case:
    """The case with this holder; the same holder again changes nothing, unless `anew`. `since` never goes back."""
    if case.custody and case.holder == holder and not anew:
        return case
    last = case.custody[-1] if case.custody else None
    since = max(now, last.since) if last else now
    start = Custody((last.number if last else 0) + 1, since, holder, last.since if last else None)
    return replace(case, custody=(*case.custody, start))


def closed(case: Case, outcome: str, now: datetime, evidence: tuple[Evidence, ...] = ()) -> Case:
    """The case, closed: its actions are done with and its signals are cleared."""
    assert case.transition
    ended: dict[str, Any] = {"outcome": outcome, "closed_at": now, "evidence": evidence, "waiting": None}
    return replace(
        case,
        transition=replace(case.transition, next_action=None, weigh_at=None, **ended),
        actions={k: replace(a, done_at=now, reason=outcome) if a.open else a for k, a in case.actions.items()},
        risks={k: replace(r, cleared_at=now) if r.open else r for k, r in case.risks.items()},
    )


def reopened(case: Case, known: Known, world: World, reason: str, now: datetime) -> Case:
    """The case, open again: who should have the pupil takes the next number, and every rule looks anew."""
    assert case.transition
    fresh: dict[str, Any] = {"outcome": None, "closed_at": None, "evidence": (), "reopened": reason, "checks": {}}
    holder = _target(known, world, now) or case.holder
    return held_by(replace(case, transition=replace(case.transition, **fresh)), holder, now, anew=True)


def _target(known: Known, world: World, now: datetime) -> Custodian | None:
    """Who should have the pupil (default agreement): the vo site that expects them, else the first institution."""
    if known.expected:
        return world.mentor(known.expected, world.almanac.day(now))
    if known.first_institution:
        return world.of_role(known.first_institution, "intake_coordinator", world.almanac.day(now))
    return None
