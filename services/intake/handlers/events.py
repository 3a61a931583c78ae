"""What others tell: who pupils are, what they choose, where their dossier stands, and who has them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.intake import store
from services.intake.handlers.applications import changed
from services.intake.store import exports
from shared.core.links import Link, survivors
from shared.schemas import alerts, coordination, dossiers, organisations
from shared.schemas.envelope import Draft, Event, EventData, Outcome
from shared.schemas.pupils import ErasureConfirmed, PupilErased, PupilLinked, PupilRecorded
from shared.storage.pool import Connection


async def handle(conn: Connection, events: Sequence[Event]) -> Outcome:
    """Apply a batch of events of any types: joined pupils first, then erasures, then each table once."""
    links = {(e.data.survivor, e.data.absorbed) for e in events if isinstance(e.data, PupilLinked)}
    erasures = [e for e in events if isinstance(e.data, PupilErased)]
    await store.hold_links(conn, alone=bool(links or erasures))
    gone, retold = await link(conn, links)
    for event in erasures:
        gone += await store.erase(conn, event.subject)
    standing = await store.resolve(conn, (event.subject for event in events))
    written = 0
    for table, told in _newest(events).items():
        rows = [
            HANDLERS[event.data.TYPE].row(event, standing[event.subject].pupil_ref)
            for event in told
            if not standing[event.subject].erased
        ]
        written += await store.save_told(conn, table, rows)
    joined = sum(isinstance(event.data, PupilLinked) for event in events)
    return Outcome(
        [*retold, *(_confirmed(event) for event in erasures)],
        erase=gone,
        unchanged=len(events) - joined - len(erasures) - written,
    )


async def link(conn: Connection, links: set[Link]) -> tuple[list[str], list[Draft]]:
    """Join references. Gives those erased because the one they stand for was, and the applications that are no
    shadow's any more, to be told under the pupil."""
    if not links:
        return [], []
    standing = await store.resolve(conn, {ref for pair in links for ref in pair})
    gone: list[str] = []
    for survivor, absorbed in sorted(links):
        if standing[survivor].erased:
            gone += await store.erase(conn, absorbed)
    alive = {pair for pair in links if not any(standing[ref].erased for ref in pair)}
    if not alive:
        return gone, []
    of_shadows = await exports.shadow_applications(conn, {ref for pair in alive for ref in pair})
    await store.move(conn, survivors(await store.add_links(conn, alive)))
    known = await exports.unshadowed(conn, of_shadows)
    return gone, [changed(state, institution) for institution, state in known]


def _confirmed(event: Event) -> Draft:
    return Draft(event.subject, ErasureConfirmed(occurred_at=event.time, service="intake"), at=event.time)


def _newest(events: Sequence[Event]) -> dict[str, list[Event]]:
    """Per table the newest event of each entity: of one stream the highest sequence, between streams the latest."""
    found: dict[str, dict[Any, Event]] = {}
    for event in events:
        told = HANDLERS.get(event.data.TYPE)
        if told is None or not (event.about_pupil or told is ORGANISATIONS):
            continue
        entities = found.setdefault(told.table, {})
        known = entities.setdefault(told.key(event), event)
        if _is_newer(event, known):
            entities[told.key(event)] = event
    return {table: list(entities.values()) for table, entities in found.items()}


def _is_newer(event: Event, known: Event) -> bool:
    if event.subject == known.subject:
        return event.sequence > known.sequence
    return (event.time, event.subject) > (known.time, known.subject)


@dataclass(frozen=True, slots=True)
class Told:
    """Where a type of event is kept: its table, the entity it names, and its row (in the order of the query)."""

    table: str
    key: Callable[[Any], Any]
    row: Callable[[Any, str], tuple[Any, ...]]


def _pupil(e: Event, ref: str) -> tuple[Any, ...]:
    d = e.data
    assert isinstance(d, PupilRecorded)
    return e.subject, ref, e.sequence, d.first_name, d.prefix, d.last_name, d.birth_date, d.municipality


def _expectation(e: Event, ref: str) -> tuple[Any, ...]:
    d = e.data
    assert isinstance(d, dossiers.PupilExpected)
    return e.subject, ref, e.sequence, d.cohort, d.vo_site, d.track


def _choice(e: Event, ref: str) -> tuple[Any, ...]:
    d = e.data
    assert isinstance(d, dossiers.ChoiceState)
    what = d.vo_site, d.mbo_institution, d.programme, d.pathway, d.preference
    withdrawn = isinstance(d, dossiers.ChoiceWithdrawn)
    return d.choice_id, e.subject, e.sequence, e.time, ref, d.cohort, *what, withdrawn


