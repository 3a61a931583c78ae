"""The made-up people as whom one may sign in where a region is shown."""

import json
from collections.abc import Iterable, Mapping, Sequence

from shared.core.actor import Role
from shared.core.ids import opaque_ref
from shared.core.settings import Settings

Person = dict[str, str]


def staff(rows: Iterable[Mapping[str, str]], names: Mapping[str, str], shown: Sequence[str]) -> list[Person]:
    """The first of each role at the organisations shown, in the order of these. `rows`: contacts as in a file; `names`:
    code of an organisation → its name."""
    found: dict[tuple[str, str], Person] = {}
    for row in rows:
        person = {
            "organisation": row["organisatie"],
            "organisation_name": names[row["organisatie"]],
            "role": row["rol"],
            "person_ref": opaque_ref("person", row["email"].lower()),
            "name": row["naam"],
        }
        found.setdefault((row["organisatie"], row["rol"]), person)
    return [person for code in shown for (organisation, _), person in found.items() if organisation == code]


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
