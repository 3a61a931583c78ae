"""Files of made-up pupils, as schools and institutions hand them in."""

from collections.abc import Iterator
from itertools import count, islice

from bench.story import COHORT, CREBO, MBO, SITE

PUPILS = (
    "brin_vestiging;cohort;leerlingnummer;pgn;achternaam;tussenvoegsel;roepnaam;geboortedatum;postcode;gemeentecode;"
    "leerweg;klas;startkwalificatie;mentor_email;plaatsvervanger_email\n"
)
STATUSES = (
    "mbo_brin;aanmelding_id;pgn;geboortedatum;achternaam;tussenvoegsel;roepnaam;gemeentecode;crebo;leerroute;status;"
    "statusdatum;versie\n"
)


def numbers() -> Iterator[str]:
    """Made-up onderwijsnummers: nine digits that begin with 1 and leave 5 in the eleven test."""
    for first in count(10_000_000):
        digits = str(first)
        last = (sum((9 - i) * int(digit) for i, digit in enumerate(digits)) - 5) % 11
        if last < 10:
            yield f"{digits}{last}"


def pupils(wanted: int) -> bytes:
    """The full list of a vo site with so many pupils."""
    rows = (
        f"{SITE};{COHORT};{n};{pgn};Verzonnen;;Noor;2011-03-24;3511AB;0344;vmbo-kb;4kb;N;mentor@zilverlinde.example;"
        for n, pgn in enumerate(islice(numbers(), wanted), 1)
    )
    return (PUPILS + "\n".join(rows)).encode()


def statuses(wanted: int) -> bytes:
    """So many statuses of applications at one institution, two of each application."""
    rows = (
        f"{MBO};A{n};{pgn};2011-03-24;Verzonnen;;Noor;0344;{CREBO};BOL;{status};2026-11-0{version};{version}"
        for n, pgn in enumerate(islice(numbers(), -(-wanted // 2)), 1)
        for version, status in ((1, "SUBMITTED"), (2, "RECEIVED"))
    )
    return (STATUSES + "\n".join(islice(rows, wanted))).encode()
