"""A file in pieces is read as the whole file is, wherever it is cut."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import Fault, Invalid
from shared.core.tabular import BadRow, Column, Row, formats, kinds, read
from shared.core.tabular.stream import LONGEST_RECORD, Stream

COLUMNS = (Column("naam"), Column("dag", formats.RECENT, required=False))
CELLS = st.sampled_from(
    ["Noor", "Élan", '"met ; erin"', '"over\nregels"', '"twee "" aanhalingstekens"', '"los', "x" * 300]
)
DAYS = st.sampled_from(["2027-03-01", "", "01-03-2027", "ooit", "=1+1", '"2027-03-01"'])
LINES = st.lists(st.tuples(CELLS, DAYS).map(";".join) | st.sampled_from(["", "a;b;c", " ; "]), max_size=12)
FILES = st.tuples(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())


def streamed(data: bytes, cuts: list[int], limit: int = 1000) -> tuple[list[Row | BadRow], tuple[Fault, ...]]:
    """What comes out of the pieces; of a refused file its faults."""
    stream, found = Stream(COLUMNS, limit), []
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    try:
        for start, end in pairwise(edges):
            found += stream.feed(data[start:end])
        return found + stream.end(), ()
    except Invalid as error:
        return [], tuple(error.faults)


@given(FILES, st.lists(st.integers(0, 4000), max_size=12))
def test_the_rows_are_those_of_the_whole_file_wherever_it_is_cut(
    file: tuple[list[str], str, bool], cuts: list[int]
) -> None:
    lines, end, marked = file
    data = end.join(["naam;dag", *lines]).encode("utf-8-sig" if marked else "utf-8")
    whole, (rows, faults) = read(data, COLUMNS), streamed(data, cuts)
    assert bool(faults) == whole.refused
    assert [row for row in rows if isinstance(row, Row)] == list(whole.rows)
    assert [row for row in rows if isinstance(row, BadRow)] == list(whole.bad_rows)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"naam\nNoor\n", "missing_column"),
        ("naam;dag\nÉlan;\n".encode("latin-1"), "encoding"),
        (b"naam;dag\n" + b"a;\n" * 4, "too_many_rows"),
        (b'naam;dag\n"' + b"a\n" * LONGEST_RECORD, "open_quote"),
        (b"naam;dag\n" + b"a" * (LONGEST_RECORD + 1), "too_long"),
    ],
)
def test_a_file_that_can_not_be_used_is_refused_as_a_whole(data: bytes, code: str) -> None:
    for cuts in ([], list(range(0, len(data), 1000))):
        assert [fault.code for fault in streamed(data, cuts, limit=3)[1]] == [code]


def test_what_the_chain_leaves_open_is_read_as_nothing() -> None:
    cell = {column.name: column.format.parse for column in kinds.APPLICATION_EXPORT.columns}
    assert (cell["caketenid"]("NA"), cell["group_num"]("na"), cell["schooljaar"]("0")) == ("", "", "0")
    assert (cell["schooljaar"]("2027-2028"), cell["opleidingcode"]("1002o2412")) == ("2027", "1002O2412")
    with pytest.raises(ValueError):
        cell["schooljaar"]("2027-2029")


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2026-11-02", "2026-11-01T23:00:00+00:00"),
        ("02-11-2026", "2026-11-01T23:00:00+00:00"),
        ("2026-11-02 10:15:00", "2026-11-02T09:15:00+00:00"),
        ("2026-11-02T09:15:00Z", "2026-11-02T09:15:00+00:00"),
        ("2026-11-02T10:15:00.123+0100", "2026-11-02T09:15:00.123000+00:00"),
        ("2026-11-02T10:15+01", "2026-11-02T09:15:00+00:00"),
    ],
)
def test_a_moment_may_be_written_in_the_ways_of_the_standard(written: str, read_as: str) -> None:
    assert formats.INSTANT.parse(written) == read_as


@pytest.mark.parametrize(
    "written", ["2026-11", "1999-01-01", "2026-02-30", "2026-11-02T25:00Z", "straks", "2026-11-02T10:15:00+99:99"]
)
def test_anything_else_is_no_moment(written: str) -> None:
    with pytest.raises(ValueError):
        formats.INSTANT.parse(written)


def test_a_row_of_the_chain_costs_less_than_a_tenth_of_a_millisecond() -> None:
    cells = [
        "1",
        "1",
        "2026-11-02T09:15:00Z",
        "NA",
        "sis",
        "NA",
        "K1",
        "a" * 64,
        "2027-08-01",
        "RECEIVED",
        "2026-11-02",
    ]
    cells += ["2027", "SIS", "NA", "1", "3511", "110A123", "99XA", "110X456", "25655", "BOL", "ONDER_16"]
    rows = "".join(";".join([str(n), *cells[1:]]) + "\n" for n in range(20_000)).encode()
    stream = Stream(kinds.APPLICATION_EXPORT.columns)
    started = time.process_time()
    stream.feed(";".join(kinds.APPLICATION_EXPORT.header).encode() + b"\n" + rows)
    assert (time.process_time() - started) / 20_000 < 1e-4
