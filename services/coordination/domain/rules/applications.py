"""Rules about applications: none yet, none any more, and one that leads nowhere."""

from collections.abc import Iterable

from services.coordination.domain.facts import Known
from services.coordination.domain.position import Path, Position
from services.coordination.domain.rules.rule import Began, Rule, Seen, furthest, whole
from shared.schemas.coordination import Evidence
from shared.schemas.intakes import ApplicationStatus

# no-application: expected, and no live application on 1 February, 1 March or 1 April.


def _expected(known: Known) -> Iterable[str]:
    return [""] if known.expected else []


def _applied(seen: Seen, _about: str) -> bool:
    return seen.transition.position.awaits_nothing


def _application_evidence(seen: Seen, _about: str) -> tuple[Evidence, ...]:
    closed = sorted(application.status_at for application in seen.known.applications.values())
    return (
        Evidence(fact="application-date", value=seen.world.almanac.application_date(seen.cohort).isoformat()),
        Evidence(fact="choices", value=str(seen.known.choices)),
        Evidence(fact="live-applications", value="0"),
        *(Evidence(fact="application-closed", at=at) for at in closed[-1:]),
    )


NO_APPLICATION = Rule(
    timing="day",
    fires="Expected, and no live application.",
    clears="An application is live, or the pupil goes elsewhere.",
    watches=_expected,
    settled=_applied,
    evidence=_application_evidence,
)

# last-path-lost: the last live way was closed, and it has been quiet since: that is what the position waits for. An
# enrolment that ended early has a rule of its own; one that never began or ended later is a lost way like any other.


def _not_lost(seen: Seen, _about: str) -> bool:
    if seen.transition.position is not Position.LOST or not seen.known.paths:
        return True
    return last_closed(seen.known).left_early


def _lost_evidence(seen: Seen, _about: str) -> tuple[Evidence, ...]:
    last = last_closed(seen.known)
    return (
        Evidence(fact="live-applications", value="0"),
        Evidence(fact="closed-applications", value=str(len(seen.known.paths))),
        Evidence(fact="institution", value=last.institution),
        Evidence(fact=_how_closed(seen.known, last), at=last.since),
    )


def _how_closed(known: Known, last: Path) -> str:
    application = known.applications.get(last.application_id)
    if last.ended:
        return "enrolment-ended"
    withdrawn = application and application.status is ApplicationStatus.WITHDRAWN
    return "application-withdrawn" if withdrawn else "application-rejected"


def _lost_institution(known: Known, _about: str) -> str | None:
    return last_closed(known).institution


def last_closed(known: Known) -> Path:
    """The way that closed last."""
    return max(known.paths, key=lambda path: (path.since, path.application_id))


LAST_PATH_LOST = Rule(
    timing="at_once",
    fires="The last live application was rejected or withdrawn, or an enrolment ended that was no early exit.",
    clears="A new application is live.",
    watches=whole,
    settled=_not_lost,
    evidence=_lost_evidence,
    institution=_lost_institution,
    afterwards=True,
)

# not-placed: a live application that was there on 1 June, and no place that day. Of who applies later, the rules of the
# summer ask whether they are enrolled.


def _has_applied(known: Known) -> Iterable[str]:
    return [""] if known.live else []


def _placed(seen: Seen, _about: str) -> bool:
    return seen.transition.position is not Position.APPLIED


def _first_applied(known: Known, _about: str) -> Began | None:
    first = min(known.live, key=lambda path: path.since, default=None)
    return Began(first.since, first.institution) if first else None


def _place_evidence(seen: Seen, _about: str) -> tuple[Evidence, ...]:
    institutions = sorted({path.institution for path in seen.known.live})
    return (
        Evidence(fact="live-applications", value=str(len(seen.known.live))),
        *(Evidence(fact="institution", value=institution) for institution in institutions),
        Evidence(fact="not-placed"),
    )


NOT_PLACED = Rule(
    timing="day",
    fires="A live application that was there on the day, and no place.",
    clears="Placed.",
    watches=_has_applied,
    settled=_placed,
    evidence=_place_evidence,
    began=_first_applied,
    institution=furthest,
)
