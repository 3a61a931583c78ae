"""What became of the rows of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.core.errors import Fault
from shared.core.tabular import write
from shared.schemas.envelope import BadRow, Draft, Outcome, Receipt

OTHER_INSTITUTION = Fault("mbo_brin", "The BRIN of your own institution", "other_organisation")
OTHER_PUPIL = Fault("pgn", "The pupil of whom this application was told before", "other_pupil")


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was sent: where it stood, and all of it."""

    place: str = ""
    """Such as ``regel 4``; empty at a door that takes one at a time."""
    cells: Mapping[str, str] = field(default_factory=dict)
    pupil_ref: str | None = None

    def refuse(self, faults: Sequence[Fault]) -> BadRow:
        """This row, for quarantine; the faults name the columns."""
        placed = tuple(Fault(f"{self.place}, kolom {f.where}", f.expected, f.code) for f in faults)
        payload = write(list(self.cells), [self.cells]).decode("utf-8-sig")
        return BadRow(self.place, faults[0].code, placed, payload, self.pupil_ref)


@dataclass(slots=True)
class Fates:
    """Counts rows while a handler goes through them."""

    entrance: str
    bad_rows: list[BadRow]
    applied: int = 0
    unchanged: int = 0
    skipped: int = 0
    events: list[Draft] = field(default_factory=list)

    def refuse(self, line: Line, *faults: Fault) -> None:
        """Set a row aside."""
        self.bad_rows.append(line.refuse(faults))

    def outcome(self) -> Outcome:
        """The sum of it all; its value is the receipt with every fault."""
        counts = (self.applied, self.unchanged, self.skipped, len(self.bad_rows))
        receipt = Receipt(self.entrance, sum(counts), *counts)
        faults = tuple(fault for row in self.bad_rows for fault in row.faults)
        return Outcome(self.events, receipt=receipt, bad_rows=self.bad_rows, value=Told(receipt, faults))


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to the sender of a file."""

    receipt: Receipt
    faults: tuple[Fault, ...]
