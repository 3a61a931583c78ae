"""Rules about what one school hands over to another."""

from collections.abc import Iterable, Mapping

from services.coordination.domain.facts import Known
from services.coordination.domain.rules.rule import Began, Rule, Seen
from services.coordination.domain.world.agreed import Party
from shared.core.clock import local_instant
from shared.schemas.coordination import Custodian, Evidence
from shared.schemas.dossiers import HandoverStatus, WarmHandoverState

UNSETTLED = (HandoverStatus.OFFERED, HandoverStatus.OPENED)

# handover-unanswered: offered, not opened in 10 school days or not accepted in 20.


def _offered(known: Known) -> Iterable[str]:
    return [key for key, handover in known.handovers.items() if handover.status in UNSETTLED and handover.offered_at]


def _offer(known: Known, handover_id: str) -> Began | None:
    handover = known.handovers.get(handover_id)
    return Began(handover.offered_at, handover.mbo_institution) if handover and handover.offered_at else None


def _first_stage(known: Known, handover_id: str) -> int:
    return int(known.handovers[handover_id].opened_at is not None)


def _handover_evidence(seen: Seen, handover_id: str) -> tuple[Evidence, ...]:
    handover = seen.known.handovers[handover_id]
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
    fires="A dossier was offered and not opened, or opened and not accepted.",
    clears="Accepted, refused or withdrawn.",
    watches=_offered,
    evidence=_handover_evidence,
    began=_offer,
    institution=_receiver,
    first_stage=_first_stage,
    before_holiday=True,
    ahead=True,
)

# warm-handover-open: a talk that was asked for and not held by its date. The date is part of what is watched: another
# date is another look.


def _open_talks(known: Known) -> Iterable[str]:
    return [f"{talk.talk_id}:{talk.hold_by}" for talk in known.talks if talk.status != "held"]


def _talk(known: Known, about: str) -> WarmHandoverState:
    return next(talk for talk in known.talks if talk.talk_id == about.partition(":")[0])


def _to_be_held(known: Known, about: str) -> Began | None:
    talk = _talk(known, about)
    return Began(local_instant(talk.hold_by), talk.mbo_institution)


def _talk_evidence(seen: Seen, about: str) -> tuple[Evidence, ...]:
    talk = _talk(seen.known, about)
    return (
        Evidence(fact="institution", value=talk.mbo_institution),
        Evidence(fact="talk-requested", at=talk.requested_at),
        Evidence(fact="talk-before-date", value=talk.hold_by.isoformat()),
        Evidence(fact="talk-planned", at=talk.planned_at) if talk.planned_at else Evidence(fact="talk-not-planned"),
        Evidence(fact="talk-not-held"),
    )


def _receiver_of_talk(known: Known, about: str) -> str | None:
    return _talk(known, about).mbo_institution


def _speakers(known: Known, about: str) -> Mapping[Party, tuple[Custodian, ...]]:
    """Both contacts of the talk; of a side that named nobody, who usually speaks for it."""
    talk = _talk(known, about)
    return {
        "vo_person": (Custodian(organisation=talk.vo_site, role="mentor", contact=talk.vo_person),),
        "mbo_person": (
            Custodian(organisation=talk.mbo_institution, role="intake_coordinator", contact=talk.mbo_person),
        ),
    }


WARM_HANDOVER_OPEN = Rule(
    timing="school_days",
    fires="A talk was asked for and not held by its date; school days count from that date.",
    clears="Held, or another date was agreed.",
    watches=_open_talks,
    evidence=_talk_evidence,
    began=_to_be_held,
    institution=_receiver_of_talk,
    named=_speakers,
    names=("vo_person", "mbo_person"),
)
