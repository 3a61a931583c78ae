"""How the custodian follows the target: at once within an organisation, by an offer between organisations.

Everything here looks at the present state of the facts, whatever happened before, so that a look too many does nothing.
An offer goes out after a minute of quiet: no file in disorder makes an offer that its next row takes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.coordination.domain.case import GIVEN_BACK, Case, Offer, OfferState
from services.coordination.domain.custody import held_by, lapsed, latest, pupil, started
from services.coordination.domain.facts import Known
from services.coordination.domain.world.deadlines import calendar_of, end_of, within
from services.coordination.domain.world.routing import World
from services.coordination.domain.world.situations import Situation
from services.coordination.domain.world.targets import Target
from shared.core.actor import Role
from shared.core.ids import opaque_ref
from shared.core.machine import Machine, moves

QUIET = timedelta(seconds=60)
"""Without a new fact for the pupil before an offer goes out or lapses."""
AT_THE_FIRST = frozenset({Situation.EXPECTED, Situation.ENROLLED, Situation.ORIGIN_UNKNOWN})
"""Situations in which the pupil is with who told of them."""
ANSWERERS = frozenset(
    {Role.DECAAN, Role.INTAKE_COORDINATOR, Role.SLBER, Role.LEERPLICHT, Role.DOORSTROOMPUNT}
    | {Role.REGION_COORDINATOR, Role.SCHOOL_SYSTEM}
)
"""Who may answer for the organisation that a pupil is offered to."""
_S = OfferState
CUSTODY_OFFER = Machine(
    "custody offer",
    _S.OFFERED,
    moves(
        [
            (_S.OFFERED, "accept", ANSWERERS, _S.ACCEPTED),
            (_S.OFFERED, "return", ANSWERERS, _S.RETURNED),
            (_S.OFFERED, "statutory day comes", {"time"}, _S.IN_EFFECT),
            (_S.IN_EFFECT, "accept", ANSWERERS, _S.ACCEPTED),
            (_S.IN_EFFECT, "return", ANSWERERS, _S.RETURNED),
            (_S.RETURNED, "settle", {Role.REGION_COORDINATOR}, _S.SETTLED),
            *(
                (state, "situation changes", {"facts", "time"}, _S.LAPSED)
                for state in (_S.OFFERED, _S.ACCEPTED, _S.IN_EFFECT, _S.RETURNED, _S.SETTLED)
            ),
        ]
    ),
)
"""What lapses has no more to be done about, and may be asked again; an accepted offer lapses only before its day."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Who should have the pupil from a day on, and from which day that is offered."""

    day: date
    target: Target
    offered_from: date


def followed(case: Case, known: Known, world: World, now: datetime, *, certain: bool) -> Case:
    """The case with the holder that the facts ask for, or with an offer to who should have the pupil.

    `certain`: it was quiet for long enough. Time never goes back: what was decided at an instant stays decided.
    """
    asked_at, now = now, latest(case, now)
    case = _at_once(case, known, world, now)
    ahead = _ahead(case, known, world, now)
    wanted = _wanted(case, ahead, world.almanac.day(now))
    standing = lapsed(case, now, but=_standing(case, wanted, ahead, world.almanac.day(now)))
    pending = standing != case or bool(wanted and not case.awaited)
    if pending and certain:
        case, pending = _offered(standing, wanted, world, now), False
    case = _in_effect(case, wanted, world, now)
    days = {*pupil(case, known, world, now).turning_days(), *(one.offered_from for one in ahead)}
    return _looked_at_again(case, days, asked_at + QUIET if pending else None, world, now)


def _at_once(case: Case, known: Known, world: World, now: datetime) -> Case:
    """Within one organisation, and to one that said itself that it has the pupil. Who told of the pupil may turn out to
    be somebody else: as long as the pupil is there, custody follows that too."""
    who = pupil(case, known, world, now)
    today = who.target(world.almanac.day(now))
    if today and today.situation is Situation.SEVERAL_ENROLMENTS:
        return case
    if today and (not today.row.asked or today.who.organisation == case.holder.organisation):
        return held_by(case, today, now)
    first = who.first() if case.custody[-1].situation in AT_THE_FIRST else None
    return held_by(case, first, now) if first else case


def _ahead(case: Case, known: Known, world: World, now: datetime) -> list[Coming]:
    """Who should have the pupil now, and from each coming day on which that changes."""
    who, day = pupil(case, known, world, now), world.almanac.day(now)
    found: list[Coming] = []
    for one in (day, *who.turning_days()):
        target = who.target(one)
        if target and (not found or found[-1].target.key != target.key):
            ahead = -target.row.ahead_school_days if one > day and target.row.asked else 0
            from_day = calendar_of(target.who.organisation, world).add_school_days(one, ahead) if ahead else one
            found.append(Coming(one, target, from_day))
    return found


def _wanted(case: Case, ahead: Sequence[Coming], day: date) -> Coming | None:
    """What should be on offer now: what is, while that is still to come, else the first that asks for somebody else and
    was not given back. Who is asked ahead, after another gave the pupil back, stays the one who is asked."""
    refused = {offer.key for offer in case.offers if offer.state in GIVEN_BACK}
    found = [
        one
        for one in ahead
        if one.target.who.organisation != case.holder.organisation and one.target.row.asked
        if one.offered_from <= day and one.target.key not in refused
    ]
    offered = (one for one in found if case.awaited and _asked_by(case.awaited, one, day))
    return next(offered, found[0] if found else None)


