"""Rules about applications: none yet, and none any more."""

from collections.abc import Iterable

from services.coordination.domain.case import Transition
from services.coordination.domain.facts import Known
from services.coordination.domain.position import Path, Position
from services.coordination.domain.rules.rule import Rule, whole
from services.coordination.domain.world.routing import World
from shared.schemas.coordination import Evidence
from shared.schemas.intakes import ApplicationStatus

# no-application: expected, and no live application on 1 February, 1 March or 1 April.


def _expected(known: Known) -> Iterable[str]:
    return [""] if known.expected else []


def _applied(transition: Transition, _known: Known, _about: str) -> bool:
    return transition.position.awaits_nothing


def _application_evidence(known: Known, cohort: int, _about: str, world: World) -> tuple[Evidence, ...]:
    closed = sorted(application.status_at for application in known.applications.values())
    return (
        Evidence(fact="application-date", value=world.almanac.application_date(cohort).isoformat()),
        Evidence(fact="choices", value=str(known.choices)),
        Evidence(fact="live-applications", value="0"),
        *(Evidence(fact="application-closed", at=at) for at in closed[-1:]),
    )


NO_APPLICATION = Rule(timing="day", watches=_expected, settled=_applied, evidence=_application_evidence)

# last-path-lost: the last live application was rejected or withdrawn, and it has been quiet since.


def _not_lost(transition: Transition, known: Known, _about: str) -> bool:
    """What ended after it was enrolled is another matter."""
    return transition.position is not Position.LOST or not known.paths or last_closed(known).ended


def _lost_evidence(known: Known, _cohort: int, _about: str, _world: World) -> tuple[Evidence, ...]:
    last = last_closed(known)
    application = known.applications.get(last.application_id)
    withdrawn = application and application.status is ApplicationStatus.WITHDRAWN
    return (
        Evidence(fact="live-applications", value="0"),
        Evidence(fact="closed-applications", value=str(len(known.paths))),
        Evidence(fact="institution", value=last.institution),
        Evidence(fact="application-withdrawn" if withdrawn else "application-rejected", at=last.since),
    )


def _lost_institution(known: Known, _about: str) -> str | None:
    return last_closed(known).institution


def last_closed(known: Known) -> Path:
    """The way that closed last."""
    return max(known.paths, key=lambda path: (path.since, path.application_id))


LAST_PATH_LOST = Rule(
    timing="at_once", watches=whole, settled=_not_lost, evidence=_lost_evidence, institution=_lost_institution
)
