"""Rows as they go wrong in real files: about one in a hundred, added beside the good ones."""

from collections.abc import Callable, Mapping

from shared.local.sample.dice import Dice

Cells = dict[str, str]
Spoil = Callable[[Cells], Cells]
SHARE = 0.01


def cell(column: str, text: str) -> Spoil:
    """This text in this column."""
    return lambda row: {**row, column: text}


def impossible_pgn(row: Cells) -> Cells:
    """A typing error that the eleven test finds."""
    last = (int(row["pgn"][-1]) + 1) % 10
    return {**row, "pgn": f"{row['pgn'][:-1]}{last}"}


def twice(row: Cells) -> Cells:
    """The same row once more."""
    return dict(row)


WAYS: Mapping[str, tuple[Spoil, ...]] = {
    "leerlingen": (
        cell("geboortedatum", "31-02-2011"),
        twice,
        impossible_pgn,
        cell("gemeentecode", "9999"),
    ),
    "keuzes": (cell("startdatum", "1 augustus"), twice, cell("niveau", "mbo 4"), cell("leerroute", "BOL/BBL")),
    "aanmeldingen": (cell("statusdatum", "30-02-2027"), twice, impossible_pgn, cell("status", "AANGEBODEN")),
    "intakes": (cell("uitkomst", "geplaatst"), twice, cell("intakedatum", "volgende week")),
    "dossiers": (cell("onderdeel", "medisch"), twice, cell("aanwezig", "misschien")),
    "geinformeerd": (cell("hoe", "duif"), twice, cell("geinformeerd_op", "vorige week")),
    "uitnodigingen": (cell("stap", "gebeld"), twice, impossible_pgn, cell("geregistreerd_op", "2027-02-30")),
    "overdrachten": (cell("soort", "lauw"), twice, cell("mbo_brin", "MA99")),
}
"""The ways in which each kind of file goes wrong, taken in turn."""


def add_wrong_rows(dice: Dice, kind: str, rows: list[Cells], turn: int) -> list[Cells]:
    """The rows with wrong ones among them, at least two; `turn` chooses which way goes first."""
    ways = WAYS[kind]
    mixed = list(rows)
    for n in range(max(2, round(len(rows) * SHARE))):
        spoilt = ways[(turn + n) % len(ways)](dice.pick(rows))
        mixed.insert(dice.number(0, len(mixed)), spoilt)
    return mixed
