"""The made-up people as whom one may sign in where a region is shown."""

import json
from collections.abc import Iterable, Mapping, Sequence

from shared.core.actor import Role
from shared.core.ids import opaque_ref
from shared.core.settings import Settings

Person = dict[str, str]
BY_NAME = frozenset({Role.MENTOR, Role.INTAKER})
"""Roles whose people get their work by name; in others it goes to who took the role on last, then by reference, as
coordination finds them (`services/coordination/domain/world/staff.py`)."""


def staff(rows: Iterable[Mapping[str, str]], names: Mapping[str, str], shown: Sequence[str]) -> list[Person]:
    """Of each role at the organisations shown who has the work of it, in the order of these. `rows`: contacts as in a
    file; `names`: code of an organisation → its name."""
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for row in rows:
        post = row["organisatie"], row["rol"]
        found[post] = max(found.get(post, row), row, key=_reached)
    people = [_person(row, names) for row in found.values()]
    return [person for code in shown for person in people if person["organisation"] == code]


def _person(row: Mapping[str, str], names: Mapping[str, str]) -> Person:
    return {
        "organisation": row["organisatie"],
        "organisation_name": names[row["organisatie"]],
        "role": row["rol"],
        "person_ref": opaque_ref("person", row["email"].lower()),
        "name": row["naam"],
    }


def _reached(row: Mapping[str, str]) -> tuple[str, str]:
    return ("", "") if row["rol"] in BY_NAME else (row["vanaf"], opaque_ref("person", row["email"].lower()))


def lob_contact(region: str) -> Person:
    """The contact of the Expertisepunt LOB in a region: on no list of contacts, as they get figures and no pupil."""
    organisation = f"lob-{region}"
    return {
        "organisation": organisation,
        "organisation_name": "Expertisepunt LOB",
        "role": Role.LOB_CONTACT.value,
        "person_ref": opaque_ref("person", organisation),
        "name": "Bo Bedacht",
    }


def write(settings: Settings, people: Sequence[Person]) -> None:
    """Let one sign in as these people, listed in this order."""
    (settings.data_dir / "demo-identities.json").write_text(json.dumps(people, indent=1))
