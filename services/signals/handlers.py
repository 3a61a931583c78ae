"""What changes the state of signals: facts heard of others, and the snapshots that are taken of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.signals import store
from services.signals.domain import facts, figures
from services.signals.domain.facts import Fact, fold
from services.signals.store import Day, Snapshot
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.core.errors import Fault, Forbidden, Invalid
from shared.core.ids import opaque_ref
from shared.core.protection import Row, hide
from shared.core.reference import Reference, load
from shared.schemas import alerts, coordination, dossiers, intakes
from shared.schemas.coordination import NormsAgreed
from shared.schemas.envelope import Draft, Event, EventData, Outcome
from shared.schemas.pupils import ErasureConfirmed, PupilErased, PupilLinked, PupilRecorded
from shared.schemas.signals import SnapshotPublished
from shared.storage.pool import Connection

SERVICE = "signals"


async def handle(conn: Connection, events: Sequence[Event]) -> Outcome:
    """Take in a batch of events of any types. Links are kept and erasures carried out first."""
    links = [(e.data.survivor, e.data.absorbed) for e in events if isinstance(e.data, PupilLinked)]
    erasures = [event for event in events if isinstance(event.data, PupilErased)]
    await store.hold(conn, alone=bool(links or erasures))
    gone: list[str] = []
    if links or erasures:
        await store.add_links(conn, links)
        gone = await store.erase(conn, [event.subject for event in erasures])
    told = await _told(conn, events)
    changed = len(links) + len(erasures) + await _keep(conn, told)
    changed += await store.add_norms(conn, [event for event in events if isinstance(event.data, NormsAgreed)])
    return Outcome([_confirmed(event) for event in erasures], erase=gone, unchanged=len(events) - changed)


async def _told(conn: Connection, events: Sequence[Event]) -> list[Fact]:
    """The facts in these events; none of erased pupils."""
    erased = await store.erased(conn, (event.subject for event in events))
    return [HANDLERS[event.type](event) for event in events if _counts(event) and event.subject not in erased]


def _counts(event: Event) -> bool:
    """Whether figures are made of it. Of an organisation that is its silence, and no alert about it."""
    return event.type in HANDLERS and (event.about_pupil or isinstance(event.data, coordination.OrganisationSilent))


async def _keep(conn: Connection, told: Sequence[Fact]) -> int:
    """Fold facts into what is known; returns how many of them changed anything."""
    known = await store.load(conn, (fact.key for fact in told))
    changed: dict[facts.Key, Fact] = {}
    changes = 0
    for fact in told:
        folded = fold(known.get(fact.key), fact)
        if folded != known.get(fact.key):
            known[fact.key] = changed[fact.key] = folded
            changes += 1
    await store.save(conn, list(changed.values()))
    return changes


def _confirmed(event: Event) -> Draft:
    return Draft(event.subject, ErasureConfirmed(occurred_at=event.time, service=SERVICE), at=event.time)


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """Publish the figures of a cohort as they were at the end of a day, for every region."""

    cohort: int
    reference_date: date

    @property
    def subjects(self) -> Sequence[str]:
        return [region.code for region in load().regions(self.reference_date)]


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a snapshot."""

    cohort: int
    reference_date: date
    published: int
    """Regions of which figures were published now."""
    unchanged: int
    """Regions of which they were published before; a snapshot never changes."""
    cells: int
    protected: int
    """Of the cells published now, how many are ``c``."""

    def __str__(self) -> str:
        return (
            f"cohort {self.cohort} on {self.reference_date}: {self.published} regions published, "
            f"{self.unchanged} unchanged; {self.protected} of {self.cells} figures protected"
        )


async def take_snapshot(conn: Connection, command: TakeSnapshot, actor: Actor, now: datetime) -> Outcome:
    """Publish what was not published before. The figures say what is known now of the end of the reference date.

    Raises `Forbidden` for anybody but the operator, and `Invalid` for a day that has not come or is not known.
    """
    if actor.role not in (Role.OPERATOR, Role.SYSTEM):
        raise Forbidden("only the operator publishes figures")
    day = _day(command, load(), civil_date(now))
    taken = await store.taken_regions(conn, day.cohort, day.reference_date)
    regions = [region for region in command.subjects if region not in taken]
    published = await _published(conn, day, regions, now) if regions else {}
    if published:
        await store.add_snapshots(conn, published)
    drafts = [_draft(snapshot, cells, now) for snapshot, cells in published.items()]
    every = [cell for cells in published.values() for cell in cells]
    hidden = sum(cell.value == figures.HIDDEN for cell in every)
    summary = Summary(day.cohort, day.reference_date, len(published), len(taken), len(every), hidden)
    return Outcome(drafts, value=summary)


