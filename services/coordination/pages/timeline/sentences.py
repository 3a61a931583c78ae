"""One sentence per thing that happened, and its details in words."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from services.coordination.domain.story import Happening, Kind
from services.coordination.pages import words
from services.coordination.pages.pupil import facts_of, said
from shared.schemas.coordination import Custodian
from shared.schemas.vocabulary import codes
from shared.schemas.vocabulary.limits import CodeList
from shared.web.texts import gettext as _
from shared.web.texts import in_words, marked, moment
from shared.web.words import OUTCOMES, TALK_FORMS, action, programme, rule

Names = Mapping[str, str]
KINDS = {
    Kind.CUSTODY: marked("Who has the pupil"),
    Kind.SCHOOL: marked("What the school told"),
    Kind.APPLICATION: marked("Application, intake and start"),
    Kind.HANDOVER: marked("Handover and talks"),
    Kind.SIGNAL: marked("Signals"),
    Kind.ACTION: marked("Actions"),
}
"""What the story is filtered by."""
SENTENCES = {
    "person-recorded": marked("It is known who the pupil is"),
    "pupil-expected": marked("%(by)s expects that this pupil goes to the mbo"),
    "pupil-not-listed": marked("%(by)s no longer has the pupil on its list"),
    "choice-registered": marked("The pupil chooses %(programme)s at %(mbo_institution)s"),
    "choice-withdrawn": marked("The pupil no longer chooses %(programme)s at %(mbo_institution)s"),
    "dossier-completed": marked("The dossier is complete"),
    "dossier-open": marked("A part of the dossier is complete"),
    "exam-result-recorded": marked("Result of the exam: %(result)s"),
    "route-registered": marked("%(by)s says that the pupil goes another way: %(route)s"),
    "route-confirmed": marked("It is confirmed that the pupil goes another way: %(route)s"),
    "route-withdrawn": marked("The pupil does not go another way after all"),
    "concern-raised": marked("%(by)s is concerned: %(reason)s"),
    "concern-resolved": marked("The concern is over: %(resolution)s"),
    "application-sent": marked("Application at %(by)s: %(programme)s"),
    "application-offered": marked("%(by)s offers a place: %(programme)s"),
    "application-enrolled": marked("Enrolled at %(by)s: %(programme)s"),
    "application-rejected": marked("%(by)s turns the pupil down: %(programme)s"),
    "application-withdrawn": marked("The application at %(by)s is withdrawn: %(programme)s"),
    "intake-invited": marked("%(by)s invites the pupil for an intake"),
    "intake-planned": marked("The intake at %(by)s has a date"),
    "intake-missed": marked("The intake at %(by)s was missed"),
    "intake-done": marked("The intake at %(by)s was held: %(outcome)s"),
    "student-started": marked("The student has started at %(by)s"),
    "student-not-started": marked("The student has not started at %(by)s"),
    "enrolment-ended": marked("The enrolment at %(by)s has ended"),
    "switch-registered": marked("The student thinks of another programme"),
    "switch-started": marked("The student has started in another programme"),
    "switch-cancelled": marked("The student stays in the same programme after all"),
    "absence-registered": marked("%(by)s has reported absence"),
    "absence-in_progress": marked("The report of absence of %(by)s is being dealt with"),
    "absence-closed": marked("The report of absence of %(by)s is closed"),
    "absence-withdrawn": marked("%(by)s has taken back the report of absence"),
    "absence-noted": marked("%(by)s lets know that the student was absent"),
    "handover-offered": marked("%(by)s offers the dossier to %(mbo_institution)s"),
    "handover-opened": marked("%(by)s has opened the dossier"),
    "handover-accepted": marked("%(by)s has taken over the dossier"),
    "handover-refused": marked("%(by)s has refused the dossier"),
    "handover-withdrawn": marked("%(by)s has taken back the dossier"),
    "talk-requested": marked("%(by)s asks for a talk between the schools"),
    "talk-planned": marked("The talk with %(mbo_institution)s has a date"),
    "talk-held": marked("The talk with %(mbo_institution)s was held"),
    "talk-missed": marked("The talk with %(mbo_institution)s did not take place"),
    "transition-opened": marked("The transition has begun"),
    "transition-closed": marked("The transition is over: %(outcome)s"),
    "transition-reopened": marked("The transition goes on: %(reopening)s"),
    "custody-changed": marked("%(who)s is responsible from now on"),
    "custody-offered": marked("%(by)s is asked to take over the pupil"),
    "custody-accepted": marked("%(by)s has taken over the pupil"),
    "custody-returned": marked("%(by)s gives the pupil back: %(returned)s"),
    "custody-settled": marked("It is settled: %(by)s does not take over the pupil"),
    "custody-lapsed": marked("%(by)s is no longer asked to take over the pupil"),
    "student-at-risk": marked("Signal: %(rule)s"),
    "student-at-risk-cleared": marked("The signal has passed: %(rule)s"),
    "action-asked": marked("To be done by %(who)s: %(action)s"),
    "action-passed": marked("From now on to be done by %(who)s: %(action)s"),
    "action-moved": marked("%(who)s has another date for: %(action)s"),
    "action-overdue": marked("Not done in time, and now for %(who)s: %(action)s"),
    "action-done": marked("No longer to be done: %(action)s"),
}
"""What happened → the sentence, with the details it names."""
DETAILS = {
    "track": marked("Track"),
    "preference": marked("Preference"),
    "decided_on": marked("Decided on"),
    "since": marked("From"),
    "until": marked("Until"),
    "evidence": marked("Evidence"),
    "status_at": marked("Since"),
    "pathway": marked("Pathway"),
    "reason": marked("Reason"),
    "programme": marked("Programme"),
    "planned_at": marked("Planned for"),
    "form": marked("How"),
    "held_on": marked("Held on"),
    "hold_by": marked("To be held before"),
    "answer_by": marked("Answer before"),
    "missed_reason": marked("Reason"),
    "first_day": marked("First day"),
    "checked_on": marked("Checked on"),
    "ended_on": marked("Stopped on"),
    "destination": marked("Destination"),
    "to_programme": marked("New programme"),
    "to_institution": marked("New institution"),
    "switched_on": marked("Switched on"),
    "report_number": marked("Number of the report"),
    "kind": marked("Kind"),
    "reported_on": marked("Reported on"),
    "closed_on": marked("Closed on"),
    "closed_reason": marked("Reason"),
    "basis": marked("On what ground"),
    "situation": marked("Situation"),
    "due_at": marked("Before"),
    "closed": marked("Why"),
    "cleared": marked("Why"),
    "severity": marked("Severity"),
    "agreement": marked("Agreement"),
}
"""What a detail is called where the sentence does not name it."""
RESULTS = {
    "passed": marked("Passed"),
    "failed": marked("Failed"),
    "resit": marked("Resit"),
    "retracted": marked("No result yet"),
}
REASONS = {
    "capacity": marked("The programme is full"),
    "prior_education": marked("Prior education does not give admission"),
    "wrong_level": marked("The level does not fit"),
    "not_reachable": marked("The pupil can not be reached"),
    "other_institution": marked("Goes to another institution"),
    "other_programme": marked("Another programme fits better"),
    "other_route": marked("Goes another way: vo, work, abroad"),
    "objection": marked("The pupil or a parent objects"),
}
"""Why an application or a dossier was refused or taken back."""
FORMS = {**TALK_FORMS, "online": marked("Online")}


def _listed(listed: CodeList) -> Callable[[str], str]:
    """The meaning of a code of the wire, which is in Dutch already."""
    return lambda code: listed.codes.get(code, code)


def _translated(known: Mapping[str, str]) -> Callable[[str], str]:
    return lambda code: _(known[code]) if code in known else code


IN_WORDS: dict[str, Callable[[str], str]] = {
    "programme": programme,
    "to_programme": programme,
    "action": action,
    "rule": rule,
    "result": _translated(RESULTS),
    "route": _listed(codes.OTHER_ROUTES),
    "evidence": _listed(codes.ROUTE_EVIDENCE),
    "resolution": _listed(codes.CONCERN_RESOLUTIONS),
    "missed_reason": _listed(codes.INTAKE_MISSED),
    "destination": _listed(codes.DESTINATIONS),
    "kind": _listed(codes.ABSENCE_KINDS),
    "closed_reason": _listed(codes.ABSENCE_CLOSED),
    "situation": _listed(codes.SITUATIONS),
    "returned": _listed(codes.CUSTODY_RETURNS),
    "reopening": _listed(codes.REOPENINGS),
    "outcome": _translated({**words.CLOSED, **OUTCOMES}),
    "form": _translated(FORMS),
    "basis": _translated(words.BASES),
    "closed": _translated(words.CLOSED),
    "cleared": _translated(words.CLEARED),
    "severity": lambda code: _(words.SEVERITIES[code][0]) if code in words.SEVERITIES else code,
    "reason": lambda code: _translated(REASONS)(_listed(codes.CONCERN_REASONS)(code.replace("-", "_"))),
}
"""Details that are codes."""


def mentioned(happenings: Iterable[Happening]) -> tuple[set[str], set[str]]:
    """Codes of organisations and references of people that the sentences name."""
    organisations, people = set(), set()
    for one in happenings:
        posts: list[Custodian] = [*([one.who] if one.who else []), *one.route]
        told = [one.by, *(one.details.get(name) for name in ("mbo_institution", "to_institution"))]
        told += [fact.value for fact in one.evidence if fact.fact == "institution"]
        organisations |= {str(code) for code in (*told, *(post.organisation for post in posts)) if code}
        people |= {ref for post in posts for ref in (post.contact, post.deputy) if ref}
    return organisations, people


def shown(one: Happening, names: Names) -> dict[str, Any]:
    """One thing that happened, as the page shows it."""
    values = {name: _value(name, value, names) for name, value in one.details.items()}
    values |= {
        "by": names.get(one.by or "", one.by or _("Somebody")),
        "who": said(one.who.model_dump(), names) if one.who else "",
    }
    sentence = SENTENCES.get(one.what)
    title = _(sentence) % _Forgiving(values) if sentence else one.what
    rest = [(_(DETAILS[n]), v) for n, v in values.items() if n in DETAILS and f"%({n})s" not in (sentence or "")]
    deputy = one.who and names.get(one.who.deputy or "")
    return {
        "at": one.at,
        "kind": one.kind.value,
        "title": title,
        "by": names.get(one.by or "", "") if "%(by)s" not in (sentence or "") else "",
        "details": rest + ([(_("Deputy"), deputy)] if deputy and one.kind is Kind.CUSTODY else []),
        "facts": facts_of((fact.model_dump(mode="json") for fact in one.evidence), names),
        "heard_by": [said(who.model_dump(), names) for who in one.route],
    }


class _Forgiving(dict[str, str]):
    """What a source left out is a dash: the sentence stands all the same."""

    def __missing__(self, _name: str) -> str:
        return "–"


def _value(name: str, value: Any, names: Names) -> str:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return in_words(value)
    if name in ("mbo_institution", "to_institution"):
        return names.get(str(value), str(value))
    return IN_WORDS[name](str(value)) if name in IN_WORDS else str(value)
