"""The talk about a pupil between the two schools: either side asks for it, then it is planned, and held or missed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from services.dossier.domain.handover import Side
from shared.core.clock import civil_date
from shared.core.errors import Fault, Forbidden, IllegalMove, Invalid, NotFound
from shared.core.machine import Machine, moves
from shared.schemas.dossiers import (
    FollowUp,
    WarmHandoverHeld,
    WarmHandoverMissed,
    WarmHandoverPlanned,
    WarmHandoverRequested,
    WarmHandoverState,
)

Status = Literal["requested", "planned", "held", "missed"]
Form = Literal["phone", "on_site", "three_way", "speed_date"]
BOTH = ("vo", "mbo")
TALK = Machine(
    "talk",
    "requested",
    moves(
        [
            ("requested", "plan", BOTH, "planned"),
            ("planned", "plan", BOTH, "planned"),
            ("planned", "hold", BOTH, "held"),
            ("planned", "miss", BOTH, "missed"),
            ("missed", "plan", BOTH, "planned"),
            ("held", "tick", BOTH, "held"),
        ]
    ),
)
STATES: dict[str, type[WarmHandoverState]] = {
    "requested": WarmHandoverRequested,
    "planned": WarmHandoverPlanned,
    "held": WarmHandoverHeld,
    "missed": WarmHandoverMissed,
}
"""State of a talk → the event that tells it."""
OPEN = frozenset({"requested", "planned", "missed"})
VO_OWNERS = ("mentor", "decaan", "care_coordinator")
MBO_OWNERS = ("intaker", "intake_coordinator", "slber", "team_leader")
"""Roles that may have something to do after a talk, by side."""
FOLLOW_UPS = 10
FAR, WEEK = timedelta(days=366), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk as it now is. Never what was said of the pupil: that stays in notes of each side."""

    talk_id: str
    pupil_ref: str
    cohort: int
    vo_site: str
    mbo_institution: str
    requested_by: Side
    requested_at: datetime
    hold_by: date
    handover_id: str | None = None
    status: Status = "requested"
    form: Form | None = None
    roles: tuple[str, ...] = ()
    vo_person: str | None = None
    mbo_person: str | None = None
    planned_at: datetime | None = None
    held_at: datetime | None = None
    missed: int = 0
    missed_reason: str | None = None
    informed: bool = False
    follow_ups: tuple[FollowUp, ...] = ()
    note_ref: str | None = None
    version: int = 1
    changed_at: datetime | None = None
    changed_by: str | None = None
    """Organisation that made the last move."""

    @property
    def to_do(self) -> bool:
        """Held, and something that was agreed is not done."""
        return any(follow_up.done_on is None for follow_up in self.follow_ups)

    def side_of(self, organisation: str) -> Side:
        """The side an organisation is on. `NotFound` when it is on neither: it may not know of the talk."""
        if organisation == self.vo_site:
            return "vo"
        if organisation == self.mbo_institution:
            return "mbo"
        raise NotFound("no such talk")


@dataclass(frozen=True, slots=True)
class Plan:
    """When, how and who; again for another moment."""

    planned_at: datetime
    form: Form
    roles: tuple[str, ...]
    vo_person: str | None = None
    mbo_person: str | None = None
    command = "plan"


@dataclass(frozen=True, slots=True)
class Hold:
    """The talk was held: by whom, and what was agreed."""

    held_at: datetime
    informed: bool
    """Whether the pupil or the parents know of the talk."""
    vo_person: str | None = None
    mbo_person: str | None = None
    """Who talked, when it was not who was planned."""
    follow_ups: tuple[FollowUp, ...] = ()
    command = "hold"


@dataclass(frozen=True, slots=True)
class Miss:
    """The talk did not take place."""

    reason: str
    command = "miss"


@dataclass(frozen=True, slots=True)
class Tick:
    """Something that was agreed is done, or turns out not to be."""

    number: int
    """Which of the follow-ups, from 0."""
    done: bool = True
    command = "tick"


Move = Plan | Hold | Miss | Tick


def may_request(open_talk: Talk | None, side: Side, *, known: bool) -> None:
    """Raise `IllegalMove` unless a talk may be asked for: no other one is open between these two, and the institution
    knows the pupil by an application or an offered dossier (`known`)."""
    if open_talk:
        raise IllegalMove("talk", open_talk.status, "request", TALK.open_moves(open_talk.status, {side}))
    if not known:
        raise IllegalMove("talk", "no application or offered dossier", "request", ())


def make_move(talk: Talk, move: Move, organisation: str, now: datetime) -> Talk:
    """The talk after a move of this organisation.

    Raises `NotFound` when it is on neither side, `IllegalMove` when the move is not open now, `Forbidden` when what
    was agreed is for the other side to do, and `Invalid` with everything that is wrong with the move.
    """
    status = TALK.after(talk.status, move.command, {talk.side_of(organisation)})
    if isinstance(move, Plan):
        changed = _planned(talk, move, now)
    elif isinstance(move, Hold):
        changed = _held(talk, move, now)
    elif isinstance(move, Miss):
        changed = replace(talk, missed=talk.missed + 1, missed_reason=move.reason)
    else:
        changed = _ticked(talk, move, organisation, now)
    assert status in STATES
    return replace(changed, status=status, version=talk.version + 1, changed_at=now, changed_by=organisation)  # type: ignore[arg-type]


