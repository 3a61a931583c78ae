"""Made-up schools, institutions and their people, of real regions: as many as there are pupils for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase as LETTERS

from bench import story
from shared.core import reference
from shared.core.clock import civil_date

OF_SCHOOL, OF_REGION = 100, 2_500
"""Pupils of one school, and of one region."""


@dataclass(frozen=True, slots=True)
class Home:
    """One school, and who is around it."""

    site: str
    institution: str
    municipality: str
    region: str


def homes(pupils: int) -> Sequence[Home]:
    """The schools of so many pupils; school n has pupils 100 n to 100 n + 99."""
    first_of: dict[str, str] = {}
    for one in reference.load().municipalities(civil_date(story.NOW)):
        first_of.setdefault(one.region, one.code)
    regions = sorted(first_of)
    made = []
    for number in range(-(-pupils // OF_SCHOOL)):
        region = number * OF_SCHOOL // OF_REGION
        institution, site = _brin("M", region), f"{_brin('A', number // 100)}{number % 100:02}"
        made.append(Home(site, institution, first_of[regions[region]], regions[region]))
    return made


def _brin(first: str, number: int) -> str:
    at = LETTERS.index(first) * len(LETTERS) + number
    return f"99{LETTERS[at // len(LETTERS)]}{LETTERS[at % len(LETTERS)]}"


def moved(at: Sequence[Home]) -> story.Where:
    """The story of a pupil, at their own school, institution and municipality."""

    def text_of(pupil: int, text: str) -> str:
        home = at[pupil // OF_SCHOOL]
        for code, own in (
            (story.SITE, home.site),
            (story.MBO, home.institution),
            (story.MUNICIPALITY, home.municipality),
        ):
            text = text.replace(f'"{code}"', f'"{own}"')
        return text

    return text_of


def organisations(at: Sequence[Home]) -> str:
    """All of them, as the file that is handed in."""
    rows = {row for home in at for row in _organisations(home)}
    return "\n".join(["code;soort;naam;regio", *sorted(rows)])


def _organisations(home: Home) -> Iterator[str]:
    yield f"{home.site};vo;School {home.site};{home.region}"
    yield f"{home.institution};mbo;Instelling {home.institution};{home.region}"
    yield f"{home.municipality};gemeente;Gemeente {home.municipality};{home.region}"
    yield f"{home.region};regio;Regio {home.region};{home.region}"


def contacts(at: Sequence[Home]) -> str:
    """Who can be reached there, as the file that is handed in."""
    rows = {row for home in at for row in _contacts(home)}
    return "\n".join(["organisatie;rol;naam;email;plaatsvervanger_email;vanaf", *sorted(rows)])


def _contacts(home: Home) -> Iterator[str]:
    held = (
        (home.site, "decaan"),
        (home.site, "mentor"),
        (home.institution, "intake_coordinator"),
        (home.municipality, "leerplicht"),
        (home.region, "doorstroompunt"),
        (home.region, "region_coordinator"),
    )
    for code, role in held:
        yield f"{code};{role};Noor Verzonnen;{role}@{code.lower()}.example;;2026-08-01"
