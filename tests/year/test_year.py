"""A simulated year to its end: what was planned came out, and nothing else; the same when it was lived in a hurry."""

import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shared.local.simulate.truth.check import RULES
from tests.simulated import PUPILS, report, started
from tests.stacks import require_java
from tests.year.hurried import hurried
from tests.year.outcome import COMES_OUT, comes_out

pytestmark = [pytest.mark.year, pytest.mark.timeout(2700)]


@dataclass(frozen=True, slots=True)
class Year:
    """A year that is over: where it was lived, and what came of it."""

    folder: Path
    told: dict[str, Any]


@pytest.fixture(scope="module")
async def calm(server_dir: Path) -> Year:
    """Lived by one worker, in one pass."""
    folder = server_dir / "year-calm"
    return Year(folder, await report(await started(folder, *PUPILS)))


def as_planned(told: dict[str, Any]) -> None:
    """Every rule spoke, of exactly whom it had to, and everybody was with whom they must be."""
    assert {line["rule"] for line in told["signals"]} == set(RULES)
    for line in told["signals"]:
        assert line["expected"] == line["found"] > 0, line["rule"]
        assert (line["missed"], line["without_cause"]) == ([], []), line["rule"]
    assert (told["custody"]["pupils"], told["custody"]["others"]) == (60, [])
    assert told["custody"]["passed"] > 60
    assert (told["audit"]["pupils_in"], told["audit"]["violations"], told["not_as_planned"]) == (60, [], [])


async def test_in_a_whole_year_every_rule_speaks_exactly_as_planned_and_everybody_is_with_whom_they_must_be(
    calm: Year,
) -> None:
    as_planned(calm.told)


async def test_one_worker_in_one_pass_and_three_after_five_kills_give_the_same_year(
    calm: Year, server_dir: Path
) -> None:
    require_java()
    seed = int(os.environ.get("OVERSTAP_TEST_SEED") or 1)
    print(f"OVERSTAP_TEST_SEED={seed}")
    folder = server_dir / "year-hurried"
    folder.mkdir()
    for kept in ("keys.json", "api-keys.json"):  # They make the pseudonyms.
        shutil.copy2(calm.folder / kept, folder)
    as_planned(await hurried(folder, random.Random(seed)))
    first, second = await comes_out(calm.folder), await comes_out(folder)
    for name in COMES_OUT:
        assert first[name], name
        assert second[name] == first[name], name
