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


def start(first: date, known: date, *, seen: bool) -> Cells:
    """What the institution tells after the first days: seen in class, or looked for and not found."""
    return {
        "gestart": "J" if seen else "N",
        "eerste_dag": first.isoformat(),
        "nagegaan_op": "" if seen else known.isoformat(),
        "redencode": "" if seen else "not_reachable",
        "pogingen": "" if seen else "2",
        "geregistreerd_op": known.isoformat(),
    }


def end(day: date, destination: str, to: str = "") -> Cells:
    """An enrolment that ended without diploma."""
    return {
        "einddatum": day.isoformat(),
        "reden": "4",
        "bestemming": destination,
        "naar_mbo_brin": to if destination == "other_mbo" else "",
        "diploma": "N",
        "startkwalificatie": "N",
        "geregistreerd_op": day.isoformat(),
    }


def switch(application: Application, day: date, to: Programme | None = None) -> Cells:
    """A change of programme, considered or begun."""
    return {
        "wissel_id": f"W{application.id}",
        "wisselstatus": "begonnen" if to else "gemeld",
        "wisseldatum": day.isoformat(),
        "naar_mbo_brin": "",
        "naar_crebo": to.crebo if to else "",
        "naar_niveau": str(to.level) if to else "",
        "naar_aanmelding_id": "",
        "geregistreerd_op": day.isoformat(),
    }


def report(application: Application, day: date, status: str = "geregistreerd", number: int = 1) -> Cells:
    """A statutory report of absence; closed, since the student came back."""
    closed = status == "afgesloten"
    return {
        "meldingsnummer": f"V{number}-{application.id}",
        "soort": "hours_16_in_4_weeks",
        "meldingstatus": status,
        "gemeld_op": day.isoformat(),
        "verzuim_van": "",
        "verzuim_tot": "",
        "actie_gewenst": "J",
        "afgesloten_op": day.isoformat() if closed else "",
        "reden_afsluiting": "back_to_school" if closed else "",
        "geregistreerd_op": day.isoformat(),
    }


def result(day: date, outcome: str, sitting: int, track: str = "") -> Cells:
    """Of the final exam."""
    return {"uitslag": outcome, "leerweg_diploma": track, "tijdvak": str(sitting), "uitslagdatum": day.isoformat()}
