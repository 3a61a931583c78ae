"""A plan is the same for the same wish, keeps to its magnitudes, and its files are what schools would send."""

from collections import defaultdict
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.domain.world.almanac import Almanac
from shared.core.errors import Invalid
from shared.core.reference import load
from shared.core.tabular import write
from shared.local.sample.files import kind_of
from shared.local.simulate.deeds import FILES, Deed, read_line
from shared.local.simulate.plan import Part, Wanted, calendar, plan
from shared.local.simulate.plan.magnitudes import share
from shared.local.simulate.run import Asked, require_room
from shared.local.simulate.truth.check import check, truth
from shared.local.simulate.truth.oracle import ORACLE
from shared.local.simulate.truth.story import Around

REGION = Wanted(pupils=1000)


def deeds(wanted: Wanted) -> list[Deed]:
    return [deed for part in plan(wanted) for deed in part.deeds]


@pytest.fixture(scope="module")
def year() -> list[Deed]:
    return [deed for deed in deeds(REGION) if not deed.bad]


def pupils(year: list[Deed], kind: str, **cells: str) -> set[str]:
    return {d.pupil for d in year if d.kind == kind and cells.items() <= d.row.items()}


def test_the_same_wish_gives_the_same_bytes() -> None:
    small = Wanted(pupils=40, seed=7)
    first = [deed.line() for deed in deeds(small)]
    assert first == [deed.line() for deed in deeds(small)]
    assert first != [deed.line() for deed in deeds(Wanted(pupils=40, seed=8))]


def test_a_line_gives_back_its_deed() -> None:
    assert all(read_line(deed.line()) == deed for deed in deeds(Wanted(pupils=20)))


def test_the_magnitudes_are_those_of_the_table(year: list[Deed]) -> None:
    listed = pupils(year, "leerlingen")
    assert len(listed) == 1000
    applied = {d.pupil for d in year if d.kind == "aanmeldingen" and d.at.date().isoformat() <= "2027-04-13"}
    assert len(applied) / len(listed) == pytest.approx(share("applied_by_april"), abs=0.04)
    started = pupils(year, "starters", gestart="J")
    assert len(pupils(year, "starters", gestart="N")) / len(started) == pytest.approx(share("no_show"), abs=0.02)
    assert len(pupils(year, "verzuim")) / len(started) == pytest.approx(share("absence_reported"), abs=0.03)
    assert 0.80 <= len(started) / len(listed) <= 0.97


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), pupils=st.integers(12, 60), region=st.sampled_from(["01", "19", "21", "40"]))
def test_every_file_is_good_but_for_the_rows_that_were_made_wrong(seed: int, pupils: int, region: str) -> None:
    files: dict[tuple[str, str, str], list[Deed]] = defaultdict(list)
    for deed in sorted(deeds(Wanted(region, seed, pupils)), key=lambda deed: deed.order):
        if deed.kind in FILES:
            files[deed.kind, deed.sender, deed.at.isoformat()].append(deed)
    for (kind, *_), rows in files.items():
        table = kind_of(kind).read(write(kind_of(kind).header, [deed.row for deed in rows]))
        assert len(table.bad_rows) == sum(deed.bad for deed in rows), (kind, table.bad_rows[:2])


@pytest.mark.parametrize("region", ["10", "11", "13", "15", "19"])
def test_in_a_region_of_two_zones_coordination_counts_in_the_school_days_of_the_plan(region: str) -> None:
    here = next(plan(Wanted(region, pupils=12))).place
    told = [deed.row for deed in deeds(Wanted(region, pupils=12)) if deed.kind == "organisaties"]
    schools_of_region = [row for row in told if row["soort"] in ("vo", "mbo")]
    assert len(schools_of_region) == 6
    for row in schools_of_region:
        assert Almanac(load()).calendar(row["gemeente"]).holidays == calendar(here).holidays


def test_in_the_whole_country_every_organisation_is_told_once_whoever_lives_near_it() -> None:
    told = deeds(Wanted("country", pupils=160))
    codes = [deed.row["code"] for deed in told if deed.kind == "organisaties"]
    assert len(codes) == len(set(codes))
    assert {deed.sender for deed in told if deed.kind == "leerlingen"} <= set(codes)
    homes = {deed.row["gemeentecode"] for deed in told if deed.kind == "leerlingen" and not deed.bad}
    assert homes <= {deed.row["organisatie"] for deed in told if deed.kind == "contactpersonen"}


def schools(wanted: Wanted) -> list[Part]:
    return [part for part in plan(wanted) if part.planted]


def test_the_oracle_says_of_every_planted_pupil_exactly_what_was_meant_and_nothing_else_of_that_rule() -> None:
    for school in schools(REGION):
        until = max(deed.at for deed in school.deeds)
        found = list(truth(school.deeds, Around(REGION.cohort, calendar(school.place), REGION.region), until))
        for one in school.planted:
            told = [signal for signal in found if (signal.pupil, signal.rule) == (one.pupil, one.rule)]
            assert sorted(told, key=lambda s: s.at) == sorted(one.signals, key=lambda s: s.at), one.case


def test_every_rule_is_planted_twice_and_once_at_its_boundary_where_nothing_may_fire() -> None:
    planted = [one for school in schools(REGION) for one in school.planted]
    assert {one.rule for one in planted} == set(ORACLE)
    for rule in ORACLE:
        told = [len(one.signals) for one in planted if one.rule == rule]
        assert sum(told) >= 2, rule
        assert 0 in told or rule == "concern", rule  # A concern is told whatever comes after it.


def test_a_signal_that_is_missing_late_or_without_cause_is_told() -> None:
    _around, school, *_ = plan(Wanted(pupils=60))
    until = max(deed.at for deed in school.deeds)
    must = list(truth(school.deeds, Around(2027, calendar(school.place), REGION.region), until))
    assert all(line.good for line in check(must, must, {"no-application", "handover-unanswered", "last-path-lost"}))
    missing = check(must, must[1:], {must[0].rule})
    assert (missing[0].missed, missing[0].without_cause) == ((must[0],), ())
    extra = check(must[1:], must, {must[0].rule})
    assert (extra[0].missed, extra[0].without_cause) == ((), (must[0],))


def test_more_than_the_embedded_broker_can_hold_is_refused_before_the_start_with_what_to_do() -> None:
    year = date(2028, 1, 9)
    require_room(Asked(Wanted(pupils=800), year))
    require_room(Asked(Wanted(pupils=2500), year, "apache"))
    require_room(Asked(Wanted(pupils=2500), date(2027, 1, 9)))
    with pytest.raises(Invalid) as refused:
        require_room(Asked(Wanted(pupils=2500), year))
    assert "--stack apache" in str(refused.value)
    assert "--pupils 806 at most" in str(refused.value)
