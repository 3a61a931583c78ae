"""Dated reference data."""

import shutil
from datetime import date

import pytest

from shared.core.errors import Invalid
from shared.core.reference import FOLDER, ZONES, load
from shared.local.sample.catalogue import PROGRAMMES

TODAY = date(2027, 1, 1)


@pytest.fixture
def folder(tmp_path):
    """A copy of the tables, to spoil."""
    return shutil.copytree(FOLDER, tmp_path / "reference")


def faults(folder):
    load.cache_clear()
    with pytest.raises(Invalid) as caught:
        load(folder)
    return {(fault.where, fault.expected) for fault in caught.value.faults}


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_all_regions_and_municipalities_are_known():
    """There are 40 regions and 342 municipalities, each municipality in a region that exists."""
    reference = load()
    municipalities = reference.municipalities(TODAY)
    assert [region.code for region in reference.regions(TODAY)] == [f"{n:02}" for n in range(1, 41)]
    assert len(municipalities) == 342
    assert {found.region for found in municipalities} == {region.code for region in reference.regions(TODAY)}


def test_a_municipality_is_asked_by_date():
    """A municipality has a region and a name on a day; before its first row it does not exist."""
    reference = load()
    assert reference.region_of("0344", TODAY) == "19"
    assert reference.region_of("0344", date(2022, 12, 31)) is None
    assert reference.region_of("0000", TODAY) is None
    assert reference.municipality_name("0344", TODAY) == reference.municipality_name("0344") == "Utrecht"
    assert reference.region_name("16") == "Eem en Vallei"
    assert reference.region_name("41") is None


def test_every_programme_of_the_sample_has_a_name():
    """A code that is in no table has none."""
    reference = load()
    assert all(reference.programme_name(programme.crebo) for programme in PROGRAMMES)
    assert reference.programme_name("99999") is None


@pytest.mark.parametrize(
    ("cohort", "day"),
    [(2019, "2019-04-01"), (2020, "2020-05-01"), (2021, "2021-05-01"), (2022, "2022-04-01"), (2027, "2027-04-01")],
)
def test_the_application_date_was_a_month_later_in_the_corona_years(cohort, day):
    """1 April, except 1 May in 2020 and 2021."""
    assert load().application_date(cohort) == date.fromisoformat(day)


def test_statutory_limits_follow_the_date():
    """The Doorstroompunt's duty ended at 23 up to 2025 and ends at 27 from 2026; municipalities hear from 1 March."""
    reference = load()
    assert reference.doorstroompunt_age_limit(date(2025, 12, 31)) == 23
    assert reference.doorstroompunt_age_limit(date(2026, 1, 1)) == 27
    assert reference.municipal_signal_from(2027) == date(2027, 3, 1)
    assert reference.feedback_until(2027) == date(2027, 10, 1)
    assert reference.exam_results_from(2027) == date(2027, 6, 20)
    with pytest.raises(KeyError):
        reference.application_date(1999)


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        *[(code, "middle") for code in ("0344", "0050", "0599", "0281", "0200")],
        *[(code, "north") for code in ("0317", "0244", "0363", "0150")],
        *[(code, "south") for code in ("0202", "0687", "0935")],
    ],
)
def test_every_municipality_lies_in_one_holiday_zone(code, zone):
    """Provinces are split: Zeewolde is middle, Eemnes and Hattem north, Arnhem south, Tiel and Apeldoorn middle."""
    reference = load()
    assert reference.zone_of(code) == zone
    assert {reference.zone_of(found.code) for found in reference.municipalities(TODAY)} == set(ZONES)


def test_holidays_of_a_zone_come_by_date():
    """Each school year from 2024 has five holidays per zone; summer lasts six weeks."""
    for zone in ZONES:
        holidays = load().holidays(zone)
        assert [holiday.first for holiday in holidays] == sorted(holiday.first for holiday in holidays)
        for year in range(2024, 2028):
            assert len([holiday for holiday in holidays if holiday.school_year == year]) == 5
        summers = [(holiday.last - holiday.first).days for holiday in holidays if holiday.name == "summer"]
        assert set(summers) == {43}


