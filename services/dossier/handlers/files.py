"""From a CSV file to a command. The personal number becomes a reference and a sealed value here, at the edge."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal, TypeVar, cast

from services.dossier import store
from services.dossier.domain.exams import Exam, Result
from services.dossier.domain.pupils import Choice, Pupil
from services.dossier.domain.routes import Command, Route
from services.dossier.domain.talks import Status
from services.dossier.domain.transfer import How, Information, SectionState, Whom
from services.dossier.handlers.choices import choice_id
from services.dossier.handlers.handovers import Offer
from services.dossier.handlers.lists import (
    ImportChoices,
    ImportHandovers,
    ImportPupils,
    Row,
    import_choices,
    import_handovers,
    import_pupils,
)
from services.dossier.handlers.talks.lists import ImportTalks, TalkTold, import_talks
from services.dossier.handlers.transfer.lists import (
    ImportInformation,
    ImportSections,
    Told,
    import_information,
    import_sections,
)
from services.dossier.handlers.year_end.lists import (
    ImportExams,
    ImportRoutes,
    RouteTold,
    import_exams,
    import_routes,
)
from shared.core import reference, tabular
from shared.core.clock import AMSTERDAM
from shared.core.errors import Invalid
from shared.core.ids import opaque_ref
from shared.core.keys import Keys
from shared.core.tabular import kinds, transfer, year_end
from shared.schemas.dossiers import Track
from shared.schemas.envelope import BadRow
from shared.storage.pool import Connection

T = TypeVar("T")
Cells = Mapping[str, str]
KINDS: dict[str, Literal["cold", "warm"]] = {"koud": "cold", "warm": "warm"}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was sent."""

    data: bytes
    keys: Keys
    today: date
    """Municipalities are checked as they are on this day."""
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of one vo site, read: rows that are good so far, and bad ones ready for quarantine."""

    vo_site: str
    cohort: int
    rows: tuple[Row[Cells], ...]
    bad: tuple[tuple[BadRow, Cells], ...]
    """With the cells of it that can be read."""

    def number(self, cells: Cells) -> tuple[int, str] | None:
        """Cohort and number by which the school names its own pupil; None when a row does not tell."""
        site, cohort, number = (cells.get(name) for name in ("brin_vestiging", "cohort", "leerlingnummer"))
        return (int(cohort), number) if site == self.vo_site and cohort and number else None

    @property
    def numbers(self) -> set[tuple[int, str]]:
        """The own pupils it names."""
        found = (self.number(cells) for cells in (*(row.value for row in self.rows), *(cells for _, cells in self.bad)))
        return {number for number in found if number}

    def bad_rows(self, whom: Callable[[Cells], str | None]) -> tuple[BadRow, ...]:
        """The bad rows for quarantine, each with the pupil it is about where that can be read."""
        return tuple(replace(row, subject=whom(cells)) for row, cells in self.bad)


def open_sheet(kind: kinds.FileKind, data: bytes, vo_site: str) -> Sheet:
    """Read a file. Raises `Invalid` when nothing of it can be used.

    A row of another site, or of another cohort than most of the file, is bad.
    """
    table = kind.read(data)
    if table.refused:
        raise Invalid(table.file_faults)
    bad = [(BadRow(row.place, row.reason, row.faults, table.again(row)), row.values) for row in table.bad_rows]
    years = Counter(row["cohort"] for row in table.rows)
    cohort = years.most_common(1)[0][0] if years else "0"
    good = []
    for found in table.rows:
        row = Row(found.line, found.values, tabular.again(found.values))
        if found["brin_vestiging"] != vo_site:
            bad.append((row.bad(f"de eigen vestiging {vo_site}", "other_site", "brin_vestiging"), found.values))
        elif found["cohort"] != cohort:
            expected = f"cohort {cohort}, zoals in de rest van het bestand"
            bad.append((row.bad(expected, "other_cohort", "cohort"), found.values))
        else:
            good.append(row)
    return Sheet(vo_site, int(cohort), tuple(good), tuple(bad))


async def pupil_list(_conn: Connection, file: File, vo_site: str) -> ImportPupils:
    """The full list of a site."""
    sheet = open_sheet(kinds.pupils(reference.load(), file.today), file.data, vo_site)
    rows = tuple(Row(row.line, _pupil(file.keys, sheet, row.value), row.payload) for row in sheet.rows)
    bad = sheet.bad_rows(lambda cells: file.keys.pupil_ref(cells["pgn"]) if "pgn" in cells else None)
    return ImportPupils(vo_site, sheet.cohort, rows, bad, _cells(bad), file.confirm)


def _pupil(keys: Keys, sheet: Sheet, cells: Cells) -> Pupil:
    return Pupil(
        pupil_ref=keys.pupil_ref(cells["pgn"]),
        cohort=sheet.cohort,
        vo_site=sheet.vo_site,
        number=cells["leerlingnummer"],
        first_name=cells["roepnaam"],
        prefix=cells["tussenvoegsel"],
        last_name=cells["achternaam"],
        birth_date=date.fromisoformat(cells["geboortedatum"]),
        postcode=cells["postcode"],
        municipality=cells["gemeentecode"] or None,
        basic_qualification=cells["startkwalificatie"] == "J",
        track=cast(Track, cells["leerweg"]),
        class_name=cells["klas"],
        mentor=_person(cells["mentor_email"]),
        deputy=_person(cells["plaatsvervanger_email"]),
        pgn=keys.seal(cells["pgn"]),
    )


def _person(email: str) -> str | None:
    return opaque_ref("person", email.lower()) if email else None


def _cells(bad_rows: Iterable[BadRow]) -> frozenset[str]:
    """Everything that stands in bad rows, however badly: who is named there is not absent."""
    lines = (row.payload.partition("\n")[2] for row in bad_rows)
    return frozenset(cell.strip().strip('"') for line in lines for cell in line.replace(",", ";").split(";"))


async def choice_list(conn: Connection, file: File, vo_site: str) -> ImportChoices:
    """Choices of pupils of a site."""
    rows, bad = await _of_known_pupils(conn, open_sheet(kinds.CHOICES, file.data, vo_site), _choice)
    return ImportChoices(vo_site, rows, bad)


def _choice(sheet: Sheet, ref: str, cells: Cells) -> Choice:
    place = (ref, sheet.cohort, cells["mbo_brin"], cells["crebo"])
    return Choice(
        choice_id(*place),
        ref,
        sheet.cohort,
        sheet.vo_site,
        cells["mbo_brin"],
        cells["crebo"],
        level=int(cells["niveau"]),
        pathway="bol" if cells["leerroute"] == "BOL" else "bbl",
        preference=int(cells["voorkeur"]),
        start=date.fromisoformat(cells["startdatum"]) if cells["startdatum"] else None,
    )


async def handover_list(conn: Connection, file: File, vo_site: str) -> ImportHandovers:
    """Dossiers that a site offers."""
    rows, bad = await _of_known_pupils(conn, open_sheet(kinds.HANDOVERS, file.data, vo_site), _offer)
    return ImportHandovers(vo_site, rows, bad)


def _offer(sheet: Sheet, ref: str, cells: Cells) -> Offer:
    return Offer(ref, sheet.cohort, cells["mbo_brin"], KINDS[cells["soort"]])


async def _of_known_pupils(
    conn: Connection, sheet: Sheet, value: Callable[[Sheet, str, Cells], T]
) -> tuple[tuple[Row[T], ...], tuple[BadRow, ...]]:
    """The rows about pupils of the pupil list; the others are bad."""
    refs = await store.refs_by_number(conn, sheet.vo_site, sheet.numbers)

    def whom(cells: Cells) -> str | None:
        number = sheet.number(cells)
        return refs.get(number) if number else None

    good: list[Row[T]] = []
    bad = list(sheet.bad_rows(whom))
    for row in sheet.rows:
        ref = whom(row.value)
        if ref is None:
            bad.append(row.bad("een leerling van de leerlingenlijst van dit cohort", "unknown_pupil", "leerlingnummer"))
        else:
            good.append(Row(row.line, value(sheet, ref, row.value), row.payload))
    return tuple(good), tuple(bad)


async def section_list(conn: Connection, file: File, vo_site: str) -> ImportSections:
    """What dossiers of a site hold."""
    sheet = open_sheet(transfer.DOSSIERS, file.data, vo_site)
    rows, bad = await _of_known_pupils(conn, sheet, _told)
    return ImportSections(vo_site, sheet.cohort, rows, bad)


def _told(_sheet: Sheet, ref: str, cells: Cells) -> Told:
    state = SectionState.COMPLETE if cells["aanwezig"] == "J" else SectionState.NOT_PRESENT
    return Told(ref, cells["onderdeel"], state, cells["tekst"])


async def information_list(conn: Connection, file: File, vo_site: str) -> ImportInformation:
    """Which families a site told what leaves."""
    sheet = open_sheet(transfer.INFORMED, file.data, vo_site)
    rows, bad = await _of_known_pupils(conn, sheet, _information)
    return ImportInformation(vo_site, sheet.cohort, rows, bad)


def _information(sheet: Sheet, ref: str, cells: Cells) -> Information:
    whom, how = transfer.WHOM[cells["wie"]], transfer.HOW[cells["hoe"]]
    day = date.fromisoformat(cells["geinformeerd_op"])
    return Information(ref, sheet.cohort, sheet.vo_site, day, cast(Whom, whom), cast(How, how))


async def exam_list(conn: Connection, file: File, vo_site: str) -> ImportExams:
    """Exam results of pupils of a site."""
    rows, bad = await _of_known_pupils(conn, open_sheet(year_end.EXAM_LIST, file.data, vo_site), _exam)
    return ImportExams(vo_site, rows, bad)


def _exam(sheet: Sheet, ref: str, cells: Cells) -> Exam:
    result = cast(Result, year_end.RESULTS[cells["uitslag"]])
    track = cast(Track | None, cells["leerweg_diploma"] or None)
    day = date.fromisoformat(cells["uitslagdatum"])
    return Exam(ref, sheet.cohort, sheet.vo_site, result, track, int(cells["tijdvak"]), day)


async def route_list(conn: Connection, file: File, vo_site: str) -> ImportRoutes:
    """Other routes of pupils of a site."""
    rows, bad = await _of_known_pupils(conn, open_sheet(year_end.ROUTE_LIST, file.data, vo_site), _route)
    return ImportRoutes(vo_site, rows, bad)


def _route(sheet: Sheet, ref: str, cells: Cells) -> RouteTold:
    until = date.fromisoformat(cells["tot"]) if cells["tot"] else None
    route = Route(ref, sheet.cohort, sheet.vo_site, cells["route"], date.fromisoformat(cells["vanaf"]), until)
    return RouteTold(route, cast(Command, year_end.ROUTES[cells["routestand"]]), cells["bewijs"] or None)


async def talk_list(conn: Connection, file: File, vo_site: str) -> ImportTalks:
    """Talks of a site with institutions."""
    rows, bad = await _of_known_pupils(conn, open_sheet(year_end.TALK_LIST, file.data, vo_site), _talk)
    return ImportTalks(vo_site, rows, bad)


def _talk(sheet: Sheet, ref: str, cells: Cells) -> TalkTold:
    moment = cells["gespreksmoment"]
    return TalkTold(
        ref,
        sheet.cohort,
        cells["mbo_brin"],
        cast(Status, year_end.TALKS[cells["gespreksstand"]]),
        datetime.fromisoformat(moment).replace(tzinfo=AMSTERDAM).astimezone(UTC) if moment else None,
        year_end.FORMS[cells["gespreksvorm"]] if cells["gespreksvorm"] else None,
        tuple(cells["deelnemers"].split()),
        _person(cells["vo_email"]),
        _person(cells["mbo_email"]),
        informed=cells["leerling_weet_ervan"] == "J",
        reason=cells["redencode"] or None,
    )


Reader = Callable[[Connection, File, str], Awaitable[Any]]
FILES: dict[str, tuple[Reader, Any]] = {
    "pupil-list": (pupil_list, import_pupils),
    "choices": (choice_list, import_choices),
    "handovers": (handover_list, import_handovers),
    "dossiers": (section_list, import_sections),
    "information": (information_list, import_information),
    "talks": (talk_list, import_talks),
    "exam-results": (exam_list, import_exams),
    "routes": (route_list, import_routes),
}
"""Kind of file: how it becomes a command, and who carries that out."""
