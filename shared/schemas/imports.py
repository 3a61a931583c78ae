"""What becomes of a file: rows taken in, rows set aside for quarantine, and the answer to its sender."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from pydantic import BaseModel, Field

from shared.schemas.envelope import BadRow, Draft, Outcome, Receipt


class RowFault(BaseModel):
    """What is wrong with one row: where, what should be there, and the code of the fault."""

    where: str = Field(description="Row and column", examples=["regel 4, kolom geboortedatum"])
    expected: str = Field(description="What should stand there, in Dutch", examples=["een datum"])
    code: str = Field(description="For programs; does not change", examples=["invalid"])


class ImportResult(BaseModel):
    """What became of a file, row by row: received = applied + unchanged + skipped + quarantined."""

    received: int = Field(ge=0, description="Rows in the file", examples=[2])
    applied: int = Field(ge=0, description="Rows that changed something", examples=[1])
    unchanged: int = Field(ge=0, description="Rows that were known already", examples=[0])
    skipped: int = Field(ge=0, description="Rows about somebody who was erased", examples=[0])
    quarantined: int = Field(ge=0, description="Rows that wait, with what is wrong with them", examples=[1])
    faults: list[RowFault] = Field(description="Everything that is wrong, in the order of the file")

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
