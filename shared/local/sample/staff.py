"""Made-up organisations and the staff that can be reached there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from shared.core.reference import Reference
from shared.local.sample.catalogue import COHORT, INSTITUTIONS, POSTCODES, REGION, REGIONS, SITES
from shared.local.sample.dice import Dice
from shared.local.sample.people import Pupil, person

SINCE = f"{COHORT - 1}-08-01"
START = date(COHORT - 1, 11, 2)
"""Day on which the story begins."""
Cells = dict[str, str]


def organisations(reference: Reference) -> Iterator[Cells]:
    """All organisations: regions and municipalities that pupils live in, the sites and the institutions."""
    for region in REGIONS:
        yield _organisation(region, "regio", f"Regio {reference.region_name(region)}", region)
    for code in sorted(municipalities(reference)):
        name, region = municipalities(reference)[code]
        yield _organisation(code, "gemeente", f"Gemeente {name}", region)
    for site in SITES:
        yield _organisation(site.code, "vo", site.name, REGION)
    for code, (name, _) in INSTITUTIONS.items():
        yield _organisation(code, "mbo", name, REGION)


def municipalities(reference: Reference) -> dict[str, tuple[str, str]]:
    """Code to name and region: all of the region, and those outside it that pupils come from."""
    known = {found.code: (found.name, found.region) for found in reference.municipalities(START)}
    return {code: (name, region) for code, (name, region) in known.items() if region == REGION or code in POSTCODES}


def _organisation(code: str, kind: str, name: str, region: str) -> Cells:
    return {"code": code, "soort": kind, "naam": name, "regio": region}


@dataclass(slots=True)
class Staff:
    """The contacts as they are drawn, and the mentor of each class."""

    dice: Dice
    rows: list[Cells] = field(default_factory=list)
    mentors: dict[tuple[str, str], str] = field(default_factory=dict)
    """(site, class) to the mentor's mail address."""
    decaan: dict[str, str] = field(default_factory=dict)
    """Site to the mail address of its decaan."""
    _taken: set[str] = field(default_factory=set)

    def add(self, organisation: str, role: str, domain: str, deputy: str) -> str:
        """A member of staff in a role; gives the mail address."""
        while (address := (who := person(self.dice)).address(domain)) in self._taken:
            pass
        self._taken.add(address)
        cells = {"organisatie": organisation, "rol": role, "naam": who.full, "email": address}
        self.rows.append({**cells, "plaatsvervanger_email": deputy, "vanaf": SINCE})
        return address

    def pair(self, organisation: str, role: str, domain: str) -> str:
        """Two members of staff in a role, each the other's deputy; gives the first's address."""
        first = self.add(organisation, role, domain, "")
        second = self.add(organisation, role, domain, first)
        self.rows[-2]["plaatsvervanger_email"] = second
        return first


def staff(dice: Dice, reference: Reference, pupils: list[Pupil]) -> Staff:
    """Everybody who can be reached: a mentor per class, and a deputy for every duty."""
    made = Staff(dice)
    for site in SITES:
        made.decaan[site.code] = made.pair(site.code, "decaan", site.mail)
        for group in dict.fromkeys(pupil.group for pupil in pupils if pupil.site == site.code):
            made.mentors[site.code, group] = made.add(site.code, "mentor", site.mail, made.decaan[site.code])
    for code, (_, domain) in INSTITUTIONS.items():
        coordinator = made.pair(code, "intake_coordinator", domain)
        for role, size in (("intaker", 6 if code == "99MA" else 3), ("slber", 3)):
            for _ in range(size):
                made.add(code, role, domain, coordinator)
    for code in sorted(municipalities(reference)):
        made.pair(code, "leerplicht", f"gemeente{code}.example")
    for region in REGIONS:
        made.pair(region, "doorstroompunt", f"regio{region}.example")
        made.pair(region, "region_coordinator", f"regio{region}.example")
    return made
