"""The kinds of file in which a school hands in talks, exam results and other routes (docs/csv.md)."""

from shared.core.tabular import Column, formats
from shared.core.tabular.formats import Format
from shared.core.tabular.kinds import FileKind

TALKS = {"gevraagd": "requested", "gepland": "planned", "gehouden": "held", "gemist": "missed"}
FORMS = {"telefoon": "phone", "locatie": "on_site", "driegesprek": "three_way", "speeddate": "speed_date"}
VO, MBO = ("mentor", "decaan", "care_coordinator"), ("intaker", "intake_coordinator", "slber", "team_leader")
PEOPLE = (*VO, *MBO, "transition_coach", "pupil", "parent")
MISSED = ("vo_absent", "mbo_absent", "pupil_absent", "cancelled", "other")
RESULTS = {"geslaagd": "passed", "gezakt": "failed", "herkansing": "resit", "ingetrokken": "retracted"}
ROUTES = {"gemeld": "register", "bevestigd": "confirm", "ingetrokken": "withdraw"}
SCHOOL = ("repeats_year", "havo", "vavo", "mbo_elsewhere", "stays_in_vso_or_pro", "private_education")
WHERE = (*SCHOOL, "work", "abroad", "exempt", "closed_institution", "deceased")
EVIDENCE = ("school_statement", "parent_statement", "enrolment", "contract", "municipality")
"""Words and codes of a file."""


def _people(value: str) -> str:
    roles = value.casefold().replace("+", " ").split()
    if not roles or not set(roles) <= set(PEOPLE):
        raise ValueError
    return " ".join(dict.fromkeys(roles))


_WHOSE = (
    Column("brin_vestiging", formats.VO_SITE),
    Column("cohort", formats.COHORT),
    Column("leerlingnummer", formats.IDENTIFIER),
)
TALK_LIST = FileKind(
    "gesprekken",
    (
        *_WHOSE,
        Column("mbo_brin", formats.BRIN),
        Column("gespreksstand", formats.one_of(*TALKS)),
        Column("gespreksmoment", formats.MOMENT, required=False),
        Column("gespreksvorm", formats.one_of(*FORMS), required=False),
        Column("deelnemers", Format("rollen met een spatie ertussen, zoals: mentor slber", _people), required=False),
        Column("vo_email", formats.EMAIL, required=False),
        Column("mbo_email", formats.EMAIL, required=False),
        Column("leerling_weet_ervan", formats.YES_NO, required=False),
        Column("redencode", formats.one_of(*MISSED), required=False),
    ),
    (("leerlingnummer", "mbo_brin"),),
)
EXAM_LIST = FileKind(
    "uitslagen",
    (
        *_WHOSE,
        Column("uitslag", formats.one_of(*RESULTS)),
        Column("leerweg_diploma", formats.TRACK, required=False),
        Column("tijdvak", formats.pattern("[1-3]", "een tijdvak: 1, 2 of 3")),
        Column("uitslagdatum", formats.RECENT),
    ),
    (("leerlingnummer",),),
)
ROUTE_LIST = FileKind(
    "routes",
    (
        *_WHOSE,
        Column("route", formats.one_of(*WHERE)),
        Column("routestand", formats.one_of(*ROUTES)),
        Column("vanaf", formats.RECENT),
        Column("tot", formats.RECENT, required=False),
        Column("bewijs", formats.one_of(*EVIDENCE), required=False),
    ),
    (("leerlingnummer",),),
)
KINDS = (TALK_LIST, EXAM_LIST, ROUTE_LIST)
