"""Rules about what a person or an official register says of a pupil."""

from collections.abc import Iterable, Mapping

from services.coordination.domain.facts import Known
from services.coordination.domain.rules.rule import SEVERITIES, Rule, Seen
from services.coordination.domain.world.agreed import Party
from shared.schemas.coordination import Custodian, Evidence, Severity
from shared.schemas.dossiers import ConcernState
from shared.schemas.intakes import AbsenceReported

# absence-threshold: the statutory report of absence was made, and it is not closed with a reason. The report itself is
# the threshold (Leerplichtwet 21a; WEB 8.1.7 and 8.1.8a): nobody counts hours here.


def _open_reports(known: Known) -> Iterable[str]:
    return [report.report_number for report in known.absences if _stands(report)]


def _stands(report: AbsenceReported) -> bool:
    return report.status in ("registered", "in_progress") or (report.status == "closed" and not report.closed_reason)


def _report(known: Known, number: str) -> AbsenceReported:
    return next(report for report in known.absences if report.report_number == number)


def _absence_evidence(seen: Seen, number: str) -> tuple[Evidence, ...]:
    report = _report(seen.known, number)
    return (
        Evidence(fact="report-number", value=number),
        Evidence(fact="absence-kind", value=report.kind),
        Evidence(fact="reported-date", value=report.reported_on.isoformat()),
        Evidence(fact="institution", value=report.mbo_institution),
    )


def _of_report(known: Known, number: str) -> str | None:
    return _report(known, number).mbo_institution


ABSENCE_THRESHOLD = Rule(
    timing="at_once",
    fires="The statutory report of absence was made, with its number (Leerplichtwet 21a; WEB 8.1.7 and 8.1.8a).",
    clears="Closed with a reason, withdrawn or noted.",
    watches=_open_reports,
    evidence=_absence_evidence,
    institution=_of_report,
    afterwards=True,
)

# concern: somebody asked others to look at this pupil, and nobody resolved it. Told at once: a person meant it.


def _unresolved(known: Known) -> Iterable[str]:
    return [concern.concern_id for concern in known.concerns if concern.resolved_at is None]


def _concern(known: Known, concern_id: str) -> ConcernState:
    return next(concern for concern in known.concerns if concern.concern_id == concern_id)


def _concern_evidence(seen: Seen, concern_id: str) -> tuple[Evidence, ...]:
    concern = _concern(seen.known, concern_id)
    return (
        Evidence(fact="concern-reason", value=concern.reason),
        Evidence(fact="raised-by", value=concern.organisation),
        Evidence(fact="raised", at=concern.raised_at),
    )


def _said(known: Known, concern_id: str) -> Severity | None:
    return SEVERITIES[_concern(known, concern_id).severity]


def _where(known: Known, concern_id: str) -> str | None:
    return _concern(known, concern_id).mbo_institution


def _chosen(known: Known, concern_id: str) -> Mapping[Party, tuple[Custodian, ...]]:
    """The roles that were chosen, each at the side where it is: of the school that expects the pupil, or of the mbo."""
    concern = _concern(known, concern_id)
    site = known.expected.vo_site if known.expected else concern.organisation
    sides = {"mentor": site, "decaan": site, "care_coordinator": site}
    at = {role: sides.get(role, concern.mbo_institution or concern.organisation) for role in concern.route}
    return {"chosen": tuple(Custodian(organisation=at[role], role=role) for role in concern.route)}


CONCERN = Rule(
    timing="at_once",
    fires="A member of staff asked others to look at the pupil.",
    clears="A person resolved it.",
    watches=_unresolved,
    evidence=_concern_evidence,
    severity=_said,
    institution=_where,
    named=_chosen,
    names=("chosen",),
)

# not-listed: missing from the newest full list of the school, and not explained: on a list again, or another route.
# Patient: the list and its correction come shortly after one another.


def _unlisted(known: Known) -> Iterable[str]:
    return [""] if known.unlisted else []


def _explained(seen: Seen, _about: str) -> bool:
    return seen.known.route is not None and seen.known.route.status != "withdrawn"


def _unlisted_evidence(seen: Seen, _about: str) -> tuple[Evidence, ...]:
    missing = seen.known.unlisted
    assert missing
    return (
        Evidence(fact="site", value=missing.vo_site),
        Evidence(fact="not-on-list", at=missing.occurred_at),
    )


NOT_LISTED = Rule(
    timing="at_once",
    fires="Missing from the newest full list of the school.",
    clears="On a list again, or another route.",
    watches=_unlisted,
    settled=_explained,
    evidence=_unlisted_evidence,
    patient=True,
)
