"""The ladder of the handover: draft, offered, opened, then accepted or refused; withdrawn until it is accepted.

An objection ends it before it was accepted, and holds back what it is about at any time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from services.dossier.domain.pupils import Choice, Pupil
from services.dossier.domain.transfer import CATEGORIES, LISTED, Objector, Preparation, Section, SectionState
from shared.core.machine import Machine, moves
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

FAMILY: tuple[Objector, ...] = ("pupil", "parent")
"""Who objects, also when the school records it for them."""
HANDOVER = Machine(
    "handover",
    S.DRAFT,
    moves(
        [
            (S.DRAFT, "offer", {"vo"}, S.OFFERED),
            (S.OFFERED, "withdraw", {"vo"}, S.WITHDRAWN),
            (S.OPENED, "withdraw", {"vo"}, S.WITHDRAWN),
            (S.OFFERED, "open", {"mbo"}, S.OPENED),
            (S.OPENED, "accept", {"mbo"}, S.ACCEPTED),
            (S.OPENED, "refuse", {"mbo"}, S.REFUSED),
            # What was finished since goes too.
            (S.OFFERED, "supplement", {"vo"}, S.OFFERED),
            (S.OPENED, "supplement", {"vo"}, S.OPENED),
            (S.ACCEPTED, "supplement", {"vo"}, S.ACCEPTED),
            # Nothing is left to read.
            (S.OFFERED, "object", FAMILY, S.WITHDRAWN),
            (S.OPENED, "object", FAMILY, S.WITHDRAWN),
            (S.ACCEPTED, "object", FAMILY, S.ACCEPTED),
            # A part is held back, or may be read again.
            (S.OFFERED, "withhold", FAMILY, S.OFFERED),
            (S.OPENED, "withhold", FAMILY, S.OPENED),
            (S.ACCEPTED, "withhold", FAMILY, S.ACCEPTED),
            (S.OFFERED, "restore", FAMILY, S.OFFERED),
            (S.OPENED, "restore", FAMILY, S.OPENED),
            (S.ACCEPTED, "restore", FAMILY, S.ACCEPTED),
        ]
    ),
)
# State reached: the moment that is kept, and the event that tells it.
REACHED: dict[HandoverStatus, tuple[str, type[HandoverState]]] = {
    S.OFFERED: ("offered_at", DossierHandedOver),
    S.OPENED: ("opened_at", HandoverOpened),
    S.ACCEPTED: ("accepted_at", HandoverAccepted),
    S.REFUSED: ("ended_at", HandoverRefused),
    S.WITHDRAWN: ("ended_at", HandoverWithdrawn),
}
LIVE = frozenset({S.OFFERED, S.OPENED, S.ACCEPTED})

REFUSALS = ("capacity", "prior-education", "wrong-level", "not-reachable", "other")
WITHDRAWALS = ("error", "objection")
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
    categories: tuple[str, ...] = LISTED
    """What goes. With `withheld` and `not_present` the whole closed list."""
    withheld: tuple[str, ...] = ()
    not_present: tuple[str, ...] = ()
    informed_on: date | None = None
    received_at: datetime | None = None
    """When the institution first had it in its list; nobody has read it by that."""
    offered_at: datetime | None = None
    opened_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    reason_text: str | None = None


def open_moves(status: HandoverStatus, side: Side) -> tuple[str, ...]:
    """What this side may do now."""
    return HANDOVER.open_moves(status, [side])


def make_move(
    handover: Handover, move: Move, side: Side, now: datetime, reason: tuple[str | None, str | None] = (None, None)
) -> Handover:
    """The handover after this move. `reason`: code and text, for refusing and withdrawing.

    Raises `Forbidden` when the move is never this side's, `IllegalMove` when it is not open now.
    """
    return _reached(handover, HANDOVER.after(handover.status, move, [side]), now, reason)


def _reached(
    handover: Handover, status: str, now: datetime, reason: tuple[str | None, str | None] = (None, None)
) -> Handover:
    moment, _ = REACHED[HandoverStatus(status)]
    times: dict[str, Any] = {moment: now}
    return replace(handover, status=HandoverStatus(status), reason=reason[0], reason_text=reason[1], **times)


def prepared(handover: Handover, ready: Preparation) -> Handover:
    """The draft with what would go."""
    return replace(
        handover,
        categories=ready.categories,
        withheld=ready.withheld,
        not_present=ready.not_present,
        informed_on=ready.informed_on,
    )


def supplemented(handover: Handover, ready: Preparation) -> Handover:
    """The handover with what would go now; the same when that is what went. Raises `IllegalMove` when it has ended."""
    HANDOVER.after(handover.status, "supplement", ["vo"])
    fresh = prepared(handover, ready)
    return handover if set(fresh.categories) <= set(handover.categories) else fresh


def after_objections(handover: Handover, objected: Collection[str], by: Objector, now: datetime) -> Handover:
    """The handover after an objection was raised or withdrawn; the same when that is nothing to it.

    `objected`: the categories that may not leave by all standing objections.
    """
    offered = {*handover.categories, *handover.withheld}
    left = tuple(code for code in CATEGORIES if code in offered - set(objected))
    held_back = tuple(code for code in CATEGORIES if code in offered & set(objected))
    if handover.status not in LIVE or held_back == handover.withheld:
        return handover
    move = "restore" if set(left) - set(handover.categories) else "withhold" if left else "object"
    status = HANDOVER.after(handover.status, move, [by])
    changed = replace(handover, categories=left, withheld=held_back)
    return changed if status == handover.status else _reached(changed, status, now, ("objection", None))


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
        not_present=handover.not_present,
        informed_on=handover.informed_on,
        received_at=handover.received_at,
        dataref=f"/dossier/api/v1/handovers/{handover.handover_id}",
        offered_at=handover.offered_at,
        opened_at=handover.opened_at,
        accepted_at=handover.accepted_at,
        ended_at=handover.ended_at,
        reason=handover.reason,
    )


def contents(
    handover: Handover, pupil: Pupil | None, choices: Sequence[Choice], sections: Mapping[str, Section] | None = None
) -> dict[str, dict[str, Any]]:
    """What the institution reads, by category; what is withheld, not finished or not present is wholly absent.

    Of the choices only those for this institution: the others are none of its business.
    """
    parts: dict[str, dict[str, Any]] = {
        code: _written(section) for code, section in (sections or {}).items() if section.state is SectionState.COMPLETE
    }
    if pupil:
        parts["administrative"] = _administrative(pupil)
        parts["education_history"] = _education_history(pupil, choices, handover.mbo_institution)
    return {name: parts[name] for name in handover.categories if name in parts and name not in handover.withheld}


def _administrative(pupil: Pupil) -> dict[str, Any]:
    return {
        "first_name": pupil.first_name,
        "prefix": pupil.prefix,
        "last_name": pupil.last_name,
        "birth_date": pupil.birth_date,
        "municipality": pupil.municipality,
        "basic_qualification": pupil.basic_qualification,
    }


def _education_history(pupil: Pupil, choices: Sequence[Choice], institution: str) -> dict[str, Any]:
    mine = [c for c in choices if c.mbo_institution == institution and not c.withdrawn]
    return {
        "vo_site": pupil.vo_site,
        "track": pupil.track,
        "class": pupil.class_name,
        "mentor": pupil.mentor,
        "choices": [
            {"programme": c.programme, "level": c.level, "pathway": c.pathway, "start": c.start}
            for c in sorted(mine, key=lambda c: c.preference)
        ],
    }


def _written(section: Section) -> dict[str, Any]:
    told: dict[str, Any] = {"text": section.text, "saved_at": section.saved_at}
    # Absence is handed over of the year before alone (article 7 of the decree).
    return told | {"school_year": section.cohort - 1} if section.category == "absence" else told
