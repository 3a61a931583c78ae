"""The kinds of file in which a school hands in what a dossier holds, and whom it told of it (docs/csv.md)."""

from shared.core.tabular import Column, formats
from shared.core.tabular.kinds import FileKind

CATEGORIES = ("results", "internship_and_work", "advice", "cognitive", "social_emotional", "support", "absence")
WHOM = {"ouders": "parents", "leerling": "pupil"}
HOW = {"gesprek": "talk", "brief": "letter", "mail": "mail", "portaal": "portal", "anders": "other"}
"""Word of a file → code of the API."""
_WHOSE = (
    Column("brin_vestiging", formats.VO_SITE),
    Column("cohort", formats.COHORT),
    Column("leerlingnummer", formats.IDENTIFIER),
)

DOSSIERS = FileKind(
    "dossiers",
    (
        *_WHOSE,
        Column("onderdeel", formats.one_of(*CATEGORIES)),
        Column("aanwezig", formats.YES_NO),
        Column("tekst", formats.text(4000), required=False),
    ),
    (("leerlingnummer", "onderdeel"),),
)
INFORMED = FileKind(
    "geinformeerd",
    (
        *_WHOSE,
        Column("geinformeerd_op", formats.RECENT),
        Column("wie", formats.one_of(*WHOM)),
        Column("hoe", formats.one_of(*HOW)),
    ),
    (("leerlingnummer",),),
)
KINDS = (DOSSIERS, INFORMED)