def _planned(talk: Talk, plan: Plan, now: datetime) -> Talk:
    faults = []
    if abs(plan.planned_at - now) > FAR:
        faults.append(Fault("/planned_at", "een moment binnen een jaar van vandaag"))
    if not plan.roles:
        faults.append(Fault("/roles", "minstens een rol die meedoet", "missing"))
    if faults:
        raise Invalid(faults)
    return replace(
        talk,
        planned_at=plan.planned_at,
        form=plan.form,
        roles=plan.roles,
        vo_person=plan.vo_person,
        mbo_person=plan.mbo_person,
        missed_reason=None,
    )


def _held(talk: Talk, held: Hold, now: datetime) -> Talk:
    vo_person, mbo_person = held.vo_person or talk.vo_person, held.mbo_person or talk.mbo_person
    faults = [
        Fault(f"/{name}", "wie van deze kant bij het gesprek was", "missing")
        for name, ref in (("vo_person", vo_person), ("mbo_person", mbo_person))
        if not ref
    ]
    if not now - FAR <= held.held_at <= now:
        faults.append(Fault("/held_at", "een moment dat voorbij is, hoogstens een jaar geleden"))
    faults += _agreed_faults(talk, held)
    if faults:
        raise Invalid(faults)
    there = replace(talk, vo_person=vo_person, mbo_person=mbo_person)
    return replace(there, held_at=held.held_at, informed=held.informed, follow_ups=held.follow_ups)


def _agreed_faults(talk: Talk, held: Hold) -> list[Fault]:
    """What is wrong with the follow-ups: each is for one of the two sides, in a role of that side, after the talk."""
    faults = []
    if len(held.follow_ups) > FOLLOW_UPS:
        faults.append(Fault("/follow_ups", f"hoogstens {FOLLOW_UPS} vervolgacties"))
    for number, agreed in enumerate(held.follow_ups):
        where = f"/follow_ups/{number}"
        if agreed.organisation != owner_of(talk, agreed.role):
            faults.append(Fault(f"{where}/role", "een rol bij een van beide scholen, en de school van die rol"))
        if agreed.due < civil_date(held.held_at):
            faults.append(Fault(f"{where}/due", "een datum op of na de dag van het gesprek"))
        if agreed.done_on:
            faults.append(Fault(f"{where}/done_on", "leeg: afvinken komt later"))
    return faults


def owner_of(talk: Talk, role: str) -> str | None:
    """The organisation that a role belongs to in this talk; None: to neither side."""
    if role in VO_OWNERS:
        return talk.vo_site
    return talk.mbo_institution if role in MBO_OWNERS else None


def _ticked(talk: Talk, tick: Tick, organisation: str, now: datetime) -> Talk:
    if not 0 <= tick.number < len(talk.follow_ups):
        raise NotFound("no such follow-up")
    agreed = talk.follow_ups[tick.number]
    if agreed.organisation != organisation:
        raise Forbidden("this is for the other side to do")
    if (agreed.done_on is not None) == tick.done:
        state = "done" if tick.done else "not done"
        raise IllegalMove("follow-up", state, "tick", ("undo",) if tick.done else ("tick",))
    changed = agreed.model_copy(update={"done_on": civil_date(now) if tick.done else None})
    return replace(talk, follow_ups=(*talk.follow_ups[: tick.number], changed, *talk.follow_ups[tick.number + 1 :]))


def talk_state(talk: Talk, now: datetime) -> WarmHandoverState:
    """The talk as it now is, as the event of the state it is in."""
    model = STATES[talk.status]
    kept = ("pupil_ref", "version", "changed_at", "changed_by")
    values = {name: getattr(talk, name) for name in Talk.__dataclass_fields__ if name not in kept}
    return model(occurred_at=now, **values)


def group_of(talk: Talk, now: datetime) -> str:
    """What must be done with a talk: ``plan``, ``week`` (today or in the coming week), ``record`` (its moment is past),
    ``agreed`` (something is still to be done), ``later``, or ``done``."""
    if talk.status == "held":
        return "agreed" if talk.to_do else "done"
    if talk.status != "planned" or talk.planned_at is None:
        return "plan"
    if talk.planned_at <= now:
        return "record"
    return "week" if civil_date(talk.planned_at) <= civil_date(now) + WEEK else "later"


def in_order(talks: Sequence[Talk]) -> list[Talk]:
    """Talks as they stand in a list: the soonest first, those without a moment by the day they must be held."""
    return sorted(
        talks, key=lambda talk: (civil_date(talk.planned_at) if talk.planned_at else talk.hold_by, talk.talk_id)
    )
