"""A simulated year to its end: what was planned came out, and nothing else."""

from pathlib import Path

import pytest

from shared.local.simulate.truth.check import RULES
from tests.simulated import PUPILS, report, started

pytestmark = [pytest.mark.year, pytest.mark.timeout(2700)]


async def test_in_a_whole_year_every_rule_speaks_exactly_as_planned_and_everybody_is_with_whom_they_must_be(
    server_dir: Path,
) -> None:
    told = await report(await started(server_dir / "year", *PUPILS))
    assert {line["rule"] for line in told["signals"]} == set(RULES)
    for line in told["signals"]:
        assert line["expected"] == line["found"] > 0, line["rule"]
        assert (line["missed"], line["without_cause"]) == ([], []), line["rule"]
    assert (told["custody"]["pupils"], told["custody"]["others"]) == (60, [])
    assert told["custody"]["passed"] > 60
    assert (told["audit"]["pupils_in"], told["audit"]["violations"], told["not_as_planned"]) == (60, [], [])
