"""The sample region in deploy/sample, and the page that describes its files."""

import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from shared.core.reference import load
from shared.core.tabular import students, transfer, year_end
from shared.local.sample import FOLDER, HANDOVER_DAYS, deliveries
from shared.local.sample.catalogue import LEVELS, PROGRAMMES, PUPILS, SITES
from shared.local.sample.files import generate, kind_of

DOCS = Path(__file__).parents[3] / "docs" / "csv.md"
LEVEL_OF = {programme.crebo: programme.level for programme in PROGRAMMES}


@pytest.fixture(scope="module")
def tables():
    """Every committed file, read."""
    return {path.stem: kind_of(path.stem).read(path.read_bytes()) for path in FOLDER.glob("*.csv")}


def rows(tables, kind):
    return [row for name, table in sorted(tables.items()) if name.startswith(kind) for row in table.rows]


def test_the_generator_writes_the_committed_files():
    """Every file in the folder comes from the generator, byte for byte."""
    committed = {path.name: path.read_bytes() for path in FOLDER.iterdir() if not path.name.startswith(".")}
    assert generate() == committed


def test_a_thousand_pupils_each_with_their_own_number(tables):
    """The four lists hold 1,000 good pupils; no PGN stands twice, all come from the ranges for tests."""
    numbers = Counter(row["pgn"] for row in rows(tables, "leerlingen"))
    assert len(numbers) == sum(numbers.values()) == PUPILS
    assert all(number.startswith(("99999", "1000")) for number in numbers)
    assert sum(sum(site.tracks.values()) for site in SITES) == PUPILS


def test_the_readme_counts_what_the_reader_finds(tables):
    """Rows, good and wrong per file; about one in a hundred is wrong, at least two in each school file."""
    readme = (FOLDER / "README.md").read_text()
    for name, table in tables.items():
        assert f"| `{name}.csv` | {table.received} | {len(table.rows)} | {len(table.bad_rows)} |" in readme
        assert len(table.bad_rows) >= (2 if "-" in name else 0)
    wrong = sum(len(table.bad_rows) for table in tables.values())
    assert 0.008 < wrong / sum(table.received for table in tables.values()) < 0.015


def test_files_go_wrong_in_several_ways(tables):
    """Unknown values as well as repeated rows wait in quarantine, each with exactly one fault."""
    bad = [row for table in tables.values() for row in table.bad_rows]
    assert {fault.code for row in bad for fault in row.faults} == {"invalid", "duplicate_row"}
    places = {fault.where.split("kolom ")[1] for row in bad for fault in row.faults}
    assert {"pgn", "geboortedatum", "gemeentecode", "statusdatum", "uitkomst", "soort"} <= places


def test_every_programme_has_one_level_that_the_track_leads_to(tables):
    """A choice names the level of its programme, and one that the pupil's track admits to."""
    track = {row["leerlingnummer"]: row["leerweg"] for row in rows(tables, "leerlingen")}
    for row in rows(tables, "keuzes"):
        assert int(row["niveau"]) == LEVEL_OF[row["crebo"]]
        assert int(row["niveau"]) in LEVELS[track[row["leerlingnummer"]]]
    assert {row["crebo"] for row in rows(tables, "aanmeldingen")} <= set(LEVEL_OF)


def test_shares_are_those_of_a_real_region(tables):
    """5-8 % has not applied by 1 April, 9-15 % lives outside the region, 9-15 % applies for something else."""
    pupils = {row["pgn"]: row for row in rows(tables, "leerlingen")}
    applied = {row["pgn"] for row in rows(tables, "aanmeldingen")}
    regions = Counter(load().region_of(row["gemeentecode"], date(2027, 1, 1)) for row in pupils.values())
    chosen = {(row["leerlingnummer"], row["crebo"]) for row in rows(tables, "keuzes")}
    programmes = {(row["pgn"], row["crebo"]) for row in rows(tables, "aanmeldingen") if row["pgn"] in pupils}
    other = [crebo for pgn, crebo in programmes if (pupils[pgn]["leerlingnummer"], crebo) not in chosen]
    assert 0.05 <= len(pupils.keys() - applied) / PUPILS <= 0.08
    assert 0.09 <= 1 - regions["19"] / PUPILS <= 0.15
    assert 0.09 <= len(other) / len(pupils.keys() & applied) <= 0.15
    assert len(applied - pupils.keys()) == 40


