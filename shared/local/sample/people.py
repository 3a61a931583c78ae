"""Made-up pupils and staff."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from shared.local.sample.catalogue import (
    AGES,
    AGES_VMBO,
    COHORT,
    FIRST_NAMES,
    LAST_NAMES,
    MENTOR_GROUP,
    NEIGHBOURS,
    POSTCODES,
    SITES,
    Site,
)
from shared.local.sample.dice import Dice

LETTERS = "ABCEGHJKLMNPRTVWXZ"
"""Letters of a postcode, without S and D: SA, SD and SS are not given out."""
FROM_NEIGHBOUR = 0.12


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a name."""

    first: str
    prefix: str
    last: str

    @property
    def full(self) -> str:
        """First name, prefix and last name."""
        return " ".join(part for part in (self.first, self.prefix, self.last) if part)

    def address(self, domain: str) -> str:
        """A mail address in plain letters."""
        plain = unicodedata.normalize("NFKD", f"{self.first}.{self.prefix}{self.last}".replace("ı", "i"))
        return "".join(c for c in plain.lower() if c.isascii() and (c.isalnum() or c == ".")) + "@" + domain


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil as the school, or the institution that meets them first, knows them."""

    person: Person
    pgn: str
    born: date
    municipality: str
    postcode: str
    site: str = ""
    """Empty: comes from a school outside the four."""
    number: str = ""
    track: str = "vmbo-tl"
    group: str = ""
    qualified: bool = False


def education_numbers(first: int) -> Iterator[str]:
    """Made-up onderwijsnummers that pass the eleven test, from this number on: about one in eleven."""
    return (text for n in range(first, 110000000) if _eleven(text := str(n)) == 5)


def numbers() -> Iterator[str]:
    """Made-up numbers that pass the eleven test: BSNs of a range for tests, and one in five an onderwijsnummer."""
    bsn = (text for n in range(999990000, 1000000000) if _eleven(text := str(n)) == 0)
    education = education_numbers(100000000)
    while True:
        for _ in range(4):
            yield next(bsn)
        yield next(education)


def _eleven(number: str) -> int:
    """Sum of the eleven test; BSN 0, onderwijsnummer 5."""
    return (sum((9 - i) * int(digit) for i, digit in enumerate(number[:8])) - int(number[8])) % 11


def person(dice: Dice) -> Person:
    """A made-up name."""
    prefix, last = dice.pick(LAST_NAMES)
    return Person(dice.pick(FIRST_NAMES), prefix, last)


def pupils(dice: Dice, pgns: Iterator[str]) -> list[Pupil]:
    """All pupils of the four sites, in the order of their lists."""
    return [pupil for n, site in enumerate(SITES, 1) for pupil in _of_site(dice, pgns, site, n * 10000)]


def outsiders(dice: Dice, pgns: Iterator[str], n: int) -> list[Pupil]:
    """Pupils from elsewhere, first met at an institution."""
    return [_pupil(dice, next(pgns), "vmbo-tl", SITES[0]) for _ in range(n)]


def _of_site(dice: Dice, pgns: Iterator[str], site: Site, number: int) -> Iterator[Pupil]:
    for track, size in site.tracks.items():
        in_group = MENTOR_GROUP.get(track, 26)
        for n in range(size):
            number += dice.number(1, 9)
            group = f"{4 if track.startswith('vmbo') else 5}{track.removeprefix('vmbo-')}{n // in_group + 1}"
            pupil = replace(_pupil(dice, next(pgns), track, site), site=site.code, number=str(number), group=group)
            yield replace(pupil, qualified=track == "havo" and dice.chance(0.05))


def _pupil(dice: Dice, pgn: str, track: str, site: Site) -> Pupil:
    born = born_for(dice, track)
    municipality = _residence(dice, site)
    postcode = f"{dice.number(*POSTCODES[municipality])}{dice.pick(LETTERS)}{dice.pick(LETTERS)}"
    return Pupil(person(dice), pgn, born, municipality, postcode, track=track)


def born_for(dice: Dice, track: str, cohort: int = COHORT) -> date:
    """A birth date of somebody who leaves this track in this cohort."""
    newest = date(cohort - dice.weighted(AGES.get(track, AGES_VMBO)), 10, 1)
    return dice.day(newest - timedelta(days=364), newest)


def _residence(dice: Dice, site: Site) -> str:
    if dice.chance(FROM_NEIGHBOUR):
        return dice.weighted(NEIGHBOURS)
    if dice.chance(0.8):
        return dice.weighted({code: 1 / n for n, code in enumerate(site.municipalities, 1)})
    return dice.pick([code for code in POSTCODES if code not in NEIGHBOURS])
