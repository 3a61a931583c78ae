"""Words of an agreement: who, where, when and what, as they stand in the middle of a sentence."""

from collections.abc import Iterable
from datetime import date

from babel.dates import format_date

from services.coordination.domain.rules.engine import APPLICATION_DATE
from shared.web.texts import LANGUAGE, marked, ngettext
from shared.web.texts import gettext as _

PARTIES = {
    "mentor": marked("the mentor"),
    "decaan": marked("the decaan"),
    "institution": marked("the intake coordinator of the institution"),
    "slber": marked("the career coach of the institution"),
    "officer": marked("leerplicht (under 18) or the Doorstroompunt (from 18)"),
    "duty": marked("who is on duty in the holiday"),
    "custodian": marked("who is responsible for the pupil"),
    "vo_person": marked("the contact of the school for the talk"),
    "mbo_person": marked("the contact of the institution for the talk"),
    "chosen": marked("whom the concern is meant for"),
    "intake_coordinator": marked("the intake coordinator"),
    "intaker": marked("the intaker"),
    "care_coordinator": marked("the care coordinator"),
    "team_leader": marked("the team leader"),
    "transition_coach": marked("the transition coach"),
    "leerplicht": marked("leerplicht"),
    "doorstroompunt": marked("the Doorstroompunt"),
    "region_coordinator": marked("the coordinator of the region"),
}
"""Parties of a route, and roles; the team leader and the coach stand in older versions."""
RUNGS = {
    "deputy": marked("the deputy"),
    "coordinator": marked("the coordinator of the organisation"),
    "region_coordinator": marked("the coordinator of the region"),
}
KINDS = {
    "vo": marked("At a vo school"),
    "mbo": marked("At an mbo institution"),
    "municipality": marked("At a municipality"),
    "region": marked("At the Doorstroompunt"),
}
WHOSE = {
    "vo_site": marked("The school that the pupil comes from"),
    "first_institution": marked("The institution where the pupil applied first"),
    "institution": marked("The institution where the pupil is enrolled"),
    "duty": marked("Who is on duty in the holiday"),
    "holder": marked("Who has the pupil already"),
    "municipality": marked("The municipality where the pupil lives"),
    "region": marked("The Doorstroompunt of the region where the pupil lives"),
}
MOMENTS = {
    "choice": marked("Choosing a programme"),
    "application": marked("From applying until there is a place"),
    "summer": marked("The summer, between two schools"),
    "first_days": marked("The first 100 days"),
    "out_of_school": marked("When no school has the pupil"),
}
HOLIDAYS = {
    "autumn": marked("Autumn holiday"),
    "christmas": marked("Christmas holiday"),
    "spring": marked("Spring holiday"),
    "may": marked("May holiday"),
    "summer": marked("Summer holiday"),
}
FIGURES = {
    "applied": marked("has applied"),
    "dossier-complete": marked("has a complete dossier"),
    "placed": marked("has a place"),
    "warm-handover-held": marked("who needs a warm handover has had one"),
    "started": marked("has started"),
}
"""What a norm is about, behind "of the pupils"."""
FAULTS = {
    "missing": marked("Something is missing here."),
    "unknown": marked("This is not known here."),
    "twice": marked("This stands here twice."),
    "yaml": marked("This is not valid YAML."),
    "out_of_range": marked("This number is too small or too large."),
    "timing": marked("This signal is counted in another way."),
    "order": marked("These steps are not in order of time."),
    "statutory": marked("The law decides here; an agreement cannot change it."),
    "agreed": marked("No law decides here."),
    "end": marked("The ladder does not end at the coordinator of the region."),
    "holidays": marked("These days cannot be right."),
    "taken": marked("This name is taken. A version never changes; choose a new name."),
    "past": marked("This day is too early."),
    "wrong_type": marked("This cannot be read here."),
    "falling": marked("A signal never becomes less serious by itself."),
    "role": marked("No role can be chosen here."),
    "unknown_days": marked("Of this holiday no days are known."),
    "unknown_region": marked("This is not the code of a region."),
    "unknown_person": marked("This person is not on the list of contacts."),
    "other_region": marked("You adopt agreements for your own region only."),
}
"""Code of a fault → what is wrong; anything else is a wrong value."""
WRONG = marked("This value is not right.")
YEAR = 2027
"""Any common year, for days of every year."""


def party(code: str) -> str:
    """Somebody by role, in a sentence; what we do not know is shown as it was told."""
    return _(PARTIES[code]) if code in PARTIES else code


def holiday(name: str) -> str:
    """A holiday by its name; of a region's own as it is called there."""
    return _(HOLIDAYS[name]) if name in HOLIDAYS else sentence(name)


def each_day(month_day: str) -> str:
    """``1 april``, of every year."""
    if month_day == APPLICATION_DATE:
        return _("the last day to apply")
    return format_date(date.fromisoformat(f"{YEAR}-{month_day}"), "d MMMM", locale=LANGUAGE)


def one_after_another(codes: Iterable[str]) -> str:
    """``de mentor, daarna de decaan``"""
    return _(", then ").join(map(party, codes))


def sentence(text: str) -> str:
    """The text with a capital."""
    return text[:1].upper() + text[1:]


def school_days(n: int) -> str:
    """``5 schooldagen``"""
    return ngettext("%(num)s school day", "%(num)s school days", n)


def fault(code: str) -> str:
    """What is wrong, in a sentence."""
    return _(FAULTS.get(code, WRONG))
