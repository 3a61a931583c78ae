"""Codes in words: what stands on the pages for a rule, a severity, a fact, a role, an organisation."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from shared.core.reference import load
from shared.core.reference.calendar import SATURDAY, age_on, public_holidays
from shared.schemas.coordination import Evidence
from shared.schemas.vocabulary import codes
from shared.web.pages import ROLE_NAMES
from shared.web.texts import gettext as _
from shared.web.texts import in_words, marked, ngettext
from shared.web.words import programme as programme
from shared.web.words import rule as rule

SEVERITIES = {"risk": marked("Risk"), "warning": marked("Warning"), "notice": marked("Notice")}
STATUSES = {
    "new": marked("New"),
    "escalated": marked("Escalated"),
    "busy": marked("In progress"),
    "done": marked("Finished"),
}
"""At most these four on a page; the key is also the colour of the tag."""
VERDICTS = {
    "useful": marked("Useful: I could do something with it"),
    "too_late": marked("Too late: it was too late to do something"),
    "unnecessary": marked("Not needed: it was known or wrong"),
    "cleared": marked("The reason has gone"),
}
REASONS = {
    "contact": marked("I spoke to the pupil or the parents"),
    "arranged": marked("Something was arranged"),
    "known": marked("I knew this already"),
    "handed_over": marked("Somebody else does this"),
    "other_route": marked("The pupil goes another way"),
    "wrong_data": marked("The data were not right"),
}
ABOUT_PUPILS = ("contact", "other_route")
"""Reasons that say nothing of an organisation."""
TRACKS = {"pro": marked("practical training"), "vso": "vso", "isk": "isk"}
FACTS = {
    "live-applications": marked("No application is under way at any mbo institution."),
    "not-opened": marked("The institution has not opened the dossier yet."),
    "not-accepted": marked("The institution has not accepted the dossier yet."),
    "not-placed": marked("No place was decided on yet."),
    "not-enrolled": marked("The pupil is enrolled nowhere."),
    "not-seen": marked("The student was not seen in class."),
    "dossier-incomplete": marked("The dossier is not complete."),
    "dossier-not-begun": marked("Nothing of the dossier is complete yet."),
    "part-pupil-open": marked("The part of the pupil is open."),
    "part-mentor-open": marked("The part of the mentor is open."),
    "part-care-open": marked("The part about care is open."),
    "part-plus-open": marked("The plus document is open."),
    "exam-passed": marked("The pupil passed the exam."),
    "exam-failed": marked("The pupil failed the exam."),
    "talk-not-planned": marked("The talk was not planned."),
    "talk-not-held": marked("The talk was not held."),
    "never-heard": marked("Nothing was ever heard of the organisation."),
}
FACTS_AT = {
    "application-closed": marked("The last application ended on %(day)s."),
    "offered": marked("The school offered the dossier on %(day)s."),
    "opened": marked("The institution opened the dossier on %(day)s."),
    "application-rejected": marked("The last application was turned down on %(day)s."),
    "application-withdrawn": marked("The last application was withdrawn on %(day)s."),
    "enrolment-ended": marked("The enrolment ended on %(day)s."),
    "raised": marked("Attention was asked on %(day)s."),
    "not-on-list": marked("The pupil was not on the list of the school of %(day)s."),
    "talk-requested": marked("The talk was asked for on %(day)s."),
    "talk-planned": marked("The talk was planned for %(day)s."),
    "last-heard": marked("Something was last heard on %(day)s."),
}
FACTS_ON = {
    "application-date": marked("The last day to apply is %(day)s."),
    "first-day-date": marked("The first day in class is %(day)s."),
    "looked-date": marked("The institution looked on %(day)s."),
    "started-date": marked("The student started on %(day)s."),
    "ended-date": marked("The enrolment ended on %(day)s."),
    "switch-date": marked("The switch was registered for %(day)s."),
    "reported-date": marked("The absence was reported on %(day)s."),
    "exam-date": marked("The result of the exam is of %(day)s."),
    "talk-before-date": marked("The talk was to be held before %(day)s."),
}
FACTS_WITH = {
    "closed-applications": marked("Applications that were closed: %(value)s."),
    "from-programme": marked("From programme %(value)s."),
    "to-programme": marked("To programme %(value)s."),
    "report-number": marked("Number of the report: %(value)s."),
    "absence-kind": marked("Kind of report: %(value)s."),
    "concern-reason": marked("Why attention is asked: %(value)s."),
    "exam-track": marked("Track of the diploma: %(value)s."),
    "allowed-school-days": marked("Agreed: nothing heard for at most %(value)s school days."),
    "vacant-role": marked("Nobody is present in the role: %(value)s."),
    "chosen-level": marked("The exam does not admit to the chosen level %(value)s."),
}
FACTS_AT_PLACE = {
    "institution": marked("The institution is %(there)s."),
    "placed-at": marked("Placed at %(there)s."),
    "enrolled-at": marked("Enrolled at %(there)s."),
    "raised-by": marked("Asked by %(there)s."),
    "site": marked("The school is %(there)s."),
    "organisation": marked("It is about %(there)s."),
}
CODES = {"absence-kind": codes.ABSENCE_KINDS.codes, "concern-reason": codes.CONCERN_REASONS.codes}
"""Facts whose value is a code of the wire, with its Dutch text."""


def role(code: str) -> str:
    """The name of a role of the field; a role we do not know is shown as it was told."""
    known = {role.value: text for role, text in ROLE_NAMES.items()}
    return _(known[code]) if code in known else code


def severity(code: str) -> str:
    """How heavy a signal is; a code we do not know is shown as it was told."""
    return _(SEVERITIES[code]) if code in SEVERITIES else code


def status(code: str) -> str:
    """Where a signal stands; a code we do not know is shown as it was told."""
    return _(STATUSES[code]) if code in STATUSES else code


def organisation(code: str | None, names: Mapping[str, str]) -> str:
    """The name an organisation gave itself; else that of the municipality or region; else its code."""
    if not code:
        return _("unknown")
    if code in names:
        return names[code]
    if place := load().municipality_name(code):
        return _("Municipality of %(place)s", place=place)
    if place := load().region_name(code):
        return _("Doorstroompunt %(place)s", place=place)
    return code


def municipality(code: str | None) -> str:
    """Where somebody lives."""
    return (load().municipality_name(code) if code else None) or _("residence unknown")


def name(first: str | None, prefix: str | None, last: str | None) -> str:
    """A pupil's name; before it is known, a word that says so."""
    return " ".join(part for part in (first, prefix, last) if part) or _("Pupil whose name is not known yet")