def _handover(e: Event, ref: str) -> tuple[Any, ...]:
    d = e.data
    assert isinstance(d, dossiers.HandoverState)
    times = d.offered_at, d.opened_at, d.accepted_at, d.ended_at
    what = d.vo_site, d.mbo_institution, d.kind, d.status.value
    return d.handover_id, e.subject, e.sequence, e.time, ref, d.cohort, *what, *times


def _custody(e: Event, ref: str) -> tuple[Any, ...]:
    d = e.data
    assert isinstance(d, coordination.CustodyChanged)
    return e.subject, ref, e.sequence, d.cohort, d.holder.organisation, d.holder.role, d.since


def _alert(e: Event, ref: str) -> tuple[Any, ...]:
    d = e.data
    assert isinstance(d, alerts.AlertState)
    what = d.organisation, d.rule, d.severity.value, d.status.value, d.raised_at
    return d.alert_id, e.subject, e.sequence, e.time, ref, *what


def _talk(e: Event, ref: str) -> tuple[Any, ...]:
    d = e.data
    assert isinstance(d, dossiers.WarmHandoverState)
    ours = [one.due for one in d.follow_ups if one.organisation == d.mbo_institution and one.done_on is None]
    what = d.mbo_institution, d.status, d.hold_by, d.planned_at if d.status == "planned" else None
    return d.talk_id, e.subject, e.sequence, e.time, ref, d.cohort, *what, min(ours, default=None)


def _action(e: Event, ref: str) -> tuple[Any, ...]:
    d = e.data
    assert isinstance(d, coordination.ActionState)
    owner = d.owner.organisation, d.owner.role, d.owner.contact, d.owner.deputy
    return d.action_id, e.subject, e.sequence, e.time, ref, d.cohort, *owner, d.due_at, d.done_at is not None


def _organisation(e: Event, _: str) -> tuple[Any, ...]:
    assert isinstance(e.data, organisations.ContactRecorded)
    return e.subject, e.sequence, e.data.name


def _of_cohort(e: Any) -> tuple[str, int]:
    return e.subject, e.data.cohort


PUPILS = Told("pupils", lambda e: e.subject, _pupil)
EXPECTATIONS = Told("expectations", _of_cohort, _expectation)
CHOICES = Told("choices", lambda e: e.data.choice_id, _choice)
HANDOVERS = Told("handovers", lambda e: e.data.handover_id, _handover)
CUSTODIES = Told("custodies", _of_cohort, _custody)
ALERTS = Told("alerts", lambda e: e.data.alert_id, _alert)
TALKS = Told("talks", lambda e: e.data.talk_id, _talk)
ACTIONS = Told("actions", lambda e: e.data.action_id, _action)
ORGANISATIONS = Told("organisations", lambda e: e.subject, _organisation)


def _types(told: Told, *models: type[EventData]) -> dict[str, Told]:
    return {model.TYPE: told for model in models}


HANDLERS: dict[str, Told] = {
    **_types(PUPILS, PupilRecorded),
    **_types(EXPECTATIONS, dossiers.PupilExpected),
    **_types(CHOICES, dossiers.ChoiceRegistered, dossiers.ChoiceWithdrawn),
    **_types(
        HANDOVERS,
        dossiers.DossierHandedOver,
        dossiers.HandoverOpened,
        dossiers.HandoverAccepted,
        dossiers.HandoverRefused,
        dossiers.HandoverWithdrawn,
    ),
    **_types(
        TALKS,
        dossiers.WarmHandoverRequested,
        dossiers.WarmHandoverPlanned,
        dossiers.WarmHandoverHeld,
        dossiers.WarmHandoverMissed,
    ),
    **_types(CUSTODIES, coordination.CustodyChanged),
    **_types(ACTIONS, coordination.ActionOpened, coordination.ActionDone, coordination.ActionOverdue),
    **_types(
        ALERTS,
        alerts.AlertRaised,
        alerts.AlertDelivered,
        alerts.AlertAcknowledged,
        alerts.AlertEscalated,
        alerts.AlertResolved,
    ),
    **_types(ORGANISATIONS, organisations.ContactRecorded),
}
"""Event type → where it is kept. `pupil-linked` and `pupil-erased` go first; other types change nothing here."""
