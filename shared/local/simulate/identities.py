"""The made-up people of a simulated region as whom one may sign in."""

from collections.abc import Iterable
from itertools import islice

from shared.local.identities import Person, lob_contact, staff
from shared.local.simulate.plan import Part

SITES = 2


def people(parts: Iterable[Part]) -> list[Person]:
    """One of each role at two schools, the institutions, a municipality and the region."""
    around, *schools = islice(parts, 1 + SITES)
    rows = [deed.row for part in (around, *schools) for deed in part.deeds if deed.kind == "contactpersonen"]
    names = {deed.row["code"]: deed.row["naam"] for deed in around.deeds if deed.kind == "organisaties"}
    place = around.place
    shown = [*(site.code for site in place.sites[:SITES]), *place.institutions, place.homes[0], place.region]
    return [*staff(rows, names, shown), lob_contact(place.region)]