def age_and_place(birth_date: date | None, code: str | None, today: date) -> str:
    """``17 jaar, Utrecht``"""
    place = municipality(code)
    return _("%(age)s years, %(place)s", age=age_on(birth_date, today), place=place) if birth_date else place


def origin(site: str | None, track: str | None, names: Mapping[str, str]) -> str:
    """School and track that a pupil comes from."""
    if not site:
        return _("school unknown")
    return f"{organisation(site, names)}, {_(TRACKS[track]) if track in TRACKS else track}"


def destination(institution: str | None, level: int | None, names: Mapping[str, str]) -> str:
    """Institution and level that a pupil goes to."""
    if not institution:
        return _("no programme yet")
    there = organisation(institution, names)
    return _("%(there)s, level %(level)s", there=there, level=level) if level else there


def working_days(today: date, day: date) -> int:
    """Working days after today up to and including this day; negative when it has passed."""
    if day < today:
        return -working_days(day, today)
    days = (today + timedelta(days=n) for n in range(1, (day - today).days + 1))
    return sum(one.weekday() < SATURDAY and one not in public_holidays(one.year) for one in days)


def evidence(facts: tuple[Evidence, ...], names: Mapping[str, str]) -> list[str]:
    """The facts a rule used, each as a plain sentence. A fact we have no sentence for is shown as it was told."""
    return [text for fact in facts if (text := _fact(fact, names))]


def _fact(fact: Evidence, names: Mapping[str, str]) -> str:
    if fact.fact == "handover":
        return ""
    if fact.fact == "live-applications" and fact.value not in (None, "0"):
        return _live(int(fact.value or 0))
    if fact.fact == "choices" and fact.value:
        return _choices(int(fact.value))
    if fact.fact in FACTS_AT and fact.at:
        return _(FACTS_AT[fact.fact], day=in_words(fact.at))
    if fact.fact in FACTS:
        return _(FACTS[fact.fact])
    return _with_value(fact.fact, fact.value, names) if fact.value else f"{fact.fact}: {_moment(fact.at)}".strip(": ")


def _with_value(name: str, value: str, names: Mapping[str, str]) -> str:
    if name in FACTS_ON:
        return _(FACTS_ON[name], day=in_words(date.fromisoformat(value)))
    if name in FACTS_AT_PLACE:
        return _(FACTS_AT_PLACE[name], there=organisation(value, names))
    if name == "vacant-role":
        value = role(value)
    if name in FACTS_WITH:
        return _(FACTS_WITH[name], value=CODES.get(name, {}).get(value, value))
    return f"{name}: {value}"


def _live(n: int) -> str:
    return ngettext("%(num)s application is under way.", "%(num)s applications are under way.", n)


def _choices(n: int) -> str:
    if n == 0:
        return _("No choice was registered yet.")
    return ngettext("%(num)s choice was registered.", "%(num)s choices were registered.", n)


def _moment(at: datetime | None) -> str:
    return in_words(at) if at else ""
