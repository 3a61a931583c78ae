"""The audit of transfer data finds nothing after whatever people do, and finds each thing that must never be."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from shared.core.settings import Settings
from shared.storage import queries
from tests.integration.dossier.bench import DECAAN, INTAKER, Bench, opened, pupil_list

AUDIT = queries.load(Path(__file__).parents[4] / "services/dossier/sql/audit.sql")
RULES = [rule for rule in AUDIT if rule.startswith("transfer_")]
# Rule → what to do to the database behind everybody's back.
BROKEN = {
    "transfer_parts_as_told": "UPDATE handover SET categories = '{administrative}'",
    "transfer_category_in_two_places": "UPDATE handover SET withheld = '{results}'",
    "transfer_despite_objection": "UPDATE objection SET category = 'results', withdrawn_at = NULL",
    "transfer_without_informing": "UPDATE handover SET informed_on = NULL",
    "transfer_care_read_before_acceptance": "UPDATE handover SET accepted_at = NULL",
    "transfer_without_pupil": "DELETE FROM pupil",
    "transfer_of_erased_or_absorbed": "INSERT INTO erased SELECT DISTINCT pupil_ref, saved_at, vo_site FROM section"
    " ON CONFLICT DO NOTHING",
    "transfer_completeness_as_told": 'UPDATE completeness SET parts = \'{"mentor": "open"}\'',
}


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    """A dossier with both parts complete that was read whole, and an objection that was withdrawn."""
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0))
        base, headers = f"/dossier/api/v1/pupils/{made.ref(0)}", made.headers(DECAAN)
        for category in (
            "results",
            "internship_and_work",
            "advice",
            "cognitive",
            "social_emotional",
            "support",
            "absence",
        ):
            told = {"state": "complete", "text": "tekst"}
            (await made.client.put(f"{base}/transfer-data/{category}", json=told, headers=headers)).raise_for_status()
        informed = {"informed_on": "2027-02-15", "whom": "parents", "how": "talk"}
        (await made.client.put(f"{base}/information", json=informed, headers=headers)).raise_for_status()
        handover_id = await made.handed_over(0, "open", "accept")
        await made.get(f"/handovers/{handover_id}/care-part", INTAKER)
        told = {"category": "advice", "raised_by": "parent", "reason": "Nee"}
        key = (await made.post(f"/pupils/{made.ref(0)}/objections", DECAAN, told)).json()["objection_id"]
        assert await violations(made) == []
        await made.post(f"/pupils/{made.ref(0)}/objections/{key}/withdrawal", DECAAN)
        yield made


async def violations(bench: Bench) -> list[str]:
    return [rule for rule in RULES for _ in await bench.rows(AUDIT[rule])]


async def test_nothing_is_found_after_whatever_people_do(bench: Bench) -> None:
    assert await violations(bench) == []
    await bench.post(f"/pupils/{bench.ref(0)}/objections", DECAAN, {"raised_by": "pupil", "reason": "Nee"})
    assert await violations(bench) == []
    await bench.post(f"/pupils/{bench.ref(0)}/erasure", DECAAN)
    assert await violations(bench) == []


@pytest.mark.parametrize("rule", RULES)
async def test_each_thing_that_must_never_be_is_found(bench: Bench, rule: str) -> None:
    await bench.rows(BROKEN[rule])
    assert rule in await violations(bench)
