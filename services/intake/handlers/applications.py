"""What an institution received and decided: rows of statuses, from a file or one by one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

from services.intake import store
from services.intake.domain import application as applying
from services.intake.domain.application import CHAIN, HERE, Channel, Fact
from services.intake.handlers.receipts import OTHER_INSTITUTION, OTHER_PUPIL, Line
from services.intake.store import Application, Person, Resolved
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid
from shared.core.ids import opaque_ref
from shared.schemas.envelope import BadRow, Draft, Outcome
from shared.schemas.imports import Fates
from shared.schemas.intakes import ApplicationStatus, ApplicationStatusChanged, Pathway
from shared.schemas.pupils import PupilRecorded
from shared.storage.pool import Connection

DOORS: Mapping[str, Literal["api", "page"]] = {"api": "api", f"{HERE}-api": "api", f"{HERE}-page": "page"}


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One status of one application, with who applied."""

    line: Line
    institution: str
    own_id: str
    """The institution's own key of the application."""
    pupil_ref: str
    person: Person
    programme: str
    pathway: Pathway
    status: ApplicationStatus
    at: datetime
    version: int

    def fact(self, channel: Channel, now: datetime) -> Fact:
        """What this row says, as told now. The institution's key of the application is the row of its source."""
        return Fact(channel, self.own_id, self.version, self.programme, self.pathway, self.status, self.at, now)


@dataclass(frozen=True, slots=True)
class RecordStatuses:
    """Rows of statuses that came in together."""

    entrance: str
    channel: Channel
    rows: Sequence[StatusRow]
    bad_rows: Sequence[BadRow] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [row.pupil_ref for row in self.rows]


async def record_statuses(conn: Connection, command: RecordStatuses, actor: Actor, now: datetime) -> Outcome:
    """Take in statuses: facts are kept, an application whose present state changes is told. Rows of erased pupils
    are skipped; wrong rows are set aside. The value is an `ImportResult`."""
    fates = Fates(command.entrance, list(command.bad_rows))
    await store.hold_links(conn)
    standing = await store.resolve(conn, command.subjects)
    known = await store.applications(conn, actor.organisation, (row.own_id for row in command.rows))
    rows = _sift(command.rows, actor.organisation, standing, known, fates)
    before = await store.facts(conn, actor.organisation, (a.application_id for a in known.values()))
    moved, told = [], []
    for own_id, of_one in _by_own_id(rows).items():
        earlier = known.get(own_id)
        application_id = opaque_ref("application", actor.organisation, own_id)
        facts = before.get(application_id, [])
        news = _news(facts, [row.fact(command.channel, now) for row in of_one], fates)
        told += [(application_id, fact) for fact in news]
        pupil_ref = standing[of_one[0].pupil_ref].pupil_ref
        state = state_of(application_id, own_id, pupil_ref, [*facts, *news])
        state = replace(state, shadow=earlier.shadow) if earlier else state
        if state != earlier:
            moved.append(state)
    await store.save_applications(conn, actor.organisation, moved)
    await store.add_facts(conn, actor.organisation, told)
    fates.events += await _people(conn, rows, standing, actor.organisation, now)
    fates.events += [changed(state, actor.organisation) for state in moved]
    return fates.outcome()


async def record_status(conn: Connection, command: RecordStatuses, actor: Actor, now: datetime) -> Outcome:
    """The same for one row that somebody waits for: raises `Invalid` instead of setting it aside. The value is the
    application_id."""
    outcome = await record_statuses(conn, command, actor, now)
    if outcome.bad_rows:
        raise Invalid([Fault("/body/pgn", fault.expected, fault.code) for fault in outcome.bad_rows[0].faults])
    application_id = opaque_ref("application", actor.organisation, command.rows[0].own_id)
    return Outcome(outcome.events, receipt=outcome.receipt, value=application_id)


def _sift(
    rows: Sequence[StatusRow],
    institution: str,
    standing: Mapping[str, Resolved],
    known: Mapping[str, Application],
    fates: Fates,
) -> list[StatusRow]:
    """The rows that can be used. An application belongs to one pupil: the first who was told."""
    good, owner = [], {own_id: application.pupil_ref for own_id, application in known.items()}
    for row in rows:
        who = standing[row.pupil_ref]
        if row.institution != institution:
            fates.bad_rows.append(row.line.refuse(OTHER_INSTITUTION))
        elif who.erased:
            fates.skipped += 1
        elif owner.setdefault(row.own_id, who.pupil_ref) != who.pupil_ref:
            fates.bad_rows.append(row.line.refuse(OTHER_PUPIL))
        else:
            good.append(row)
    return good


def _by_own_id(rows: Sequence[StatusRow]) -> dict[str, list[StatusRow]]:
    grouped: dict[str, list[StatusRow]] = defaultdict(list)
    for row in rows:
        grouped[row.own_id].append(row)
    return grouped


def _news(known: Sequence[Fact], told: Sequence[Fact], fates: Fates) -> list[Fact]:
    """The facts with a key of their own. One that says what is already known is kept too, and counts as unchanged:
    its version may decide later."""
    keys, says = {fact.key for fact in known}, {fact.says for fact in known}
    fresh = []
    for fact in told:
        if fact.says in says or fact.key in keys:
            fates.unchanged += 1
        else:
            fates.applied += 1
        if fact.key not in keys:
            fresh.append(fact)
        keys.add(fact.key)
        says.add(fact.says)
    return fresh


def state_of(application_id: str, own_id: str, pupil_ref: str, facts: Sequence[Fact]) -> Application:
    """An application as its facts now make it."""
    now = applying.present(facts)
    return Application(
        application_id,
        own_id,
        pupil_ref,
        applying.cohort(facts),
        now.programme,
        now.pathway,
        now.status,
        now.at,
        f"{HERE}-{now.row_id}" if now.source_system == HERE else now.source_system,
        applying.start_of(facts),
        reason=now.reason,
        arrived_at=applying.known_since(facts),
    )


def changed(state: Application, institution: str) -> Draft:
    """Tell everybody how an application now is."""
    source = HERE if state.channel.startswith(HERE) else state.channel if state.channel in CHAIN else None
    return Draft(
        state.pupil_ref,
        ApplicationStatusChanged(
            occurred_at=state.status_at,
            application_id=state.application_id,
            cohort=state.cohort,
            mbo_institution=institution,
            programme=state.programme,
            pathway=cast(Pathway, state.pathway),
            status=state.status,
            status_at=state.status_at,
            channel=DOORS.get(state.channel, "csv"),
            arrived_at=state.arrived_at,
            source_system=source,
            start=state.start,
            reason=state.reason,
            shadow=state.shadow,
        ),
    )


async def _people(
    conn: Connection, rows: Sequence[StatusRow], standing: Mapping[str, Resolved], institution: str, now: datetime
) -> list[Draft]:
    """Pupils whom nobody told of before, and newer data of pupils whom this institution met first. What a school or
    another institution told stands."""
    newest: dict[str, StatusRow] = {}
    for row in sorted(rows, key=lambda row: (row.at, row.version)):
        newest[standing[row.pupil_ref].pupil_ref] = row
    known = {who.pupil_ref for who in standing.values() if who.known}
    own = await store.met_here(conn, institution, known & newest.keys())
    met = {
        ref: (row.person, row.at)
        for ref, row in newest.items()
        if ref not in known or (ref in own and own[ref][1] < row.at and own[ref][0] != row.person)
    }
    await store.meet_pupils(conn, institution, met)
    return [Draft(ref, PupilRecorded(occurred_at=now, **_fields(person))) for ref, (person, _) in met.items()]


def _fields(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in Person.__slots__}
