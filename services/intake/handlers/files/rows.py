"""Rows of files that tell steps: of intakes, enrolments, switches and absence. Order, repetition and split of files
make no difference to where things stand."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.intake import store
from services.intake.domain.absence import Absence
from services.intake.domain.application import ENDED, is_mbo
from services.intake.domain.intake import Result
from services.intake.domain.steps import Says, Step
from services.intake.handlers.enrolments import ABSENCES, ENROLMENTS, SWITCHES
from services.intake.handlers.intakes import intakes
from services.intake.handlers.receipts import OTHER_INSTITUTION, OTHER_PUPIL, Line
from services.intake.handlers.steps import Told, Topic, tell
from services.intake.store import Application, Resolved, steps
from services.intake.store.steps import Entity
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Fault
from shared.schemas.envelope import BadRow, Outcome
from shared.schemas.imports import Fates
from shared.storage.pool import Connection

OTHER_REPORT = Fault("meldingsnummer", "A number that no other application has", "other_application")
OTHER_EDUCATION = Fault("aanmelding_id", "An application for a programme of the mbo", "not_mbo")
UNKNOWN = Fault("aanmelding_id", "An application that your institution told of before", "unknown_application")
AFTER_END = Fault("intakedatum", "A date before the application was rejected or withdrawn", "application_ended")
Find = Callable[[Connection, str, datetime], Awaitable[Topic[Any]]]


def _always(topic: Topic[Any]) -> Find:
    async def find(_conn: Connection, _institution: str, _now: datetime) -> Topic[Any]:
        return topic

    return find


TOPICS: Mapping[Entity, Find] = {
    "intake": intakes,
    "enrolment": _always(ENROLMENTS),
    "switch": _always(SWITCHES),
    "absence": _always(ABSENCES),
}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One row: a step of one application."""

    line: Line
    institution: str
    own_id: str
    """The institution's own key of the application."""
    pupil_ref: str
    at: datetime
    says: Says
    key: str = ""
    """Of the switch or report of absence that it is about."""
    faults: tuple[Fault, ...] = ()
    """What is wrong with the row by itself."""


@dataclass(frozen=True, slots=True)
class RecordSteps:
    """Rows of one kind of entity that came in together."""

    entrance: str
    entity: Entity
    rows: Sequence[StepRow]
    bad_rows: Sequence[BadRow] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [row.pupil_ref for row in self.rows]


async def record_steps(conn: Connection, command: RecordSteps, actor: Actor, now: datetime) -> Outcome:
    """Take in rows. One that was told before is unchanged, also when somebody put it right since; rows of erased
    pupils are skipped, wrong ones set aside. The value is an `ImportResult`."""
    fates, institution = Fates(command.entrance, list(command.bad_rows)), actor.organisation
    await store.hold_links(conn)
    standing = await store.resolve(conn, command.subjects)
    known = await store.applications(conn, institution, (row.own_id for row in command.rows))
    before = await steps.steps(
        conn, institution, command.entity, [application.application_id for application in known.values()]
    )
    of_place: dict[tuple[str, str], list[StepRow]] = defaultdict(list)
    numbers = [row.key for row in command.rows if command.entity == "absence"]
    owners = await steps.absences(conn, institution, numbers) if numbers else {}
    for row in _usable(_Books(institution, standing, known, owners), command.rows, fates):
        of_place[row.own_id, row.key].append(row)
    told = []
    for (own_id, key), rows in of_place.items():
        earlier = before[known[own_id].application_id][key]
        if news := _news(earlier, rows, (now, actor.role.value), fates):
            told.append(Told(known[own_id], key, earlier, news))
    topic = await TOPICS[command.entity](conn, institution, now)
    fates.events = await tell(conn, actor, now, topic, told)
    return fates.outcome()


@dataclass(frozen=True, slots=True)
class _Books:
    """What an institution's rows are held against."""

    institution: str
    standing: Mapping[str, Resolved]
    known: Mapping[str, Application]
    owners: dict[str, str]
    """Number of a report of absence → the application that it is about."""

    def faults(self, row: StepRow) -> list[Fault]:
        """Everything wrong with a row. An intake held before its application ended is a fact, however late told."""
        if row.institution != self.institution:
            return [OTHER_INSTITUTION]
        application = self.known.get(row.own_id)
        if application is None:
            return [UNKNOWN]
        faults = list(row.faults)
        if not is_mbo(application.programme, application.pathway):
            faults.append(OTHER_EDUCATION)
        if application.pupil_ref != self.standing[row.pupil_ref].pupil_ref:
            faults.append(OTHER_PUPIL)
        ended = application.status in ENDED
        if ended and isinstance(row.says, Result) and row.says.held_on > civil_date(application.status_at):
            faults.append(AFTER_END)
        of = application.application_id
        if isinstance(row.says, Absence) and not faults and self.owners.setdefault(row.key, of) != of:
            faults.append(OTHER_REPORT)
        return faults


def _usable(books: _Books, rows: Sequence[StepRow], fates: Fates) -> Iterator[StepRow]:
    """The rows that can be taken in; the fate of the others is counted."""
    for row in rows:
        if books.standing[row.pupil_ref].erased:
            fates.skipped += 1
        elif faults := books.faults(row):
            fates.bad_rows.append(row.line.refuse(*faults))
        else:
            yield row


def _news(earlier: Sequence[Step], rows: Sequence[StepRow], by: tuple[datetime, str], fates: Fates) -> list[Step]:
    """A step for each row that was not told before; a result counts as told, whichever way it came."""
    seen: set[object] = {step.key for step in earlier}
    seen |= {step.says for step in earlier if isinstance(step.says, Result)}
    news: list[Step] = []
    for row in rows:
        if (row.at, row.says) in seen or row.says in seen:
            fates.unchanged += 1
            continue
        fates.applied += 1
        seen.add((row.at, row.says))
        news.append(Step(len(earlier) + len(news) + 1, row.at, by[0], "csv", by[1], row.says))
    return news
