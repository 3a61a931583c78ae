"""Rows as they were sent, to set aside those that can not be used."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.core.errors import Fault
from shared.core.tabular import again
from shared.schemas.envelope import BadRow

OTHER_INSTITUTION = Fault("mbo_brin", "The BRIN of your own institution", "other_organisation")
OTHER_PUPIL = Fault("pgn", "The pupil of whom this application was told before", "other_pupil")


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was sent: where it stood, and all of it."""

    place: str = ""
    """Such as ``regel 4``; empty at a door that takes one at a time."""
    cells: Mapping[str, str] = field(default_factory=dict)
    pupil_ref: str | None = None

    def refuse(self, *faults: Fault) -> BadRow:
        """This row, for quarantine; the faults name the columns."""
        placed = tuple(Fault(f"{self.place}, kolom {f.where}", f.expected, f.code) for f in faults)
        return BadRow(self.place, faults[0].code, placed, again(self.cells), self.pupil_ref)
