"""Searching own pupils by POST: what is sought stands in no address, and nobody else's pupils are found."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from shared.core.actor import Actor
from shared.core.settings import Settings
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    INTAKER,
    OTHER_DECAAN,
    OTHER_SITE,
    PGNS,
    Bench,
    opened,
    pupil_list,
)


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1, 2))
        await made.send("pupil", pupil_list(3, site=OTHER_SITE), OTHER_DECAAN)
        yield made


async def found(bench: Bench, who: Actor = DECAAN, **asked: Any) -> list[str]:
    answer = (await bench.post("/pupil-searches", who, asked)).raise_for_status().json()
    return sorted(one["number"] for one in answer["items"])


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, ["1000", "1001", "1002"]),
        ({"name": "noor1 VAN verzonnen"}, ["1001"]),
        ({"name": "%"}, []),
        ({"number": "1002"}, ["1002"]),
        ({"number": "100"}, []),
        ({"pgn": PGNS[0]}, ["1000"]),
        ({"pgn": PGNS[0], "number": "1001"}, []),
        ({"cohort": COHORT + 1}, []),
        ({"pgn": PGNS[3]}, []),
    ],
)
async def test_all_that_is_known_must_fit(bench: Bench, asked: dict[str, Any], numbers: list[str]) -> None:
    assert await found(bench, **asked) == numbers


async def test_another_school_finds_its_own_and_an_institution_may_not_ask(bench: Bench) -> None:
    assert await found(bench, OTHER_DECAAN, name="Noor") == ["1003"]
    assert (await bench.post("/pupil-searches", INTAKER, {})).status_code == 403


async def test_pages_follow_each_other_without_gap_or_repetition(bench: Bench) -> None:
    seen, after = [], ""
    while after is not None:
        answer = (await bench.post("/pupil-searches", DECAAN, {"limit": 2, "after": after})).json()
        seen += [one["number"] for one in answer["items"]]
        after = answer["next"]
    assert sorted(seen) == ["1000", "1001", "1002"]


async def test_an_absorbed_number_finds_the_pupil_that_stays(bench: Bench) -> None:
    await bench.post(f"/pupils/{bench.ref(0)}/links", DECAAN, {"absorbed": bench.ref(1)})
    assert await found(bench, pgn=PGNS[1]) == ["1000"]