def test_versions_of_an_application_rise_with_time(tables):
    """Each application begins with SUBMITTED; versions count from 1 in order of date."""
    statuses = defaultdict(list)
    for row in rows(tables, "aanmeldingen"):
        statuses[row["aanmelding_id"]].append((int(row["versie"]), row["statusdatum"], row["status"]))
    for found in statuses.values():
        found.sort()
        assert [version for version, _, _ in found] == list(range(1, len(found) + 1))
        assert [day for _, day, _ in found] == sorted(day for _, day, _ in found)
        assert found[0][2] == "SUBMITTED"


def test_a_dossier_is_handed_over_only_where_an_application_was_received(tables):
    """On the day of a handover the institution has told that it received the pupil's application."""
    number = {row["leerlingnummer"]: row["pgn"] for row in rows(tables, "leerlingen")}
    for site, day in HANDOVER_DAYS.items():
        told = {
            (row["pgn"], row["mbo_brin"])
            for delivery in deliveries()
            if delivery.kind == "aanmeldingen" and delivery.day < day
            for row in kind_of("aanmeldingen").read(delivery.data).rows
            if row["status"] == "RECEIVED"
        }
        assert {(number[r["leerlingnummer"]], r["mbo_brin"]) for r in tables[f"overdrachten-{site}"].rows} <= told


def test_everybody_named_can_be_reached(tables):
    """Mentors, deputies and municipalities of pupils are known contacts; every contact has a deputy."""
    contacts = rows(tables, "contactpersonen")
    known = {(row["organisatie"], row["email"]) for row in contacts}
    organisations = {row["code"]: row["regio"] for row in rows(tables, "organisaties")}
    leerplicht = {row["organisatie"] for row in contacts if row["rol"] == "leerplicht"}
    assert len({row["email"] for row in contacts}) == len(contacts)
    assert all((row["organisatie"], row["plaatsvervanger_email"]) in known for row in contacts)
    for row in rows(tables, "leerlingen"):
        assert (row["brin_vestiging"], row["mentor_email"]) in known
        assert (row["brin_vestiging"], row["plaatsvervanger_email"]) in known
        assert row["gemeentecode"] in leerplicht
        assert organisations[row["gemeentecode"]] in organisations


def test_deliveries_together_are_the_files(tables):
    """Cut by date, no row is lost or doubled; senders, contacts and pupils come first."""
    received = Counter()
    found = deliveries()
    for delivery in found:
        name = "-".join(filter(None, (delivery.kind, delivery.organisation)))
        received[name] += kind_of(delivery.kind).read(delivery.data).received
    assert received == {name: table.received for name, table in tables.items()}
    assert [delivery.kind for delivery in found][:3] == ["organisaties", "contactpersonen", "leerlingen"]
    assert [delivery.day for delivery in found] == sorted(delivery.day for delivery in found)


@pytest.mark.parametrize(
    "name",
    [
        *("leerlingen", "keuzes", "aanmeldingen", "intakes", "overdrachten", "organisaties", "contactpersonen"),
        "afwezigheid",
        *(kind.name for kind in (*students.KINDS, *transfer.KINDS, *year_end.KINDS)),
        "aanmeldexport",
    ],
)
def test_the_page_describes_every_column_in_order(name):
    """docs/csv.md lists each column, whether it is filled, and a sample that reads without a fault."""
    kind = kind_of(name)
    section = next(part for part in DOCS.read_text().split("\n## ") if part.splitlines()[0].endswith(f"`{name}`"))
    listed = re.findall(r"^\| `(\w+)` \| (yes|no) \|", section, re.MULTILINE)
    assert listed == [(column.name, "yes" if column.required else "no") for column in kind.columns]
    sample = kind.read(section.split("```")[1].strip().encode())
    assert (sample.received, sample.faults) == (2, ())
