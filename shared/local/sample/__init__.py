"""The made-up sample region: ordinary CSV files in `deploy/sample/`, and the order in which they come in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from shared.core.tabular.formats import DATE
from shared.local.sample.catalogue import INSTITUTIONS, SITES

FOLDER = Path(__file__).parents[3] / "deploy" / "sample"
OPENING = date(2026, 11, 2)
CHOICES_DAY = date(2026, 11, 16)
MBO_DAYS = tuple(
    date.fromisoformat(day)
    for day in (
        "2026-11-30", "2026-12-18", "2027-01-15", "2027-01-29", "2027-02-12", "2027-02-26", "2027-03-12", "2027-03-31",
    )
)  # fmt: skip
"""Days on which the institutions hand in what happened since the last time."""
HANDOVER_DAYS = {
    "99AA00": date(2027, 2, 15),
    "99AB00": date(2027, 3, 1),
    "99AC00": date(2027, 2, 15),
    "99AD00": date(2027, 3, 1),
}


WRITTEN_BEFORE = timedelta(days=4)
"""Dossiers are handed in this long before they are handed over."""
PARTED = {"aanmeldingen": "statusdatum", "uitnodigingen": "geregistreerd_op", "intakes": "intakedatum"}
"""Kinds that come in parts, in the order in which one builds on another, and the column that says when."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file as somebody hands it in on a day."""

    day: date
    organisation: str
    """Code of the sender; empty for what the operator loads."""
    kind: str
    """First word of the file name, as in docs/csv.md."""
    data: bytes


def deliveries(folder: Path = FOLDER) -> list[Delivery]:
    """All files of the sample in the order in which they come in, from 2 November 2026 to 31 March 2027.

    What an institution hands in comes in parts, each with the rows since the part before it; a row without a readable
    date comes with the last part.
    """
    whole = [
        Delivery(OPENING, "", kind, (folder / f"{kind}.csv").read_bytes())
        for kind in ("organisaties", "contactpersonen")
    ]
    for site in SITES:
        handing = HANDOVER_DAYS[site.code]
        days = {"leerlingen": OPENING, "keuzes": CHOICES_DAY, "overdrachten": handing}
        days |= dict.fromkeys(("dossiers", "geinformeerd"), handing - WRITTEN_BEFORE)
        for kind, day in days.items():
            whole.append(Delivery(day, site.code, kind, (folder / f"{kind}-{site.code}.csv").read_bytes()))
    for code in INSTITUTIONS:
        for kind, column in PARTED.items():
            data = (folder / f"{kind}-{code}.csv").read_bytes()
            whole += [Delivery(day, code, kind, part) for day, part in _parts(data, column)]
    return sorted(whole, key=lambda delivery: delivery.day)


def _parts(data: bytes, column: str) -> Iterator[tuple[date, bytes]]:
    header, *lines = data.splitlines(keepends=True)
    index = header.decode("utf-8-sig").strip().split(";").index(column)
    part_of = [_part(line.decode().strip().split(";")[index]) for line in lines]
    for day in MBO_DAYS:
        part = [line for line, found in zip(lines, part_of, strict=True) if found == day]
        if part:
            yield day, header + b"".join(part)


def _part(cell: str) -> date:
    """The delivery that a row comes with; what has a time of day can only come the day after."""
    day, _, moment = cell.partition(" ")
    try:
        known = date.fromisoformat(DATE.parse(day)) + timedelta(days=bool(moment))
    except ValueError:
        return MBO_DAYS[-1]
    return next((handing for handing in MBO_DAYS if known <= handing), MBO_DAYS[-1])
