"""A made-up status export of the national chain: nobody in it exists. Without order, with repeats, `NA` and 0."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from shared.core.tabular import kinds

INSTITUTIONS = ("99MA", "99MB", "99MC")
ROADS = (
    ("SUBMITTED", "RECEIVED", "OFFERED", "ENROLLED"),
    ("SUBMITTED", "RECEIVED", "OFFERED"),
    ("SUBMITTED", "RECEIVED", "REJECTED"),
    ("SUBMITTED", "RECEIVED", "WITHDRAWN"),
    ("SUBMITTED", "WITHDRAWN", "SUBMITTED", "RECEIVED"),
    ("SUBMITTED",),
)
PROGRAMMES = (("BOL", "25655"), ("BOL", "25607"), ("BBL", "25655"), ("VAVO", "1002O2412"), ("ODT", "25091"))
OFTEN = (60, 20, 14, 4, 2)
FIRST = datetime(2026, 10, 5, 8, tzinfo=UTC)
HEADER = kinds.APPLICATION_EXPORT.header
SHUFFLED = 2000
"""Rows among which one may have moved."""
REPEATED = 0.05
SPOILED = {"status": "ONBEKEND", "begindatum": "ooit", "instellingserkenningscode": "?", "bsnhash": "kort"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the export must be like."""

    rows: int
    seed: int = 1
    institutions: Sequence[str] = INSTITUTIONS
    bad: int = 0
    """Rows among these that can not be used."""


def hash_of(pupil: int) -> str:
    """The hash that the chain uses for a made-up pupil."""
    return sha256(f"made-up-{pupil}".encode()).hexdigest()


def pieces(wanted: Wanted, lines: int = 500) -> Iterator[bytes]:
    """The file in pieces of so many lines."""
    yield (";".join(HEADER) + "\n").encode()
    block: list[str] = []
    for row in rows(wanted):
        block.append(";".join(row.values()))
        if len(block) == lines:
            yield ("\n".join(block) + "\n").encode()
            block = []
    yield "".join(f"{line}\n" for line in block).encode()


def rows(wanted: Wanted) -> Iterator[dict[str, str]]:
    """Exactly so many rows, the same for the same wish."""
    chance, made = random.Random(wanted.seed), _facts(wanted)
    spoiled = set(chance.sample(range(wanted.rows), wanted.bad))
    waiting: list[dict[str, str]] = []
    for n in range(wanted.rows):
        while len(waiting) < SHUFFLED:
            waiting.append(next(made))
        at = chance.randrange(len(waiting))
        row = waiting[at]
        if chance.random() < REPEATED:
            waiting[at] = row | {"id": f"{row['id']}-again-{n}"}
        else:
            waiting[at] = waiting[-1]
            waiting.pop()
        column = chance.choice(list(SPOILED))
        yield row | {column: SPOILED[column]} if n in spoiled else row


def _facts(wanted: Wanted) -> Iterator[dict[str, str]]:
    chance, pupil = random.Random(wanted.seed + 1), 0
    while True:
        pupil += 1
        for n in range(chance.choice((1, 1, 1, 2, 3))):
            yield from _application(chance, wanted, pupil, f"K{wanted.seed}-{pupil}-{n}")


def _application(chance: random.Random, wanted: Wanted, pupil: int, chain: str) -> Iterator[dict[str, str]]:
    pathway, programme = chance.choices(PROGRAMMES, OFTEN)[0]
    moment = FIRST + timedelta(minutes=chance.randrange(60 * 24 * 60))
    fixed = {
        "ketenid": chain,
        "bsnhash": hash_of(pupil),
        "startmoment": chance.choice(("2027-08-01", "2027-08-01", "2028-02-01")),
        "schooljaar": chance.choice(("2027", "2027", "0")),
        "caketenid": chance.choice(("NA", f"CA-{pupil}")),
        "group_num": str(chance.randrange(1, 9)),
        "postcodecijfers": chance.choice(("NA", "0", str(1000 + chance.randrange(8999)))),
        "onderwijsaanbiedercode": "110A123",
        "instellingserkenningscode": chance.choice(wanted.institutions),
        "onderwijslocatiecode": chance.choice(("110X456", "NA")),
        "opleidingcode": programme,
        "leertrajectmbo": pathway,
        "leeftijdscategorie": chance.choice(("ONDER_16", "TUSSEN_16_18", "TUSSEN_18_23", "BOVEN_23")),
    }
    for n, status in enumerate(chance.choice(ROADS)):
        moment += timedelta(minutes=chance.randrange(60, 60 * 24 * 20))
        told = (moment + timedelta(minutes=chance.randrange(0, 600))).isoformat().replace("+00:00", "Z")
        source = "CAMBO" if status == "SUBMITTED" else "SIS"
        own = {"id": f"{chain}-{n}", "version": str(n), "createdat": told, "lastmodifiedat": told}
        said = {"createdby": source.lower(), "lastmodifiedby": "NA", "status": status, "statussource": source}
        row = own | said | fixed | {"begindatum": moment.date().isoformat()}
        yield {name: row[name] for name in HEADER}
