"""The measurements still work, and the published page holds measured figures alone. Nothing here looks at time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import page, story
from bench.memory import verdict
from bench.region import growth, homes


# Fifteen workers start one after the other, and each has to join its groups.
@pytest.mark.timeout(600)
def test_every_measurement_of_make_bench_works(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "--quick", "--stack", "embedded", "--to", str(tmp_path)]
    subprocess.run(command, check=True)
    measured = json.loads((tmp_path / "latest.json").read_text())["stacks"]["embedded"]
    assert measured["whole"]["following"] > measured["floor"]["following"]
    assert measured["import"]["rows"] == 200
    assert "a/b" in (tmp_path / "performance.md").read_text()


def test_memory_is_measured_on_a_stack_that_runs_here(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "memory", "--quick", "--stack", "embedded", "--to", str(tmp_path)]
    subprocess.run(command, check=True)
    assert set(json.loads((tmp_path / "memory.json").read_text())["processes"]) == {"worker", "PostgreSQL", "broker"}


def test_a_cost_for_each_event_that_grows_with_the_pupils_is_not_linear() -> None:
    runs = [{"cpu_per_1000": {"all": cost}} for cost in (0.45, 0.40, 0.48, 0.52)]
    assert growth.linear(runs[:3])
    assert not growth.linear(runs)


def test_every_region_more_has_schools_of_its_own() -> None:
    (region,), country = {home.region for home in homes.homes(2_500)}, homes.homes(100_000)
    assert len({home.site for home in country}) == 1_000
    assert len({home.region for home in country}) == len({home.municipality for home in country}) == 40
    assert homes.moved(country)(2_499, f'"{story.SITE}"') == f'"{country[24].site}"'
    assert [home.region for home in country].count(region) == 25


def test_memory_that_keeps_growing_is_not_flat() -> None:
    assert verdict([100.0] * 90, 900_000)["flat"]
    assert not verdict([100.0 + second for second in range(90)], 900_000)["flat"]


def test_the_published_page_is_made_from_the_published_figures() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.render(), "run 'make bench'"


def test_the_story_of_coordination_has_more_than_ten_types_and_keeps_each_pupils_order() -> None:
    assert len(story.types_heard_by("coordination")) > 10
    told = list(story.told("coordination", 1000))
    assert len(told) >= 1000
    for pupil in {pupil for pupil, _ in told}:
        steps = [step for number, step in told if number == pupil]
        assert steps == list(story.heard_by("coordination"))
