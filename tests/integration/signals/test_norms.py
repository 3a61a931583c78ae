"""A region's own norms stand beside its own figures, from the day on which its agreement holds."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import asyncpg
import pytest

from services.coordination import agreement
from services.coordination.handlers.agreements import AdoptAgreement, adopt
from services.signals import store
from services.signals.app import snapshot
from services.signals.domain.norms import DEFAULT
from shared.core.actor import Actor, Role
from shared.core.clock import FixedClock
from shared.core.settings import Settings
from shared.messaging.outbox import Transport, perform
from shared.schemas.catalog import topic_of
from shared.schemas.coordination import AgreedNorm, NormsAgreed, norms_subject
from tests.integration.signals.conftest import Tell
from tests.integration.signals.region import COHORT, NOW, ON, REGION, the_region
from tests.integration.signals.visiting import visitor
from tests.support import Told, open_transport, published

COORDINATOR = Actor(REGION, Role.REGION_COORDINATOR, "person-1")
ADOPTED = datetime(2026, 6, 15, 10, tzinfo=UTC)
OWN = "Norm van de regionale afspraak (versie region-19-2027.1)"
DEFAULTS = "Norm van de standaardafspraak"
APPLIED_95 = (AgreedNorm(figure="applied", percentage=95), AgreedNorm(figure="dossier-complete", percentage=90))
VERSIONS = (("a", date(2026, 8, 1)), ("b", date(2027, 4, 2)), ("c", date(2027, 4, 2)), ("d", date(2027, 4, 3)))
"""In the order in which a region adopted them."""


def norms(
    number: int, version: str, valid_from: date, agreed: Sequence[AgreedNorm] = APPLIED_95, region: str = REGION
) -> Told:
    """The norms of a version, as coordination tells them."""
    data = NormsAgreed(
        occurred_at=ADOPTED, region=region, agreement_version=version, valid_from=valid_from, norms=tuple(agreed)
    )
    return Told("coordination", norms_subject(region), data, ADOPTED, number)


def utrecht() -> str:
    """The example of Utrecht a year earlier, without its roster for one summer."""
    text = (agreement.FOLDER / "examples" / "utrecht.yaml").read_text(encoding="utf-8")
    before, norms_of_it = text.partition("\nduty:")[0], text.partition("\nnorms:")[2]
    return f"{before}\nnorms:{norms_of_it}".replace("valid_from: 2027-08-01", "valid_from: 2026-08-01")


async def page(web: Transport, region: str = REGION) -> str:
    async with visitor(web, COORDINATOR) as client:
        return (await client.get(f"/signals/?region={region}")).text


@pytest.fixture
async def adopted(
    make_settings: Callable[..., Settings], database_url: str, admin: asyncpg.Connection
) -> AsyncIterator[Any]:
    """What coordination tells when a region adopts a text."""
    settings = make_settings(database_url=database_url)
    settings.__dict__["clock"] = FixedClock(ADOPTED)
    tables = ", ".join(f"coordination.{name}" for name in ("agreement", "stream", "event_log", "outbox", "timer"))
    await admin.execute(f"TRUNCATE {tables} CASCADE")
    sides = [await open_transport(settings, "coordination", "web"), await open_transport(settings, "coordination")]

    async def tells(text: str) -> list[tuple[str, str, dict[str, Any]]]:
        await perform(sides[0], COORDINATOR, adopt, AdoptAgreement(text))
        return await published(sides[1])

    yield tells
    for side in sides:
        await side.db.close()
    await admin.execute(f"TRUNCATE {tables} CASCADE")


async def test_the_norms_that_a_region_adopts_stand_beside_its_figures_and_of_another_region_the_default(
    worker: Transport, web: Transport, tell: Tell, adopted: Any
) -> None:
    told = await adopted(utrecht())
    ((subject, data),) = [(subject, data) for kind, subject, data in told if kind == NormsAgreed.TYPE]
    await tell([*the_region(), Told("coordination", subject, NormsAgreed.model_validate(data), ADOPTED, 1)])
    await snapshot(worker, COHORT, ON)
    shown, elsewhere = await page(web), await page(web, "20")
    for text in (OWN, "Onder de norm van 95%", "ten minste 95% op 1 april 2027", "ten minste 95% op 1 oktober 2027"):
        assert text in shown
    assert DEFAULTS not in shown
    assert DEFAULTS in elsewhere
    assert "ten minste 90% op 1 april 2027" in elsewhere


async def test_what_is_told_of_norms_names_the_agreement_and_nobody_of_staff(adopted: Any) -> None:
    told = await adopted(utrecht())
    await adopted(utrecht())
    ((subject, data),) = [(subject, data) for kind, subject, data in told if kind == NormsAgreed.TYPE]
    assert topic_of("coordination", NormsAgreed).name == "coordination"
    assert (subject, data["agreement_version"], data["valid_from"]) == ("norms-19", "region-19-2027.1", "2026-08-01")
    assert data["norms"][0] == {"figure": "applied", "percentage": 95, "day": None}
    assert data["norms"][2] == {"figure": "placed", "percentage": 90, "day": "06-01"}
    assert set(data) == {"occurred_at", "recorded_by", "region", "agreement_version", "valid_from", "norms"}


def orders() -> Iterator[tuple[str, list[Told]]]:
    """A region for every order in which its versions may come, each of them twice."""
    for n, order in enumerate(permutations(enumerate(VERSIONS, 1)), 1):
        region = f"{n:02}"
        yield region, [norms(number, *version, region=region) for number, version in (*order, *order)]


async def test_in_whatever_order_and_however_often_they_come_the_newest_that_holds_on_a_day_is_taken(
    worker: Transport, tell: Tell
) -> None:
    for region, told in orders():
        await tell(told)
        async with worker.db.acquire() as conn:
            days = (date(2026, 7, 31), date(2026, 8, 1), date(2027, 4, 1), ON, date(2027, 4, 3))
            found = [(await store.agreed(conn, region, day)).version for day in days]
        assert found == [DEFAULT.version, "a", "a", "c", "d"], region


async def test_a_version_of_after_the_reference_date_does_not_judge_what_was_published(
    worker: Transport, web: Transport, tell: Tell
) -> None:
    await tell([*the_region(), norms(1, "later", NOW.date())])
    await snapshot(worker, COHORT, ON)
    shown = await page(web)
    assert DEFAULTS in shown
    assert "Onder de norm van 90%" in shown


async def test_a_region_that_agreed_on_no_norms_is_held_to_none(worker: Transport, web: Transport, tell: Tell) -> None:
    await tell([*the_region(), norms(1, "none", date(2026, 8, 1), ())])
    await snapshot(worker, COHORT, ON)
    shown = await page(web)
    assert "Voor deze cijfers is geen norm afgesproken." in shown
    assert "de norm van" not in shown


async def test_the_api_gives_figures_with_the_norms_of_their_region_and_whose_they_are(
    worker: Transport, web: Transport, tell: Tell
) -> None:
    await tell([*the_region(), norms(1, "own", date(2026, 8, 1))])
    await snapshot(worker, COHORT, ON)
    async with visitor(web, COORDINATOR) as client:
        for region, version, percentages in ((REGION, "own", [95]), ("20", None, [90, 90, 95])):
            (item,) = (await client.get(f"/signals/api/v1/snapshots?region={region}")).json()["items"]
            whole = (await client.get(f"/signals/api/v1/snapshots/{item['snapshot_id']}")).json()
            assert (whole["agreement_version"], [one["percentage"] for one in whole["norms"]]) == (version, percentages)
            assert whole["norms"][0] == {"figure": "applied", "percentage": percentages[0], "day": "2027-04-01"}
