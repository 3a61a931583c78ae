"""Rules about what one school hands over to another."""

from collections.abc import Iterable

from services.coordination.domain.case import Transition
from services.coordination.domain.facts import Known
from services.coordination.domain.rules.rule import Began, Rule
from services.coordination.domain.world.routing import World
from shared.schemas.coordination import Evidence
from shared.schemas.dossiers import HandoverStatus

WAITS = (HandoverStatus.OFFERED, HandoverStatus.OPENED)

# handover-unanswered: offered, not opened in 10 school days or not accepted in 20.


def _offered(known: Known) -> Iterable[str]:
    return [key for key, handover in known.handovers.items() if handover.status in WAITS and handover.offered_at]


def _answered(_transition: Transition, known: Known, handover_id: str) -> bool:
    handover = known.handovers.get(handover_id)
    return handover is None or handover.status not in WAITS


def _offer(known: Known, handover_id: str) -> Began | None:
    handover = known.handovers.get(handover_id)
    return Began(handover.offered_at, handover.mbo_institution) if handover and handover.offered_at else None


def _first_stage(known: Known, handover_id: str) -> int:
    return int(known.handovers[handover_id].opened_at is not None)


def _handover_evidence(known: Known, _cohort: int, handover_id: str, _world: World) -> tuple[Evidence, ...]:
    handover = known.handovers[handover_id]
    return (
        Evidence(fact="handover", value=handover_id),
        Evidence(fact="institution", value=handover.mbo_institution),
        Evidence(fact="offered", at=handover.offered_at),
        Evidence(fact="opened", at=handover.opened_at) if handover.opened_at else Evidence(fact="not-opened"),
        Evidence(fact="not-accepted"),
    )


def _receiver(known: Known, handover_id: str) -> str | None:
    return known.handovers[handover_id].mbo_institution


UNANSWERED = Rule(
    timing="school_days",
    watches=_offered,
    settled=_answered,
    evidence=_handover_evidence,
    began=_offer,
    institution=_receiver,
    first_stage=_first_stage,
    ahead=True,
)
