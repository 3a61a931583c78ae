"""What playing a region at random once found, each as a test of its own."""

from datetime import timedelta

import pytest

from services.coordination.handlers.casetables import Decide, decide
from shared.core.actor import Actor, Role
from tests.stateful import laws, memory, staffing
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, NOVEMBER, REGION, SITE, ref


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> memory.Memory:
    """The organisations of a region, and one pupil."""
    memory.installed(monkeypatch)
    found = memory.Memory()
    found.perform(staffing.restaff, staffing.Restaff(staffing.LISTINGS), staffing.OPERATOR, NOVEMBER)
    found.handle([made.recorded(), made.expected(sequence=2)])
    return found


def test_what_is_agreed_at_a_table_for_a_role_that_nobody_has_today_is_with_who_coordinates(region):
    gone = staffing.away(region.listings[REGION], "officer-1", NOVEMBER.date() - timedelta(days=1), None)
    region.perform(staffing.restaff, staffing.Restaff([gone]), staffing.OPERATOR, NOVEMBER)
    agreed = Decide("table-1", ref(1), COHORT, "call_parents", REGION, "doorstroompunt", 5)
    region.perform(decide, agreed, Actor(SITE, Role.DECAAN, "decaan-1"), NOVEMBER)
    owners = {a.owner.contact for a in region.cases[ref(1), COHORT].actions.values() if a.kind == "call_parents"}
    assert owners == {"coordinator-2"}
    laws.hold(laws.absent(region, region.world(), NOVEMBER.date()))
