"""What becomes of a file: rows taken in, rows set aside for quarantine, and the answer to its sender."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from pydantic import BaseModel

from shared.schemas.envelope import BadRow, Draft, Outcome, Receipt


class RowFault(BaseModel):
    """What is wrong with one row: where, what should be there, and the code of the fault."""

    where: str
    expected: str
    code: str


class ImportResult(BaseModel):
    """What became of a file, row by row: received = applied + unchanged + skipped + quarantined."""

    received: int
    applied: int
    unchanged: int
    skipped: int
    quarantined: int
    faults: list[RowFault]

    def said(self, translate: Callable[[str], str]) -> Self:
        """The same, with what is expected in the language of the reader."""
        faults = [fault.model_copy(update={"expected": translate(fault.expected)}) for fault in self.faults]
        return self.model_copy(update={"faults": faults})


@dataclass(slots=True)
class Fates:
    """Counts rows while a handler goes through them."""

    entrance: str
    """Such as ``file:choices``."""
    bad_rows: list[BadRow] = field(default_factory=list)
    applied: int = 0
    unchanged: int = 0
    skipped: int = 0
    events: list[Draft] = field(default_factory=list)

    def outcome(self, result: type[ImportResult] = ImportResult, **more: Any) -> Outcome:
        """The sum of it all; its value is the answer, with every fault in the order of the file."""
        counts = {"applied": self.applied, "unchanged": self.unchanged, "skipped": self.skipped}
        counts["quarantined"] = len(self.bad_rows)
        receipt = Receipt(self.entrance, sum(counts.values()), **counts)
        faults = [asdict(fault) for row in sorted(self.bad_rows, key=_line) for fault in row.faults]
        value = result(received=receipt.received, **counts, faults=faults, **more)
        return Outcome(self.events, receipt=receipt, bad_rows=self.bad_rows, value=value)


def _line(row: BadRow) -> int:
    return int(row.place.rpartition(" ")[2] or 0)
