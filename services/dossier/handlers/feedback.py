"""Feedback to the sending school: what it hears of single pupils, and figures, made on fixed days and protected as one
set."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from services.dossier.domain.feedback import ALL, HIDDEN, NESTED, Cell, Feedback, Figure, counted, feedback
from services.dossier.domain.pupils import Pupil
from services.dossier.handlers.sides import side_of
from services.dossier.store import feedback as kept
from services.dossier.store import history
from shared.core import reference
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date, local_instant
from shared.core.errors import Forbidden
from shared.core.ids import opaque_ref
from shared.core.protection import TOTAL, Row, Shown, hide
from shared.schemas.envelope import Outcome, Timer
from shared.storage.pool import Connection

FIGURES = "feedback-figures"
"""Kind of timer: a day on which the figures of a cohort are made. Its subject is the cohort, its key the day."""

Counts = Mapping[Figure, Mapping[str, int]]
"""Pupils per figure and school."""


def timers_of(cohort: int, now: datetime) -> list[Timer]:
    """The days to come on which the figures of a cohort are made, each as it begins."""
    days = {day: local_instant(day) for day in reference.load().feedback_figures(cohort)}
    return [Timer(FIGURES, str(cohort), day.isoformat(), at, date_rule=True) for day, at in days.items() if at > now]


async def make_figures(conn: Connection, timers: Sequence[Timer]) -> Outcome:
    """Make the figures of these cohorts as they were known when the day began. What was made before stays as it is."""
    for timer in timers:
        await _make(conn, int(timer.subject), timer.due_at)
    return Outcome()


async def _make(conn: Connection, cohort: int, now: datetime) -> None:
    taken = await kept.taken(conn, cohort, civil_date(now))
    regions: dict[str, list[str]] = defaultdict(list)
    for vo_site, region in await kept.schools(conn, cohort):
        if region not in taken:
            regions[region].append(vo_site)
    for region, sites in regions.items():
        pupils = await kept.counted(conn, sites, cohort)
        told = await kept.course(conn, [pupil.pupil_ref for pupil in pupils], cohort, now)
        known, heard = _empty(sites), _empty(sites)
        for pupil in pupils:
            course = told.get(pupil.pupil_ref, ())
            _add(known, pupil.vo_site, counted(course))
            # Of who it heard as a single pupil a school knows the number, small as it is.
            _add(heard, pupil.vo_site, counted([one for one in course if pupil.ends and one.at < pupil.ends]))
        earlier = [*await kept.earlier(conn, region, cohort, sites), _shown(heard)]
        made = kept.Made(opaque_ref("feedback", str(cohort), region, now.isoformat()), region, cohort, civil_date(now))
        await kept.add(conn, made, protected(known, earlier), now)


def _empty(sites: Iterable[str]) -> dict[Figure, dict[str, int]]:
    return {figure: dict.fromkeys(sites, 0) for figure in Figure}


def _add(counts: dict[Figure, dict[str, int]], vo_site: str, figures: Collection[Figure]) -> None:
    for figure in figures:
        counts[figure][vo_site] += 1


def _shown(counts: Counts) -> Shown:
    return {(figure.value, vo_site): n for figure, row in counts.items() for vo_site, n in row.items()}


def protected(counts: Counts, earlier: Sequence[Shown]) -> list[Cell]:
    """The figures of the schools of a region and of all of them together, as they may be seen beside what was shown
    earlier."""
    rows = [Row(f.value, dict(counts[f]), tuple(other.value for other in NESTED[f])) for f in Figure]
    hidden = hide(rows, earlier)
    return [
        Cell(row.name, ALL if place == TOTAL else place, HIDDEN if (row.name, place) in hidden else str(n))
        for row in rows
        for place, n in [(TOTAL, sum(row.counts.values())), *row.counts.items()]
    ]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a school hears of its single pupils today."""

    pupils: Sequence[tuple[Pupil, list[Feedback]]]
    """Those of whom it still hears, each with what was told, newest first. Nothing was told of the others yet."""
    ended: int
    """Pupils of whom it hears no more."""
    last_days: Mapping[int, date]
    """Cohort → last day on which it hears of a pupil who started in time."""


async def heard(conn: Connection, pupils: Iterable[Pupil], now: datetime) -> Heard:
    """What institutions told about these pupils of one school, as far as it still hears of them."""
    followed: list[tuple[Pupil, list[Feedback]]] = []
    ended, last_days = 0, {}
    for cohort, listed in groupby(sorted(pupils, key=lambda pupil: -pupil.cohort), attrgetter("cohort")):
        own = {pupil.pupil_ref: pupil for pupil in listed}
        ends = await kept.heard_until(conn, own, cohort)
        told = await history.told_to_us(conn, own, cohort, "application", "intake", "enrolment", "switch")
        followed += [(own[ref], feedback(told[ref])) for ref, end in ends.items() if now < end]
        ended += sum(end <= now for end in ends.values())
        if ends:
            last_days[cohort] = civil_date(min(ends.values()) - timedelta(seconds=1))
    return Heard(followed, ended, last_days)


LOB = "lob-"
"""Before the region in the organisation of a LOB contact."""


def readable(actor: Actor) -> tuple[str | None, str | None]:
    """Of which school, or else of which region, somebody reads the figures; `Forbidden` when of neither."""
    if side_of(actor) == "vo":
        return actor.organisation, None
    if actor.role is Role.REGION_COORDINATOR:
        return None, actor.organisation
    if actor.role is Role.LOB_CONTACT and actor.organisation.startswith(LOB):
        return None, actor.organisation.removeprefix(LOB)
    raise Forbidden("figures about former pupils are for their school, and for the region")


def published(cells: Sequence[Cell]) -> list[Cell]:
    """The figures with what is left between two of them: not started, and not told."""
    known = {(cell.figure, cell.vo_site): cell.value for cell in cells}
    sites = dict.fromkeys(cell.vo_site for cell in cells)
    between = {"not-started": (Figure.HEARD, Figure.STARTED), "not-told": (Figure.EXPECTED, Figure.HEARD)}
    left = [
        Cell(name, site, _less(known[whole, site], known[part, site]))
        for name, (whole, part) in between.items()
        for site in sites
    ]
    return [cell for cell in cells if cell.figure != Figure.HEARD] + left


def _less(whole: str, part: str) -> str:
    return HIDDEN if HIDDEN in (whole, part) else str(int(whole) - int(part))