def _asked_by(offer: Offer, one: Coming, day: date) -> bool:
    """Whether an offer asks this. Who is asked again in a later week is asked anew."""
    return one.target.key == offer.key and (one.day <= day or one.day == offer.starts_on)


def _standing(case: Case, wanted: Coming | None, ahead: Sequence[Coming], day: date) -> set[int]:
    """The numbers of the offers that stand: what is on offer and should be; and what was given back, or took effect
    unanswered, as long as that is asked now or ahead. What took effect gives way to who must be asked now."""
    asked, awaited = {one.target.key for one in ahead}, case.awaited
    stays = GIVEN_BACK if wanted and not awaited else {*GIVEN_BACK, _S.IN_EFFECT}
    found = {offer.number for offer in case.offers if offer.state in stays and offer.key in asked}
    return found | {awaited.number} if awaited and wanted and _asked_by(awaited, wanted, day) else found


def _offered(case: Case, wanted: Coming | None, world: World, now: datetime) -> Case:
    """The case with a new offer, when one should be and is not."""
    if not wanted or case.awaited:
        return case
    number, target, day = (case.offer.number if case.offer else 0) + 1, wanted.target, world.almanac.day(now)
    starts_on = wanted.day if wanted.day > day else None
    if target.row.basis == "statutory":
        notice = world.agreement.custody.notice_school_days
        starts_on = starts_on or calendar_of(target.who.organisation, world).add_school_days(day, notice)
    offer = Offer(
        opaque_ref("custody-offer", case.pupil_ref, str(case.cohort), str(number)),
        number,
        target.who,
        case.holder,
        target.situation.value,
        target.row.basis,
        offered_at=now,
        answer_by=_answer_by(target, starts_on, world, now),
        starts_on=starts_on,
    )
    return replace(case, offers=(*case.offers, offer))


def _answer_by(target: Target, starts_on: date | None, world: World, now: datetime) -> datetime:
    """A statutory move may be answered until it takes effect; an agreed one within its days, before a holiday."""
    if target.row.basis == "statutory" and starts_on:
        return end_of(starts_on, world)
    code, day = target.who.organisation, world.almanac.day(now)
    if target.situation is Situation.HOLIDAYS and calendar_of(code, world).in_holiday(day):
        return end_of(day + timedelta(days=world.agreement.custody.holiday_answer_days), world)
    return within(code, target.row.answer_school_days, world, now).until


def _in_effect(case: Case, wanted: Coming | None, world: World, now: datetime) -> Case:
    """The case after the day of an offer has come: statutory without an answer, else when it was accepted. Until then
    the offer follows who is to be reached."""
    offer = case.awaited
    if not offer or not wanted or wanted.target.key != offer.key:
        return case
    due = offer.starts_on is None or offer.starts_on <= world.almanac.day(now)
    if due and (offer.statutory or offer.state is _S.ACCEPTED):
        state = offer.state if offer.state is _S.ACCEPTED else _S.IN_EFFECT
        return _kept(held_by(case, wanted.target, now), replace(offer, state=state))
    if offer.target == wanted.target.who:
        return case
    return _kept(case, replace(offer, target=wanted.target.who))


def _kept(case: Case, offer: Offer) -> Case:
    return replace(case, offers=(*case.offers[:-1], offer))


def _looked_at_again(case: Case, days: set[date], quiet_at: datetime | None, world: World, now: datetime) -> Case:
    """The case with the instant at which custody must be decided again: when it is quiet, or when a day comes."""
    assert case.transition
    if case.awaited and case.awaited.starts_on:
        days = {*days, case.awaited.starts_on}
    instants = [instant for day in days if (instant := world.almanac.instant(day, 0)) > now]
    follow_at = min((*instants, quiet_at) if quiet_at else instants, default=None)
    if follow_at == case.transition.follow_at:
        return case
    return replace(case, transition=replace(case.transition, follow_at=follow_at))


def accepted(case: Case, now: datetime) -> Case:
    """The case after who is offered the pupil said yes; :func:`followed` then gives the pupil to them."""
    assert case.offer
    return _kept(case, replace(case.offer, state=_S.ACCEPTED, ended_at=now))


def given_back(case: Case, reason: str, note_ref: str | None, now: datetime) -> Case:
    """The case after who was offered the pupil said no, for a reason: who had the pupil has them again, or still."""
    offer = case.offer
    assert offer
    if offer.state is _S.IN_EFFECT:
        case = started(case, offer.holder, now, situation=Situation.RETURNED.value)
    return _kept(case, replace(offer, state=_S.RETURNED, ended_at=now, reason=reason, note_ref=note_ref))


def attended(case: Case, about: str, now: datetime) -> Case:
    """The case after somebody has done what an offer asked of a person: confirmed it, or settled what came back."""
    following = {_S.IN_EFFECT: _S.ACCEPTED, _S.RETURNED: _S.SETTLED}
    offers = (
        replace(one, state=following[one.state], ended_at=now)
        if one.offer_id == about and one.state in following
        else one
        for one in case.offers
    )
    return replace(case, offers=tuple(offers))
