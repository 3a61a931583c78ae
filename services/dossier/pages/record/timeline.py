"""What happened to a pupil: one sentence for every type of event that a school may know of."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from services.dossier import store
from services.dossier.domain.told import Happening
from services.dossier.domain.transfer import Information, Objection
from services.dossier.pages.reading import Names
from services.dossier.pages.transfer.words import CATEGORIES, WHOM
from shared.web.texts import gettext as _
from shared.web.texts import in_words, marked
from shared.web.words import OUTCOMES, ROLES, programme

Sentences = Mapping[str, str]
# Type of event → its sentence, or the field that decides with a sentence for each of its values.
SENTENCES: dict[str, str | tuple[str, Sentences]] = {
    "pupil-expected": marked("The school expects the pupil at the mbo"),
    "pupil-not-listed": marked("The pupil is no longer on the list of the school"),
    "choice-registered": marked("Choice recorded: %(programme)s at %(institution)s"),
    "choice-withdrawn": marked("Choice withdrawn: %(programme)s at %(institution)s"),
    "other-route-registered": (
        "status",
        {
            "registered": marked("Another route than the mbo is recorded"),
            "confirmed": marked("The other route is confirmed"),
            "withdrawn": marked("The other route is withdrawn"),
        },
    ),
    "dossier-completed": (
        "complete",
        {"True": marked("The dossier is complete"), "False": marked("A part of the dossier changed")},
    ),
    "exam-result-recorded": (
        "result",
        {
            "passed": marked("Exam: passed"),
            "failed": marked("Exam: failed"),
            "resit": marked("Exam: resit"),
            "retracted": marked("The exam result is taken back"),
        },
    ),
    "concern-raised": marked("The school asks for attention for this pupil"),
    "concern-resolved": marked("The concern is resolved"),
    "dossier-handed-over": marked("Dossier offered to %(institution)s"),
    "handover-opened": marked("Dossier opened by %(institution)s"),
    "handover-accepted": marked("Dossier taken over by %(institution)s"),
    "handover-refused": marked("Dossier refused by %(institution)s"),
    "handover-withdrawn": marked("Dossier taken back from %(institution)s"),
    "warm-handover-requested": marked("A talk with %(institution)s is asked for"),
    "warm-handover-planned": marked("A talk with %(institution)s is planned"),
    "warm-handover-held": marked("The talk with %(institution)s was held"),
    "warm-handover-missed": marked("The talk with %(institution)s did not take place"),
    "application-status-changed": (
        "status",
        {
            "submitted": marked("Application sent to %(institution)s"),
            "received": marked("Application received by %(institution)s"),
            "offered": marked("Place offered by %(institution)s"),
            "enrolled": marked("Enrolled at %(institution)s"),
            "rejected": marked("Application rejected by %(institution)s"),
            "withdrawn": marked("Application at %(institution)s withdrawn"),
        },
    ),
    "intake-invited": marked("Invited for an intake at %(institution)s"),
    "intake-planned": marked("Intake planned at %(institution)s"),
    "intake-missed": marked("Intake at %(institution)s missed"),
    "intake-done": marked("Intake at %(institution)s: %(outcome)s"),
    "student-started": marked("Started at %(institution)s on %(first_day)s"),
    "student-not-started": marked("Not started at %(institution)s"),
    "enrolment-ended": marked("The enrolment at %(institution)s ended"),
    "programme-switched": (
        "status",
        {
            "registered": marked("A switch of programme at %(institution)s is considered"),
            "started": marked("Switched to another programme"),
            "cancelled": marked("The switch of programme does not go on"),
        },
    ),
    "custody-changed": marked("Responsible from now on: %(holder)s"),
    "transition-closed": marked("The transition is closed"),
    "transition-reopened": marked("The transition is open again"),
}


Items = list[dict[str, Any]]


def with_family(informed: Information | None, objections: Iterable[Objection]) -> Items:
    """What the school did with the family, which is told to nobody else."""
    items = []
    if informed and informed.recorded_at:
        day = in_words(informed.informed_on)
        title = _("Told what goes in the dossier: %(whom)s, on %(day)s", whom=_(WHOM[informed.whom]).lower(), day=day)
        items.append({"title": title, "at": informed.recorded_at, "who": "", "text": ""})
    for one in objections:
        what = _(CATEGORIES[one.category]) if one.category else _("The whole dossier")
        who = _(ROLES.get(one.recorded_role, one.recorded_role))
        items.append({"title": _("Objection to: %(what)s", what=what), "at": one.raised_at, "who": who, "text": ""})
        if one.withdrawn_at:
            title = _("Objection withdrawn: %(what)s", what=what)
            items.append({"title": title, "at": one.withdrawn_at, "who": "", "text": ""})
    return items


def timeline(
    happenings: Iterable[Happening], read: Sequence[store.Access], names: Names, texts: Mapping[str, str], more: Items
) -> Items:
    """The items for the template, newest first. `happenings`: oldest first; what says the same as the last of its
    kind is left out. `texts`: what was written with an event, by the key of its entity. `more`: other items."""
    items = [*more]
    said: dict[str, str] = {}
    for one in happenings:
        sentence = say(one, names)
        if sentence and said.get(one.key) != sentence:
            said[one.key] = sentence
            text = texts.get(one.key, "") if one.type == "handover-refused" else ""
            items.append({"title": sentence, "at": one.at, "who": by(one, names), "text": text})
    for access in read:
        if not access.opening:
            role = _(ROLES.get(access.role, access.role))
            who = f"{role}, {names.organisation(access.organisation)}"
            items.append({"title": _("Dossier read"), "at": access.at, "who": who, "text": ""})
    return sorted(items, key=lambda item: item["at"])[::-1]


def say(one: Happening, names: Names) -> str:
    """The sentence for one event; empty when it tells a school nothing."""
    found = SENTENCES.get(one.type, "")
    if isinstance(found, tuple):
        field, sentences = found
        found = sentences.get(str(one.detail.get(field)), "")
    return _(found, **_values(one.detail, names)) if found else ""


def _values(detail: Mapping[str, Any], names: Names) -> dict[str, str]:
    outcome = detail.get("outcome")
    return {
        "institution": names.organisation(detail.get("mbo_institution") or ""),
        "programme": programme(detail.get("programme") or ""),
        "outcome": _(OUTCOMES[outcome]).lower() if outcome in OUTCOMES else "",
        "first_day": in_words(date.fromisoformat(day)) if (day := detail.get("first_day")) else "",
        "holder": names.holder(detail["holder"]) if "holder" in detail else "",
    }


def by(one: Happening, names: Names) -> str:
    """Who did it: role and organisation, and the name where the school knows it."""
    if one.organisation == "overstap" or not one.organisation:
        return ""
    person = names.person(one.organisation, one.person_ref)
    role = _(ROLES.get(one.role, one.role))
    return ", ".join(part for part in (person, role, names.organisation(one.organisation)) if part)