def test_a_municipality_may_end(folder):
    """After `valid_until` a municipality has no region, but keeps its name for old cases."""
    replace(
        folder / "municipalities.csv", "1696,Wijdemeren,20,2023-01-01,,", "1696,Wijdemeren,20,2023-01-01,2026-12-31,"
    )
    reference = load(folder)
    assert reference.region_of("1696", date(2026, 12, 31)) == "20"
    assert reference.region_of("1696", TODAY) is None
    assert reference.municipality_name("1696") == "Wijdemeren"
    assert len(reference.municipalities(TODAY)) == 341


def test_an_unknown_code_is_refused_with_its_place(folder):
    """A region, municipality or zone that does not exist is named with file and line, all at once."""
    replace(folder / "municipalities.csv", "1895,Oldambt,01,", "1895,Oldambt,41,")
    replace(folder / "holiday_zones.csv", "0765,north", "9999,east")
    assert faults(folder) == {
        ("municipalities.csv line 2", "a region of regions.csv, not '41'"),
        ("municipalities.csv line 3", "a zone for this municipality in holiday_zones.csv"),
        ("holiday_zones.csv line 3", "a municipality of municipalities.csv, not '9999'"),
        ("holiday_zones.csv line 3", "north, middle or south, not 'east'"),
    }


def test_an_overlap_is_refused_with_its_place(folder):
    """Two rows of one key from the same day contradict each other."""
    replace(folder / "age_limits.csv", "2026-01-01", "2002-01-01")
    assert faults(folder) == {("age_limits.csv line 3", "valid_from after 2002-01-01: it overlaps the line before it")}


def test_a_gap_is_refused_with_its_place(folder):
    """After a `valid_until` the next row of the key begins the day after."""
    path = folder / "municipalities.csv"
    replace(path, "0344,Utrecht,19,2023-01-01,,", "0344,Utrecht,19,2023-01-01,2023-12-31,")
    path.write_text(path.read_text() + "0344,Utrecht,19,2025-01-01,,CBS\n")
    assert faults(folder) == {
        ("municipalities.csv line 344", "valid_from 2024-01-01: there is a gap after the line before it")
    }


def test_a_missing_school_year_or_overlapping_holiday_is_refused(folder):
    """Holidays of a zone cover every school year between the first and the last, and never overlap."""
    path = folder / "school_holidays.csv"
    kept = [line for line in path.read_text().splitlines() if not (line.startswith("2026-2027") and ",south," in line)]
    path.write_text("\n".join(kept) + "\n")
    replace(path, "2024-12-21,2025-01-05", "2024-10-30,2025-01-05")
    assert faults(folder) == {
        ("school_holidays.csv", "south: school year 2026-2027 is missing"),
        ("school_holidays.csv", "north: 2024-10-30 overlaps the holiday before it"),
    }


def test_a_bad_date_a_missing_source_and_a_missing_table_are_told_together(folder):
    """Every fault of every table comes at once."""
    replace(folder / "application_dates.csv", "05-01,2020-01-01", "05-32,2020-01-01")
    replace(folder / "municipal_signal.csv", "2018-01-01,practice", "2018-01-01,")
    (folder / "age_limits.csv").unlink()
    wheres = {where for where, _ in faults(folder)}
    assert {"application_dates.csv line 3", "age_limits.csv"} <= wheres


def test_to_which_level_an_exam_admits_is_asked_by_date():
    """The matrix says yes, no or that the institution decides; a track or day that it lacks has no answer."""
    reference = load()
    assert [reference.admits("vmbo-bb", "passed", level, TODAY) for level in (1, 2, 3, 4)] == ["no", "yes", "no", "no"]
    assert reference.admits("pro", "failed", 2, TODAY) == "institution"
    assert reference.admits("unknown", "passed", 2, TODAY) is None
    assert reference.admits("vmbo-bb", "passed", 2, date(2014, 7, 31)) is None
    assert (reference.programme_level("25104"), reference.programme_level("25655")) == (4, None)


def test_a_matrix_with_a_gap_or_a_level_that_does_not_exist_is_refused(folder):
    """Each fault with its place."""
    replace(folder / "admission.csv", "vmbo-bb,passed,4,no", "vmbo-bb,passed,5,no")
    replace(folder / "programmes.csv", "Metselaar,2", "Metselaar,7")
    assert {where for where, _ in faults(folder)} == {"admission.csv", "admission.csv line 5", "programmes.csv line 3"}
