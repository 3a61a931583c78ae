"""The kinds of file that come in (docs/csv.md): their columns, and which rows may not come twice in one file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.core.reference import Reference
from shared.core.tabular import LIMIT_ROWS, Column, Table, formats, read

ROLES = (
    "mentor",
    "decaan",
    "care_coordinator",
    "intaker",
    "intake_coordinator",
    "slber",
    "leerplicht",
    "doorstroompunt",
    "region_coordinator",
)


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file: what it holds, its columns, and the combinations that may stand in it once."""

    name: str
    columns: tuple[Column, ...]
    unique: tuple[Sequence[str], ...]

    def read(self, data: bytes, limit_rows: int = LIMIT_ROWS) -> Table:
        """Read a file of this kind. Never raises."""
        return read(data, self.columns, unique=self.unique, limit_rows=limit_rows)

    @property
    def header(self) -> tuple[str, ...]:
        """The columns that must be there, in the order of the documentation."""
        return tuple(column.name for column in self.columns if column.always)


def pupils(reference: Reference, on: date) -> FileKind:
    """The full list of pupils of one vo site and cohort who are expected to move to the mbo."""
    return FileKind(
        "leerlingen",
        (
            Column("brin_vestiging", formats.VO_SITE),
            Column("cohort", formats.COHORT),
            Column("leerlingnummer", formats.IDENTIFIER),
            Column("pgn", formats.PGN),
            Column("achternaam", formats.text(100)),
            Column("tussenvoegsel", formats.text(30), required=False),
            Column("roepnaam", formats.text(100)),
            Column("geboortedatum", formats.DATE),
            Column("postcode", formats.POSTCODE, required=False),
            Column("gemeentecode", formats.municipality(reference, on), required=False),
            Column("leerweg", formats.TRACK),
            Column("klas", formats.text(20), required=False),
            Column("startkwalificatie", formats.YES_NO),
            Column("mentor_email", formats.EMAIL, required=False),
            Column("plaatsvervanger_email", formats.EMAIL, required=False),
        ),
        (("leerlingnummer",), ("pgn",)),
    )


def applications(reference: Reference, on: date) -> FileKind:
    """Statuses of applications at one mbo institution, one row for each status."""
    return FileKind(
        "aanmeldingen",
        (
            Column("mbo_brin", formats.BRIN),
            Column("aanmelding_id", formats.IDENTIFIER),
            Column("pgn", formats.PGN),
            Column("geboortedatum", formats.DATE),
            Column("achternaam", formats.text(100)),
            Column("tussenvoegsel", formats.text(30), required=False),
            Column("roepnaam", formats.text(100)),
            Column("gemeentecode", formats.municipality(reference, on), required=False),
            Column("crebo", formats.CREBO),
            Column("leerroute", formats.PATHWAY),
            Column("status", formats.STATUS),
            Column("statusdatum", formats.RECENT),
            Column("versie", formats.NUMBER),
        ),
        (("aanmelding_id", "versie"),),
    )


CHOICES = FileKind(
    "keuzes",
    (
        Column("brin_vestiging", formats.VO_SITE),
        Column("cohort", formats.COHORT),
        Column("leerlingnummer", formats.IDENTIFIER),
        Column("mbo_brin", formats.BRIN),
        Column("crebo", formats.CREBO),
        Column("niveau", formats.LEVEL),
        Column("leerroute", formats.PATHWAY),
        Column("voorkeur", formats.PREFERENCE),
        Column("startdatum", formats.DATE, required=False),
    ),
    (("leerlingnummer", "mbo_brin", "crebo"), ("leerlingnummer", "voorkeur")),
)

INTAKES = FileKind(
    "intakes",
    (
        Column("mbo_brin", formats.BRIN),
        Column("aanmelding_id", formats.IDENTIFIER),
        Column("pgn", formats.PGN),
        Column("intakedatum", formats.DATE),
        Column("uitkomst", formats.OUTCOME),
        Column("redencode", formats.REASON, required=False),
    ),
    (("aanmelding_id", "intakedatum"),),
)

HANDOVERS = FileKind(
    "overdrachten",
    (
        Column("brin_vestiging", formats.VO_SITE),
        Column("cohort", formats.COHORT),
        Column("leerlingnummer", formats.IDENTIFIER),
        Column("mbo_brin", formats.BRIN),
        Column("soort", formats.HANDOVER_KIND),
    ),
    (("leerlingnummer", "mbo_brin"),),
)

ORGANISATIONS = FileKind(
    "organisaties",
    (
        Column("code", formats.ORGANISATION),
        Column("soort", formats.one_of("vo", "mbo", "gemeente", "regio")),
        Column("naam", formats.TEXT),
        Column("regio", formats.REGION),
        Column("gemeente", formats.MUNICIPALITY, required=False, always=False),
    ),
    (("code",),),
)

CONTACTS = FileKind(
    "contactpersonen",
    (
        Column("organisatie", formats.ORGANISATION),
        Column("rol", formats.one_of(*ROLES)),
        Column("naam", formats.TEXT),
        Column("email", formats.EMAIL),
        Column("plaatsvervanger_email", formats.EMAIL, required=False),
        Column("vanaf", formats.DATE),
        Column("tot", formats.DATE, required=False, always=False),
        Column("team", formats.TEAM, required=False, always=False),
    ),
    (("organisatie", "rol", "email"),),
)

STAFF_ABSENCES = FileKind(
    "afwezigheid",
    (
        Column("organisatie", formats.ORGANISATION),
        Column("email", formats.EMAIL),
        Column("afwezig_vanaf", formats.DATE),
        Column("terug_op", formats.DATE, required=False),
    ),
    (("organisatie", "email", "afwezig_vanaf"),),
)

APPLICATION_EXPORT = FileKind(
    "aanmeldexport",
    (
        Column("id", formats.IDENTIFIER),
        Column("version", formats.NUMBER),
        Column("createdat", formats.INSTANT),
        Column("lastmodifiedat", formats.or_na(formats.INSTANT), required=False),
        Column("createdby", formats.text(100), required=False),
        Column("lastmodifiedby", formats.text(100), required=False),
        Column("ketenid", formats.IDENTIFIER),
        Column("bsnhash", formats.HASH),
        Column("startmoment", formats.START),
        Column("status", formats.STATUS),
        Column("begindatum", formats.INSTANT),
        Column("schooljaar", formats.or_na(formats.SCHOOL_YEAR), required=False),
        Column("statussource", formats.STATUS_SOURCE),
        Column("caketenid", formats.or_na(formats.IDENTIFIER), required=False),
        Column("group_num", formats.or_na(formats.NUMBER), required=False),
        Column("postcodecijfers", formats.or_na(formats.POSTCODE_DIGITS), required=False),
        Column("onderwijsaanbiedercode", formats.or_na(formats.PROVIDER), required=False),
        Column("instellingserkenningscode", formats.BRIN),
        Column("onderwijslocatiecode", formats.or_na(formats.LOCATION), required=False),
        Column("opleidingcode", formats.ANY_PROGRAMME),
        Column("leertrajectmbo", formats.ANY_PATHWAY),
        Column("leeftijdscategorie", formats.or_na(formats.AGE_CLASS), required=False),
    ),
    (),
)
"""Every status of every application in the national chain; rows repeat under new ids (protocol: application export)."""
