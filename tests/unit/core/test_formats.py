"""Kinds of cell in the files of schools."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.reference import load
from shared.core.tabular import formats

KNOWN = formats.municipality(load(), date(2027, 1, 1))
ALL = [value for value in vars(formats).values() if isinstance(value, formats.Format)] + [KNOWN]


@pytest.mark.parametrize(
    ("format", "given_", "written"),
    [
        (formats.BRIN, "99ma", "99MA"),
        (formats.VO_SITE, "99aa00", "99AA00"),
        (formats.PGN, "999990342", "999990342"),
        (formats.PGN, "100000004", "100000004"),
        (formats.DATE, "2011-03-24", "2011-03-24"),
        (formats.DATE, "24-03-2011", "2011-03-24"),
        (formats.DATE, "29-02-2012", "2012-02-29"),
        (formats.RECENT, "24-03-2027", "2027-03-24"),
        (formats.POSTCODE, "3511 ab", "3511AB"),
        (KNOWN, "0344", "0344"),
        (formats.TRACK, "VMBO-TL", "vmbo-tl"),
        (formats.YES_NO, "n", "N"),
        (formats.EMAIL, "M.Visser@School.Example", "m.visser@school.example"),
        (formats.CREBO, "25.655", "25655"),
        (formats.PATHWAY, "bbl", "BBL"),
        (formats.NUMBER, "007", "7"),
        (formats.NUMBER, "0", "0"),
        (formats.STATUS, "submitted", "SUBMITTED"),
        (formats.TEXT, "van  der\nBerg", "van der Berg"),
    ],
)
def test_a_value_is_written_in_one_way(format, given_, written):
    """Case, spaces and the two ways to write a date do not matter."""
    assert format.parse(given_) == written


@pytest.mark.parametrize(
    ("format", "given_"),
    [
        (formats.BRIN, "AA00"),
        (formats.VO_SITE, "99AA"),
        (formats.PGN, "123456789"),
        (formats.PGN, "000000000"),
        (formats.PGN, "99999034"),
        (formats.PGN, "٩٩٩٩٩٠٣٤٢"),
        (formats.DATE, "2011-02-29"),
        (formats.DATE, "24/03/2011"),
        (formats.DATE, "3-4-2011"),
        (formats.DATE, "20110324"),
        (formats.DATE, "24-03-0211"),
        (formats.RECENT, "31-12-1999"),
        (formats.RECENT, "2100-01-01"),
        (formats.POSTCODE, "0511AB"),
        (formats.POSTCODE, "3511SS"),
        (KNOWN, "344"),
        (KNOWN, "9999"),
        (formats.TRACK, "mavo"),
        (formats.YES_NO, "ja"),
        (formats.EMAIL, "geen adres"),
        (formats.EMAIL, "a@b"),
        (formats.LEVEL, "5"),
        (formats.COHORT, "1999"),
        (formats.PREFERENCE, "4"),
        (formats.REGION, "41"),
        (formats.NUMBER, "-1"),
        (formats.IDENTIFIER, "a b"),
        (formats.TEXT, "x" * 201),
    ],
)
def test_a_value_of_another_kind_is_refused(format, given_):
    """What does not fit is a ValueError; the reader turns it into a fault."""
    with pytest.raises(ValueError):
        format.parse(given_)


@given(st.sampled_from(ALL), st.text(min_size=1))
def test_a_format_only_ever_refuses_with_value_error_and_agrees_with_itself(format, given_):
    """Any text is refused or taken; what is taken is taken again unchanged."""
    try:
        written = format.parse(given_)
    except ValueError:
        return
    assert written == "" or format.parse(written) == written
