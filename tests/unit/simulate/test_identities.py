"""As whom one may sign in where a made-up region is shown."""

from shared.core.ids import opaque_ref
from shared.local.identities import staff

NAMES = {"19": "Regio Utrecht", "99AA00": "De Zilverlinde"}


def row(organisation: str, role: str, name: str, since: str = "2026-08-01") -> dict[str, str]:
    return {
        "organisatie": organisation,
        "rol": role,
        "naam": name,
        "email": f"{name.lower()}@proef.example",
        "vanaf": since,
    }


def shown(*rows: dict[str, str]) -> list[str]:
    return [person["name"] for person in staff(rows, NAMES, list(NAMES))]


def test_of_those_in_a_role_the_one_who_gets_its_work_is_shown() -> None:
    two = sorted(("Bo", "Kim"), key=lambda name: opaque_ref("person", f"{name.lower()}@proef.example"))
    pair = [row("19", "region_coordinator", name) for name in two]
    assert shown(*pair) == shown(*reversed(pair)) == [two[-1]]
    assert shown(*pair, row("19", "region_coordinator", "Sam", "2027-01-01")) == ["Sam"]


def test_of_mentors_the_first_on_the_list_is_shown_and_organisations_keep_their_order() -> None:
    rows = [
        row("99AA00", "mentor", "Kim"),
        row("99AA00", "mentor", "Sam", "2027-01-01"),
        row("19", "doorstroompunt", "Bo"),
    ]
    assert shown(*rows) == ["Bo", "Kim"]
