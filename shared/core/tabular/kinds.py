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
        """The column names, in the order of the documentation."""
        return tuple(column.name for column in self.columns)


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
    ),
    (("organisatie", "rol", "email"),),
)