def _day(command: TakeSnapshot, reference: Reference, today: date) -> Day:
    on, faults = command.reference_date, []
    municipalities = reference.municipalities(on)
    if on > today:
        faults.append(Fault("reference_date", "a day that has come", "future"))
    if not municipalities:
        faults.append(Fault("reference_date", "a day of which the regions are known", "unknown"))
    try:
        applied_by = reference.application_date(command.cohort)
    except (KeyError, ValueError):
        faults.append(Fault("cohort", "a school year of which the application date is known", "unknown"))
    if faults:
        raise Invalid(faults)
    return Day(command.cohort, on, applied_by, {place.code: place.region for place in municipalities})


async def _published(
    conn: Connection, day: Day, regions: Sequence[str], now: datetime
) -> dict[Snapshot, list[figures.Cell]]:
    counts = await store.count(conn, day)
    earlier = await store.earlier_cells(conn, day.cohort, regions)
    published = {}
    for region in regions:
        key = opaque_ref("snapshot", str(day.cohort), day.reference_date.isoformat(), region)
        cells = _protected(counts.get(region, {}), earlier.get(region, []))
        published[Snapshot(key, day.cohort, day.reference_date, region, now)] = cells
    return published


def _protected(counts: dict[tuple[str, str], int], earlier: Sequence[Sequence[figures.Cell]]) -> list[figures.Cell]:
    """The cells of one region as they may be seen, beside everything that was shown of it before."""
    by_group = figures.by_group(counts)
    heard = {name.removeprefix("heard-") for name, _ in counts if name.startswith("heard-")}
    unheard = figures.not_heard(heard)
    rows = [
        Row(figure.name, by_group[figure.name], tuple(name for name in figure.nested if name not in unheard))
        for figure in figures.FIGURES
        if figure.name not in unheard
    ]
    shown = [figures.shown(cells) for cells in earlier]
    apart = figures.not_linked(counts)
    return [
        *figures.publish(by_group, hide(rows, shown), unheard),
        *figures.publish_not_linked(apart, hide([Row(figures.NOT_LINKED, apart)], shown)),
    ]


def _draft(snapshot: Snapshot, cells: Sequence[figures.Cell], now: datetime) -> Draft:
    told = {f"{cell.figure}.{cell.group}": cell.value for cell in cells}
    shares = {f"{cell.figure}.{cell.group}.percentage": cell.percentage for cell in cells}
    data = SnapshotPublished(
        occurred_at=now,
        snapshot_id=snapshot.snapshot_id,
        region=snapshot.region,
        cohort=snapshot.cohort,
        reference_date=snapshot.reference_date,
        cells=told | shares,
    )
    return Draft(snapshot.region, data)


def _types(handler: Callable[[Event], Fact], *models: type[EventData]) -> dict[str, Callable[[Event], Fact]]:
    return {model.TYPE: handler for model in models}


HANDLERS: dict[str, Callable[[Event], Fact]] = {
    **_types(facts.residence, PupilRecorded),
    **_types(facts.expected, dossiers.PupilExpected),
    **_types(facts.choice, dossiers.ChoiceRegistered, dossiers.ChoiceWithdrawn),
    **_types(facts.application, intakes.ApplicationStatusChanged),
    **_types(facts.intake, intakes.IntakeInvited, intakes.IntakePlanned, intakes.IntakeMissed, intakes.IntakeDone),
    **_types(facts.enrolment, intakes.StudentStarted, intakes.StudentNotStarted, intakes.EnrolmentEnded),
    **_types(facts.route, dossiers.OtherRouteRegistered),
    **_types(facts.exam, dossiers.ExamResultRecorded),
    **_types(
        facts.handover,
        dossiers.DossierHandedOver,
        dossiers.HandoverOpened,
        dossiers.HandoverAccepted,
        dossiers.HandoverRefused,
        dossiers.HandoverWithdrawn,
    ),
    **_types(facts.silence, coordination.OrganisationSilent),
    **_types(facts.risk, coordination.StudentAtRisk, coordination.StudentAtRiskCleared),
    **_types(
        facts.transition, coordination.TransitionOpened, coordination.TransitionClosed, coordination.TransitionReopened
    ),
    **_types(
        facts.alert,
        alerts.AlertRaised,
        alerts.AlertDelivered,
        alerts.AlertAcknowledged,
        alerts.AlertEscalated,
        alerts.AlertResolved,
    ),
}
"""Event type → the fact in it. Links, erasures and norms are no facts; other types change nothing here."""
