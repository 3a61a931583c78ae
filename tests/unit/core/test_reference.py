"""Dated reference data."""

import shutil
from datetime import date

import pytest

from shared import service
from shared.core.errors import Fault, Invalid
from shared.core.reference import FOLDER, ZONES, load
from shared.core.reference.coverage import lacking
from shared.core.settings import Settings
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
    assert reference.region_of("0344", date(2017, 12, 31)) is None
    assert reference.region_of("0000", TODAY) is None
    assert reference.municipality_name("0344", TODAY) == reference.municipality_name("0344") == "Utrecht"
    assert reference.region_name("16") == "Eem en Vallei"
    assert reference.region_name("41") is None


@pytest.mark.parametrize(
    ("day", "count"),
    [
        ("2018-01-01", 380),
        ("2019-01-01", 355),
        ("2021-01-01", 352),
        ("2022-01-01", 345),
        ("2022-03-24", 344),
        ("2023-01-01", 342),
    ],
)
def test_mergers_of_municipalities_are_kept(day, count):
    """The number on each day is the one that CBS published."""
    assert len(load().municipalities(date.fromisoformat(day))) == count


def test_a_municipality_that_has_merged_lives_on_in_its_successor():
    """It has its own region until its last day, and the holiday zone of its successor."""
    reference = load()
    assert reference.region_of("0457", date(2022, 3, 23)) == "20"
    assert reference.region_of("0457", date(2022, 3, 24)) is None
    assert reference.municipality_name("0457") == "Weesp"
    assert (reference.successor("0457"), reference.successor("0344")) == ("0363", "0344")
    assert reference.zone_of("0457") == reference.zone_of("0363")
    assert reference.region_of("0268", date(2020, 7, 31)) == "14"
    assert reference.region_of("0268", date(2020, 8, 1)) == "40"
    assert len(reference.regions(date(2018, 1, 1))) == 39
    with pytest.raises(KeyError):
        reference.successor("0000")


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
    assert reference.feedback_figures(2027) == [date(2027, 11, 1), date(2028, 2, 1), date(2028, 8, 1)]
    assert reference.exam_results_from(2027) == date(2027, 6, 20)
    assert reference.exam_results_from(2025) == date(2025, 7, 1)
    assert reference.count_date(2027) == date(2027, 10, 1)
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
    """Each school year has five holidays per zone; summer lasts six weeks."""
    for zone in ZONES:
        holidays = load().holidays(zone)
        assert [holiday.first for holiday in holidays] == sorted(holiday.first for holiday in holidays)
        for year in range(2018, 2029):
            assert len([holiday for holiday in holidays if holiday.school_year == year]) == 5
        summers = [(holiday.last - holiday.first).days for holiday in holidays if holiday.name == "summer"]
        assert set(summers) == {43}


def test_the_weeks_of_the_exams_are_known_by_year():
    """Of 2020 it is known that there were none; of a year that is not in the table nothing."""
    reference = load()
    weeks = reference.exam_weeks(2024)
    assert weeks
    assert (weeks.first_from, weeks.second_results) == (date(2024, 5, 14), date(2024, 7, 2))
    assert (reference.exam_weeks(2020), reference.knows_exams(2020)) == (None, True)
    assert (reference.exam_weeks(2040), reference.knows_exams(2040)) == (None, False)


def test_a_municipality_may_end(folder):
    """After `valid_until` a municipality has no region, but keeps its name for old cases."""
    replace(
        folder / "municipalities.csv",
        "1696,Wijdemeren,20,2018-01-01,,",
        "1696,Wijdemeren,20,2018-01-01,2026-12-31,0402",
    )
    reference = load(folder)
    assert reference.region_of("1696", date(2026, 12, 31)) == "20"
    assert reference.region_of("1696", TODAY) is None
    assert reference.municipality_name("1696") == "Wijdemeren"
    assert reference.successor("1696") == "0402"
    assert len(reference.municipalities(TODAY)) == 341


def test_on_a_day_one_asks_which_municipality_another_is_part_of():
    """Before its merger of itself, after it of its successor."""
    assert load().successor("0457", date(2022, 3, 23)) == "0457"
    assert load().successor("0457", date(2022, 3, 24)) == "0363"


def test_what_the_tables_lack_is_told_a_year_ahead():
    """Holidays that end within a year, or begin after today, and the exams of the present school year."""
    reference = load()
    assert lacking(reference, date(2024, 11, 1)) == []
    assert lacking(reference, date(2028, 8, 25))[0] == "school_holidays.csv ends on 2029-08-19 in middle"
    assert lacking(reference, date(2040, 1, 1))[-1] == "exam_weeks.csv does not have the exams of 2040"
    assert lacking(reference, date(2018, 8, 1))[0] == "school_holidays.csv has no holidays of north before today"


