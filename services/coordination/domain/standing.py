"""When a new standing counts: good news at once, bad news after a minute of quiet. No file raises a false alarm."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from services.coordination.domain import custody
from services.coordination.domain.case import Case, Transition, Waiting
from services.coordination.domain.facts import Known
from services.coordination.domain.position import ARRIVED, OUT_OF_SCOPE, Position, Standing
from services.coordination.domain.world.routing import World
from shared.schemas.coordination import Evidence

QUIET, AT_MOST = timedelta(seconds=60), timedelta(minutes=5)
"""Without a new fact for the pupil, and after the first of them whatever comes."""


def weighed(case: Case, known: Known, world: World, now: datetime, *, certain: bool) -> Case:
    """The case with the standing that the facts give, as far as that may count now.

    `certain`: it was quiet for long enough. Time never goes back: what was decided on a day stays decided on it.
    """
    before = case.transition
    assert before
    now = max(custody.latest(case, now), before.weighed_at)
    has, found = _standing(before), _found(case, known, world, now)
    if found == has:
        case = replace(case, transition=replace(before, waiting=None)) if before.waiting else case
    elif certain or found.follows_at_once(has):
        case = _taken(case, found, known, world, now)
    else:
        waiting = before.waiting or Waiting(now, now)
        waiting = Waiting(min(waiting.since, now), max(waiting.last, now))
        case = replace(case, transition=replace(before, waiting=waiting))
    return _looked_at_again(case, known, world, now)


def _found(case: Case, known: Known, world: World, now: datetime) -> Standing:
    """The standing that the facts give. Of who left or never arrived it may be the end that nobody has to act."""
    day = world.almanac.day(now)
    found = known.standing(day)
    if not found.outcome and custody.pupil(case, known, world, now).over(day):
        return replace(found, outcome=OUT_OF_SCOPE)
    return found


def _standing(transition: Transition) -> Standing:
    return Standing(transition.position, transition.live, transition.outcome)


def _taken(case: Case, found: Standing, known: Known, world: World, now: datetime) -> Case:
    before = case.transition
    assert before
    back = before.position is Position.OTHER_ROUTE and found.position in (Position.NONE, Position.CHOSEN)
    after = replace(
        before,
        position=found.position,
        live=found.live,
        weighed_at=now,
        waiting=None,
        # Who goes no other way after all is looked at anew, also when the last date has passed.
        checks={name: at for name, at in before.checks.items() if not (back and name == "no-application")},
    )
    case = replace(case, transition=after)
    if found.outcome == before.outcome:
        return case
    if found.outcome:
        over = custody.pupil(case, known, world, now).over(world.almanac.day(now))
        return custody.closed(case, found.outcome, now, over or tuple(_evidence(found, known)))
    return custody.reopened(case, known, world, _reason(before, found, known), now)


def _looked_at_again(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case with the instant at which it must be weighed again: when it has been quiet, or when a day comes."""
    transition = case.transition
    assert transition
    days = (world.almanac.instant(day, 0) for day in known.turning_days())
    instants = [instant for instant in days if instant > now]
    if waiting := transition.waiting:
        instants.append(min(waiting.last + QUIET, waiting.since + AT_MOST))
    weigh_at = min(instants, default=None)
    return case if weigh_at == transition.weigh_at else replace(case, transition=replace(transition, weigh_at=weigh_at))


def _evidence(found: Standing, known: Known) -> Iterator[Evidence]:
    """The facts by which a transition is over."""
    if found.outcome == ARRIVED:
        started = min(path.started_on for path in known.live if path.started_on)
        yield Evidence(fact="started-date", value=started.isoformat())
        yield Evidence(fact="institution", value=found.live[0])
    elif known.route:
        yield Evidence(fact="other-route", value=known.route.route)
        yield Evidence(fact="since-date", value=known.route.since.isoformat())
        if known.route.evidence:
            yield Evidence(fact="evidence", value=known.route.evidence)


def _reason(before: Transition, found: Standing, known: Known) -> str:
    """Why a transition that was over goes on (codes.REOPENINGS)."""
    if before.position is Position.OTHER_ROUTE:
        if found.live:
            return "new_application"
        return "route_ended" if _until(known) else "closed_in_error"
    if before.outcome == OUT_OF_SCOPE and found.position.rank > before.position.rank:
        return "new_application"
    return "enrolment_ended" if known.ended_enrolment else "closed_in_error"


def _until(known: Known) -> date | None:
    return known.route.until if known.route and known.route.status != "withdrawn" else None
