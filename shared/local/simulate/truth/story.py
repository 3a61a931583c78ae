"""What was known of one pupil at any instant: the deeds of the plan that had come in by then, read anew each time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from shared.core.reference.calendar import SchoolCalendar
from shared.local.simulate.deeds import ACCEPT, OPEN, REFUSE, Deed

QUIET = timedelta(seconds=60)
LIVE = ("SUBMITTED", "RECEIVED", "OFFERED", "ENROLLED")


@dataclass(frozen=True)
class Around:
    """What holds for every pupil of a region."""

    cohort: int
    calendar: SchoolCalendar
    """School days of the institutions."""


@dataclass(frozen=True, slots=True)
class Path:
    """An application as it stood at an instant."""

    id: str
    institution: str
    status: str
    ended: bool
    """Whether its enrolment ended."""
    started: str
    """First day in class; empty: not seen."""

    @property
    def live(self) -> bool:
        return self.status in LIVE and not self.ended


@dataclass(frozen=True, slots=True)
class Handover:
    """An offer with the instants of its steps; None: that never came."""

    institution: str
    offered: datetime
    opened: datetime | None
    accepted: datetime | None
    refused: datetime | None

    @property
    def answered(self) -> datetime | None:
        return min((at for at in (self.accepted, self.refused) if at), default=None)


@dataclass(frozen=True)
class Story:
    """The deeds about one pupil, in order of time."""

    pupil: str
    deeds: Sequence[Deed]
    around: Around

    def of(self, kind: str, until: datetime) -> Iterator[Deed]:
        """Rows of a kind that had come in."""
        return (deed for deed in self.deeds if deed.kind == kind and deed.at <= until)

    @cached_property
    def expected(self) -> datetime | None:
        """When the first list with this pupil came in."""
        return next((deed.at for deed in self.deeds if deed.kind == "leerlingen"), None)

    def paths(self, at: datetime) -> list[Path]:
        """Every application as it stood: of each the highest version, and what came of its enrolment."""
        newest: dict[str, dict[str, str]] = {}
        for deed in self.of("aanmeldingen", at):
            row = deed.row
            if int(row["versie"]) >= int(newest.get(row["aanmelding_id"], {"versie": "0"})["versie"]):
                newest[row["aanmelding_id"]] = row
        ended = {deed.row["aanmelding_id"] for deed in self.of("uitschrijvingen", at)}
        started = {
            row["aanmelding_id"]: row["eerste_dag"] if row["gestart"] == "J" else ""
            for row in (deed.row for deed in self.of("starters", at))
        }
        return [
            Path(key, row["mbo_brin"], row["status"], key in ended, started.get(key, "")) for key, row in newest.items()
        ]

    def live(self, at: datetime) -> list[Path]:
        """Applications that might still lead to a place, or had."""
        return [path for path in self.paths(at) if path.live]

    def elsewhere(self, at: datetime) -> bool:
        """Whether the school had told that the pupil goes another way."""
        told = [deed.row["routestand"] for deed in self.of("routes", at)]
        return bool(told) and told[-1] != "ingetrokken"

    def closed(self, at: datetime) -> bool:
        """Whether nothing was left to do: another way was confirmed, and no application lived."""
        told = [deed.row["routestand"] for deed in self.of("routes", at)]
        return bool(told) and told[-1] == "bevestigd" and not self.live(at)

    def instants(self, kinds: Iterable[str]) -> list[datetime]:
        """When anything of these kinds came in, each instant once."""
        wanted = frozenset(kinds)
        return sorted({deed.at for deed in self.deeds if deed.kind in wanted})

    @cached_property
    def handovers(self) -> list[Handover]:
        """The offers: of each institution the first."""
        offered: dict[str, datetime] = {}
        for deed in self.deeds:
            if deed.kind == "overdrachten":
                offered.setdefault(deed.row["mbo_brin"], deed.at)
        return [
            Handover(to, at, *(self._step(kind, to) for kind in (OPEN, ACCEPT, REFUSE))) for to, at in offered.items()
        ]

    def _step(self, kind: str, institution: str) -> datetime | None:
        return next((d.at for d in self.deeds if d.kind == kind and d.sender == institution), None)


def stories(deeds: Iterable[Deed], around: Around) -> Iterator[Story]:
    """The story of every pupil in these deeds; wrong rows are nobody's."""
    of: dict[str, list[Deed]] = {}
    for deed in deeds:
        if deed.pupil and not deed.bad:
            of.setdefault(deed.pupil, []).append(deed)
    for pupil, told in of.items():
        yield Story(pupil, sorted(told, key=lambda deed: deed.order), around)
