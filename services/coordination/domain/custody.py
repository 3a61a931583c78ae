"""Who has the pupil: starts only, appended, never changed afterwards."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.coordination.domain.case import GIVEN_BACK, LINKED, Case, Custody, OfferState, Transition
from services.coordination.domain.facts import Known
from services.coordination.domain.world.routing import Subject, World, of_residence
from services.coordination.domain.world.targets import Pupil, Target
from shared.schemas.coordination import Custodian, Evidence


def opened(case: Case, known: Known, world: World, now: datetime, inherited: Custodian | None = None) -> Case:
    """The case, opened when something is known that asks for it, or when it takes over from an absorbed reference."""
    before = case.transition
    if before and before.outcome != LINKED:
        return case
    if not (known.expected or known.first_institution or inherited):
        return case
    world = world.opening(_region(known, world, now), world.almanac.day(now))
    transition = Transition(now, world.agreement.version, now, actions=before.actions if before else 0)
    case = replace(case, transition=transition)
    target = pupil(case, known, world, now).first()
    if target:
        return held_by(case, target, now)
    return started(case, inherited, now) if inherited else replace(case, transition=before)


def _region(known: Known, world: World, now: datetime) -> str | None:
    """Whose agreement holds: of the region of the vo site; when the origin is unknown, of the residence."""
    if known.expected:
        return world.region_of(known.expected.vo_site)
    home = known.person.municipality if known.person else None
    return world.almanac.region_of(home, world.almanac.day(now)) if home else None


def latest(case: Case, now: datetime) -> datetime:
    """The instant at which a case is looked at: never before what was decided of its custody already."""
    return max(now, case.custody[-1].since, *(one.ended_at or one.offered_at for one in case.offers))


def pupil(case: Case, known: Known, world: World, now: datetime) -> Pupil:
    """What follows for the custody of this case from what is known."""
    region = case.transition.region if case.transition else None
    about = Subject(known, case.cohort, region, now, world.almanac.day(now))
    return Pupil(about, world, case.holder if case.custody else None)


def located(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case with its origin, its region and who of the residence may hear of it."""
    before = case.transition
    assert before
    origin = known.expected.vo_site if known.expected else before.origin
    region = world.region_of(origin or known.first_institution or case.holder.organisation) or before.region
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


def held_by(case: Case, target: Target, now: datetime) -> Case:
    """The case with this holder; the same holder on the same basis again changes nothing."""
    if case.custody and (case.holder, case.custody[-1].basis) == (target.who, target.row.basis):
        return case
    return started(case, target.who, now, target.row.basis, target.situation)


def started(case: Case, holder: Custodian, now: datetime, basis: str = "agreed", situation: str | None = None) -> Case:
    """The case in which somebody has the pupil from now on. `since` never goes back."""
    last = case.custody[-1] if case.custody else None
    since = max(now, last.since) if last else now
    start = Custody((last.number if last else 0) + 1, since, holder, last.since if last else None, basis, situation)
    return replace(case, custody=(*case.custody, start))


def closed(case: Case, outcome: str, now: datetime, evidence: tuple[Evidence, ...] = ()) -> Case:
    """The case, closed: its actions are done with and its signals are cleared."""
    assert case.transition
    ended: dict[str, Any] = {"outcome": outcome, "closed_at": now, "evidence": evidence, "waiting": None}
    return replace(
        lapsed(case, now),
        transition=replace(case.transition, next_action=None, weigh_at=None, follow_at=None, **ended),
        actions={k: replace(a, done_at=now, reason=outcome) if a.open else a for k, a in case.actions.items()},
        risks={k: replace(r, cleared_at=now) if r.open else r for k, r in case.risks.items()},
    )


def reopened(case: Case, known: Known, world: World, reason: str, now: datetime) -> Case:
    """The case, open again: who should have the pupil takes the next number, and every rule looks anew."""
    assert case.transition
    fresh: dict[str, Any] = {"outcome": None, "closed_at": None, "evidence": (), "reopened": reason, "checks": {}}
    case = replace(case, transition=replace(case.transition, **fresh))
    target = pupil(case, known, world, now).target(world.almanac.day(now))
    if target and not target.row.asked:
        return started(case, target.who, now, target.row.basis, target.situation)
    last = case.custody[-1]
    return started(case, last.holder, now, last.basis, last.situation)


def lapsed(case: Case, now: datetime, but: Collection[int] = ()) -> Case:
    """The case without an offer that anybody still has to do anything about, or is not asked again because of; but for
    these numbers. What was accepted, and took effect, stays what it is."""
    over = {OfferState.OFFERED, OfferState.IN_EFFECT, *GIVEN_BACK}
    offers = (
        replace(one, state=OfferState.LAPSED, ended_at=now)
        if one.number not in but and (one.state in over or one == case.awaited)
        else one
        for one in case.offers
    )
    return replace(case, offers=tuple(offers))