def test_an_unknown_code_is_refused_with_its_place(folder):
    """A region, municipality or zone that does not exist is named with file, line and column, all at once."""
    replace(folder / "municipalities.csv", "1895,Oldambt,01,", "1895,Oldambt,41,")
    replace(folder / "municipalities.csv", "2022-03-23,0363", "2022-03-23,0620")
    replace(folder / "municipalities.csv", "0047,Veendam,01,2018-01-01,,", "0047,Veendam,01,2018-01-01,,0363")
    replace(folder / "holiday_zones.csv", "0765,north", "9999,east")
    assert faults(folder) == {
        ("municipalities.csv line 2, region", "a region of regions.csv on 2018-01-01"),
        ("municipalities.csv line 3, code", "a line for this municipality in holiday_zones.csv"),
        ("municipalities.csv line 5, successor", "nothing, while the municipality has no last day"),
        ("municipalities.csv line 399, successor", "a municipality that exists on 2022-03-24"),
        ("holiday_zones.csv line 3, municipality", "a municipality of municipalities.csv"),
        ("holiday_zones.csv line 3, zone", "north, middle or south"),
    }


def test_an_overlap_is_refused_with_its_place(folder):
    """Two rows of one key from the same day contradict each other."""
    replace(folder / "age_limits.csv", "2026-01-01", "2002-01-01")
    assert faults(folder) == {
        ("age_limits.csv line 3, valid_from", "a day after 2002-01-01: it overlaps the line before it")
    }


def test_a_gap_is_refused_with_its_place(folder):
    """After a `valid_until` the next row of the key begins the day after, and no row ends before it begins."""
    path = folder / "municipalities.csv"
    replace(path, "0344,Utrecht,19,2018-01-01,,", "0344,Utrecht,19,2018-01-01,2023-12-31,")
    replace(path, "1895,Oldambt,01,2018-01-01,,", "1895,Oldambt,01,2018-01-01,2017-12-31,")
    path.write_text(path.read_text() + "0344,Utrecht,19,2025-01-01,,,CBS\n")
    assert faults(folder) == {
        ("municipalities.csv line 2, valid_until", "a day from 2018-01-01 on"),
        ("municipalities.csv line 403, valid_from", "2024-01-01: there is a gap after the line before it"),
    }


def test_holidays_that_are_missing_or_contradict_each_other_are_refused(folder):
    """In a zone every school year between the first and the last has its five holidays, and none overlaps another."""
    path = folder / "school_holidays.csv"
    kept = [line for line in path.read_text().splitlines() if not (line.startswith("2026-2027") and ",south," in line)]
    path.write_text("\n".join(kept) + "\n")
    replace(path, "2024-12-21,2025-01-05", "2024-10-30,2025-01-05")
    replace(path, "2027-2028,spring,middle", "2027-2028,may,middle")
    replace(path, "2018-2019,autumn,north", "2018-2020,autumn,north")
    assert faults(folder) == {
        ("school_holidays.csv", "south: school year 2026-2027, which is missing"),
        ("school_holidays.csv line 95, first", "a day after 2024-11-03: it overlaps another holiday of north"),
        ("school_holidays.csv", "middle, school year 2027-2028: spring"),
        ("school_holidays.csv line 142, name", "may once in this school year"),
        ("school_holidays.csv line 2, school_year", "2018-2019"),
        ("school_holidays.csv", "north, school year 2018-2019: autumn"),
    }


def test_exams_that_are_missing_or_out_of_order_are_refused(folder):
    """Each with its column."""
    path = folder / "exam_weeks.csv"
    replace(path, "2019-05-23", "2019-05-01")
    replace(path, "2021-06-10", "")
    replace(path, "\n2023,", "\n2022,")
    assert faults(folder) == {
        ("exam_weeks.csv line 3, first_until", "a day from 2019-05-09 on"),
        ("exam_weeks.csv line 5, first_results", "a day, as in the other columns"),
        ("exam_weeks.csv line 7, year", "2022 once"),
        ("exam_weeks.csv line 7, year", "the year of its days"),
        ("exam_weeks.csv", "2023, which is missing"),
    }


def test_every_fault_of_every_table_is_told_together(folder):
    """A bad cell, a missing source, a missing table, a misspelt or missing column, and cells too many."""
    replace(folder / "application_dates.csv", "05-01,2020-01-01", "05-32,2020-01-01")
    replace(folder / "municipal_signal.csv", "2018-01-01,practice", "2018-01-01,,practice")
    replace(folder / "talk_dates.csv", "valid_from", "valid_form")
    path = folder / "count_dates.csv"
    path.write_text("month_day,valid_from,source\n10-01,20180101,\n")
    (folder / "age_limits.csv").unlink()
    assert faults(folder) == {
        ("application_dates.csv line 3, month_day", "a day of every year as 04-01"),
        ("municipal_signal.csv line 2", "3 cells, not 4"),
        ("talk_dates.csv line 1, valid_from", "this column, once"),
        ("talk_dates.csv line 1, valid_form", "no other columns than month_day, valid_from, source"),
        ("count_dates.csv line 2, valid_from", "a day as 2027-08-01"),
        ("count_dates.csv line 2, source", "a text"),
        ("age_limits.csv", "this table"),
    }


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
    assert {where for where, _ in faults(folder)} == {
        "admission.csv",
        "admission.csv line 5, level",
        "programmes.csv line 3, level",
    }


def test_no_web_process_starts_with_tables_that_contradict_themselves(monkeypatch):
    """It would count deadlines wrongly, or fail at the first event that asks."""

    def refused():
        raise Invalid([Fault("regions.csv line 2, name", "a text")])

    monkeypatch.setattr(service.reference, "load", refused)
    with pytest.raises(Invalid, match="regions"):
        service.web([], Settings(_env_file=None))
