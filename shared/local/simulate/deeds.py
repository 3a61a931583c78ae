"""What a plan consists of: deeds, each with its instant, who does it, at which door, and what it says."""

import json
from dataclasses import astuple, dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

FILES = (
    "organisaties", "contactpersonen", "afwezigheid", "leerlingen", "keuzes", "aanmeldingen", "uitnodigingen",
    "intakes", "dossiers", "geinformeerd", "overdrachten", "gesprekken", "uitslagen", "routes", "starters", "wissels",
    "uitschrijvingen", "verzuim",
)  # fmt: skip
"""Kinds of file (docs/csv.md), in the order in which one builds on another."""
OWN, CONCERN, RESOLVE = "own-part", "concern", "resolve"
OPEN, ACCEPT, REFUSE, ANSWER, WORK, WRONG = "open", "accept", "refuse", "answer", "work", "wrong-file"
KINDS = (*FILES, OWN, CONCERN, RESOLVE, OPEN, ACCEPT, REFUSE, ANSWER, WORK, WRONG)
OPERATOR = ""
RANK = {kind: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody does something: a row of a file, a step in the API, or a day of answering or doing what is asked."""

    at: datetime
    """When it comes in, business time, UTC."""
    sender: str
    """Code of the organisation; empty: the operator."""
    kind: str
    """One of `KINDS`; all rows of one kind, sender and instant make one file."""
    pupil: str = ""
    """Personal number of whom it is about; made up."""
    cells: tuple[tuple[str, str], ...] = ()
    bad: bool = False
    """A row that must end in quarantine."""

    @property
    def row(self) -> dict[str, str]:
        return dict(self.cells)

    @property
    def order(self) -> tuple[datetime, int, str]:
        """Deeds of one order may come in any order."""
        return self.at, RANK[self.kind], self.sender

    def line(self) -> str:
        """One line of JSON."""
        at, *rest = astuple(self)
        return json.dumps([at.isoformat(), *rest], ensure_ascii=False, separators=(",", ":"))


def read_line(line: str) -> Deed:
    """The deed of a line that `Deed.line` wrote."""
    at, sender, kind, pupil, cells, bad = json.loads(line)
    return Deed(datetime.fromisoformat(at), sender, kind, pupil, tuple((k, v) for k, v in cells), bad)


class Attitude(StrEnum):
    """What an organisation makes of a pupil who is offered to it."""

    ACCEPTS = "accepts"
    RETURNS = "returns"
    RETURNS_LATER = "returns later"
    """Says nothing, and gives the pupil back once it has the pupil by law."""
    SAYS_NOTHING = "says nothing"


ATTITUDES = (Attitude.ACCEPTS,) * 7 + (Attitude.RETURNS, Attitude.RETURNS_LATER, Attitude.SAYS_NOTHING)
"""Drawn by lot; assumption: seven of ten are taken on."""


def attitude(pupil: str, situation: str, organisation: str) -> Attitude:
    """The same for the same pupil, situation and organisation, in whatever installation the year is lived."""
    lot = sha256(f"{pupil}:{situation}:{organisation}".encode()).digest()
    return ATTITUDES[int.from_bytes(lot[:4]) % len(ATTITUDES)]


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule fires for a pupil: what must come out, or what came out."""

    pupil: str
    rule: str
    about: str
    """Institution, report or reason that it is about, where a rule watches several things; otherwise empty."""
    severity: str
    at: datetime
    officer: str = field(default="", compare=False)
    """Municipality (leerplicht) or region (Doorstroompunt) that hears it; empty: neither does."""
