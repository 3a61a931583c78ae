"""What people see of the list of an organisation, and what they may write on it."""

from datetime import date

import pytest

from services.coordination.agreement import load
from services.coordination.domain.world.organisations import Listing
from services.coordination.domain.world.roster import ROLES_OF, acting, changed, desks, keeps, vacant
from shared.core.actor import Actor, Role
from shared.core.errors import Invalid
from shared.schemas.organisations import Absence, Contact

TODAY = date(2027, 4, 2)
REACHED = load().vacancies.roles


def contact(person: str, role: str = "decaan", **more: object) -> Contact:
    told = {"name": person.title(), "email": f"{person}@school.example", "valid_from": date(2026, 8, 1)} | more
    return Contact(person_ref=person, role=role, **told)


def listing(*contacts: Contact) -> Listing:
    return Listing("99AA00", "vo", "Voorbeeldcollege", "19", contacts)


def away(since: date, until: date | None = None) -> tuple[Absence, ...]:
    return (Absence(since=since, until=until),)


@pytest.mark.parametrize(
    ("more", "state", "back"),
    [
        ({}, "present", None),
        ({"valid_from": date(2027, 4, 3)}, "later", None),
        ({"valid_until": TODAY}, "ended", None),
        ({"valid_until": date(2027, 4, 3)}, "present", None),
        ({"away": away(TODAY)}, "away", None),
        ({"away": away(date(2027, 3, 1), date(2027, 4, 3))}, "away", date(2027, 4, 3)),
        ({"away": away(date(2027, 3, 1), TODAY)}, "present", None),
        ({"away": away(TODAY), "valid_until": TODAY}, "ended", None),
    ],
)
def test_how_somebody_is_in_a_role_on_a_day(more, state, back):
    (desk,) = desks(listing(contact("ada", **more)), TODAY)
    assert (desk.state, desk.back_on) == (state, back)


def test_who_stands_in_acts_and_a_role_without_anybody_is_vacant():
    gone = contact("ada", deputy_ref="bob", away=away(TODAY))
    there = listing(gone, contact("bob", "mentor"))
    assert [desk.stands_in for desk in desks(there, TODAY)] == ["bob", None]
    assert (acting(there, "decaan", TODAY), vacant(there, REACHED, TODAY)) == (("bob",), ())
    nobody = listing(gone, contact("bob", "mentor", away=away(TODAY)))
    assert (acting(nobody, "decaan", TODAY), vacant(nobody, REACHED, TODAY)) == ((), ("decaan",))


def test_the_list_goes_by_role_as_people_look_for_it():
    found = desks(listing(contact("ann", "mentor"), contact("zoe"), contact("bea", "slber")), TODAY)
    assert [desk.contact.role for desk in found] == ["decaan", "mentor", "slber"]


def test_everything_that_is_wrong_is_told_at_once():
    wrong = contact("ada", "slber", deputy_ref="nobody", valid_until=date(2026, 8, 1))
    with pytest.raises(Invalid) as found:
        changed(listing(contact("bob")), wrong)
    assert [fault.code for fault in found.value.faults] == ["unknown_role", "order", "unknown_person"]


def test_who_stood_in_without_being_on_the_list_may_stay_and_nobody_stands_in_for_themselves():
    before = listing(contact("ada", deputy_ref="unlisted"), contact("bob"))
    assert changed(before, contact("ada", deputy_ref="unlisted", team="bovenbouw")).contacts[0].team == "bovenbouw"
    with pytest.raises(Invalid):
        changed(before, contact("bob", deputy_ref="unlisted"))
    with pytest.raises(Invalid):
        changed(before, contact("ada", deputy_ref="ada"))


def test_a_name_is_one_in_every_role():
    after = changed(listing(contact("ada"), contact("ada", "mentor")), contact("ada", name="Ada de Vries"))
    assert {c.name for c in after.contacts} == {"Ada de Vries"}


def test_a_full_list_takes_nobody_more():
    full = listing(*(contact(f"{'very-long-name-' * 4}{n}", "mentor", name="N" * 200) for n in range(200)))
    with pytest.raises(Invalid) as found:
        changed(full, contact("one-more"))
    assert [fault.code for fault in found.value.faults] == ["too_many_contacts"]


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (Actor("overstap", Role.OPERATOR), True),
        (Actor("19", Role.REGION_COORDINATOR), True),
        (Actor("20", Role.REGION_COORDINATOR), False),
        (Actor("99AA00", Role.DECAAN), True),
        (Actor("99AB00", Role.DECAAN), False),
        (Actor("99AA00", Role.MENTOR), False),
        (Actor("99AA00", Role.SCHOOL_SYSTEM), False),
        (Actor("19", Role.DOORSTROOMPUNT), False),
    ],
)
def test_who_keeps_a_list(who, may):
    assert keeps(who, listing()) is may


def test_every_role_by_which_others_reach_an_organisation_is_one_that_people_have_there():
    assert all(REACHED[kind] and set(REACHED[kind]) <= set(ROLES_OF[kind]) for kind in ROLES_OF)


def test_the_agreement_says_by_which_roles_an_organisation_is_reached():
    assert vacant(listing(contact("ada")), {"vo": ("decaan", "mentor")}, TODAY) == ("mentor",)
    assert vacant(listing(), {}, TODAY) == ()
