"""What came out of an intake: recorded by a person or a system one by one, or told by a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.intake import store
from services.intake.domain.application import ENDED
from services.intake.domain.intake import INTAKE, Result, after_file, intake_state, result_faults
from services.intake.handlers.receipts import OTHER_INSTITUTION, OTHER_PUPIL, Line
from services.intake.store import Application, Resolved
from shared.core.actor import Actor
from shared.core.clock import civil_date, local_instant
from shared.core.errors import Fault, Invalid, NotFound
from shared.schemas.envelope import BadRow, Draft, Outcome
from shared.schemas.imports import Fates
from shared.schemas.intakes import IntakeDone
from shared.storage.pool import Connection

UNKNOWN = Fault("aanmelding_id", "An application that your institution told of before", "unknown_application")
AFTER_END = Fault("intakedatum", "A date before the application was rejected or withdrawn", "application_ended")
COLUMNS = {"held_on": "intakedatum", "outcome": "uitkomst", "reason": "redencode"}
"""Field of a result → column of the file."""


@dataclass(frozen=True, slots=True)
class RecordIntake:
    """The intake of an application was held, and this came out; also to correct it."""

    application_id: str
    pupil_ref: str
    result: Result

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def record_intake(conn: Connection, command: RecordIntake, actor: Actor, now: datetime) -> Outcome:
    """Record a result as the present one. The same again changes nothing.

    Raises `NotFound`, `IllegalMove` (the application has ended), `Forbidden` and `Invalid` (all faults, by field).
    """
    await store.hold_links(conn)
    institution, of = actor.organisation, command.application_id
    application = await store.application(conn, institution, of)
    if application is None:
        raise NotFound(f"application {of}")
    known = (await store.intakes(conn, institution, [of])).get(of)
    INTAKE.after(intake_state(application.status, known), "record", [actor.role])
    if faults := result_faults(command.result, civil_date(now)):
        raise Invalid(faults)
    if command.result == known:
        return Outcome()
    await store.save_results(conn, institution, now, {of: command.result}, [(of, command.result)])
    return Outcome([_done(application, command.result, institution)])


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One intake of a file."""

    line: Line
    institution: str
    own_id: str
    pupil_ref: str
    result: Result


@dataclass(frozen=True, slots=True)
class RecordResults:
    """Rows of intakes that came in together."""

    rows: Sequence[ResultRow]
    bad_rows: Sequence[BadRow] = ()
    entrance: str = "file:intakes"

    @property
    def subjects(self) -> Sequence[str]:
        return [row.pupil_ref for row in self.rows]


async def record_results(conn: Connection, command: RecordResults, actor: Actor, now: datetime) -> Outcome:
    """Take in intakes of a file. The newest intake of an application counts; a row that was told before is unchanged,
    also when somebody corrected it since. The value is an `ImportResult`."""
    fates, institution = Fates(command.entrance, list(command.bad_rows)), actor.organisation
    await store.hold_links(conn)
    standing = await store.resolve(conn, command.subjects)
    known = await store.applications(conn, institution, (row.own_id for row in command.rows))
    books = _Books(institution, standing, known, civil_date(now))
    of_id = {application.application_id: application for application in known.values()}
    before = await store.intakes(conn, institution, of_id)
    told = await store.results(conn, institution, of_id)
    present, news = dict(before), []
    for row in books.usable(command.rows, fates):
        of = known[row.own_id].application_id
        if row.result in told[of]:
            fates.unchanged += 1
            continue
        fates.applied += 1
        told[of].add(row.result)
        news.append((of, row.result))
        present[of] = after_file(present.get(of), row.result)
    changed = {of: result for of, result in present.items() if result != before.get(of)}
    await store.save_results(conn, institution, now, changed, news)
    fates.events = [_done(of_id[of], result, institution) for of, result in changed.items()]
    return fates.outcome()


@dataclass(frozen=True, slots=True)
class _Books:
    """What an institution's rows are held against."""

    institution: str
    standing: Mapping[str, Resolved]
    known: Mapping[str, Application]
    today: date

    def usable(self, rows: Sequence[ResultRow], fates: Fates) -> Iterator[ResultRow]:
        """The rows that can be taken in, by date of the intake; the fate of the others is counted."""
        for row in sorted(rows, key=lambda row: row.result.held_on):
            if self.standing[row.pupil_ref].erased:
                fates.skipped += 1
            elif faults := self.faults(row):
                fates.bad_rows.append(row.line.refuse(*faults))
            else:
                yield row

    def faults(self, row: ResultRow) -> list[Fault]:
        """Everything wrong with a row. An intake held before its application ended is a fact, however late told."""
        if row.institution != self.institution:
            return [OTHER_INSTITUTION]
        application = self.known.get(row.own_id)
        if application is None:
            return [UNKNOWN]
        faults = [replace(f, where=COLUMNS[f.where]) for f in result_faults(row.result, self.today)]
        if application.pupil_ref != self.standing[row.pupil_ref].pupil_ref:
            faults.append(OTHER_PUPIL)
        if application.status in ENDED and row.result.held_on > civil_date(application.status_at):
            faults.append(AFTER_END)
        return faults


def _done(application: Application, result: Result, institution: str) -> Draft:
    return Draft(
        application.pupil_ref,
        IntakeDone(
            occurred_at=local_instant(result.held_on),
            application_id=application.application_id,
            cohort=application.cohort,
            mbo_institution=institution,
            programme=application.programme,
            held_on=result.held_on,
            outcome=result.outcome,
            reason=result.reason,
        ),
    )
