"""Rows of files as schools and institutions write them (docs/csv.md)."""

from dataclasses import dataclass, field
from datetime import date

from shared.local.sample.catalogue import Programme
from shared.local.sample.people import Pupil

Cells = dict[str, str]


@dataclass(slots=True)
class Application:
    """An application of a pupil at an institution, as far as its life has come."""

    id: str
    pupil: Pupil
    programme: Programme
    pathway: str
    version: int = 0
    status: str = ""
    told: dict[str, date] = field(default_factory=dict)
    """Status to the day on which it came in."""

    @property
    def institution(self) -> str:
        return self.programme.institution

    @property
    def live(self) -> bool:
        return self.status not in ("", "REJECTED", "WITHDRAWN")


def school(pupil: Pupil, cohort: int) -> Cells:
    return {"brin_vestiging": pupil.site, "cohort": str(cohort), "leerlingnummer": pupil.number}


def name(pupil: Pupil) -> Cells:
    who = pupil.person
    return {"achternaam": who.last, "tussenvoegsel": who.prefix, "roepnaam": who.first}


def listed(pupil: Pupil, cohort: int, mentor: str, deputy: str) -> Cells:
    """A row of the pupil list."""
    own = {
        "pgn": pupil.pgn,
        **name(pupil),
        "geboortedatum": pupil.born.isoformat(),
        "postcode": pupil.postcode,
        "gemeentecode": pupil.municipality,
    }
    rest = {
        "leerweg": pupil.track,
        "klas": pupil.group,
        "startkwalificatie": "J" if pupil.qualified else "N",
        "mentor_email": mentor,
        "plaatsvervanger_email": deputy,
    }
    return school(pupil, cohort) | own | rest


def choice(pupil: Pupil, cohort: int, programme: Programme, pathway: str, preference: int) -> Cells:
    return school(pupil, cohort) | {
        "mbo_brin": programme.institution,
        "crebo": programme.crebo,
        "niveau": str(programme.level),
        "leerroute": pathway,
        "voorkeur": str(preference),
        "startdatum": date(cohort, 8, 30).isoformat(),
    }


def of_application(application: Application) -> Cells:
    return {
        "mbo_brin": application.institution,
        "aanmelding_id": application.id,
        "pgn": application.pupil.pgn,
    }


def status(application: Application, day: date) -> Cells:
    """The present status, since this day."""
    pupil = application.pupil
    return {
        **of_application(application),
        "geboortedatum": pupil.born.isoformat(),
        **name(pupil),
        "gemeentecode": pupil.municipality,
        "crebo": application.programme.crebo,
        "leerroute": application.pathway,
        "status": application.status,
        "statusdatum": day.isoformat(),
        "versie": str(application.version),
    }
