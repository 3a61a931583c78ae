"""Files of a school without a coupling: exam results and other routes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.dossier.domain import exams, routes
from services.dossier.domain.exams import Exam, exam_state
from services.dossier.domain.routes import Command, Route, route_state
from services.dossier.handlers.lists import Row, require_own_file
from services.dossier.store import year_end
from shared.core.actor import Actor
from shared.core.errors import Fault, IllegalMove, Invalid
from shared.schemas.envelope import BadRow, Draft, Outcome
from shared.schemas.imports import Fates
from shared.storage.pool import Connection

EXAM_COLUMNS = {"/track": "leerweg_diploma", "/decided_on": "uitslagdatum", "/result": "uitslag"}
ROUTE_COLUMNS = {"/until": "tot", "/evidence": "bewijs"}
"""Place of a fault → column of the file."""


@dataclass(frozen=True, slots=True)
class ImportExams:
    """Exam results of pupils of one vo site; what is not in it stays."""

    vo_site: str
    rows: tuple[Row[Exam], ...]
    bad_rows: tuple[BadRow, ...] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [row.value.pupil_ref for row in self.rows]


@dataclass(frozen=True, slots=True)
class RouteTold:
    """What a row says about the other route of a pupil."""

    route: Route
    command: Command
    evidence: str | None


@dataclass(frozen=True, slots=True)
class ImportRoutes:
    """Other routes of pupils of one vo site; what is not in it stays."""

    vo_site: str
    rows: tuple[Row[RouteTold], ...]
    bad_rows: tuple[BadRow, ...] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [row.value.route.pupil_ref for row in self.rows]


async def import_exams(conn: Connection, command: ImportExams, actor: Actor, now: datetime) -> Outcome:
    """Record the results of a file; a result that is known already changes nothing."""
    require_own_file(actor, command.vo_site)
    held = await year_end.exams(conn, command.vo_site, command.subjects, lock=True)
    bad, changed = [*command.bad_rows], []
    for row in command.rows:
        wanted = row.value
        before = held.get((wanted.pupil_ref, wanted.cohort))
        if exams.same(before, wanted):
            continue
        try:
            changed.append(exams.recorded(before, wanted, actor.role, now))
        except Invalid as error:
            bad.append(row.refused(error.faults, EXAM_COLUMNS, wanted.pupil_ref))
    await year_end.save_exams(conn, changed)
    drafts = [Draft(exam.pupil_ref, exam_state(exam, now)) for exam in changed]
    refused = len(bad) - len(command.bad_rows)
    known = len(command.rows) - len(changed) - refused
    return Fates("file:exam-results", bad, len(changed), known, events=drafts).outcome()


async def import_routes(conn: Connection, command: ImportRoutes, actor: Actor, now: datetime) -> Outcome:
    """Bring every route of a file where it says; a route that is there already changes nothing."""
    require_own_file(actor, command.vo_site)
    held = await year_end.routes(conn, command.vo_site, command.subjects, lock=True)
    bad, changed = [*command.bad_rows], []
    for row in command.rows:
        told = row.value
        before = held.get((told.route.pupil_ref, told.route.cohort))
        try:
            after = _brought(before, told, actor.role, now)
        except Invalid as error:
            bad.append(row.refused(error.faults, ROUTE_COLUMNS, told.route.pupil_ref))
        except IllegalMove as error:
            expected = f"een stand die nu kan: de route is {error.state}"
            bad.append(row.refused([Fault("routestand", expected, "illegal_move")], {}, told.route.pupil_ref))
        else:
            changed += [] if after is None or after is before else [after]
    await year_end.save_routes(conn, changed)
    drafts = [Draft(route.pupil_ref, route_state(route, now)) for route in changed]
    refused = len(bad) - len(command.bad_rows)
    known = len(command.rows) - len(changed) - refused
    return Fates("file:routes", bad, len(changed), known, events=drafts).outcome()


def _brought(before: Route | None, told: RouteTold, role: str, now: datetime) -> Route | None:
    """The route after what the row says; None or the same one when nothing changes."""
    if told.command == "withdraw":
        return before if before is None or before.status == "withdrawn" else routes.withdraw(before, role, now)
    stands = before is not None and before.status != "withdrawn" and routes.same(before, told.route)
    route = before if stands and before else routes.register(before, told.route, role, now)
    if told.command == "register" or route.status == "confirmed":
        return route
    return routes.confirm(route, told.evidence, role, now)
