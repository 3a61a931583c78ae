"""A plan is the same for the same wish, keeps to its magnitudes, and its files are what schools would send."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.tabular import write
from shared.local.sample.files import kind_of
from shared.local.simulate.deeds import FILES, Deed, read_line
from shared.local.simulate.plan import Wanted, calendar, plan
from shared.local.simulate.plan.magnitudes import share
from shared.local.simulate.plan.planted import CASES
from shared.local.simulate.truth.check import check, truth
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


def test_the_oracle_finds_of_the_planted_pupils_exactly_what_was_planted() -> None:
    _around, school, *_ = plan(REGION)
    listed = list(dict.fromkeys(d.pupil for d in school.deeds if d.kind == "leerlingen"))[:CASES]
    own = [deed for deed in school.deeds if deed.pupil in listed]
    until = max(deed.at for deed in school.deeds)
    found = {
        signal
        for signal in truth(own, Around(REGION.cohort, calendar(school.place)), until)
        if signal.at.isoformat() < "2027-06-01"
    }
    # Nobody of them ever has a whole dossier.
    assert sum(s.rule == "dossier-incomplete" for s in found) == len(listed)
    rest = [s for s in found if s.rule != "dossier-incomplete"]
    by_pupil = {pupil: {(s.rule, s.severity) for s in rest if s.pupil == pupil} for pupil in listed}
    assert [sorted(by_pupil[pupil]) for pupil in listed] == [
        [],
        [("no-application", "notice")],
        [("no-application", "notice"), ("no-application", "risk"), ("no-application", "warning")],
        [("last-path-lost", "risk")],
        [],
        [],
        [("handover-unanswered", "risk"), ("handover-unanswered", "warning")],
        [("last-path-lost", "risk")],
    ]
    assert sum(s.rule == "last-path-lost" for s in found) == 3


def test_a_signal_that_is_missing_late_or_without_cause_is_told() -> None:
    _around, school, *_ = plan(Wanted(pupils=60))
    until = max(deed.at for deed in school.deeds)
    must = list(truth(school.deeds, Around(2027, calendar(school.place)), until))
    assert all(line.good for line in check(must, must, {"no-application", "handover-unanswered", "last-path-lost"}))
    missing = check(must, must[1:], {must[0].rule})
    assert (missing[0].missed, missing[0].without_cause) == ((must[0],), ())
    extra = check(must[1:], must, {must[0].rule})
    assert (extra[0].missed, extra[0].without_cause) == ((), (must[0],))
