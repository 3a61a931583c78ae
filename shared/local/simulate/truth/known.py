"""What schools and institutions had told of one pupil, as docs/csv.md says that it counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from shared.core.clock import local_instant
from shared.local.sample.catalogue import PROGRAMMES
from shared.local.simulate.deeds import ACCEPT, CONCERN, OPEN, OWN, REFUSE, RESOLVE, Deed

STATUSES = ("SUBMITTED", "RECEIVED", "OFFERED", "ENROLLED", "REJECTED", "WITHDRAWN")
LIVE = {"SUBMITTED": "applied", "RECEIVED": "applied", "OFFERED": "placed", "ENROLLED": "enrolled"}
FIRST_DAYS = timedelta(days=100)
OPEN_REPORTS = ("geregistreerd", "in_behandeling")
REPORT_RANK = ("geregistreerd", "in_behandeling", "ter_kennisgeving", "afgesloten", "ingetrokken")
SWITCH_RANK = ("gemeld", "begonnen", "vervallen")
WRITTEN = 7
"""Categories of the closed list that the school writes."""
QUALIFYING = ("havo", "vwo")
LEVEL = {programme.crebo: programme.level for programme in PROGRAMMES}


@dataclass(frozen=True, slots=True)
class Path:
    """An application with its enrolment, as it stood."""

    id: str
    institution: str
    position: str
    """applied, placed, enrolled or started; empty: closed."""
    first_told: date
    """Date of its first status."""
    since: datetime
    """Of its present status, or of the end of the enrolment."""
    first_day: date
    """In class, or on which the student should have come; 1 August while nobody told."""
    began: date | None
    ended: date | None
    left_early: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A dossier that was offered."""

    offered: datetime
    opened: datetime | None = None
    answered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Another way than the mbo."""

    name: str
    confirmed: bool
    until: date | None


@dataclass(frozen=True)
class Known:
    """Everything at one instant."""

    expected: bool = False
    listed: bool = False
    """On the newest list of the school, or never on any."""
    track: str = ""
    born: date | None = None
    home: str = ""
    qualified: bool = False
    paths: tuple[Path, ...] = ()
    levels: tuple[int, ...] = ()
    """Of the choices that stand."""
    complete: bool = False
    """The dossier."""
    exam: tuple[str, str, date] | None = None
    """passed or failed, the track obtained, and the day."""
    route: Route | None = None
    offers: dict[str, Offer] = field(default_factory=dict)
    """By institution."""
    talks: frozenset[str] = frozenset()
    """Institutions with which a talk was asked for and not held."""
    absences: frozenset[str] = frozenset()
    """Numbers of the reports that stand."""
    switches: frozenset[tuple[str, str]] = frozenset()
    """Switch and institution, where it was registered in the first hundred days and has not begun."""
    concerns: frozenset[str] = frozenset()
    """Reasons of those that nobody resolved."""

    @property
    def live(self) -> list[Path]:
        return [path for path in self.paths if path.position]

    @property
    def enrolments(self) -> list[Path]:
        return [path for path in self.paths if path.position in ("enrolled", "started")]


def known(deeds: Sequence[Deed], lists: Sequence[datetime], cohort: int) -> Known:
    """What follows from these deeds, in order of time, and the instants of the full lists until then."""
    rows: dict[str, list[dict[str, str]]] = {}
    for deed in deeds:
        rows.setdefault(deed.kind, []).append(deed.row)
    on_list = [deed for deed in deeds if deed.kind == "leerlingen"]
    paths = tuple(_paths(rows, cohort))
    exam = _exam(rows)
    told: dict[str, str] = on_list[-1].row if on_list else next(iter(rows.get("aanmeldingen", [])), {})
    return Known(
        expected=bool(on_list),
        listed=not on_list or on_list[-1].at == lists[-1],
        track=told.get("leerweg", ""),
        born=date.fromisoformat(told["geboortedatum"]) if told else None,
        home=told.get("gemeentecode", ""),
        qualified=told.get("startkwalificatie") == "J" or bool(exam and exam[0] == "passed" and exam[1] in QUALIFYING),
        paths=paths,
        levels=_levels(rows),
        complete=OWN in rows and len({row["onderdeel"] for row in rows.get("dossiers", [])}) == WRITTEN,
        exam=exam,
        route=_route(rows),
        offers=_offers(deeds),
        talks=_talks(rows),
        absences=_absences(rows),
        switches=_switches(rows, paths),
        concerns=_concerns(rows),
    )


Rows = dict[str, list[dict[str, str]]]


def _last(
    rows: Iterable[dict[str, str]], key: str, ranked: tuple[str, ...] = (), by: str = ""
) -> Iterator[dict[str, str]]:
    """Of each key the row that counts: the last by `geregistreerd_op`, then by rank, then as it came in."""
    found: dict[str, dict[str, str]] = {}
    order: dict[str, tuple[str, int]] = {}
    for row in rows:
        weight = (row["geregistreerd_op"], ranked.index(row[by]) if by else 0)
        if row[key] not in found or weight >= order[row[key]]:
            found[row[key]], order[row[key]] = row, weight
    yield from found.values()


def _paths(rows: Rows, cohort: int) -> Iterator[Path]:
    ends = {row["aanmelding_id"]: row for row in _last(rows.get("uitschrijvingen", []), "aanmelding_id")}
    starts = {
        row["aanmelding_id"]: row for row in _last(rows.get("starters", []), "aanmelding_id", ("N", "J"), "gestart")
    }
    outcomes = {row["aanmelding_id"]: row["uitkomst"] for row in rows.get("intakes", [])}
    of: dict[str, list[dict[str, str]]] = {}
    for row in rows.get("aanmeldingen", []):
        of.setdefault(row["aanmelding_id"], []).append(row)
    for key, told in of.items():
        present = max(told, key=lambda row: (row["statusdatum"], STATUSES.index(row["status"])))
        yield _path(told, present, (outcomes.get(key, ""), starts.get(key), ends.get(key)), cohort)


def _path(
    told: list[dict[str, str]],
    present: dict[str, str],
    more: tuple[str, dict[str, str] | None, dict[str, str] | None],
    cohort: int,
) -> Path:
    outcome, start, end = more
    position = LIVE.get(present["status"], "")
    if position == "applied":
        position = {"placed": "placed", "provisional": "placed", "rejected": ""}.get(outcome, position)
    if start and position and not end:
        position = "started" if start["gestart"] == "J" else "enrolled"
    first_day = date.fromisoformat(start["eerste_dag"]) if start else date(cohort, 8, 1)
    ended = date.fromisoformat(end["einddatum"]) if end else None
    without = bool(end and end["diploma"] == "N" and end["bestemming"] != "deceased")
    return Path(
        present["aanmelding_id"],
        present["mbo_brin"],
        "" if end else position,
        min(date.fromisoformat(row["statusdatum"]) for row in told),
        local_instant(ended or date.fromisoformat(present["statusdatum"])),
        first_day,
        first_day if start and (end or position == "started") else None,
        ended,
        bool(start and ended and without and ended < first_day + FIRST_DAYS),
    )


def _levels(rows: Rows) -> tuple[int, ...]:
    choices = {(row["mbo_brin"], row["crebo"]): int(row["niveau"]) for row in rows.get("keuzes", [])}
    return tuple(sorted(set(choices.values())))


def _exam(rows: Rows) -> tuple[str, str, date] | None:
    result = {"geslaagd": "passed", "gezakt": "failed"}
    row = next(reversed(rows.get("uitslagen", [])), None)
    if row is None or row["uitslag"] not in result:
        return None
    return result[row["uitslag"]], row["leerweg_diploma"], date.fromisoformat(row["uitslagdatum"])


def _route(rows: Rows) -> Route | None:
    row = next(reversed(rows.get("routes", [])), None)
    if row is None or row["routestand"] == "ingetrokken":
        return None
    return Route(row["route"], row["routestand"] == "bevestigd", date.fromisoformat(row["tot"]) if row["tot"] else None)


def _offers(deeds: Sequence[Deed]) -> dict[str, Offer]:
    """Of each institution the first."""

    def step(institution: str, *kinds: str) -> datetime | None:
        return next((d.at for d in deeds if d.kind in kinds and d.sender == institution), None)

    offered: dict[str, datetime] = {}
    for deed in deeds:
        if deed.kind == "overdrachten":
            offered.setdefault(deed.row["mbo_brin"], deed.at)
    return {to: Offer(at, step(to, OPEN), step(to, ACCEPT, REFUSE)) for to, at in offered.items()}


def _talks(rows: Rows) -> frozenset[str]:
    asked = {row["mbo_brin"] for row in rows.get("overdrachten", []) if row["soort"] == "warm"}
    held = {row["mbo_brin"] for row in rows.get("gesprekken", []) if row["gespreksstand"] == "gehouden"}
    return frozenset((asked | {row["mbo_brin"] for row in rows.get("gesprekken", [])}) - held)


def _absences(rows: Rows) -> frozenset[str]:
    told = _last(rows.get("verzuim", []), "meldingsnummer", REPORT_RANK, "meldingstatus")
    return frozenset(row["meldingsnummer"] for row in told if row["meldingstatus"] in OPEN_REPORTS)


def _switches(rows: Rows, paths: Iterable[Path]) -> frozenset[tuple[str, str]]:
    began = {path.id: path.began for path in paths}

    def soon(row: dict[str, str]) -> bool:
        since = began.get(row["aanmelding_id"])
        return since is not None and date.fromisoformat(row["wisseldatum"]) < since + FIRST_DAYS

    told = _last(rows.get("wissels", []), "wissel_id", SWITCH_RANK, "wisselstatus")
    return frozenset((r["wissel_id"], r["mbo_brin"]) for r in told if r["wisselstatus"] == "gemeld" and soon(r))


def _concerns(rows: Rows) -> frozenset[str]:
    raised = [row["reason"] for row in rows.get(CONCERN, [])]
    return frozenset(set(raised) - {row["reason"] for row in rows.get(RESOLVE, [])})
