"""A small region that can be counted: a few score pupils of two schools, with their choices and applications."""

from dataclasses import dataclass

from shared.core.keys import Keys
from shared.core.reference import load
from shared.core.tabular import kinds
from shared.local.sample import OPENING, deliveries

SITES = ("99AC00", "99AD00")
LISTS = 4
"""Each school hands in its full list so many times, every time longer; the last is the whole one."""
PUPILS = 48
"""Per school."""


@dataclass(frozen=True, slots=True)
class Load:
    """Files in the order in which they are handed in, and whom they are about."""

    files: tuple[bytes, ...]
    pupils: frozenset[str]


def small_region(keys: Keys, pupils: int = PUPILS) -> Load:
    """Organisations, contacts, growing pupil lists, choices and the first applications."""
    files = deliveries()
    base = [one.data for one in files if one.kind in ("organisaties", "contactpersonen")]
    lists = {one.organisation: one.data for one in files if one.kind == "leerlingen" and one.organisation in SITES}
    growing = [_first(data, pupils * part // LISTS) for part in range(1, LISTS + 1) for data in lists.values()]
    numbers, refs = set[str](), set[str]()
    for data in growing[-len(SITES) :]:
        for row in kinds.pupils(load(), OPENING).read(data).rows:
            numbers.add(row["pgn"])
            refs.add(keys.pupil_ref(row["pgn"]))
    school = [_cells(data, "leerlingnummer") for data in growing[-len(SITES) :]]
    choices = [
        _only(one.data, "leerlingnummer", set().union(*school))
        for one in files
        if one.kind == "keuzes" and one.organisation in SITES
    ]
    applications = [_only(one.data, "pgn", numbers) for one in files if one.kind == "aanmeldingen"]
    later = [part for part in (*choices, *applications) if part.count(b"\n") > 1]
    return Load((*base, *growing, *later), frozenset(refs))


def _first(data: bytes, rows: int) -> bytes:
    return b"".join(data.splitlines(keepends=True)[: rows + 1])


def _column(data: bytes, name: str) -> int:
    return data.decode("utf-8-sig").splitlines()[0].split(";").index(name)


def _cells(data: bytes, name: str) -> set[str]:
    column = _column(data, name)
    return {line.split(";")[column] for line in data.decode("utf-8-sig").splitlines()[1:]}


def _only(data: bytes, name: str, wanted: set[str]) -> bytes:
    """The header and the rows whose cell in this column is wanted."""
    column, (header, *lines) = _column(data, name), data.splitlines(keepends=True)
    return header + b"".join(line for line in lines if line.decode().split(";")[column] in wanted)
