"""Reading and writing the CSV files of schools."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.tabular import Column, read, write
from shared.core.tabular.formats import DATE, PGN, TRACK, VO_SITE, YES_NO

COLUMNS = (
    Column("leerlingnummer"),
    Column("pgn", PGN),
    Column("geboortedatum", DATE),
    Column("leerweg", TRACK),
    Column("klas", required=False),
)
HEADER = "leerlingnummer;pgn;geboortedatum;leerweg;klas\n"
GOOD = "17;100000004;24-03-2011;VMBO-BB;4b1\n"


def read_text(text: str, **options):
    return read(text.encode(), COLUMNS, **options)


def test_a_good_row_is_given_in_one_way_of_writing():
    """A good row comes with its line, trimmed, and each value in the one way of its format."""
    table = read_text(HEADER + " 17 ;100000004;24-03-2011; VMBO-BB ;\n")
    assert not table.faults
    assert table.rows[0].line == 2
    assert table.rows[0].values == {
        "leerlingnummer": "17",
        "pgn": "100000004",
        "geboortedatum": "2011-03-24",
        "leerweg": "vmbo-bb",
        "klas": "",
    }


@pytest.mark.parametrize(
    "data",
    [
        (HEADER + GOOD).encode(),
        (HEADER + GOOD).encode("utf-8-sig"),
        (HEADER + GOOD).replace(";", ",").encode(),
        (HEADER + GOOD).replace("\n", "\r\n").encode(),
        (HEADER + GOOD).replace("\n", "\r").encode(),
        ("\n\n" + HEADER + "\n;;;;\n" + GOOD + "\n").encode(),
        (HEADER.upper() + GOOD).encode(),
        (HEADER + '17;"100000004";"24-03-2011";"vmbo-bb";"4\nb1"').encode(),
    ],
)
def test_a_file_may_look_as_schools_make_it(data):
    """BOM, separator, line ends, blank lines, capitals and quotes do not matter."""
    table = read(data, COLUMNS)
    assert (table.received, table.faults) == (1, ())
    assert table.rows[0]["pgn"] == "100000004"


@pytest.mark.parametrize(
    ("data", "where", "looks_like"),
    [
        ((HEADER + GOOD).encode("utf-16"), "bestand", "UTF-16"),
        ((HEADER + GOOD).encode("utf-16-le"), "bestand", "UTF-16"),
        ((HEADER + "1;100000004;2011-03-24;pro;Zoë").encode("latin-1"), "regel 2", "Latin-1"),
        (b"", "bestand", "leeg"),
        (b"\xef\xbb\xbf\n\n;;\n", "bestand", "leeg"),
        ((HEADER + GOOD * 6).encode(), "bestand", "5 regels"),
        ((HEADER + '17;"100000004;24-03-2011\n' + GOOD * 2).encode(), "regel 2", "aanhalingsteken"),
    ],
)
def test_a_file_that_can_not_be_used_has_one_clear_fault(data, where, looks_like):
    """Encoding, an empty file, too many rows and a quote that never closes refuse the file with one fault."""
    table = read(data, COLUMNS, limit_rows=5)
    assert table.refused
    assert table.received == 0
    (fault,) = table.faults
    assert fault.where == where
    assert looks_like in fault.expected


def test_every_fault_of_the_header_is_named_at_once():
    """Missing, unknown and repeated columns are told together."""
    table = read(b"pgn;pgn;leerweg;geboortedatm;klas;\n1;2;3;4;5;6\n", COLUMNS)
    assert [(fault.code, fault.expected) for fault in table.faults] == [
        ("missing_column", "de kolom leerlingnummer; deze ontbreekt"),
        ("missing_column", "de kolom geboortedatum; deze ontbreekt"),
        ("unknown_column", "alleen bekende kolommen; kolom 4 is dat niet"),
        ("unknown_column", "alleen bekende kolommen; kolom 6 is dat niet"),
        ("duplicate_column", "de kolom pgn één keer"),
    ]


def test_every_fault_of_a_row_is_named_at_once_without_the_value():
    """A bad row carries all its faults, the place of each and never what stood there."""
    table = read_text(HEADER + GOOD + ";123456789;31-02-2011;mavo;4b\n" + GOOD)
    assert (len(table.rows), len(table.bad_rows), table.received) == (2, 1, 3)
    (bad,) = table.bad_rows
    assert [fault.where for fault in bad.faults] == [
        f"regel 3, kolom {name}" for name in ("leerlingnummer", "pgn", "geboortedatum", "leerweg")
    ]
    assert "123456789" not in str(bad.faults)
    assert "31-02-2011" not in str(bad.faults)
    assert bad.raw == ";123456789;31-02-2011;mavo;4b"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("17;100000004", "ragged_row"),
        ("17;100000004;24-03-2011;pro;4b;extra", "ragged_row"),
        ('17;"100000004"0;24-03-2011;pro;4b', "quotes"),
        ("17;100000004;24-03-2011;pro;4\x00b", "invalid"),
    ],
)
def test_a_broken_row_is_a_fault_on_that_row_alone(line, code):
    """Too few or too many cells, broken quotes and NUL bytes spoil one row, not its neighbours."""
    table = read_text(HEADER + GOOD + line + "\n" + GOOD)
    assert len(table.rows) == 2
    assert [fault.code for fault in table.bad_rows[0].faults] == [code]
    assert table.bad_rows[0].raw == line


def test_a_line_number_is_that_of_the_file():
    """After blank lines and line breaks in a cell, a fault still names the line a text editor shows."""
    table = read_text(HEADER + "\n" + '17;100000004;24-03-2011;pro;"4\nb"\n' + "18;1;24-03-2011;pro;4b\n")
    assert [row.line for row in table.rows] == [3]
    assert table.faults[0].where == "regel 5, kolom pgn"


def test_a_repeated_key_is_a_fault_on_the_later_row():
    """Of rows with the same key the first counts; a later one names the line it repeats. Empty keys are no key."""
    other = "18;999990342;24-03-2011;pro;\n"
    table = read_text(HEADER + GOOD + other + GOOD, unique=[["leerlingnummer"], ["pgn"], ["klas"]])
    assert [row.line for row in table.rows] == [2, 3]
    assert {fault.expected for fault in table.faults} == {"geen herhaling van regel 2"}
    assert table.faults[0].where == "regel 4, kolom leerlingnummer"


def test_a_bad_row_can_be_read_again_with_its_header():
    """Header and raw row together make a file again, so that quarantine can be replayed."""
    table = read_text(HEADER + GOOD + "17;100000004;24-03-2011;mavo;4b1\n")
    again = read_text(table.header + "\n" + table.bad_rows[0].raw.replace("mavo", "vmbo-tl"))
    assert again.rows[0]["leerweg"] == "vmbo-tl"


@pytest.mark.parametrize("cell", ["=1+1", "+31612345678", "-2", "@SUM(A1)", "'=1"])
def test_a_formula_is_text_and_is_not_run_by_a_spreadsheet(cell):
    """A cell that begins like a formula is read as text, and written so that no spreadsheet runs it."""
    written = write(["leerlingnummer"], [{"leerlingnummer": cell}])
    assert written.startswith(b"\xef\xbb\xbf")
    assert next(csv.reader(io.StringIO(written.decode("utf-8-sig").split("\r\n", 1)[1])))[0][0] == "'"
    assert read(f"leerlingnummer\n{cell}\n".encode(), [Column("leerlingnummer")]).received == 1


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise(data):
    """Whatever bytes come in, the answer is a table."""
    table = read(data, COLUMNS)
    assert table.received == len(table.rows) + len(table.bad_rows)


cells = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.lists(cells, min_size=5, max_size=5).filter(lambda row: any(c.strip() for c in row)), max_size=8))
def test_every_row_is_good_or_bad_whatever_its_cells(rows):
    """Rows plus faulty rows is what was received; each faulty row has a fault on its own line."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    table = read_text(HEADER + out.getvalue())
    assert table.received == len(rows)
    assert all(bad.faults for bad in table.bad_rows)
    assert all(fault.where.startswith(f"regel {bad.line}") for bad in table.bad_rows for fault in bad.faults)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=12)


@given(st.lists(st.tuples(words, words), max_size=6))
def test_what_is_written_is_read_back(rows):
    """Writing and reading again gives the same values, formula look-alikes and quotes included."""
    columns = (Column("naam"), Column("klas"))
    given_rows = [{"naam": name, "klas": group} for name, group in rows]
    table = read(write(["naam", "klas"], given_rows), columns)
    assert [dict(row.values) for row in table.rows] == given_rows


@given(st.from_regex(r"[0-9]{2}[A-Z0-9]{2}[0-9]{2}", fullmatch=True))
def test_codes_are_taken_in_any_case(code):
    """A BRIN typed in lower case is the same BRIN."""
    assert VO_SITE.parse(code.lower()) == code
    assert YES_NO.parse("j") == "J"
