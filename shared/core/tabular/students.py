"""The kinds of file that follow an applicant from the invitation to the end of the enrolment (docs/csv.md)."""

from shared.core.tabular import Column, formats
from shared.core.tabular.kinds import FileKind

STEPS = ("uitgenodigd", "gepland", "gemist")
FORMS = {"locatie": "on_site", "online": "online", "telefoon": "phone"}
SWITCHES = {"gemeld": "registered", "begonnen": "started", "vervallen": "cancelled"}
ABSENCES = {
    "geregistreerd": "registered",
    "in_behandeling": "in_progress",
    "ter_kennisgeving": "noted",
    "afgesloten": "closed",
    "ingetrokken": "withdrawn",
}
"""Word of a file → code on the wire."""
_WHOSE = (
    Column("mbo_brin", formats.BRIN),
    Column("aanmelding_id", formats.IDENTIFIER),
    Column("pgn", formats.PGN),
)
_RECORDED = Column("geregistreerd_op", formats.MOMENT)

INVITATIONS = FileKind(
    "uitnodigingen",
    (
        *_WHOSE,
        Column("stap", formats.one_of(*STEPS)),
        _RECORDED,
        Column("antwoord_voor", formats.RECENT, required=False),
        Column("gepland_op", formats.MOMENT, required=False),
        Column("vorm", formats.one_of(*FORMS), required=False),
        Column("redencode", formats.REASON, required=False),
    ),
    (("aanmelding_id", "stap", "geregistreerd_op"),),
)
STARTERS = FileKind(
    "starters",
    (
        *_WHOSE,
        Column("gestart", formats.YES_NO),
        Column("eerste_dag", formats.RECENT),
        Column("nagegaan_op", formats.RECENT, required=False),
        Column("redencode", formats.REASON, required=False),
        Column("pogingen", formats.ATTEMPTS, required=False),
        _RECORDED,
    ),
    (("aanmelding_id", "gestart", "geregistreerd_op"),),
)
SWITCHERS = FileKind(
    "wissels",
    (
        *_WHOSE,
        Column("wissel_id", formats.IDENTIFIER),
        Column("wisselstatus", formats.one_of(*SWITCHES)),
        Column("wisseldatum", formats.RECENT),
        Column("naar_mbo_brin", formats.BRIN, required=False),
        Column("naar_crebo", formats.CREBO, required=False),
        Column("naar_niveau", formats.LEVEL, required=False),
        Column("naar_aanmelding_id", formats.IDENTIFIER, required=False),
        _RECORDED,
    ),
    (("aanmelding_id", "wissel_id", "wisselstatus", "geregistreerd_op"),),
)
LEAVERS = FileKind(
    "uitschrijvingen",
    (
        *_WHOSE,
        Column("einddatum", formats.RECENT),
        Column("reden", formats.LEAVING),
        Column("bestemming", formats.REASON, required=False),
        Column("naar_mbo_brin", formats.BRIN, required=False),
        Column("diploma", formats.YES_NO),
        Column("startkwalificatie", formats.YES_NO, required=False),
        _RECORDED,
    ),
    (("aanmelding_id", "geregistreerd_op"),),
)
ABSENTEES = FileKind(
    "verzuim",
    (
        *_WHOSE,
        Column("meldingsnummer", formats.IDENTIFIER),
        Column("soort", formats.REASON),
        Column("meldingstatus", formats.one_of(*ABSENCES)),
        Column("gemeld_op", formats.RECENT),
        Column("verzuim_van", formats.RECENT, required=False),
        Column("verzuim_tot", formats.RECENT, required=False),
        Column("actie_gewenst", formats.YES_NO),
        Column("afgesloten_op", formats.RECENT, required=False),
        Column("reden_afsluiting", formats.REASON, required=False),
        _RECORDED,
    ),
    (("meldingsnummer", "meldingstatus", "geregistreerd_op"),),
)
KINDS = (INVITATIONS, STARTERS, SWITCHERS, LEAVERS, ABSENTEES)
