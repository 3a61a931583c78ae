"""The ladder of the handover: draft, offered, opened, then accepted or refused; withdrawn until it is accepted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from services.dossier.domain.pupils import Choice, Pupil
from shared.core.errors import Forbidden, IllegalMove
from shared.schemas.dossiers import (
    DossierHandedOver,
    HandoverAccepted,
    HandoverOpened,
    HandoverRefused,
    HandoverState,
    HandoverStatus,
    HandoverWithdrawn,
)
from shared.schemas.intakes import ApplicationStatus

Side = Literal["vo", "mbo"]
Move = Literal["offer", "withdraw", "open", "accept", "refuse"]
S = HandoverStatus

# Present state, move: who may, next state.
LADDER: dict[tuple[HandoverStatus, Move], tuple[Side, HandoverStatus]] = {
    (S.DRAFT, "offer"): ("vo", S.OFFERED),
    (S.OFFERED, "withdraw"): ("vo", S.WITHDRAWN),
    (S.OPENED, "withdraw"): ("vo", S.WITHDRAWN),
    (S.OFFERED, "open"): ("mbo", S.OPENED),
    (S.OPENED, "accept"): ("mbo", S.ACCEPTED),
    (S.OPENED, "refuse"): ("mbo", S.REFUSED),
}
# State reached: the moment that is kept, and the event that tells it.
REACHED: dict[HandoverStatus, tuple[str, type[HandoverState]]] = {
    S.OFFERED: ("offered_at", DossierHandedOver),
    S.OPENED: ("opened_at", HandoverOpened),
    S.ACCEPTED: ("accepted_at", HandoverAccepted),
    S.REFUSED: ("ended_at", HandoverRefused),
    S.WITHDRAWN: ("ended_at", HandoverWithdrawn),
}
LIVE = frozenset({S.OFFERED, S.OPENED, S.ACCEPTED})
READABLE = frozenset({S.OPENED, S.ACCEPTED})
"""States in which the institution may read: the first read itself is the move `open`."""

REFUSALS = ("capacity", "prior-education", "wrong-level", "not-reachable", "other")
WITHDRAWALS = ("error", "objection")
CATEGORIES = ("administrative", "education_history")
RECEIVED = frozenset({ApplicationStatus.RECEIVED, ApplicationStatus.OFFERED, ApplicationStatus.ENROLLED})


@dataclass(frozen=True, slots=True)
class Handover:
    """One offer of one dossier to one institution, with the moment of every step."""

    handover_id: str
    pupil_ref: str
    cohort: int
    vo_site: str
    mbo_institution: str
    kind: Literal["cold", "warm"]
    status: HandoverStatus = S.DRAFT
    categories: tuple[str, ...] = CATEGORIES
    withheld: tuple[str, ...] = ()
    offered_at: datetime | None = None
    opened_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    reason_text: str | None = None


def open_moves(status: HandoverStatus, side: Side) -> tuple[Move, ...]:
    """What this side may do now."""
    return tuple(move for (state, move), (who, _) in LADDER.items() if state == status and who == side)


def make_move(
    handover: Handover, move: Move, side: Side, now: datetime, reason: tuple[str | None, str | None] = (None, None)
) -> Handover:
    """The handover after this move. `reason`: code and text, for refusing and withdrawing.

    Raises `Forbidden` when the move is never this side's, `IllegalMove` when it is not open now.
    """
    if not any(move == other and who == side for (_, other), (who, _) in LADDER.items()):
        raise Forbidden(f"'{move}' is not for the {side} side")
    if (handover.status, move) not in LADDER:
        raise IllegalMove("handover", handover.status, move, open_moves(handover.status, side))
    _, status = LADDER[handover.status, move]
    moment, _ = REACHED[status]
    times: dict[str, Any] = {moment: now}
    return replace(handover, status=status, reason=reason[0], reason_text=reason[1], **times)


def may_be_offered(applications: Iterable[ApplicationStatus]) -> bool:
    """The guard on offering: the institution has received an application and has not closed it."""
    return any(status in RECEIVED for status in applications)


def handover_state(handover: Handover, now: datetime) -> HandoverState:
    """The handover as it now is, as the event of the state it reached."""
    _, model = REACHED[handover.status]
    return model(
        occurred_at=now,
        handover_id=handover.handover_id,
        cohort=handover.cohort,
        vo_site=handover.vo_site,
        mbo_institution=handover.mbo_institution,
        kind=handover.kind,
        status=handover.status,
        categories=handover.categories,
        withheld=handover.withheld,
        dataref=f"/dossier/api/v1/handovers/{handover.handover_id}",
        offered_at=handover.offered_at,
        opened_at=handover.opened_at,
        accepted_at=handover.accepted_at,
        ended_at=handover.ended_at,
        reason=handover.reason,
    )


def contents(handover: Handover, pupil: Pupil, choices: Sequence[Choice]) -> dict[str, dict[str, Any]]:
    """What the institution reads, by category; a withheld category is wholly absent. Of the choices only those for
    this institution: the others are none of its business."""
    mine = [c for c in choices if c.mbo_institution == handover.mbo_institution and not c.withdrawn]
    parts: dict[str, dict[str, Any]] = {
        "administrative": {
            "first_name": pupil.first_name,
            "prefix": pupil.prefix,
            "last_name": pupil.last_name,
            "birth_date": pupil.birth_date,
            "municipality": pupil.municipality,
            "basic_qualification": pupil.basic_qualification,
        },
        "education_history": {
            "vo_site": pupil.vo_site,
            "track": pupil.track,
            "class": pupil.class_name,
            "mentor": pupil.mentor,
            "choices": [
                {"programme": c.programme, "level": c.level, "pathway": c.pathway, "start": c.start}
                for c in sorted(mine, key=lambda c: c.preference)
            ],
        },
    }
    return {name: parts[name] for name in handover.categories if name not in handover.withheld}
