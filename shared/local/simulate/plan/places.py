"""Made-up schools and institutions of a real region, as many as its pupils need, and everybody who works there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from string import ascii_uppercase

from shared.core.clock import local_instant
from shared.core.reference import Municipality, Reference
from shared.local.sample.catalogue import PROGRAMMES, Programme, Site
from shared.local.sample.dice import Dice
from shared.local.sample.people import Pupil
from shared.local.sample.staff import Staff
from shared.local.simulate.deeds import OPERATOR, Deed
from shared.local.simulate.plan.diary import HOUR, ONE_DAY, Diary
from shared.local.simulate.plan.magnitudes import share

Cells = dict[str, str]
TRACKS = (
    {"vmbo-bb": 30, "vmbo-kb": 30, "vmbo-gl": 12, "vmbo-tl": 21, "isk": 7},
    {"vmbo-kb": 32, "vmbo-gl": 20, "vmbo-tl": 38, "havo": 10},
    {"pro": 70, "vso": 30},
    {"vmbo-bb": 20, "vmbo-kb": 27, "vmbo-tl": 41, "havo": 12},
)
"""Kinds of school in turn: tracks with weights, as the sites of the sample region have them."""
FIRST, LAST = (
    ("Zilver", "Wilgen", "Merel", "Linden", "Water", "Noorder", "Veen", "Heuvel", "Duin", "Ster"),
    ("hof", "stroom", "dreef", "veld", "burg", "oord", "poort", "kamp", "weide", "horst"),
)
VO_CODES = 12 * 26
"""Codes of schools begin with A to L, those of institutions with M to Z."""
MOST_SITES = 40
AWAY = 0.1
"""Share of pupils who live in another region than their school."""


@dataclass(frozen=True, slots=True)
class Place:
    """A region with its schools, its institutions and what those teach."""

    region: str
    sites: tuple[Site, ...]
    institutions: tuple[str, ...]
    homes: tuple[str, ...]
    """Municipalities of the region; most pupils live in the first ones."""
    neighbours: tuple[str, ...]
    """Municipalities of other regions where some of the pupils live."""

    @property
    def seat(self) -> str:
        """Municipality of all schools and institutions: in a region of two zones it says when they are open."""
        return self.homes[0]

    @property
    def programmes(self) -> tuple[Programme, ...]:
        """What the institutions teach: what those of the sample region do."""
        taught = dict(zip(("99MA", "99MB"), self.institutions, strict=True))
        return tuple(replace(one, institution=taught[one.institution]) for one in PROGRAMMES)

    def programme(self, crebo: str) -> Programme:
        """One of the programmes by its code."""
        return next(one for one in self.programmes if one.crebo == crebo)


def place(reference: Reference, region: str, pupils: int, on: date, number: int = 0) -> Place:
    """A region with so many pupils; `number` keeps the codes of several regions apart."""
    homes = sorted((m for m in reference.municipalities(on) if m.region == region), key=lambda m: m.code)
    away = [m for m in reference.municipalities(on) if m.region != region]
    near = sorted(away, key=lambda m: (abs(int(m.region) - int(region)), m.code))[:6]
    size = max(4, round(pupils / share("site_pupils")))
    sites = tuple(_site(number * MOST_SITES + n, _part(pupils, n, size), homes) for n in range(size))
    codes = tuple(f"99{_letters(VO_CODES + number * 2 + n)}" for n in range(2))
    return Place(region, sites, codes, tuple(m.code for m in homes), tuple(m.code for m in near))


def _part(whole: int, n: int, of: int) -> int:
    return whole * (n + 1) // of - whole * n // of


def _site(n: int, pupils: int, homes: list[Municipality]) -> Site:
    weights, left = TRACKS[n % len(TRACKS)], pupils
    tracks: dict[str, int] = {}
    for track, weight in weights.items():
        tracks[track] = min(left, round(pupils * weight / 100))
        left -= tracks[track]
    tracks[next(iter(weights))] += left
    name = f"{FIRST[n % 10]}{LAST[n // 10 % 10]}"
    nearest = tuple(homes[(n + k) % len(homes)].code for k in range(min(3, len(homes))))
    code = f"99{_letters(n % VO_CODES)}{n // VO_CODES:02}"
    return Site(code, name, f"{name.lower()}-{n}.example", tracks, nearest)


def _letters(n: int) -> str:
    """Two letters: AA, AB and so on."""
    return ascii_uppercase[n // 26] + ascii_uppercase[n % 26]


def residence(dice: Dice, here: Place, site: Site) -> str:
    """Where a pupil of this site lives."""
    if dice.chance(AWAY) and here.neighbours:
        return dice.pick(here.neighbours)
    return dice.pick(site.municipalities) if dice.chance(0.8) else dice.pick(here.homes)


def organisations(reference: Reference, here: Place, on: date) -> Iterator[Cells]:
    """The region, its municipalities and neighbours, the sites and the institutions, as rows of a file."""
    known = {m.code: m for m in reference.municipalities(on)}
    lived_in = [known[code] for code in (*here.homes, *here.neighbours)]
    for region in sorted({here.region, *(m.region for m in lived_in)}):
        yield _organisation(region, "regio", f"Regio {reference.region_name(region)}", region)
    for municipality in lived_in:
        yield _organisation(municipality.code, "gemeente", f"Gemeente {municipality.name}", municipality.region)
    for site in here.sites:
        yield _organisation(site.code, "vo", site.name, here.region, here.seat)
    for n, code in enumerate(here.institutions):
        yield _organisation(code, "mbo", ("ROC Kromme Linde", "Vakschool Noorderhaven")[n], here.region, here.seat)


def _organisation(code: str, kind: str, name: str, region: str, municipality: str = "") -> Cells:
    return {"code": code, "soort": kind, "naam": name, "regio": region, "gemeente": municipality}


def staff_of_site(dice: Dice, site: Site, groups: list[str]) -> Staff:
    """The mentors of a site, one per class, and its careers advisers."""
    made = Staff(dice)
    made.decaan[site.code] = made.pair(site.code, "decaan", site.mail)
    for group in groups:
        made.mentors[site.code, group] = made.add(site.code, "mentor", site.mail, made.decaan[site.code])
    return made


def staff_around(dice: Dice, here: Place, known: list[Cells]) -> Staff:
    """Who can be reached at the institutions, the municipalities and the regions; everybody has a deputy."""
    made = Staff(dice)
    for code in here.institutions:
        coordinator = made.pair(code, "intake_coordinator", f"instelling{code.lower()}.example")
        for role, size in (("intaker", 4), ("slber", 4)):
            for _ in range(size):
                made.add(code, role, f"instelling{code.lower()}.example", coordinator)
    for row in known:
        if row["soort"] == "gemeente":
            made.pair(row["code"], "leerplicht", f"gemeente{row['code']}.example")
        elif row["soort"] == "regio":
            made.pair(row["code"], "doorstroompunt", f"regio{row['code']}.example")
            made.pair(row["code"], "region_coordinator", f"regio{row['code']}.example")
    return made


def away(dice: Dice, staff: Staff, diary: Diary) -> list[Deed]:
    """Some are away for weeks; it is told a few days before."""
    mails = dict.fromkeys((row["organisatie"], row["email"]) for row in staff.rows)
    told = []
    for organisation, mail in mails:
        if dice.chance(share("staff_away")):
            since = dice.day(diary.year.day(11, 1), diary.year.after(12, 1))
            days = {"afwezig_vanaf": since, "terug_op": since + ONE_DAY * dice.number(5, 30)}
            row = {"organisatie": organisation, "email": mail} | {name: day.isoformat() for name, day in days.items()}
            at = local_instant(diary.handed_in(organisation, since - ONE_DAY * 7), HOUR)
            told.append(Deed(at, OPERATOR, "afwezigheid", "", tuple(row.items())))
    return told


def groups_of(pupils: list[Pupil]) -> list[str]:
    """The classes of these pupils, in order of appearance."""
    return list(dict.fromkeys(pupil.group for pupil in pupils))
