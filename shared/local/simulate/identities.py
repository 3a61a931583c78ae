"""The made-up people of a simulated region as whom one may sign in."""

import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from shared.core.ids import opaque_ref
from shared.local.simulate.plan import Part

SITES = 2


def write(parts: Iterable[Part], path: Path) -> None:
    """One of each role at two schools, the institutions, a municipality and the region."""
    around, *schools = islice(parts, 1 + SITES)
    rows = [deed.row for part in (around, *schools) for deed in part.deeds if deed.kind == "contactpersonen"]
    names = {deed.row["code"]: deed.row["naam"] for deed in around.deeds if deed.kind == "organisaties"}
    place = around.place
    shown = [*(site.code for site in place.sites[:SITES]), *place.institutions, place.homes[0], place.region]
    people: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        person = {
            "organisation": row["organisatie"],
            "organisation_name": names[row["organisatie"]],
            "role": row["rol"],
            "person_ref": opaque_ref("person", row["email"].lower()),
            "name": row["naam"],
        }
        people.setdefault((row["organisatie"], row["rol"]), person)
    chosen = [person for code in shown for (organisation, _), person in people.items() if organisation == code]
    path.write_text(json.dumps(chosen, indent=1))
