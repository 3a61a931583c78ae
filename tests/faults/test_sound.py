"""Without faults the checker finds nothing; and a date on which rules fire comes by."""

from datetime import date

from shared.core.clock import local_instant
from shared.core.keys import load_keys
from tests.faults.checker import check
from tests.faults.gather import gather
from tests.faults.ground import Region
from tests.faults.load import small_region

FEBRUARY = local_instant(date(2027, 2, 1), 12)
"""On this day everybody without an application is told so."""


async def test_a_region_without_faults_is_beyond_reproach(region: Region) -> None:
    load = small_region(load_keys(region.settings))
    await region.start_worker()
    await region.hand_in(load.files)
    await region.quiet()
    region.move_to(FEBRUARY)
    await region.quiet()
    evidence = await gather(region.settings, load.pupils)
    assert check(evidence) == []
    assert {event.type for event in evidence.told} >= {"student-at-risk", "alert-raised", "custody-changed"}
